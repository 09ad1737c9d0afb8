import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer

from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine, StartFrom
from offline_observer.errors import BrokerError
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from support.kafka import Cluster, eventually


def a_minute() -> float:
    return 60.0


def read(
    cluster: Cluster, topic: str, ranges: dict[int, tuple[int, int]], isolation: str = "read_uncommitted"
) -> tuple[list[bytes | None], dict[int, int]]:
    reader = RecordReader({"bootstrap.servers": cluster.servers}, topic, isolation)
    values: list[bytes | None] = []
    outcome = reader.read(
        {p: OffsetRange(*r) for p, r in ranges.items()}, lambda chunk: values.extend(chunk.values), a_minute
    )
    reader.close()
    assert outcome.problems == {}
    return values, dict(outcome.positions)


def test_exactly_the_range_is_read(cluster: Cluster) -> None:
    topic = cluster.topic(2)
    cluster.produce(topic, [str(n).encode() for n in range(100)], partition=0)
    cluster.produce(topic, [None, b""], partition=1)
    values, positions = read(cluster, topic, {0: (10, 13), 1: (0, 2)})
    assert Counter(values) == Counter([b"10", b"11", b"12", None, b""])
    assert positions == {0: 13, 1: 2}


def test_an_empty_range_asks_nothing(cluster: Cluster) -> None:
    began = time.monotonic()
    assert read(cluster, cluster.topic(1), {0: (0, 0)}) == ([], {0: 0})
    assert time.monotonic() - began < 2


