from datetime import UTC, datetime, timedelta

from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.profile import Profile
from offline_observer.profile.window import Seen, Window, Windows

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def profile(*values: object) -> Profile:
    builder = FieldBuilder()
    builder.add(values)
    return Profile(fields={"a": builder.result()})


def seen(at: datetime, first: int, *values: object, topic_id: str = "t") -> Seen:
    return Seen(
        at=at,
        records=len(values),
        topic_id=topic_id,
        ranges={0: (first, first + len(values)), 1: (7, 7)},
        profile=profile(*values),
    )


def run(*ticks: Seen) -> tuple[Windows, list[tuple[Window, Window | None]]]:
    windows, over = Windows(), []
    for tick in ticks:
        reference = windows.reference
        windows, closed = windows.after(tick, tick.at, FIVE)
        if closed is not None:
            over.append((closed, reference))
    return windows, over


def test_ticks_of_a_window_are_summed_up_and_the_next_one_ends_it() -> None:
    windows, over = run(
        seen(NOON + timedelta(minutes=1), 0, "x", "y"),
        seen(NOON + timedelta(minutes=4, seconds=59), 2, "x"),
        seen(NOON + timedelta(minutes=5), 3, "z"),
    )
    ((window, reference),) = over
    assert (window.start, window.end, window.records) == (NOON, NOON + FIVE, 3)
    assert window.ranges == {0: (0, 3)}
    assert window.profile.fields["a"].common_values.counts == {"x": 2, "y": 1}
    assert reference is None
    assert windows.reference is not None
    assert windows.reference.profile.fields == window.profile.fields
    assert windows.current is not None
    assert (windows.current.start, windows.current.records) == (NOON + FIVE, 1)


def test_a_window_is_compared_with_the_last_one_that_had_records() -> None:
    ticks = [
        seen(NOON, 0, "x"),
        seen(NOON + FIVE, 1),
        seen(NOON + 2 * FIVE, 1, "y"),
        seen(NOON + 5 * FIVE, 2, "z"),
    ]
    _, over = run(*ticks)
    assert [(one.start, one.records, other and other.start) for one, other in over] == [
        (NOON, 1, None),
        (NOON + 2 * FIVE, 1, NOON),
    ]


def test_a_tick_that_could_not_be_read_ends_a_window_too() -> None:
    windows, _ = run(seen(NOON, 0, "x"))
    windows, over = windows.after(None, NOON + FIVE, FIVE)
    assert over is not None
    assert over.records == 1
    assert windows.current is None, "the next one begins with its first record"
    assert windows.after(seen(NOON + FIVE, 1), NOON + FIVE, FIVE) == (windows, None)


def test_a_clock_that_was_far_ahead_for_a_moment_does_not_keep_a_window_open() -> None:
    ahead = NOON + timedelta(days=3650)
    windows, over = run(
        seen(NOON, 0, "x"), seen(ahead, 1, "y"), seen(NOON, 2, "z"), seen(NOON + FIVE, 3, "z")
    )
    assert [(one.start, one.records) for one, _ in over] == [(NOON, 1), (ahead, 1), (NOON, 1)]
    assert windows.current is not None
    assert windows.current.start == NOON + FIVE


def test_a_window_of_another_length_ends_where_it_is() -> None:
    at = NOON + timedelta(minutes=1)
    for every, other in ((FIVE, timedelta(days=1)), (timedelta(days=1), FIVE)):
        windows, _ = Windows().after(seen(at, 0, "x"), at, every)
        windows, over = windows.after(seen(at, 1, "y"), at + timedelta(seconds=30), other)
        assert over is not None
        assert (over.records, over.end) == (1, at + timedelta(seconds=30))
        assert windows.current is not None
        assert windows.current.end - windows.current.start == other


def test_a_clock_that_steps_back_adds_to_the_window_under_way() -> None:
    windows, over = run(seen(NOON + FIVE, 0, "x"), seen(NOON, 1, "y"))
    assert over == []
    assert windows.current is not None
    assert (windows.current.start, windows.current.records) == (NOON + FIVE, 2)


def test_a_topic_that_is_made_anew_begins_its_offsets_anew() -> None:
    windows, _ = run(seen(NOON, 100, "x"), seen(NOON + timedelta(seconds=9), 0, "y", topic_id="new"))
    assert windows.current is not None
    assert (windows.current.topic_id, windows.current.ranges) == ("new", {0: (0, 1)})
    assert windows.current.records == 2


def counted(length: int, *ticks: Seen | None) -> tuple[Windows, list[Window]]:
    windows, over = Windows(), []
    for number, tick in enumerate(ticks):
        windows, closed = windows.after(tick, tick.at if tick else NOON + number * FIVE, length)
        over += [closed] if closed is not None else []
    return windows, over


def test_a_window_of_a_number_of_records_ends_with_the_tick_that_brings_the_last() -> None:
    windows, over = counted(
        3,
        seen(NOON, 0, "x", "y"),
        None,
        seen(NOON + FIVE, 2),
        seen(NOON + 2 * FIVE, 2, "z", "z"),
        seen(NOON + 3 * FIVE, 4, "a"),
    )
    (window,) = over
    assert (window.start, window.end, window.records) == (NOON, NOON + 2 * FIVE, 4)
    assert window.ranges == {0: (0, 4)}
    assert windows.current is not None
    assert (windows.current.start, windows.current.records) == (NOON + 3 * FIVE, 1)
    assert windows.reference is not None
    assert windows.reference.records == 4


def test_a_window_of_one_record_is_one_of_each_tick_that_brings_some() -> None:
    windows, over = counted(1, seen(NOON, 0, "x"), seen(NOON + FIVE, 1), seen(NOON + 2 * FIVE, 1, "y", "z"))
    assert [(one.start, one.end, one.records) for one in over] == [
        (NOON, NOON, 1),
        (NOON + 2 * FIVE, NOON + 2 * FIVE, 2),
    ]
    assert windows.current is None


def test_a_clock_that_steps_back_makes_no_window_that_ends_before_it_begins() -> None:
    _, (window,) = counted(2, seen(NOON, 0, "x"), seen(NOON - FIVE, 1, "y"))
    assert (window.start, window.end) == (NOON, NOON)


def test_a_window_goes_on_with_another_kind_of_length() -> None:
    windows, _ = Windows().after(seen(NOON, 0, "x"), NOON, FIVE)
    windows, over = windows.after(seen(NOON + FIVE / 5, 1, "y"), NOON + FIVE / 5, 2)
    assert over is not None
    assert (over.start, over.end, over.records) == (NOON, NOON + FIVE / 5, 2)
    windows, _ = windows.after(seen(NOON, 2, "x"), NOON, 100)
    later = NOON + FIVE / 5
    windows, over = windows.after(seen(later, 3, "x"), later, FIVE)
    assert over is not None
    assert (over.start, over.end, over.records) == (NOON, NOON, 1)
