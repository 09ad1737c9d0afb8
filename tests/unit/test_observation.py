from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

from offline_observer.lag.lag import JobLag, PartitionLag, unknown_lag
from offline_observer.lag.status import Status
from offline_observer.observation import (
    DatasetObservation,
    Document,
    JobObservation,
    Observation,
    due_partitions,
    observation_document,
    observation_id,
    partition_document,
    partition_id,
)
from offline_observer.quality.chunk import Place
from offline_observer.quality.frequent import Frequent
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Offender, Summary
from offline_observer.quality.verdict import NOTHING_REMEMBERED, DatasetMemory, outcomes
from offline_observer.time_text import format_time
from support.lags import partition_lag

NOW = datetime(2026, 11, 25, 1, 2, 3, 456789, tzinfo=UTC)


def partition(number: int, lag: int | None, topic: str = "visits") -> PartitionLag:
    return partition_lag(number, 0, lag, topic=topic)


def observation(lag: JobLag | None, dataset: DatasetObservation | None) -> Observation:
    job = JobObservation(name="passthrough", lag=lag) if lag else None
    return Observation(timestamp=NOW, observer="blog", pipeline="visits", job=job, dataset=dataset)


def dataset(summary: Summary | None, error: str | None = None) -> DatasetObservation:
    behind = None if summary is None else 0
    rules = [Rule("not_empty", "user_id"), Rule("not_empty", "context.user.ip", severity="warn")]
    return DatasetObservation(
        topic="processed_visits",
        rules=rules,
        declared=["a.b"],
        summary=summary,
        outcomes=outcomes(rules, summary, NOTHING_REMEMBERED, NOW, is_caught_up=True),
        behind=behind,
        expired=behind,
        error=error,
    )


def test_the_document() -> None:
    lag = JobLag(status=Status.OK, reason="fine", batch_id=45, partitions=(partition(0, 2), partition(1, 29)))
    summary = Summary(
        all_events=30,
        unparseable=1,
        invalid_records=2,
        invalid={"user_id": 2},
        warned={"context.user.ip": 3},
        broken={"user_id.not_empty": 2, "context.user.ip.not_empty": 3},
        offenders={"user_id.not_empty": (Offender(Place(1_700_000_000_000, "processed_visits", 1, 42)),)},
        unknown_fields=4,
        unknown_names=Frequent(10, {"context.new": 4}),
        type_drift={"a.b": 5},
    )
    assert observation_document(observation(lag, dataset(summary))) == {
        "@timestamp": "2026-11-25T01:02:03.456Z",
        "kind": "observation",
        "observer": "blog",
        "pipeline": "visits",
        "job": "passthrough",
        "dataset": "processed_visits",
        "batch_id": 45,
        "all_events": 30,
        "unparseable": 1,
        "tombstones": 0,
        "dataset_behind": 0,
        "dataset_expired": 0,
        "dataset_error": None,
        "dataset_status": "error",
        "dataset_reason": "user_id.not_empty: 2 records break it (and 1 more)",
        "invalid": 2,
        "invalid_user_id": 2,
        "warned_context_user_ip": 3,
        "broken_user_id_not_empty": 2,
        "broken_context_user_ip_not_empty": 3,
        "unknown_fields": 4,
        "unknown_field_names": ["context.new"],
        "type_drift_a_b": 5,
        "type_drift_a": 0,
        "offenders": [
            {
                "rule": "user_id.not_empty",
                "topic": "processed_visits",
                "partition": 1,
                "offset": 42,
                "timestamp": "2023-11-14T22:13:20.000Z",
            }
        ],
        "lag_per_partition": {"0": 2, "1": 29},
        "max_lag": 29,
        "total_lag": 31,
        "unknown_partitions": 0,
        "expired_records": 0,
        "seconds_behind": None,
        "last_commit_at": None,
        "in_flight_since": None,
        "input_rate": None,
        "processing_rate": None,
        "seconds_to_catch_up": None,
        "retention_left": None,
        "job_status": "ok",
        "job_status_changed": None,
        "reason": "fine",
        "warnings": [],
    }


def test_nothing_to_read_is_zero() -> None:
    document = observation_document(observation(None, dataset(Summary())))
    assert (document["all_events"], document["invalid_user_id"], document["unparseable"]) == (0, 0, 0)
    assert "max_lag" not in document


