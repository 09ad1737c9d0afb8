"""How far exporters have come, in the journal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.export.exporter import Item, Refusal
from offline_observer.journal.exports import (
    Progress,
    keep_only,
    last_sequence,
    move_to,
    next_items,
    read_progress,
    read_refused,
    read_since,
    settle_again,
    settle_through,
)
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import opened

NOW = datetime(2026, 11, 25, tzinfo=UTC)
AT = "2026-11-25T00:00:00.000Z"
NAME = "elasticsearch"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


def add(journal: Journal, count: int, identity: str | None = None, text: str = "") -> None:
    for number in range(count):
        document: dict[str, object] = {"kind": "observation", "n": number, "text": text}
        journal.append(Entry(pipeline="p", document=document, identity=identity))


def progress(journal: Journal, name: str = NAME) -> Progress:
    with opened(journal.path) as (connection, _):
        return read_progress(connection, name)


def items(journal: Journal, after: int = 0, documents: int = 100, size: int = 10_000_000) -> list[Item]:
    with opened(journal.path) as (connection, _):
        return next_items(connection, after, documents, size)


def test_what_comes_next_is_in_order_and_bounded(journal: Journal) -> None:
    assert items(journal) == []
    add(journal, 5, text="x" * 1000)
    assert [one.sequence for one in items(journal)] == [1, 2, 3, 4, 5]
    assert [one.sequence for one in items(journal, 1, 2)] == [2, 3]
    assert [one.sequence for one in items(journal, 0, 100, 2500)] == [1, 2]
    assert [one.sequence for one in items(journal, 0, 100, 1)] == [1], "one at the least"
    with opened(journal.path) as (connection, _):
        assert last_sequence(connection) == 5


def test_a_place_that_is_new_is_sent_everything(journal: Journal) -> None:
    assert progress(journal) == Progress()
    move_to(journal, NAME, "cluster-1 stats")
    settle_through(journal, NAME, 7, [], NOW)
    move_to(journal, NAME, "cluster-1 stats")
    assert progress(journal) == Progress(place="cluster-1 stats", sequence=7, at=AT)
    move_to(journal, NAME, "cluster-2 stats")
    assert progress(journal) == Progress(place="cluster-2 stats", sequence=0, at=AT)


def test_what_is_refused_is_set_aside_until_it_arrives(journal: Journal) -> None:
    add(journal, 3)
    move_to(journal, NAME, "here")
    first, second, third = items(journal)
    settle_through(journal, NAME, 2, [Refusal(first, "bad"), Refusal(second, "worse")], NOW)
    assert (progress(journal).refused, progress(journal, "opensearch").refused) == (2, 0)
    assert [
        (one.item.identity, one.item.document, one.reason) for one in read_refused(journal.path, NAME)
    ] == [
        (first.identity, first.document, "bad"),
        (second.identity, second.document, "worse"),
    ]
    settle_again(journal.path, NAME, [first], [Refusal(third, "odd")], NOW + timedelta(seconds=1))
    left = [(one.item.identity, one.reason) for one in read_refused(journal.path, NAME)]
    assert left == [(second.identity, "worse"), (third.identity, "odd")]


def test_a_refused_document_that_is_written_anew_may_arrive(journal: Journal) -> None:
    add(journal, 1, "batch-1")
    move_to(journal, NAME, "here")
    settle_through(journal, NAME, 1, [Refusal(items(journal)[0], "bad")], NOW)
    add(journal, 1, "batch-1")
    (again,) = items(journal, 1)
    assert (again.identity, again.revision) == ("batch-1", 1)
    settle_through(journal, NAME, again.sequence, [], NOW)
    assert progress(journal) == Progress(place="here", sequence=2, at=AT, refused=0)


def test_what_a_command_sends_late_does_not_stand_in_the_way_of_what_was_written_anew(
    journal: Journal,
) -> None:
    add(journal, 1, "batch-1")
    move_to(journal, NAME, "here")
    (older,) = items(journal)
    add(journal, 1, "batch-1")
    (newer,) = items(journal)
    settle_again(journal.path, NAME, [], [Refusal(older, "old")], NOW)
    assert progress(journal).refused == 0, "it is sent anew, and may arrive"
    settle_through(journal, NAME, newer.sequence, [Refusal(newer, "new")], NOW)
    settle_again(journal.path, NAME, [], [Refusal(older, "old")], NOW)
    ((left, reason),) = [(one.item.revision, one.reason) for one in read_refused(journal.path, NAME)]
    assert (left, reason) == (1, "new")
    settle_again(journal.path, NAME, [], [Refusal(newer, "newer")], NOW)
    assert [one.reason for one in read_refused(journal.path, NAME)] == ["newer"]


def test_history_is_read_around_a_document_that_was_damaged(journal: Journal) -> None:
    for day in (1, 2, 3):
        document: dict[str, object] = {"@timestamp": f"2026-11-0{day}T00:00:00.000Z", "kind": "observation"}
        journal.append(Entry(pipeline="p", document=document))
    with journal.transaction() as execute:
        execute("""UPDATE observations SET document = '{"@timestamp": ' WHERE sequence = 2""")
    assert [one.sequence for one in read_since(journal.path, datetime(2026, 10, 1, tzinfo=UTC))] == [1, 3]
    assert [one.sequence for one in read_since(journal.path, datetime(2026, 11, 2, tzinfo=UTC))] == [3]


def test_an_exporter_that_is_gone_is_forgotten(journal: Journal) -> None:
    add(journal, 1)
    for name in (NAME, "opensearch"):
        move_to(journal, name, "here")
        settle_through(journal, name, 1, [Refusal(items(journal)[0], "bad")], NOW)
    keep_only(journal, ["opensearch"])
    assert progress(journal) == Progress()
    assert progress(journal, "opensearch").refused == 1
    keep_only(journal, [])
    assert progress(journal, "opensearch") == Progress()
