"""A job that is said to read committed records, and has come past the last stable offset."""

import pytest

from offline_observer.checkpoint.progress import JobProgress
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks
from offline_observer.lag.isolation import (
    READ_COMMITTED,
    READ_UNCOMMITTED,
    Measured,
    looks_rewound,
    measured_again,
)
from offline_observer.lag.lag import job_lag
from offline_observer.lag.status import Status


def measured(isolation: str, committed: dict[int, int], ends: dict[int, int | None]) -> Measured:
    marks = {number: Watermarks(0, end) for number, end in ends.items()}
    return Measured(
        job_lag(progress(committed), {"visits": TopicWatermarks("t", marks)}), {"visits": "t"}, isolation, 0.0
    )


def progress(committed: dict[int, int], *, is_initial: bool = False) -> JobProgress:
    offsets = {"visits": committed}
    return JobProgress(
        query_id="q",
        log_version=1,
        batch_id=None if is_initial else 7,
        committed_at=None,
        committed={} if is_initial else offsets,
        planned_batch_id=None if is_initial else 7,
        planned={} if is_initial else offsets,
        initial=offsets if is_initial else {},
        in_flight=False,
        warnings=(),
    )


def decide(
    committed: dict[int, int], stable: dict[int, int | None], ends: dict[int, int | None]
) -> tuple[Measured, bool]:
    first, second = measured(READ_COMMITTED, committed, stable), measured(READ_UNCOMMITTED, committed, ends)
    found = measured_again(first, second)
    return found, found.isolation_level == READ_UNCOMMITTED


@pytest.mark.parametrize(
    ("committed", "stable", "asks_again"),
    [({0: 10}, {0: 10}, False), ({0: 11}, {0: 10}, True), ({0: 5, 1: 11}, {0: 10, 1: 10}, True)],
)
def test_when_it_is_worth_asking_again(
    committed: dict[int, int], stable: dict[int, int | None], asks_again: bool
) -> None:
    assert looks_rewound(measured(READ_COMMITTED, committed, stable).lag) is asks_again


@pytest.mark.parametrize(("position", "lag"), [(11, 4), (12, 3), (15, 0)])
def test_past_the_last_stable_offset_and_within_the_log(position: int, lag: int) -> None:
    found, is_uncommitted = decide({0: position}, {0: 10}, {0: 15})
    assert is_uncommitted
    assert (found.lag.status, found.lag.total_lag) == (Status.OK, lag)
    (warning,) = found.lag.warnings
    assert warning.startswith(
        f"the job is at offset {position} of visits-0, past the last stable offset 10: "
    )
    assert "isolation_level: read_uncommitted" in warning


def test_all_of_the_job_is_measured_so() -> None:
    found, _ = decide({0: 12, 1: 10, 2: 13}, {0: 10, 1: 10, 2: 10}, {0: 15, 1: 20, 2: 13})
    assert [partition.lag for partition in found.lag.partitions] == [3, 10, 0]
    assert "of visits-0, past the last stable offset 10 (and 1 more)" in found.lag.warnings[0]


@pytest.mark.parametrize("end", [10, 15, None])
def test_what_it_does_not_explain_stays_rewound(end: int | None) -> None:
    found, is_uncommitted = decide({0: 16}, {0: 10}, {0: end})
    assert not is_uncommitted
    assert (found.lag.status, found.lag.warnings) == (Status.REWOUND, ())


def test_one_partition_is_explained_and_another_is_not() -> None:
    found, is_uncommitted = decide({0: 16, 1: 12}, {0: 10, 1: 10}, {0: 10, 1: 12})
    assert is_uncommitted
    assert found.lag.status is Status.REWOUND
    assert [partition.lag for partition in found.lag.partitions] == [None, 0]
    assert "of visits-1" in found.lag.warnings[0]


def test_a_job_that_began_at_the_latest_offset_and_has_committed_nothing() -> None:
    began = progress({0: 15}, is_initial=True)
    stable, ends = (
        job_lag(began, {"visits": TopicWatermarks("t", {0: Watermarks(0, end)})}) for end in (10, 17)
    )
    assert looks_rewound(stable)
    found = measured_again(
        Measured(stable, {}, READ_COMMITTED, 0.0), Measured(ends, {}, READ_UNCOMMITTED, 0.0)
    )
    assert (found.lag.status, found.lag.total_lag) == (Status.STARTING, 2)
    assert "at offset 15 of visits-0" in found.lag.warnings[0]