def test_rules_on_the_dataset_and_the_newest_times() -> None:
    rules = [
        Rule("freshness", arguments={"max_age": "1m"}),
        Rule("row_count", arguments={"min": 1}),
        Rule("invalid_ratio", arguments={"below": 0.5}, severity="warn", title="few are faulty"),
    ]
    newest = {"": NOW - timedelta(seconds=61), "context.at": NOW}
    memory = DatasetMemory(newest, {}, None)

    def document(summary: Summary | None) -> Document:
        found = outcomes(rules, summary, memory, NOW, is_caught_up=summary is not None)
        seen = replace(dataset(summary), rules=rules, declared=(), outcomes=found, newest=newest)
        return observation_document(observation(None, seen))

    read = document(Summary(all_events=3, invalid_records=2))
    assert (read["broken_freshness"], read["broken_row_count"], read["broken_few_are_faulty"]) == (1, None, 1)
    assert read["dataset_broken"] == [
        "freshness: the newest record is 61 s old, allowed are 1m",
        "few are faulty: 2 of 3 records are faulty (66.7%), allowed are less than 50.0%",
    ]
    unread = document(None)
    assert (unread["broken_freshness"], unread["dataset_broken"], unread["dataset_status"]) == (
        None,
        [],
        "unknown",
    )
    for one in (read, unread):
        assert one["newest_record"] == "2026-11-25T01:01:02.456Z"
        assert one["newest_context_at"] == "2026-11-25T01:02:03.456Z"


def test_content_is_in_the_document_where_it_is_asked_for() -> None:
    place = Place(-1, "t", 0, 5)
    summary = Summary(offenders={"a": (Offender(place, b"x"), Offender(place))})
    seen = replace(dataset(summary), contents=lambda value: value.decode() * 2)
    offenders = observation_document(observation(None, seen))["offenders"]
    assert isinstance(offenders, list)
    assert [(one["content"], one["timestamp"]) for one in offenders] == [("xx", None), (None, None)]


def test_what_cannot_be_read_is_null_with_the_reason() -> None:
    document = observation_document(observation(unknown_lag("no checkpoint"), dataset(None, "no broker")))
    for key in (
        "all_events",
        "unparseable",
        "invalid_user_id",
        "dataset_behind",
        "max_lag",
        "total_lag",
        "batch_id",
    ):
        assert document[key] is None, key
    assert (document["job_status"], document["reason"]) == ("unknown", "no checkpoint")
    assert document["dataset_error"] == "no broker"


def test_the_map_of_lags_is_for_one_topic_of_at_most_100_partitions() -> None:
    def keys(*partitions: PartitionLag) -> object:
        lag = JobLag(status=Status.OK, reason="", partitions=partitions)
        return observation_document(observation(lag, None)).get("lag_per_partition")

    assert keys(*(partition(n, 1) for n in range(100))) is not None
    assert keys(*(partition(n, 1) for n in range(101))) is None
    assert keys(partition(0, 1), partition(0, 1, "clicks")) is None


def test_a_partition_document() -> None:
    lag = JobLag(status=Status.OK, reason="fine", partitions=(partition(1, 29),))
    seen = observation(lag, None)
    assert seen.job is not None
    document = partition_document(seen, seen.job, lag.partitions[0])
    assert document["kind"] == "partition"
    assert (document["topic"], document["partition"], document["lag"], document["status"]) == (
        "visits",
        1,
        29,
        "ok",
    )


def test_ids() -> None:
    identity = observation_id("journal", "visits", 12)
    assert identity == "journal-visits-12"
    assert partition_id(identity, "visits", 1) == "journal-visits-12/visits/1"


def test_timestamps_are_utc_with_milliseconds() -> None:
    zone = timezone(timedelta(hours=2))
    assert format_time(datetime(2026, 1, 1, 1, tzinfo=zone)) == "2025-12-31T23:00:00.000Z"


def test_small_jobs_write_every_partition_each_tick() -> None:
    all_partitions = [partition(n, 1) for n in range(100)]
    written = {(p.topic, p.partition): (NOW, p) for p in all_partitions}
    assert due_partitions(all_partitions, written, NOW) == tuple(all_partitions)


def test_large_jobs_write_what_changed_and_the_rest_once_a_minute() -> None:
    before = [partition(n, 1) for n in range(101)]
    written = {(p.topic, p.partition): (NOW, p) for p in before}
    now = [partition(n, 2 if n == 5 else 1) for n in range(101)]
    assert [p.partition for p in due_partitions(now, written, NOW + timedelta(seconds=10))] == [5]
    assert len(due_partitions(now, written, NOW + timedelta(seconds=60))) == 101
    assert len(due_partitions(now, written, NOW - timedelta(hours=1))) == 101, "the clock stepped back"
    assert len(due_partitions(now, {}, NOW)) == 101


def test_an_offender_whose_time_no_calendar_has() -> None:
    """A producer that writes microseconds must not keep the observation from being written."""
    for timestamp, text in (
        (-1, None),
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_000_000, None),
        (2**63 - 1, None),
    ):
        summary = Summary(offenders={"r": (Offender(Place(timestamp, "visits", 0, 1)),)})
        document = observation_document(observation(None, dataset(summary)))
        assert [one["timestamp"] for one in cast("list[Document]", document["offenders"])] == [text]


def test_a_status_that_changes_is_marked() -> None:
    lag = unknown_lag("no checkpoint")
    for before, expected in ((None, None), ("ok", True), ("unknown", False)):
        job = JobObservation(name="passthrough", lag=lag, status_before=before)
        made = Observation(timestamp=NOW, observer="o", pipeline="p", job=job, dataset=None)
        assert observation_document(made)["job_status_changed"] is expected