def test_one_reader_reads_range_after_range(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    reader = RecordReader({"bootstrap.servers": cluster.servers}, topic, "read_committed")
    seen: list[bytes | None] = []
    position = 0
    for size in (3, 0, 500, 1):
        cluster.produce(topic, [b"x"] * size)
        position = reader.read(
            {0: OffsetRange(position, position + size)}, lambda chunk: seen.extend(chunk.values), a_minute
        ).positions[0]
    assert (len(seen), position) == (504, 504)
    reader.close()


def test_transaction_markers_leave_holes_and_aborted_records_are_not_read(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    producer = Producer({"bootstrap.servers": cluster.servers, "transactional.id": topic})
    producer.init_transactions(30)
    for value, commit in ((b"kept", True), (b"aborted", False)):
        producer.begin_transaction()
        producer.produce(topic, value, partition=0)
        assert producer.flush(30) == 0
        if commit:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    # One record and one marker for each of the two transactions; the last offset is a marker.
    assert cluster.ends(topic) == {0: 4}
    assert read(cluster, topic, {0: (0, 4)}, "read_committed") == ([b"kept"], {0: 4})
    assert read(cluster, topic, {0: (0, 4)}, "read_uncommitted") == ([b"kept", b"aborted"], {0: 4})


def test_compaction_leaves_holes(cluster: Cluster) -> None:
    topic = cluster.topic(
        1,
        cleanup_policy="compact",
        segment_ms="100",
        min_cleanable_dirty_ratio="0.01",
        min_compaction_lag_ms="0",
    )
    producer = Producer({"bootstrap.servers": cluster.servers})
    for n in range(20):
        producer.produce(topic, str(n).encode(), key=b"same", partition=0)
    producer.flush(30)

    def compacted() -> bool:
        time.sleep(0.3)
        producer.produce(topic, b"roll", key=b"roll", partition=0)  # the active segment is never compacted
        producer.flush(30)
        end = cluster.ends(topic)[0]
        return len(read(cluster, topic, {0: (0, end)})[0]) < 20

    eventually(compacted, what="compaction")
    end = cluster.ends(topic)[0]
    values, positions = read(cluster, topic, {0: (0, end)})
    assert positions == {0: end}
    assert b"19" in values
    assert b"3" not in values


def test_no_time_means_no_progress_and_no_loss(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"x"] * 10)
    reader = RecordReader({"bootstrap.servers": cluster.servers}, topic, "read_committed")
    values: list[bytes | None] = []
    assert reader.read(
        {0: OffsetRange(0, 10)}, lambda chunk: values.extend(chunk.values), lambda: 0.0
    ).positions == {0: 0}
    assert values == []
    assert reader.read(
        {0: OffsetRange(0, 10)}, lambda chunk: values.extend(chunk.values), a_minute
    ).positions == {0: 10}
    assert len(values) == 10
    reader.close()


def test_no_consumer_group_is_made(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"])
    read(cluster, topic, {0: (0, 1)})
    groups = cluster.admin.list_consumer_groups().result(10)
    assert [group.group_id for group in groups.valid] == []


def engine(cluster: Cluster, topic: str, start_from: StartFrom = "earliest") -> LocalEngine:
    rules = [Rule("not_empty", "user_id")]
    return LocalEngine(
        {"bootstrap.servers": cluster.servers},
        topic,
        "read_committed",
        KernelSettings(spec=KernelSpec(rules=rules)),
        start_from,
    )


def test_the_engine_counts_and_goes_on_where_it_stopped(cluster: Cluster) -> None:
    topic = cluster.topic(2)
    cluster.produce(topic, [b'{"user_id":"u"}', b"{}", b"no json", None], partition=1)
    local = engine(cluster, topic)
    first = local.read({}, a_minute)
    assert (first.summary.all_events, first.summary.unparseable, first.summary.tombstones) == (4, 1, 1)
    assert first.summary.invalid == {"user_id": 1}
    assert (first.positions, first.behind, first.notes, first.error) == ({0: 0, 1: 4}, 0, (), None)
    cluster.produce(topic, [b"{}"], partition=0)
    second = local.read({first.topic_id: first.positions}, a_minute)
    assert (second.summary.all_events, second.positions) == (1, {0: 1, 1: 4})
    local.close()


def test_the_first_run_starts_at_a_time(cluster: Cluster) -> None:
    topic = cluster.topic(2)
    cluster.produce(topic, [b"{}"] * 5)
    time.sleep(0.05)
    now = datetime.now(UTC)
    time.sleep(0.05)
    cluster.produce(topic, [b"{}"] * 2)
    assert engine(cluster, topic, now).read({}, a_minute).summary.all_events == 2
    assert engine(cluster, topic, now - timedelta(hours=1)).read({}, a_minute).summary.all_events == 7
    assert engine(cluster, topic, now + timedelta(hours=1)).read({}, a_minute).summary.all_events == 0


def test_records_that_expired_are_said(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 10)
    local = engine(cluster, topic)
    first = local.read({}, lambda: 0.0)
    cluster.delete_records(topic, 0, 7)
    second = local.read({first.topic_id: first.positions}, a_minute)
    assert (second.summary.all_events, second.expired) == (3, 7)
    assert second.notes == ("7 records expired before they were observed",)
    local.close()


def test_the_end_of_a_transaction_is_waited_for_and_nothing_is_read_twice(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    producer = Producer({"bootstrap.servers": cluster.servers, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    for _ in range(10):
        producer.produce(topic, b"{}", partition=0)
    assert producer.flush(30) == 0
    # Observed as uncommitted records, and from then on as committed ones only.
    uncommitted = RecordReader({"bootstrap.servers": cluster.servers}, topic, "read_uncommitted")
    values: list[bytes | None] = []
    position = uncommitted.read(
        {0: OffsetRange(0, 10)}, lambda chunk: values.extend(chunk.values), a_minute
    ).positions
    uncommitted.close()
    local = engine(cluster, topic)
    topic_id = local._watermarks.read([topic], 10)[topic].topic_id or ""
    waiting = local.read({topic_id: position}, a_minute)
    assert (waiting.summary.all_events, waiting.positions, waiting.behind) == (0, {0: 10}, 0)
    assert waiting.notes == ("partition 0 waits at offset 10 for transactions to end",)
    producer.commit_transaction(30)
    # The commit is answered before its marker is in the partition.
    eventually(lambda: local._watermarks.read([topic], 10)[topic].partitions[0].end == 11, 10, "the marker")
    done = local.read({topic_id: waiting.positions}, a_minute)
    assert (done.summary.all_events, done.positions, done.notes) == (0, {0: 11}, ())
    local.close()


def test_a_first_read_that_fails_does_not_move_where_latest_was(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 5)
    local = engine(cluster, topic, "latest")
    assert local.read({}, lambda: 0.0).positions == {0: 5}
    # That was not written into the journal; what has come since is still to be observed.
    cluster.produce(topic, [b"{}"] * 3)
    assert local.read({}, a_minute).summary.all_events == 3
    local.close()


def test_a_dataset_without_a_topic_is_an_error(cluster: Cluster) -> None:
    with pytest.raises(BrokerError, match="no-such-dataset: the broker has no such topic"):
        engine(cluster, "no-such-dataset").read({}, a_minute)
