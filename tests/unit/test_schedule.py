from hypothesis import given
from hypothesis import strategies as st

from offline_observer.schedule import next_tick


def test_ticks_are_on_a_grid() -> None:
    assert next_tick(100.0, 10.0, 100.3) == 110.0
    assert next_tick(100.0, 10.0, 109.9) == 110.0


def test_a_tick_that_took_too_long_skips_the_slots_that_it_missed() -> None:
    assert next_tick(100.0, 10.0, 137.0) == 140.0


@given(every=st.floats(0.5, 3600), now=st.floats(0, 1e6))
def test_the_next_tick_is_in_the_future_and_at_most_one_slot_away(every: float, now: float) -> None:
    due = next_tick(0.0, every, now)
    assert now < due + 1e-6
    assert due - now <= every + 1e-6
