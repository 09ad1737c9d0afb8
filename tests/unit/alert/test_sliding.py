"""What is kept of a time looked back on is what a plain computation over all readings finds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.alert.sliding import STEPS, LargestReading, LastReading, Sums, step_of

START = datetime(2026, 11, 25, tzinfo=UTC)
PAUSES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(-5, 20).map(float)),
    max_size=60,
)


def at_times(steps: list[tuple[int, float]]) -> list[tuple[datetime, float]]:
    seconds, found = 0, []
    for pause, value in steps:
        seconds += pause
        found.append((START + timedelta(seconds=seconds), value))
    return found


@given(PAUSES, st.integers(1, 3600), st.integers(0, 500))
def test_largest_and_last_are_those_of_all_readings(
    steps: list[tuple[int, float]], over_seconds: int, later: int
) -> None:
    over = timedelta(seconds=over_seconds)
    largest, last = LargestReading(over), LastReading()
    readings = at_times(steps)
    for index, (at, value) in enumerate(readings):
        largest.add(at, value)
        last.add(at, value)
        for now in (at, at + timedelta(seconds=later)) if index == len(readings) - 1 else (at,):
            step = over / STEPS
            in_sight = [v for t, v in readings[: index + 1] if step_of(t, step) >= step_of(now - over, step)]
            assert largest.value(now, over) == max(in_sight, default=None)
            assert last.value(now, over) == (value if at >= now - over else None)
        assert len(largest) <= STEPS + 2


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 8), st.integers(0, 20)), max_size=60),
    st.integers(1, 1000),
    st.integers(0, 500),
)
def test_sums_count_each_document_once(steps: list[tuple[int, int, int]], seconds: int, later: int) -> None:
    over = timedelta(seconds=seconds)
    sums = Sums(2)
    kept: dict[str, tuple[datetime, int]] = {}
    at = START
    for pause, identity, value in steps:
        at += timedelta(seconds=pause)
        sums.add(str(identity), at, (value, 1))
        kept[str(identity)] = (at, value)
    now = at + timedelta(seconds=later)
    in_sight = [value for time, value in kept.values() if time >= now - over]
    assert sums.totals(now, over) == ((sum(in_sight), len(in_sight)) if in_sight else None)
    assert sums.totals(now, over) == ((sum(in_sight), len(in_sight)) if in_sight else None), "asked again"


def test_a_clock_that_stepped_back_does_not_mix_the_order() -> None:
    over, hour = timedelta(minutes=10), timedelta(hours=1)
    largest, last, sums = LargestReading(over), LastReading(), Sums(1)
    for one in (largest, last):
        one.add(START, 9.0)
        one.shift(-hour)
        one.add(START - hour + timedelta(seconds=10), 3.0)
    assert largest.value(START - hour + timedelta(seconds=10), over) == 9.0
    assert last.value(START - hour + timedelta(seconds=10), over) == 3.0
    assert largest.value(START - hour + timedelta(minutes=10, seconds=15), over) == 3.0
    sums.add("a", START, (1,))
    sums.add("b", START - hour, (1,))
    assert sums.totals(START, over) == (2.0,), "it counts as of the newest's time"
    sums.shift(-hour)
    assert sums.totals(START - hour + over, over) == (2.0,)
    assert sums.totals(START, over) is None


def test_the_largest_readings_of_a_day_take_little_memory() -> None:
    day = timedelta(days=1)
    largest = LargestReading(day)
    for tick in range(8640):
        largest.add(START + timedelta(seconds=10 * tick), float(8640 - tick))
    assert len(largest) <= STEPS + 1
    assert largest.value(START + day, day) == 8640.0
