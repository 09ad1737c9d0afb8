"""A job's health as its history tells it. Times are seconds from an arbitrary noon."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.lag.health import assess as assess_traces
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.memory import JobMemory
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.status import Status
from offline_observer.lag.trace import trace_of
from offline_observer.lag.waiting import waits_of
from support.lags import partition_lag

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DEFAULT = HealthSettings()


def time(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(
    at: float,
    lag: int | None,
    *,
    position: int = 100,
    behind: float | None = None,
    commits: Sequence[float] = (),
    in_flight: int | None = None,
    planned: float | None = None,
    status: Status = Status.OK,
    query: str = "q",
    topic_id: str = "t",
    markers: bool = False,
    batch: int | None = None,
) -> Look:
    partition = partition_lag(
        0,
        position,
        None if lag is None else position + lag,
        committed_offset=position if commits else None,
        status=status,
        reason="as one look tells",
        seconds_behind=behind,
        only_markers_wait=markers,
    )
    return Look(
        at=time(at),
        monotonic=at,
        lag=JobLag(
            status=status,
            reason="as one look tells",
            batch_id=batch if batch is not None else len(commits) - 1 if commits else None,
            partitions=(partition,),
            last_commit_at=time(commits[-1]) if commits else None,
            in_flight_since=None if planned is None else time(planned),
        ),
        query_id=query,
        topic_ids={"visits": topic_id},
        commit_times=tuple(time(commit) for commit in commits),
        in_flight=in_flight,
    )


def assess(present: Look, before: Sequence[Look], settings: HealthSettings) -> JobLag:
    traces = [trace_of(one) for one in before]
    return assess_traces(present, traces, settings, JobMemory(), waits_of(present, traces, {}))


EVERY_TEN = [-50, -40, -30, -20, -10, 0]


def status(present: Look, before: Sequence[Look] = (), settings: HealthSettings = DEFAULT) -> Status:
    job = assess(present, before, settings)
    assert job.partitions[0].status is job.status
    return job.status


def test_a_stop_is_seen_at_first_sight() -> None:
    job = assess(look(100, 12, behind=95, commits=EVERY_TEN), (), DEFAULT)
    assert job.status is Status.STALLED
    assert job.reason == (
        "visits-0: 12 records wait and no batch has been committed for 95 s (usual is one every 10 s); "
        "no batch is in flight"
    )


def test_a_stuck_batch_is_named() -> None:
    job = assess(look(100, 12, behind=95, commits=EVERY_TEN, in_flight=7, planned=5), (), DEFAULT)
    assert "batch 7 is in flight since 2026-11-25 12:00:05 UTC" in job.reason


def test_a_quiet_topic_is_ok_however_old_the_last_commit() -> None:
    assert status(look(86_400, 0, behind=0.0, commits=EVERY_TEN)) is Status.OK


def test_the_first_record_after_a_quiet_day_has_not_waited_long() -> None:
    assert status(look(86_400, 1, behind=5, commits=EVERY_TEN)) is Status.OK


def test_an_old_zero_does_not_hide_a_stop() -> None:
    zero = look(1000, 0, behind=0.0, commits=EVERY_TEN)
    waiting = [look(1000 + n, 1, behind=float(n), commits=EVERY_TEN) for n in (10, 20, 30, 40, 50)]
    assert status(waiting[-1], [zero, *waiting[:-1]]) is Status.OK
    assert status(look(1080, 1, behind=80, commits=EVERY_TEN), [zero, *waiting]) is Status.STALLED


def test_a_slow_job_is_given_the_time_of_its_own_rhythm() -> None:
    hourly = [-7200, -3600, 0]
    assert status(look(3 * 3600 - 60, 10, behind=3600 * 2.9, commits=hourly)) is Status.OK
    assert status(look(3 * 3600 + 60, 10, behind=3 * 3600 + 30, commits=hourly)) is Status.STALLED


def test_a_job_that_runs_and_ends_is_ok_until_records_wait_longer_than_expected() -> None:
    hourly = HealthSettings(expected_every=timedelta(hours=1))
    # Three batches of one run, then nothing for most of an hour.
    assert status(look(3500, 500, behind=3490, commits=[-2, -1, 0]), (), hourly) is Status.OK
    assert status(look(3700, 500, behind=3650, commits=[-2, -1, 0]), (), hourly) is Status.STALLED
    assert status(look(9000, 500, behind=60, commits=[-2, -1, 0]), (), hourly) is Status.OK


def test_the_threshold_can_be_set() -> None:
    quick = HealthSettings(stalled_after=timedelta(seconds=15))
    assert status(look(20, 1, behind=18, commits=EVERY_TEN), (), quick) is Status.STALLED
    assert status(look(14, 1, behind=13, commits=EVERY_TEN), (), quick) is Status.OK


def test_old_record_times_are_no_sign_of_waiting() -> None:
    # A replay: the records were made years ago and written just now; the last commit is fresh.
    assert status(look(5, 1000, behind=1e8, commits=EVERY_TEN)) is Status.OK


def test_record_times_from_the_future_hide_nothing() -> None:
    before = [look(float(n), 5, behind=0.0, commits=EVERY_TEN) for n in range(10, 100, 10)]
    assert status(look(100, 5, behind=0.0, commits=EVERY_TEN), before) is Status.STALLED


def test_without_record_times_only_what_was_seen_counts() -> None:
    # The last commit is a day ago; the records may have come just now.
    assert status(look(86_400, 5, commits=EVERY_TEN)) is Status.OK
    before = [look(86_400.0 + n, 5, commits=EVERY_TEN) for n in range(0, 60, 10)]
    assert status(look(86_450, 5, commits=EVERY_TEN), before) is Status.OK
    assert status(look(86_470, 5, commits=EVERY_TEN), before) is Status.STALLED


def test_markers_of_transactions_are_no_records_that_wait() -> None:
    assert status(look(9000, 1, behind=0.0, commits=EVERY_TEN, markers=True)) is Status.OK


def test_batches_without_progress_are_not_progress() -> None:
    # Continuous mode commits every epoch; the partition stays where it is.
    before = [
        look(float(n), 5, behind=n + 0.5, commits=[n - 3.0, n - 2.0, n - 1.0]) for n in range(0, 100, 10)
    ]
    assert status(look(100, 5, behind=100.5, commits=[97, 98, 99]), before) is Status.STALLED


def test_recovery_clears() -> None:
    stalled = [look(float(n), 5, behind=float(n), commits=EVERY_TEN) for n in range(10, 200, 10)]
    assert status(stalled[-1], stalled[:-1]) is Status.STALLED
    assert status(look(201, 0, position=105, behind=0.0, commits=[-10, 0, 200]), stalled) is Status.OK
    assert status(look(201, 3, position=105, behind=1, commits=[-10, 0, 200]), stalled) is Status.OK


def test_a_job_that_never_finishes_its_first_batch() -> None:
    starting = {"status": Status.STARTING, "in_flight": 0, "planned": 0.0}
    assert status(look(500, 9, behind=550, **starting)) is Status.STARTING  # type: ignore[arg-type]
    assert status(look(700, 9, behind=750, **starting)) is Status.STALLED  # type: ignore[arg-type]


def test_how_long_the_first_batch_may_take_can_be_set() -> None:
    patient = HealthSettings(start_timeout=timedelta(minutes=20))
    present = look(900, 9, behind=950, status=Status.STARTING, in_flight=0, planned=0.0)
    assert status(present) is Status.STALLED
    assert status(present, (), patient) is Status.STARTING


def growing(*lags: int, every: float = 40) -> list[Look]:
    return [
        look(
            n * every,
            lag,
            position=100 + n,
            behind=30,
            commits=[n * every - 20, n * every - 10, n * every],
            batch=n,
        )
        for n, lag in enumerate(lags)
    ]


def test_a_gap_that_grows_while_batches_commit_is_lagging() -> None:
    looks = growing(10, 30, 50, 90, 120, 150, 190, 230)
    job = assess(looks[-1], looks[:-1], DEFAULT)
    assert job.status is Status.LAGGING
    assert "the lag has grown by 160 to 230 in 4 min, while batches are committed" in job.reason


def test_a_lag_that_goes_up_and_down_with_bursts_is_ok() -> None:
    looks = growing(0, 30, 0, 60, 0, 30, 0, 90, 30, 60)
    assert status(looks[-1], looks[:-1]) is Status.OK


def test_a_large_lag_that_shrinks_is_ok() -> None:
    looks = growing(900, 800, 700, 650, 600, 500, 400, 300)
    assert status(looks[-1], looks[:-1]) is Status.OK


def test_a_job_that_has_just_stopped_is_not_lagging() -> None:
    commits = [-30.0, -20.0, -10.0, 0.0]
    running = [look(float(n), 0, position=100 + n, behind=0.0, commits=commits) for n in (-30, -20, -10)]
    stopped = [
        look(float(n), 3 * n, position=100, behind=float(n), commits=commits) for n in (0, 10, 20, 30, 40)
    ]
    assert status(look(50, 150, position=100, behind=50, commits=commits), [*running, *stopped]) is Status.OK
    assert (
        status(look(70, 210, position=100, behind=70, commits=commits), [*running, *stopped])
        is Status.STALLED
    )


def test_a_few_looks_are_not_enough_to_call_it_lagging() -> None:
    looks = growing(10, 20, 30, 40)
    assert status(looks[-1], looks[:-1]) is Status.OK


def test_what_one_look_calls_worse_stays_worse() -> None:
    for worse in (Status.DATA_LOSS, Status.REWOUND, Status.UNKNOWN):
        lag = None if worse in (Status.UNKNOWN, Status.REWOUND) else 5
        job = assess(look(1000, lag, behind=900, commits=EVERY_TEN, status=worse), (), DEFAULT)
        assert job.status is worse
        assert "as one look tells" in job.reason


looks = st.lists(
    st.builds(
        look,
        st.floats(0, 5000),
        st.none() | st.integers(0, 100),
        position=st.integers(0, 3),
        behind=st.none() | st.floats(0, 1e6),
        commits=st.lists(st.floats(-1e4, 1e4), max_size=4),
        in_flight=st.none() | st.integers(0, 9),
        planned=st.none() | st.floats(-1e4, 1e4),
        query=st.sampled_from(["a", "b"]),
        topic_id=st.sampled_from(["x", "y"]),
        markers=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(looks=looks)
def test_whatever_comes_there_is_a_status_and_a_reason(looks: list[Look]) -> None:
    looks.sort(key=lambda one: one.monotonic)
    job = assess(looks[-1], looks[:-1], DEFAULT)
    assert job.reason
    assert job.total_lag == looks[-1].lag.total_lag
    if looks[-1].lag.total_lag == 0:
        assert job.status in (Status.OK, Status.REWOUND)
