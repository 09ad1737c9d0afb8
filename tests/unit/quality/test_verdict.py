"""The rules on a dataset, observation after observation, by a clock that is set."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import MINUTES, Summary
from offline_observer.quality.times import AHEAD, epoch_time
from offline_observer.quality.verdict import (
    NOTHING_REMEMBERED,
    DatasetStatus,
    Outcome,
    dataset_status,
    minute_of,
    outcomes,
)

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

ROW_COUNT = Rule("row_count", "", {"min": 2, "max": 4})
FRESHNESS = Rule("freshness", "", {"max_age": "5m"})
RATIO = Rule("invalid_ratio", "", {"below": 0.5})


class Timed(ValueChunk):
    """Records with the times that they are given."""

    times: Sequence[int] = ()

    def timestamp(self, index: int) -> int:
        return self.times[index]


class Observer:
    """Observes a dataset as a pipeline does."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = [*rules, Rule("not_empty", "a")]
        self.kernel = Kernel(KernelSpec(rules=self.rules))
        self.memory = NOTHING_REMEMBERED
        self.found: list[Outcome] = []
        self.summary: Summary | None = None

    def observe(
        self,
        now: datetime,
        *times: datetime | int,
        values: Sequence[bytes | None] | None = None,
        is_caught_up: bool = True,
        is_read: bool = True,
    ) -> list[int | None]:
        """What became of the rules; records have the times that are given."""
        self.summary = None
        if is_read:
            chunk = type("Chunk", (Timed,), {"times": [milliseconds(time) for time in times]})(
                values if values is not None else [b'{"a":"x"}'] * len(times)
            )
            self.summary = self.kernel.summarize([chunk], now)
            self.memory = self.memory.after(self.summary, now, is_caught_up=is_caught_up)
        self.found = outcomes(
            self.rules, self.summary, self.memory, now, is_caught_up=is_caught_up and is_read
        )
        return [one.broken for one in self.found[:-1]]

    def sentence(self) -> str | None:
        return self.found[0].sentence


def milliseconds(time: datetime | int) -> int:
    return time if isinstance(time, int) else round(time.timestamp() * 1000)


def test_row_count_is_unknown_then_holds_then_is_broken_then_holds() -> None:
    observer = Observer(ROW_COUNT)
    # The minute under way is not seen from its beginning.
    assert observer.observe(NOON + 30 * SECOND, NOON, NOON + SECOND) == [None]
    assert observer.sentence() == "no whole minute has been observed yet"
    assert observer.observe(NOON + 80 * SECOND, NOON + 61 * SECOND, NOON + 62 * SECOND) == [None]
    # 12:01 ends at 12:02, and is judged 10 s later.
    assert observer.observe(NOON + 2 * MINUTE) == [None]
    assert observer.observe(NOON + 2 * MINUTE + 9.999 * SECOND) == [None]
    assert observer.observe(NOON + 2 * MINUTE + 10 * SECOND) == [0]
    assert observer.sentence() is None
    assert observer.observe(NOON + 3 * MINUTE + 9.999 * SECOND) == [0]
    assert observer.observe(NOON + 3 * MINUTE + 10 * SECOND) == [1]
    assert observer.sentence() == "0 records in a minute, expected 2 to 4"
    times = [NOON + 3 * MINUTE + n * SECOND for n in range(5)]
    assert observer.observe(NOON + 4 * MINUTE + 10 * SECOND, *times) == [1]
    assert observer.sentence() == "5 records in a minute, expected 2 to 4"
    assert observer.observe(NOON + 4 * MINUTE + 50 * SECOND, *[NOON + 4 * MINUTE + SECOND] * 4) == [1]
    assert observer.observe(NOON + 5 * MINUTE + 10 * SECOND) == [0]


def test_a_record_at_the_edge_of_a_minute() -> None:
    observer = Observer(Rule("row_count", "", {"min": 1}))
    observer.observe(NOON)
    first, last = NOON + MINUTE, NOON + 2 * MINUTE - timedelta(milliseconds=1)
    assert observer.observe(NOON + 2 * MINUTE + 10 * SECOND, last, NOON + 2 * MINUTE) == [0]
    assert observer.memory.minutes == {minute_of(first): 1, minute_of(first) + 1: 1}
    assert observer.observe(NOON + 3 * MINUTE + 10 * SECOND) == [0]
    assert observer.observe(NOON + 4 * MINUTE + 10 * SECOND) == [1]


