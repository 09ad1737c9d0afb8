from datetime import UTC, datetime, timedelta

import pytest

from offline_observer.observation import newest_times
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.verdict import NOTHING_REMEMBERED, DatasetMemory, minute_of, outcomes

NOW = datetime(2026, 11, 25, 3, 0, 30, tzinfo=UTC)
FRESH = Rule("freshness", arguments={"max_age": "1m"})
EVENTS = Rule("freshness", arguments={"max_age": "1h", "field": "context.at"}, title="events")
COUNT = Rule("row_count", arguments={"min": 2})


def broken(
    rule: Rule,
    memory: DatasetMemory,
    now: datetime,
    summary: Summary | None = None,
    *,
    caught_up: bool = True,
) -> int | None:
    (outcome,) = outcomes([rule], summary, memory, now, is_caught_up=caught_up)
    return outcome.broken


def test_the_newest_time_stays_when_nothing_comes() -> None:
    memory = NOTHING_REMEMBERED.after(Summary(newest={"": NOW}), NOW, is_caught_up=True)
    later = NOW + timedelta(minutes=5)
    memory = memory.after(Summary(), later, is_caught_up=True)
    assert memory.newest == {"": NOW}
    older = Summary(newest={"": NOW - timedelta(hours=1)})
    assert memory.after(older, later, is_caught_up=True).newest == {"": NOW}


def test_a_time_in_the_future_is_taken_for_that_at_which_it_was_seen() -> None:
    summary = Summary(newest={"": NOW + timedelta(days=400)})
    assert NOTHING_REMEMBERED.after(summary, NOW, is_caught_up=True).newest == {"": NOW}


@pytest.mark.parametrize(
    ("seconds", "caught_up", "expected"),
    [(60, True, 0), (61, True, 1), (60, False, 0), (61, False, None)],
)
def test_freshness_is_not_known_while_newer_records_may_be_unread(
    seconds: int, caught_up: bool, expected: int | None
) -> None:
    memory = DatasetMemory({"": NOW}, {}, None)
    assert broken(FRESH, memory, NOW + timedelta(seconds=seconds), caught_up=caught_up) == expected


def test_freshness_before_any_record() -> None:
    assert broken(FRESH, NOTHING_REMEMBERED, NOW) is None


def test_row_count_of_the_newest_whole_minute() -> None:
    memory = NOTHING_REMEMBERED.after(Summary(), NOW, is_caught_up=False)
    assert memory.whole_from is None
    memory = memory.after(Summary(), NOW, is_caught_up=True)
    assert memory.whole_from == minute_of(NOW) + 1
    two = Summary(minutes={minute_of(NOW) + 1: 2})
    memory = memory.after(two, NOW + timedelta(seconds=60), is_caught_up=True)
    for seconds, expected in ((60, None), (99, None), (100, 0), (159, 0), (160, 1)):
        assert broken(COUNT, memory, NOW + timedelta(seconds=seconds)) == expected, seconds
    assert broken(COUNT, memory, NOW + timedelta(seconds=100), caught_up=False) is None
    # A record that came late for its minute.
    late = Summary(minutes={minute_of(NOW) + 2: 2})
    memory = memory.after(late, NOW + timedelta(seconds=161), is_caught_up=True)
    assert broken(COUNT, memory, NOW + timedelta(seconds=161)) == 0


def test_the_newest_times_of_a_document() -> None:
    document: dict[str, object] = {
        "dataset": "t",
        "newest_record": "2026-11-25T03:00:30.000Z",
        "newest_context_at": "2026-11-25T02:00:00.000Z",
        "newest_other": "2026-11-25T02:00:00.000Z",
    }
    rules = [FRESH, EVENTS, COUNT, Rule("not_empty", "a")]
    assert newest_times(document, "t", rules) == {"": NOW, "context.at": NOW.replace(hour=2, second=0)}
    assert newest_times(document, "t", [COUNT]) == {}
    assert newest_times(document, "another topic", rules) == {}
    assert newest_times(None, "t", rules) == {}
    assert newest_times({"dataset": "t", "newest_record": "odd"}, "t", rules) == {}
