"""What is wrong with one partition, or with a right that is not needed, does not keep the rest from being read."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import DatasetRead, LocalEngine
from offline_observer.errors import BrokerError
from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.records import OffsetRange, RecordReader
from support.kafka import Cluster

WITH_ACLS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}


@pytest.fixture(scope="module")
def guarded(
    java: Java, kafka_jars: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Cluster, Path]]:
    """A broker with access control, and the folder of its data."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("guarded")
    broker = KafkaBroker(folder, port, java, kafka_jars, WITH_ACLS)
    try:
        broker.start()
        yield Cluster(broker), folder / "data"
    finally:
        broker.stop()


def set_access(
    cluster: Cluster, kind: ResourceType, name: str, operation: AclOperation, permission: AclPermissionType
) -> None:
    binding = AclBinding(
        kind, name, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission
    )
    (future,) = cluster.admin.create_acls([binding]).values()
    future.result(10)
    time.sleep(0.5)


def read(cluster: Cluster, topic: str, seconds: float = 5) -> DatasetRead:
    engine = LocalEngine(
        {"bootstrap.servers": cluster.servers}, topic, "read_committed", KernelSettings(), "earliest"
    )
    deadline = time.monotonic() + seconds
    try:
        return engine.read({}, lambda: deadline - time.monotonic())
    finally:
        engine.close()


def test_no_right_on_any_group_is_needed(guarded: tuple[Cluster, Path]) -> None:
    cluster, _ = guarded
    set_access(cluster, ResourceType.GROUP, "*", AclOperation.ALL, AclPermissionType.DENY)
    topic = cluster.topic(2)
    for partition in (0, 1):
        cluster.produce(topic, [b"x" * 500] * 100_000, partition=partition, linger_ms="20")
    # Long enough for the broker's answer about the group to come in the middle.
    found = read(cluster, topic, 30)
    assert (found.summary.all_events, found.error) == (200_000, None)


def test_a_topic_that_may_not_be_read(guarded: tuple[Cluster, Path]) -> None:
    cluster, _ = guarded
    described = cluster.topic(1)
    cluster.produce(described, [b"{}"])
    set_access(cluster, ResourceType.TOPIC, described, AclOperation.READ, AclPermissionType.DENY)
    set_access(cluster, ResourceType.TOPIC, described, AclOperation.DESCRIBE, AclPermissionType.ALLOW)
    found = read(cluster, described)
    assert (found.summary.all_events, found.positions) == (0, {0: 0})
    assert found.error == "partition 0: the broker does not allow it: grant READ on the topic"
    hidden = cluster.topic(1)
    set_access(cluster, ResourceType.TOPIC, hidden, AclOperation.ALL, AclPermissionType.DENY)
    with pytest.raises(BrokerError, match="grant DESCRIBE and READ on the topic"):
        read(cluster, hidden)


def test_a_damaged_partition_does_not_hide_the_others(guarded: tuple[Cluster, Path]) -> None:
    cluster, data = guarded
    topic = cluster.topic(2)
    for partition in (0, 1):
        values = [b'{"user_id":"%d"}' % number for number in range(200)]
        cluster.produce(topic, values, partition=partition, compression_codec="gzip")
    (segment,) = (data / f"{topic}-0").glob("*.log")
    content = bytearray(segment.read_bytes())
    for index in range(100, len(content) - 20, 7):
        content[index] ^= 0x55
    with segment.open("r+b") as file:
        file.write(content)
    found = read(cluster, topic)
    assert (found.summary.all_events, found.positions) == (200, {0: 0, 1: 200})
    assert found.behind == 200
    assert (found.error or "").startswith("partition 0: ")


def test_retention_that_overtakes_a_read(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}" * 50] * 50_000)
    small_steps = {
        "queued.min.messages": "1000",
        "queued.max.messages.kbytes": "64",
        "fetch.message.max.bytes": "20000",
    }
    reader = RecordReader({"bootstrap.servers": cluster.servers, **small_steps}, topic, "read_committed")
    counted = 0

    def add(chunk: MessageChunk) -> None:
        nonlocal counted
        if not counted:
            cluster.delete_records(topic, 0, 40_000)
        counted += len(chunk.values)

    outcome = reader.read({0: OffsetRange(0, 50_000)}, add, lambda: 10.0)
    reader.close()
    # It stops where it was overtaken, and the next look at the watermarks tells how much is gone.
    assert outcome.positions == {0: counted}
    assert 0 < counted < 40_000
