"""A topic of one's own on the tests' broker, and a producer for it."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.kafka.client import LOGGER


class Cluster:
    """Shortcuts to a running broker."""

    def __init__(self, broker: KafkaBroker) -> None:
        self.broker = broker
        self.servers = broker.bootstrap_servers
        self.admin = AdminClient({"bootstrap.servers": self.servers}, logger=LOGGER)

    def topic(self, partitions: int = 2, name: str | None = None, **config: str) -> str:
        """A new topic; underscores in the names of its settings stand for dots."""
        name = name or f"t-{uuid4().hex[:12]}"
        settings = {key.replace("_", "."): value for key, value in config.items()}
        (future,) = self.admin.create_topics([NewTopic(name, partitions, 1, config=settings)]).values()
        future.result(30)
        self.broker._wait_until_led([name])
        return name

    def add_partitions(self, topic: str, total: int) -> None:
        (future,) = self.admin.create_partitions([NewPartitions(topic, total)]).values()
        future.result(30)

    def delete_topic(self, topic: str) -> None:
        (future,) = self.admin.delete_topics([topic]).values()
        future.result(30)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        (future,) = self.admin.delete_records([TopicPartition(topic, partition, before)]).values()
        future.result(30)

    def produce(
        self,
        topic: str,
        values: Iterable[bytes | None],
        partition: int = 0,
        *,
        at: datetime | None = None,
        key: bytes | None = None,
        **config: str,
    ) -> None:
        """Writes values to a partition, at a time of their own where one is given, and waits until they are there."""
        # 0: the present time.
        timestamp = 0 if at is None else int(at.timestamp() * 1000)
        settings = {key.replace("_", "."): value for key, value in config.items()}
        producer = Producer(
            {"bootstrap.servers": self.servers, "queue.buffering.max.messages": "1000000", **settings},
            logger=LOGGER,
        )
        for value in values:
            producer.produce(topic, value, key=key, partition=partition, timestamp=timestamp)
        assert producer.flush(30) == 0

    def ends(self, topic: str) -> dict[int, int]:
        """End offset per partition, asked in another way than the program does."""
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "unused"})
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        ends = {
            number: consumer.get_watermark_offsets(TopicPartition(topic, number), 10)[1]
            for number in partitions
        }
        consumer.close()
        return ends


def eventually(condition: Callable[[], bool], seconds: float = 60.0, what: str = "") -> None:
    """Waits until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.2)
