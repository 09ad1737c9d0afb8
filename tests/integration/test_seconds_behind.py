import time
from typing import Any

import pytest
from confluent_kafka import Producer

from offline_observer.clock import SystemClock
from offline_observer.lag.first_records import FirstRecords
from offline_observer.lag.lag import JobLag
from offline_observer.lag.seconds_behind import TimeKind, with_seconds_behind
from offline_observer.lag.status import Status
from support.kafka import Cluster
from support.lags import partition_lag


def job(topic: str, **partitions: tuple[int, int]) -> JobLag:
    """A job at a position, before an end, per partition."""
    return JobLag(
        status=Status.OK,
        reason="",
        partitions=tuple(
            partition_lag(int(name[1:]), position, end, topic=topic)
            for name, (position, end) in partitions.items()
        ),
    )


def first_records(cluster: Cluster) -> FirstRecords:
    return FirstRecords({"bootstrap.servers": cluster.servers}, "read_uncommitted")


def write_at(cluster: Cluster, topic: str, partition: int, *ages: float) -> None:
    producer = Producer({"bootstrap.servers": cluster.servers})
    for age in ages:
        milliseconds = int((time.time() - age) * 1000)
        producer.produce(topic, b"{}", partition=partition, timestamp=milliseconds)
    assert producer.flush(30) == 0


def ten_seconds() -> float:
    return 10.0


def ages(records: FirstRecords, lag: JobLag) -> list[float | None]:
    found = records.read(lag, ten_seconds)
    return [p.seconds_behind for p in with_seconds_behind(lag, found, SystemClock().now()).partitions]


def test_the_age_of_the_first_record_that_waits(cluster: Cluster) -> None:
    topic, began = cluster.topic(3), time.time()

    def now(age: float) -> Any:
        return pytest.approx(age + time.time() - began, abs=1)

    write_at(cluster, topic, 0, 1000, 500, 100)
    write_at(cluster, topic, 1, 50)
    records = first_records(cluster)
    assert ages(records, job(topic, p0=(1, 3), p1=(0, 1), p2=(0, 0))) == [
        now(500),
        now(50),
        0.0,
    ]
    # The job moves on, and the next record is the first.
    assert ages(records, job(topic, p0=(2, 3), p1=(1, 1)))[0] == now(100)
    records.close()


def test_a_topic_with_the_brokers_time(cluster: Cluster) -> None:
    topic = cluster.topic(1, message_timestamp_type="LogAppendTime")
    before = time.time()
    write_at(cluster, topic, 0, 5000)
    records = first_records(cluster)
    lag = job(topic, p0=(0, 1))
    (age,) = ages(records, lag)
    assert age is not None
    assert 0 <= age <= time.time() - before + 1
    (first,) = records.read(lag, ten_seconds).values()
    assert (first.offset, first.kind) == (0, TimeKind.LOG_APPEND)
    records.close()


def test_a_record_is_read_once(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    write_at(cluster, topic, 0, 100)
    records = first_records(cluster)
    lag = job(topic, p0=(0, 1))
    assert len(records.read(lag, ten_seconds)) == 1
    # With no time left nothing can be read; what is known stays known.
    assert len(records.read(lag, lambda: 0.0)) == 1
    assert records.read(job(topic, p0=(1, 1)), lambda: 0.0) == {}
    records.close()


def test_many_partitions_are_read_at_the_same_time(cluster: Cluster) -> None:
    topic = cluster.topic(200)
    producer = Producer({"bootstrap.servers": cluster.servers})
    for partition in range(200):
        for _ in range(50):
            producer.produce(topic, b"x" * 1000, partition=partition)
        producer.poll(0)
    assert producer.flush(30) == 0
    records = first_records(cluster)
    lag = job(topic, **{f"p{number}": (number % 50, 50) for number in range(200)})
    began = time.monotonic()
    assert len(records.read(lag, ten_seconds)) == 200
    assert time.monotonic() - began < 5
    records.close()


def test_only_the_end_of_a_transaction_waits(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    producer = Producer({"bootstrap.servers": cluster.servers, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"{}", partition=0)
    assert producer.flush(30) == 0
    producer.commit_transaction(30)
    records = first_records(cluster)
    assert ages(records, job(topic, p0=(1, 2))) == [0.0]
    records.close()


def test_an_end_before_the_known_one_is_not_the_end(cluster: Cluster) -> None:
    # As after a change of the leader, when the new one does not yet show all that the old one did.
    topic = cluster.topic(1)
    write_at(cluster, topic, 0, 100)
    records = first_records(cluster)
    deadline = time.monotonic() + 2
    assert records.read(job(topic, p0=(1, 5)), lambda: deadline - time.monotonic()) == {}
    # When it does, the record is found.
    write_at(cluster, topic, 0, 50)
    (found,) = records.read(job(topic, p0=(1, 5)), ten_seconds).values()
    assert (found.offset, found.is_marker_only) == (1, False)
    records.close()


def test_a_topic_made_anew_has_other_records(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    write_at(cluster, topic, 0, 5000, 4000)
    records = first_records(cluster)
    lag = job(topic, p0=(1, 2))
    (old,) = records.read(lag, ten_seconds, {topic: "old"}).values()
    cluster.delete_topic(topic)
    cluster.topic(1, name=topic)
    write_at(cluster, topic, 0, 30, 20)
    (new,) = records.read(lag, ten_seconds, {topic: "new"}).values()
    assert old.timestamp_ms is not None
    assert new.timestamp_ms is not None
    assert (new.timestamp_ms - old.timestamp_ms) / 1000 == pytest.approx(3980, abs=60)
    records.close()
