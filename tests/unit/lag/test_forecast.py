from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.lag.forecast import Forecast
from offline_observer.lag.forecast import forecast as forecast_by_traces
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.status import Status
from offline_observer.lag.trace import trace_of
from support.lags import partition_lag

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def look(
    at: float, *partitions: tuple[int | None, int | None, int], query: str = "q", topic_id: str = "t"
) -> Look:
    """Partitions as (position, end, earliest)."""
    return Look(
        at=NOON,
        monotonic=at,
        lag=JobLag(
            status=Status.OK,
            reason="",
            partitions=tuple(
                partition_lag(number, position, end, earliest=earliest)
                for number, (position, end, earliest) in enumerate(partitions)
            ),
        ),
        query_id=query,
        topic_ids={"visits": topic_id},
    )


def forecast(present: Look, before: Sequence[Look]) -> Forecast:
    return forecast_by_traces(present, [trace_of(one) for one in before])


def test_rates_and_time_to_catch_up() -> None:
    before = [look(0, (0, 1000, 0), (0, 0, 0))]
    # In 100 s: 500 + 100 written, 900 + 100 finished; 600 + 0 wait.
    found = forecast(look(100, (900, 1500, 0), (100, 100, 0)), before)
    assert found == Forecast(input_rate=6.0, processing_rate=10.0, seconds_to_catch_up=150.0)


def test_it_never_catches_up_when_more_comes_than_is_finished() -> None:
    found = forecast(look(100, (100, 3000, 0)), [look(0, (0, 1000, 0))])
    assert (found.input_rate, found.processing_rate, found.seconds_to_catch_up) == (20.0, 1.0, None)


def test_nothing_waits() -> None:
    assert forecast(look(100, (5, 5, 0)), []).seconds_to_catch_up == 0.0
    assert forecast(look(100, (5, 5, 0)), [look(0, (5, 5, 0))]).seconds_to_catch_up == 0.0


def test_one_look_says_nothing_of_rates() -> None:
    assert forecast(look(100, (5, 9, 0)), []) == Forecast()
    assert forecast(look(100, (5, 9, 0)), [look(98, (4, 8, 0))]) == Forecast(), "too close"
    assert forecast(look(1000, (5, 9, 0)), [look(0, (4, 8, 0))]) == Forecast(), "too long ago"


def test_another_query_or_topic_is_no_history() -> None:
    present = look(100, (5, 9, 0))
    assert forecast(present, [look(0, (4, 8, 0), query="other")]) == Forecast()
    assert forecast(present, [look(0, (4, 8, 0), topic_id="other")]) == Forecast()


def test_partitions_that_are_not_known_in_both_looks_are_left_out() -> None:
    found = forecast(look(10, (10, 20, 0), (None, 99, 0), (0, 50, 0)), [look(0, (0, 10, 0), (0, 0, 0))])
    assert (found.input_rate, found.processing_rate) == (1.0, 1.0)


def test_how_soon_records_expire_that_the_job_has_not_read() -> None:
    # 10 records/s come, the job stands still; 6000 offsets are left before its position expires.
    before = [look(0, (6000, 9000, 0))]
    assert forecast(look(100, (6000, 10_000, 1), (0, 0, 0)), before).retention_left == 599.9
    # The job moves at half that speed: twice the time.
    before = [look(0, (6001, 9000, 0))]
    assert forecast(look(100, (6501, 10_000, 501)), before).retention_left == 1200.0


def test_no_expiry_is_in_sight() -> None:
    stuck = [look(0, (6000, 9000, 0))]
    assert forecast(look(100, (6000, 10_000, 0)), stuck).retention_left is None, "nothing expired ever"
    assert forecast(look(100, (6000, 9000, 5)), stuck).retention_left is None, "nothing comes"
    assert forecast(look(100, (8500, 10_000, 5)), stuck).retention_left is None, "it is quicker"


numbers = st.none() | st.integers(0, 1000)
looks = st.lists(
    st.builds(
        lambda at, partitions: look(at, *partitions),
        st.floats(0, 1000),
        st.lists(st.tuples(numbers, numbers, st.integers(0, 1000)), max_size=3),
    ),
    min_size=1,
    max_size=5,
)


@given(all_looks=looks)
def test_whatever_comes_no_number_is_negative(all_looks: Sequence[Look]) -> None:
    ordered = sorted(all_looks, key=lambda one: one.monotonic)
    found = forecast(ordered[-1], ordered[:-1])
    for value in (found.input_rate, found.processing_rate, found.seconds_to_catch_up):
        assert value is None or value >= 0
