"""How long it takes to ask for the offsets of many partitions, against one call per partition, in one run.

10,000 partitions in 100 topics, with 100 checkpoints: one poll of all offsets and checkpoints, beside the plain way of
one `get_watermark_offsets` per partition. Both once on loopback, and once with 2 ms added to each answer by a small
proxy. Prints one JSON object: seconds (the best of several rounds), ratios, and the memory after many polls.
"""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.demo.jars import KAFKA, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.lag.lag import job_lag

TOPICS = 100
PARTITIONS = 100
ROUNDS = 3
POLLS = 1000
DELAY_SECONDS = 0.002
PLAIN_SAMPLE = 500  # through the proxy one call takes some milliseconds; the rest is the same again


class SlowProxy:
    """Passes bytes on, and answers a little later than the broker does."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, LOOPBACK, self._port))
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(LOOPBACK, self._target)
        await asyncio.gather(
            self._pass(reader, up_writer, 0.0),
            self._pass(up_reader, writer, DELAY_SECONDS),
            return_exceptions=True,
        )

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        while data := await reader.read(1 << 20):
            if delay:
                await asyncio.sleep(delay)
            writer.write(data)
            await writer.drain()
        writer.close()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def make_checkpoint(folder: Path, topic: str) -> CheckpointFolder:
    offsets = json.dumps({topic: {str(number): 0 for number in range(PARTITIONS)}})
    for name, text in {
        "metadata": f'{{"id":"{topic}"}}',
        "offsets/7": f'v1\n{{"batchTimestampMs":1}}\n{offsets}',
        "commits/7": 'v1\n{"nextBatchWatermarkMs":0}',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return CheckpointFolder(str(folder))


def plain(servers: str, topics: list[str], count: int) -> float:
    """Seconds for all partitions by one call each, from a sample of them."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "benchmark"}, logger=LOGGER)
    wanted = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
    consumer.list_topics(timeout=30)  # so that it knows the leaders, and is not timed for learning them
    taken = seconds(lambda: [consumer.get_watermark_offsets(one, 10) for one in wanted[:count]])
    consumer.close()
    return taken * len(wanted) / count


def main() -> None:
    with TemporaryDirectory() as name:
        port, behind_proxy, proxy_port, controller = free_ports(4)
        # A second listener, whose clients are told to come by the proxy.
        properties = {
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            "listeners": (
                f"PLAINTEXT://{LOOPBACK}:{port},SLOW://{LOOPBACK}:{behind_proxy},CONTROLLER://{LOOPBACK}:{controller}"
            ),
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port},SLOW://{LOOPBACK}:{proxy_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SLOW:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
        }
        jars = fetch_jars(KAFKA, lambda _: None)
        broker = KafkaBroker(Path(name) / "kafka", port, find_java(os.environ), jars, properties, heap="2g")
        proxy = SlowProxy(proxy_port, behind_proxy)
        try:
            broker.start()
            proxy.start()
            print(json.dumps(measure(broker.bootstrap_servers, f"{LOOPBACK}:{proxy_port}", Path(name))))
        finally:
            proxy.stop()
            broker.stop()


def measure(servers: str, slow_servers: str, folder: Path) -> dict[str, object]:
    topics = [f"topic-{number:03}" for number in range(TOPICS)]
    admin = AdminClient({"bootstrap.servers": servers}, logger=LOGGER)
    for start in range(0, TOPICS, 10):
        futures = admin.create_topics([NewTopic(t, PARTITIONS, 1) for t in topics[start : start + 10]])
        for future in futures.values():
            future.result(120)
    checkpoints = [make_checkpoint(folder / "checkpoints" / topic, topic) for topic in topics]

    def best_poll(watermarks: WatermarkReader) -> tuple[float, float]:
        """Seconds of a whole poll, and of its offsets alone."""

        def poll() -> None:
            progress = [checkpoint.read() for checkpoint in checkpoints]
            found = watermarks.read(topics, 30)
            lags = [job_lag(one, found) for one in progress]
            assert sum(len(lag.partitions) for lag in lags) == TOPICS * PARTITIONS  # noqa: S101

        poll()
        return (
            min(seconds(poll) for _ in range(ROUNDS)),
            min(seconds(lambda: watermarks.read(topics, 30)) for _ in range(ROUNDS)),
        )

    watermarks = WatermarkReader({"bootstrap.servers": servers}, "read_uncommitted")
    while any(topic.error for topic in watermarks.read(topics, 30).values()):
        time.sleep(0.5)  # the broker is not yet the leader of all that it has just made
    ours, offsets_alone = best_poll(watermarks)
    theirs = plain(servers, topics, TOPICS * PARTITIONS)
    slow_ours, slow_alone = best_poll(
        WatermarkReader({"bootstrap.servers": slow_servers}, "read_uncommitted")
    )
    slow_theirs = plain(slow_servers, topics, PLAIN_SAMPLE)

    process = psutil.Process()
    memory = {}
    for count in range(1, POLLS + 1):
        watermarks.read(topics[:10], 30)
        memory[count] = process.memory_info().rss
    return {
        "benchmark": "lag of 10,000 partitions in 100 topics with 100 checkpoints",
        "seconds on loopback": {
            "one poll, checkpoints and offsets": round(ours, 3),
            "its offsets alone": round(offsets_alone, 3),
            "one call per partition": round(theirs, 3),
        },
        "seconds with 2 ms more per answer": {
            "one poll, checkpoints and offsets": round(slow_ours, 3),
            "its offsets alone": round(slow_alone, 3),
            "one call per partition, from a sample": round(slow_theirs, 1),
        },
        "one call per partition / one poll": {
            "on loopback": round(theirs / ours, 1),
            "with 2 ms more per answer": round(slow_theirs / slow_ours, 1),
        },
        "memory after 1000 polls / after 10": round(memory[POLLS] / memory[10], 2),
    }


if __name__ == "__main__":
    main()