def test_late_records_count_for_their_own_minute() -> None:
    observer = Observer(ROW_COUNT)
    observer.observe(NOON)
    assert observer.observe(NOON + 2 * MINUTE + 10 * SECOND, NOON + 61 * SECOND) == [1]
    assert observer.observe(NOON + 2 * MINUTE + 40 * SECOND, NOON + 62 * SECOND) == [0]
    # So late that their minute is not judged any more: they change nothing.
    assert observer.observe(NOON + 3 * MINUTE + 10 * SECOND, *[NOON + 61 * SECOND] * 9) == [1]
    assert observer.sentence() == "0 records in a minute, expected 2 to 4"


def test_a_backlog_is_no_flood_and_no_drought() -> None:
    observer = Observer(ROW_COUNT, FRESHNESS)
    old = NOON - 3 * HOUR
    for k in range(5):
        assert observer.observe(NOON + k * MINUTE, *[old + k * SECOND] * 50, is_caught_up=False) == [
            None,
            None,
        ]
    assert observer.found[1].sentence == "the newest records have not been read"
    # The newest of what was read is new enough, whatever is still to be read.
    now = NOON + 6 * MINUTE
    assert observer.observe(now, now - MINUTE, is_caught_up=False) == [None, 0]
    assert observer.observe(now + MINUTE) == [None, 0]
    assert observer.observe(now + 2 * MINUTE + 10 * SECOND, *[now + MINUTE + SECOND] * 3) == [None, 0]
    assert observer.observe(now + 3 * MINUTE + 10 * SECOND, *[now + 2 * MINUTE] * 3) == [0, 0]
    # It falls behind again: what is not there yet may well be.
    assert observer.observe(now + 9 * MINUTE, is_caught_up=False) == [None, None]
    assert observer.observe(now + 9 * MINUTE + SECOND) == [1, 1]


def test_a_restart_begins_anew() -> None:
    observer = Observer(ROW_COUNT, FRESHNESS)
    observer.observe(NOON, NOON)
    assert observer.observe(NOON + 5 * MINUTE, *[NOON + 3 * MINUTE] * 3) == [0, 0]
    restarted = Observer(ROW_COUNT, FRESHNESS)
    assert restarted.observe(NOON + 5 * MINUTE + 30 * SECOND) == [None, None]
    assert restarted.found[1].sentence == "no newest record has been seen yet"
    assert restarted.observe(NOON + 7 * MINUTE + 10 * SECOND, *[NOON + 6 * MINUTE] * 2) == [0, 0]


def test_what_could_not_be_read_is_unknown() -> None:
    observer = Observer(ROW_COUNT, FRESHNESS, RATIO)
    observer.observe(NOON, NOON)
    assert observer.observe(NOON + 5 * MINUTE, *[NOON + 3 * MINUTE] * 3) == [0, 0, 0]
    assert observer.observe(NOON + HOUR, is_read=False) == [None, None, None]
    assert observer.found[-1].broken is None
    assert dataset_status(observer.found, None, "the broker is gone") == (
        DatasetStatus.UNKNOWN,
        "the broker is gone",
    )
    # What was written meanwhile is read afterwards, and counts for its minutes.
    times = [NOON + n * MINUTE for n in range(6, 61) for _ in range(3)]
    assert observer.observe(NOON + HOUR + 10 * SECOND, *times) == [0, 0, 0]


def test_a_clock_that_steps_back() -> None:
    observer = Observer(ROW_COUNT, FRESHNESS)
    observer.observe(NOON)
    for k in range(1, 6):
        observer.observe(NOON + k * MINUTE + 30 * SECOND, *[NOON + k * MINUTE + SECOND] * 3)
    assert observer.observe(NOON + 6 * MINUTE) == [0, 0]
    # An earlier minute is judged again, as it was before.
    assert observer.observe(NOON + 3 * MINUTE + 10 * SECOND) == [0, 0]
    assert observer.observe(NOON - 2 * HOUR) == [None, 0]
    assert observer.observe(NOON + 6 * MINUTE + 5 * SECOND) == [0, 0]


def test_a_clock_that_was_far_ahead() -> None:
    """What was taken for a time of the future must not stand in the way for as long."""
    observer = Observer(ROW_COUNT, FRESHNESS)
    wrong = NOON + timedelta(days=400)
    observer.observe(wrong, NOON)
    assert observer.observe(NOON + 30 * SECOND, NOON) == [None, 0]
    assert observer.observe(NOON + 2 * MINUTE + 10 * SECOND, *[NOON + MINUTE] * 2) == [0, 0]
    assert observer.observe(NOON + 9 * MINUTE) == [1, 1]


