"""One broker of a cluster of two dies: what the other one leads stays known, and what moves there becomes known."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import NewTopic

from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine
from offline_observer.errors import BrokerError
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from support.kafka import Cluster, eventually


class SecondBroker(KafkaBroker):
    """A broker that joins the cluster of the first."""

    first: KafkaBroker

    def _format(self, config: Path) -> None:
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        properties = (self.first._folder / "data" / "meta.properties").read_text().splitlines()
        (cluster,) = (line.partition("=")[2] for line in properties if line.startswith("cluster.id="))
        self._run_tool(
            [*self._command(), "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
        )


@pytest.fixture
def two_brokers(
    java: Java, kafka_jars: list[Path], tmp_path: Path
) -> Iterator[tuple[KafkaBroker, KafkaBroker]]:
    port, second_port, controller = free_ports(3)
    common = {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
    }
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"
    first = KafkaBroker(tmp_path / "1", port, java, kafka_jars, {**common, "listeners": listeners})
    own = {"node.id": "2", "process.roles": "broker", "listeners": f"PLAINTEXT://127.0.0.1:{second_port}"}
    second = SecondBroker(tmp_path / "2", second_port, java, kafka_jars, {**common, **own})
    second.first = first
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        second.stop()
        first.stop()


def test_a_dead_broker(two_brokers: tuple[KafkaBroker, KafkaBroker]) -> None:
    first, second = two_brokers
    cluster = Cluster(first)
    eventually(
        lambda: len(cluster.admin.list_topics(timeout=5).brokers) == 2, 30, "the second broker to join"
    )
    alone, both = "alone", "both"
    topics = [
        NewTopic(alone, num_partitions=2, replica_assignment=[[1], [2]]),
        NewTopic(both, num_partitions=2, replica_assignment=[[1, 2], [2, 1]]),
    ]
    for future in cluster.admin.create_topics(topics).values():
        future.result(30)
    for topic in (alone, both):
        for partition in (0, 1):
            cluster.produce(topic, [b"{}"] * 10, partition=partition, acks="all")

    properties = {"bootstrap.servers": f"{first.bootstrap_servers},{second.bootstrap_servers}"}
    watermarks = WatermarkReader(properties, "read_uncommitted")
    engine = LocalEngine(
        properties,
        both,
        "read_committed",
        KernelSettings(spec=KernelSpec(rules=[Rule("not_empty", "user_id")])),
        "earliest",
    )
    assert ends(watermarks, alone, both) == {alone: [10, 10], both: [10, 10]}
    read = engine.read({}, lambda: 30.0)
    assert read.summary.all_events == 20

    second.process._process.kill()
    second.process._process.wait()
    # A leader that lives answers for its partitions, and the partitions that move to it are known again.
    eventually(
        lambda: tried(watermarks, alone, both) == {alone: [10, None], both: [10, 10]}, 45, "the dead broker"
    )
    for partition in (0, 1):
        cluster.produce(both, [b"{}"] * 5, partition=partition)
    counted = 0

    def all_are_observed() -> bool:
        nonlocal counted, read
        deadline = time.monotonic() + 5
        try:
            read = engine.read({read.topic_id: read.positions}, lambda: deadline - time.monotonic())
        except BrokerError:
            return False  # once: it still asked the dead one
        counted += read.summary.all_events
        return counted == 10 and read.behind == 0

    eventually(all_are_observed, 45, "the records since")

    second._process = None
    second.start()
    eventually(lambda: tried(watermarks, alone, both) == {alone: [10, 10], both: [15, 15]}, 45, "its return")
    engine.close()


def ends(watermarks: WatermarkReader, *topics: str) -> dict[str, list[int | None]]:
    found = watermarks.read(topics, 2)
    return {topic: [marks.end for _, marks in sorted(found[topic].partitions.items())] for topic in topics}


def tried(watermarks: WatermarkReader, *topics: str) -> dict[str, list[int | None]]:
    try:
        return ends(watermarks, *topics)
    except BrokerError:
        return {}
