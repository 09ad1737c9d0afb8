"""What goes out of the journal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.export.exporter import Item, Refusal
from offline_observer.journal import retention
from offline_observer.journal.exports import (
    Progress,
    keep_only,
    move_to,
    next_items,
    read_backlog,
    read_progress,
    read_refused,
    settle_through,
)
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import opened, read_documents
from offline_observer.journal.retention import Retention
from offline_observer.time_text import format_time

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NAME = "elasticsearch"
DAY = timedelta(days=1)
MUCH = 10**12


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setattr(retention, "_ALWAYS_KEPT", 2)
    monkeypatch.setattr(retention, "_CHUNK", 3)
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


def add(journal: Journal, ages: list[int], text: str = "") -> None:
    """Documents of ages in days."""
    for age in ages:
        document: dict[str, object] = {
            "@timestamp": format_time(NOW - age * DAY),
            "kind": "observation",
            "age": age,
            "text": text,
        }
        journal.append(Entry(pipeline="p", document=document))


def ages(journal: Journal) -> list[object]:
    return [document["age"] for _, document in read_documents(journal.path)]


def items(journal: Journal) -> list[Item]:
    with opened(journal.path) as (connection, _):
        return next_items(connection, 0, 1000, MUCH)


def progress(journal: Journal) -> Progress:
    with opened(journal.path) as (connection, _):
        return read_progress(connection, NAME)


def sent_through(journal: Journal, name: str, sequence: int) -> None:
    move_to(journal, name, "here")
    settle_through(journal, name, sequence, [], NOW)


def test_without_a_limit_everything_stays(journal: Journal) -> None:
    add(journal, [900, 800, 0])
    assert Retention(journal, None, MUCH, []).step(NOW).removed == 0


def test_what_is_older_goes_but_the_newest_stay(journal: Journal) -> None:
    add(journal, [40, 39, 38, 37, 36, 35, 34, 33])
    kept = Retention(journal, 30 * DAY, MUCH, []).step(NOW)
    assert (kept.removed, kept.unsent) == (6, 0)
    assert ages(journal) == [34, 33]


def test_what_an_exporter_has_not_sent_stays(journal: Journal) -> None:
    add(journal, [40, 39, 38, 37, 3, 2, 1, 0])
    held = Retention(journal, 30 * DAY, MUCH, [NAME, "opensearch"])
    assert held.step(NOW).removed == 0, "they have not even begun"
    sent_through(journal, NAME, 8)
    sent_through(journal, "opensearch", 3)
    assert held.step(NOW).removed == 3
    assert ages(journal) == [37, 3, 2, 1, 0]
    sent_through(journal, "opensearch", 8)
    held.step(NOW)
    assert ages(journal) == [3, 2, 1, 0]


def test_a_document_that_was_damaged_goes_with_those_around_it(journal: Journal) -> None:
    add(journal, [40, 39, 38, 2, 1, 0])
    with journal.transaction() as execute:
        execute("""UPDATE observations SET document = '{"@timestamp": ' WHERE sequence = 2""")
    assert Retention(journal, 30 * DAY, MUCH, []).step(NOW).removed == 3
    assert ages(journal) == [2, 1, 0]


def test_a_clock_that_stepped_back_removes_nothing_that_is_young(journal: Journal) -> None:
    add(journal, [40, 5, 40, 39, 0, 0, 0])
    Retention(journal, 30 * DAY, MUCH, []).step(NOW)
    assert ages(journal) == [5, 40, 39, 0, 0, 0]


def test_at_its_largest_size_what_was_sent_goes_first_and_what_was_not_is_counted(journal: Journal) -> None:
    add(journal, list(range(100)), "x" * 10_000)
    sent_through(journal, NAME, 30)
    size = Retention(journal, None, MUCH, [NAME]).step(NOW).size
    assert size > 1_000_000

    kept = Retention(journal, None, size - 20_000, [NAME]).step(NOW)
    assert 0 < kept.removed <= 30
    assert kept.unsent == 0

    small = Retention(journal, None, size // 2, [NAME])
    while (kept := small.step(NOW)).removed:
        pass
    assert kept.size <= size // 2
    with opened(journal.path) as (connection, _):
        lost = read_progress(connection, NAME).lost
    assert len(ages(journal)) == 100 - 30 - lost
    assert ages(journal)[-1] == 99, "the oldest went"
    assert any(f"{lost} documents were removed" in one for one in small.warnings)


def test_what_was_refused_goes_when_it_is_old(journal: Journal) -> None:
    add(journal, [40, 0])
    first, second = items(journal)
    move_to(journal, NAME, "here")
    settle_through(journal, NAME, 1, [Refusal(first, "bad")], NOW - 31 * DAY)
    settle_through(journal, NAME, 2, [Refusal(second, "bad")], NOW - 29 * DAY)
    Retention(journal, None, MUCH, [NAME]).step(NOW)
    assert progress(journal).refused == 2
    Retention(journal, 30 * DAY, MUCH, [NAME]).step(NOW)
    assert [one.item.identity for one in read_refused(journal.path, NAME)] == [second.identity]
    assert progress(journal).lost == 0


def test_what_was_refused_goes_for_room_before_what_was_not_sent_and_is_counted(journal: Journal) -> None:
    add(journal, list(range(60)), "x" * 10_000)
    move_to(journal, NAME, "here")
    settle_through(journal, NAME, 50, [Refusal(one, "bad") for one in items(journal)[:50]], NOW)
    size = Retention(journal, None, MUCH, [NAME]).step(NOW).size
    small = Retention(journal, None, size // 4, [NAME])
    while small.step(NOW).removed:
        pass
    assert small.step(NOW).size <= size // 4
    assert len(ages(journal)) == 10, "what waits is still there"
    assert progress(journal).lost == 50 - progress(journal).refused > 0


def test_what_an_exporter_that_never_got_anywhere_loses_is_counted(journal: Journal) -> None:
    keep_only(journal, [NAME])
    add(journal, list(range(100)), "x" * 10_000)
    small = Retention(journal, None, 500_000, [NAME])
    while small.step(NOW).removed:
        pass
    left = len(ages(journal))
    assert left < 50
    assert progress(journal).lost == 100 - left
    with opened(journal.path) as (connection, _):
        assert read_backlog(connection, NAME)[1] == left, "what is gone does not wait"
    move_to(journal, NAME, "here")
    assert progress(journal).lost == 100 - left


def test_a_journal_that_is_nearly_full_is_warned_of(journal: Journal) -> None:
    add(journal, [0] * 20, "x" * 10_000)
    size = Retention(journal, None, MUCH, []).step(NOW).size
    roomy = Retention(journal, None, size * 2, [])
    roomy.step(NOW)
    assert roomy.warnings == []
    tight = Retention(journal, None, int(size * 1.1), [])
    tight.step(NOW)
    assert "journal_max_bytes" in tight.warnings[0]