@pytest.mark.parametrize("strange", [-1, 2**63 - 1, milliseconds(NOON) * 1000, milliseconds(NOON + 2 * HOUR)])
def test_a_time_of_the_far_future(strange: int) -> None:
    """Microseconds taken for milliseconds, or a producer whose clock is wrong: it came, but when is not known."""
    observer = Observer(ROW_COUNT, FRESHNESS, RATIO)
    observer.observe(NOON, strange)
    now = NOON + 2 * MINUTE + 10 * SECOND
    assert observer.observe(now, strange, NOON + MINUTE, strange, NOON + MINUTE) == [0, 0, 0]
    came = strange > 0
    assert observer.memory.newest == {"": now if came else NOON + MINUTE}
    assert observer.observe(NOON + 20 * MINUTE) == [1, 1, 0]
    assert observer.observe(NOON + 30 * MINUTE, strange) == [1, 0 if came else 1, 0]
    assert observer.summary is not None
    assert (observer.summary.all_events, observer.summary.minutes) == (1, {})


def test_a_time_a_little_ahead_is_as_new_as_it_was_seen() -> None:
    observer = Observer(FRESHNESS)
    assert observer.observe(NOON, NOON + 50 * MINUTE) == [0]
    assert observer.memory.newest == {"": NOON}
    assert observer.observe(NOON + 5 * MINUTE) == [0]
    assert observer.observe(NOON + 5 * MINUTE + SECOND) == [1]
    assert observer.sentence() == "the newest record is 5 min old, allowed are 5m"


