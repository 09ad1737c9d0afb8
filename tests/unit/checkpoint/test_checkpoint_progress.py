"""Merging the sources of a batch, and progress as JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from offline_observer.checkpoint.progress import EARLIEST_MARK, LATEST_MARK, JobProgress, merge_sources
from offline_observer.checkpoint.source import ForeignSource, KafkaSource, WaitingSource


def progress(**changes: object) -> JobProgress:
    values: dict[str, object] = {
        "query_id": None,
        "log_version": None,
        "batch_id": None,
        "committed_at": None,
        "committed": {},
        "planned_batch_id": None,
        "planned": {},
        "initial": {},
        "in_flight": False,
        "warnings": (),
    }
    return JobProgress(**{**values, **changes})  # type: ignore[arg-type]


def test_different_topics_are_put_side_by_side_in_order() -> None:
    offsets, warnings = merge_sources(
        [KafkaSource("0", {"b": {1: 2, 0: 1}}), KafkaSource("1", {"a": {0: 3}})]
    )
    assert json.dumps(offsets) == '{"a": {"0": 3}, "b": {"0": 1, "1": 2}}'
    assert warnings == ()


def test_of_a_topic_in_two_sources_the_smaller_offset_counts() -> None:
    offsets, warnings = merge_sources(
        [KafkaSource("0", {"t": {0: 5, 1: 7, 2: 1}}), KafkaSource("1", {"t": {0: 6, 1: 4, 3: 9}})]
    )
    assert offsets == {"t": {0: 5, 1: 4, 2: 1, 3: 9}}
    assert warnings == ('Topic "t" is read by sources 0 and 1: the smaller offset of each partition counts.',)


@pytest.mark.parametrize(
    ("one", "other", "smaller"),
    [
        (EARLIEST_MARK, LATEST_MARK, EARLIEST_MARK),
        (EARLIEST_MARK, 0, EARLIEST_MARK),
        (LATEST_MARK, 2**63 - 1, 2**63 - 1),
        (LATEST_MARK, 0, 0),
        (LATEST_MARK, LATEST_MARK, LATEST_MARK),
        (2**63 - 1, 2**63 - 2, 2**63 - 2),
    ],
)
def test_order_of_marks(one: int, other: int, smaller: int) -> None:
    for first, second in ((one, other), (other, one)):
        offsets, _ = merge_sources(
            [KafkaSource("0", {"t": {0: first}}), KafkaSource("1", {"t": {0: second}})]
        )
        assert offsets == {"t": {0: smaller}}


def test_foreign_and_waiting_sources_are_left_out() -> None:
    offsets, warnings = merge_sources(
        [ForeignSource("0", "its offset is a number"), WaitingSource("1"), KafkaSource("2", {"t": {0: 1}})]
    )
    assert offsets == {"t": {0: 1}}
    assert warnings == ("Source 0 is not a Kafka source (its offset is a number): it is left out.",)


def test_three_sources_of_one_topic_are_named() -> None:
    _, (warning,) = merge_sources([KafkaSource(str(number), {"t": {}}) for number in range(3)])
    assert "sources 0, 1 and 2" in warning


def test_nothing_is_nothing() -> None:
    assert merge_sources([]) == ({}, ())


def test_json_of_nothing() -> None:
    assert json.dumps(progress().to_json()) == (
        '{"query_id": null, "log_version": null, "batch_id": null, "committed_at": null, "committed": {}, '
        '"planned_batch_id": null, "planned": {}, "initial": {}, "in_flight": false, "warnings": []}'
    )


def test_json_is_sorted_by_topic_and_by_number() -> None:
    written = progress(committed={"b": {10: 1, 9: 2, 0: 3}, "a": {}}).to_json()
    assert json.dumps(written["committed"]) == '{"a": {}, "b": {"0": 3, "9": 2, "10": 1}}'


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 11, 25, 1, 2, 3, 456_999, UTC),
        datetime(2026, 11, 25, 2, 2, 3, 456_000, timezone(timedelta(hours=1))),
    ],
)
def test_time_in_json(time: datetime) -> None:
    assert progress(committed_at=time).to_json()["committed_at"] == "2026-11-25T01:02:03.456Z"
