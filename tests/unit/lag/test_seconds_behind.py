from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.lag.lag import JobLag
from offline_observer.lag.seconds_behind import FirstRecord, with_seconds_behind
from offline_observer.lag.status import Status
from support.lags import partition_lag

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def job(*lags: int | None) -> JobLag:
    partitions = tuple(partition_lag(number, 0, lag) for number, lag in enumerate(lags))
    return JobLag(status=Status.OK, reason="", partitions=partitions)


def seconds(lag: JobLag, records: dict[int, FirstRecord]) -> list[float | None]:
    keyed = {("visits", number): record for number, record in records.items()}
    return [p.seconds_behind for p in with_seconds_behind(lag, keyed, NOW).partitions]


def test_the_age_of_the_first_waiting_record() -> None:
    records = {0: FirstRecord(0, NOW_MS - 12_500), 1: FirstRecord(0, NOW_MS - 90_000)}
    found = with_seconds_behind(job(3, 1), {("visits", n): r for n, r in records.items()}, NOW)
    assert [p.seconds_behind for p in found.partitions] == [12.5, 90.0]
    assert found.seconds_behind == 90.0, "the job's are the worst"


def test_nothing_waits() -> None:
    assert seconds(job(0, 0), {}) == [0.0, 0.0]
    # However old the last record is that was read.
    assert seconds(job(0), {0: FirstRecord(0, 0)}) == [0.0]


def test_only_the_markers_of_transactions_wait() -> None:
    assert seconds(job(1), {0: FirstRecord(0, None, is_marker_only=True)}) == [0.0]


def test_a_producer_whose_clock_is_ahead() -> None:
    assert seconds(job(1), {0: FirstRecord(0, NOW_MS + 60_000)}) == [0.0]


def test_what_was_not_read_is_unknown_not_zero() -> None:
    assert seconds(job(5, None, 0), {}) == [None, None, 0.0]
    assert seconds(job(5), {0: FirstRecord(0, None)}) == [None]
    assert with_seconds_behind(job(5, 3), {}, NOW).seconds_behind is None
    some = with_seconds_behind(job(5, 3), {("visits", 1): FirstRecord(0, NOW_MS - 1000)}, NOW)
    assert some.seconds_behind == 1.0


@given(lag=st.none() | st.integers(0, 5), timestamp=st.none() | st.integers(-(10**13), 10**14))
def test_never_negative(lag: int | None, timestamp: int | None) -> None:
    (found,) = seconds(job(lag), {0: FirstRecord(0, timestamp)})
    assert found is None or found >= 0