def test_many_minutes_of_the_near_future_do_not_push_out_the_present() -> None:
    observer = Observer(ROW_COUNT)
    observer.observe(NOON)
    times = [NOON + n * MINUTE for n in range(-2000, 1 + AHEAD // MINUTE)]
    assert observer.observe(NOON + 2 * MINUTE + 10 * SECOND, *times) == [1]
    assert observer.sentence() == "1 record in a minute, expected 2 to 4"
    assert len(observer.memory.minutes) == MINUTES


def test_a_record_of_the_near_future_counts_when_its_minute_has_come() -> None:
    observer = Observer(ROW_COUNT)
    observer.observe(NOON)
    assert observer.observe(NOON + 30 * SECOND, *[NOON + 9 * MINUTE] * 3) == [None]
    assert observer.observe(NOON + 9 * MINUTE + 10 * SECOND) == [1]
    assert observer.observe(NOON + 10 * MINUTE + 10 * SECOND) == [0]


def test_freshness_is_unknown_then_holds_then_is_broken_then_holds() -> None:
    observer = Observer(FRESHNESS)
    assert observer.observe(NOON) == [None]
    assert observer.observe(NOON, -1) == [None]
    assert observer.observe(NOON, NOON - 4 * MINUTE) == [0]
    assert observer.sentence() is None
    assert observer.observe(NOON + MINUTE) == [0]
    assert observer.observe(NOON + MINUTE + timedelta(milliseconds=1)) == [1]
    # An older record does not make it any fresher.
    assert observer.observe(NOON + 2 * MINUTE, NOON - HOUR) == [1]
    assert observer.observe(NOON + 3 * MINUTE, NOON + 3 * MINUTE, NOON - HOUR) == [0]


def test_freshness_of_a_time_field() -> None:
    observer = Observer(Rule("freshness", "", {"max_age": "5m", "field": "o.at"}))
    values: list[bytes | None] = [
        b'{"o":{"at":"2024-01-01T11:58:00Z"}}',
        b'{"o":{"at":"9999-12-31T23:59:59Z"}}',
        b'{"o":{"at":"2024-01-01T13:00:00.001Z"}}',
        b'{"o":{"at":"2024-01-01T12:57:00+01:00"}}',
        b'{"o":{"at":"yesterday"}}',
        b'{"o":{"at":1704110280}}',
        b'{"o":{"at":null}}',
        b'{"o":[]}',
        b"{}",
        b"not json",
        None,
    ]
    assert observer.observe(NOON, *[NOON] * len(values), values=values) == [0]
    assert observer.memory.newest == {"o.at": NOON}
    del values[1:3]
    observer.memory = NOTHING_REMEMBERED
    assert observer.observe(NOON, *[NOON] * len(values), values=values) == [0]
    assert observer.memory.newest == {"o.at": NOON - 2 * MINUTE}
    assert observer.observe(NOON + 3 * MINUTE) == [0]
    assert observer.observe(NOON + 4 * MINUTE, NOON + 4 * MINUTE) == [1]
    assert observer.sentence() == "the newest o.at is 6 min old, allowed are 5m"


@pytest.mark.parametrize(("form", "unit"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_freshness_of_a_time_field_of_numbers(form: str, unit: int) -> None:
    observer = Observer(Rule("freshness", "", {"max_age": "5m", "field": "at", "form": form}))
    seconds = NOON.timestamp()
    values: list[bytes | None] = [
        b'{"at":%d}' % ((seconds - 60) * unit),
        b'{"at":%d}' % ((seconds - 600) * unit),
        b'{"at":"2024-01-01T12:00:00Z"}',
        b'{"at":true}',
        b'{"at":1e300}',
        b'{"at":null}',
        b"{}",
    ]
    assert observer.observe(NOON, *[NOON] * len(values), values=values) == [0]
    assert observer.memory.newest == {"at": NOON - MINUTE}
    assert observer.observe(NOON + 5 * MINUTE, NOON + 5 * MINUTE) == [1]


def test_invalid_ratio() -> None:
    observer = Observer(RATIO)
    good, bad, worse = b'{"a":"x"}', b"{}", b"not json"
    for values, broken in (
        ([], 0),
        ([None, None], 0),
        ([good], 0),
        ([good, bad], 1),
        ([good, good, bad], 0),
        ([good, good, bad, worse], 1),
        ([good, bad, None, None], 1),
        ([bad], 1),
        ([good], 0),
    ):
        assert observer.observe(NOON, *[NOON] * len(values), values=values) == [broken], values
    observer.observe(NOON, *[NOON] * 3, values=[good, bad, worse])
    assert observer.sentence() == "2 of 3 records are faulty (66.7%), allowed are less than 50.0%"
    assert observer.observe(NOON, is_read=False) == [None]
    assert observer.sentence() == "the dataset was not read"


def test_a_warning_makes_no_record_faulty() -> None:
    observer = Observer(RATIO, Rule("not_empty", "b", severity="warn"))
    assert observer.observe(NOON, NOON) == [0, 1]
    assert dataset_status(observer.found, observer.summary, None) == (
        DatasetStatus.WARN,
        "b.not_empty: 1 record breaks it",
    )


@pytest.mark.parametrize(
    ("values", "error", "expected"),
    [
        ([], None, ("ok", None)),
        ([], "partition 1: gone", ("unknown", "partition 1: gone")),
        ([b'{"a":"x"}'], None, ("ok", None)),
        ([b"{}"], "partition 1: gone", ("error", "a.not_empty: 1 record breaks it")),
        ([b"{}", b"{}"], None, ("error", "a.not_empty: 2 records break it")),
        ([b"x"], None, ("error", "unparseable: 1 record is not readable")),
        ([b"x", b"", b"{}"], None, ("error", "a.not_empty: 1 record breaks it (and 1 more)")),
        ([None], None, ("ok", None)),
    ],
)
def test_the_status(values: list[bytes | None], error: str | None, expected: tuple[str, Any]) -> None:
    observer = Observer()
    observer.observe(NOON, *[NOON] * len(values), values=values)
    status, reason = dataset_status(observer.found, observer.summary, error)
    assert (status.value, reason) == expected


def test_an_unknown_rule_does_not_make_a_dataset_unwell() -> None:
    observer = Observer(ROW_COUNT, FRESHNESS)
    assert observer.observe(NOON) == [None, None]
    assert dataset_status(observer.found, observer.summary, None) == (DatasetStatus.OK, None)


def test_repeated_values() -> None:
    observer = Observer(Rule("unique", "a"), Rule("unique", "b", severity="warn"))
    assert observer.observe(NOON) == [0, 0]
    assert observer.observe(NOON, *[NOON] * 2) == [1, 0]
    assert observer.sentence() == "1 record repeats a value"
    assert observer.observe(NOON, *[NOON] * 3) == [2, 0]
    assert observer.sentence() == "2 records repeat a value"
    assert observer.observe(NOON, NOON) == [0, 0]


@pytest.mark.parametrize(
    ("milliseconds", "time"),
    [
        (-1, None),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (253402300799999, datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
        (253402300800000, None),
        (2**63 - 1, None),
    ],
)
def test_the_time_of_a_record(milliseconds: int, time: datetime | None) -> None:
    assert epoch_time(milliseconds) == time


def test_the_edges_of_time() -> None:
    observer = Observer(
        ROW_COUNT, FRESHNESS, Rule("timestamp", "a", {"not_in_future": "1h", "max_age": "1h"})
    )
    for now in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC) + HOUR):
        observer.observe(now, NOON, -1, 2**62)
