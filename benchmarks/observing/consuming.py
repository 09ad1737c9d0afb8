"""Reading a topic to its ends with confluent-kafka, with as little work per record as can be."""

from collections.abc import Iterator

from confluent_kafka import Message, TopicPartition

from benchmarks.observing.workload import Ends
from offline_observer.kafka.client import LastError, consumer

ISOLATION = "read_uncommitted"  # as Spark reads by default
_STALLED_SECONDS = 30.0
_POLL_SECONDS = 0.1


def batches(servers: str, topic: str, ends: Ends, size: int) -> Iterator[list[Message]]:
    """All records from offset 0 to the ends, `size` at a time, with the project's own client properties.

    Raises:
        RuntimeError: No record came for long, or there is something else than records.
    """
    properties = {"bootstrap.servers": servers}
    client = consumer(properties, ISOLATION, LastError(properties))
    client.assign([TopicPartition(topic, partition, 0) for partition in ends])
    asked = [TopicPartition(topic, partition) for partition in ends]
    left = sum(ends.values())
    waits = 0
    try:
        while left:
            # No more than there is: `consume` would wait for it.
            messages = client.consume(min(size, left), _POLL_SECONDS)
            # Besides records there is one event per partition, that its end is reached. Nothing is looked at message
            # by message as long as no partition can have one.
            if any(position.offset >= ends[position.partition] for position in client.position(asked)):
                messages = [message for message in messages if message.error() is None]
            left -= len(messages)
            waits = 0 if messages else waits + 1
            if waits * _POLL_SECONDS > _STALLED_SECONDS:
                raise RuntimeError(f"{left} records did not come")
            yield messages
        reached = {position.partition: position.offset for position in client.position(asked)}
        if reached != dict(ends):
            raise RuntimeError(f"read to {reached}, not to {dict(ends)}")
    finally:
        client.close()


def batches_of_values(servers: str, topic: str, ends: Ends, size: int) -> Iterator[list[bytes]]:
    """The same, the values alone. The topic has no tombstones."""
    for messages in batches(servers, topic, ends, size):
        values: list[bytes] = [message.value() for message in messages]  # type: ignore[misc]
        if values:
            yield values
