"""How far exporters have come, and what was refused: their part of the journal."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from offline_observer.export.exporter import Item, Refusal
from offline_observer.journal.journal import Journal
from offline_observer.journal.reading import TIME, opened
from offline_observer.time_text import format_time

_PAGE = "SELECT sequence, id, kind, revision, document FROM observations WHERE sequence > ? ORDER BY sequence LIMIT ?"
_SINCE = (
    "SELECT sequence, id, kind, revision, document FROM observations WHERE sequence > ? "  # noqa: S608 - a constant
    f"AND {TIME} >= ? ORDER BY sequence LIMIT 1000"
)
_REFUSED = (
    "SELECT 0, id, kind, revision, document, reason, at FROM refused WHERE exporter = ? ORDER BY at, id"
)
_SET_ASIDE = "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?)"
# Of what was read a while ago: one that was written anew since is sent by the observer, whatever became of the older one.
_SET_ASIDE_AGAIN = (
    "INSERT INTO refused SELECT :exporter, :id, :kind, :revision, :document, :reason, :at "
    "WHERE NOT EXISTS (SELECT 1 FROM observations WHERE id = :id AND revision > :revision) "
    "ON CONFLICT DO UPDATE SET revision = excluded.revision, document = excluded.document, reason = excluded.reason, "
    "at = excluded.at WHERE excluded.revision >= revision"
)
_EXPORTERS_SINCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exporter has come.

    Attributes:
        place: What tells the place that it sends to from any other; empty when it has never got there.
        sequence: Everything up to here has arrived or was refused.
        at: When that was; None when nothing ever has.
        lost: So many documents were removed from the journal before they could be sent.
        refused: So many are set aside.
    """

    place: str = ""
    sequence: int = 0
    at: str | None = None
    lost: int = 0
    refused: int = 0


def read_progress(connection: sqlite3.Connection, exporter: str) -> Progress:
    """How far an exporter has come."""
    row = connection.execute(
        "SELECT place, sequence, at, lost FROM exporters WHERE exporter = ?", (exporter,)
    ).fetchone()
    (refused,) = connection.execute("SELECT count(*) FROM refused WHERE exporter = ?", (exporter,)).fetchone()
    place, sequence, at, lost = row or ("", 0, None, 0)
    return Progress(place=place, sequence=sequence, at=at, lost=lost, refused=refused)


def read_backlog(connection: sqlite3.Connection, exporter: str) -> tuple[Progress, int]:
    """How far an exporter has come, and how many documents come after that."""
    progress = read_progress(connection, exporter)
    return progress, backlog_after(connection, progress.sequence)


def backlog_after(connection: sqlite3.Connection, sequence: int) -> int:
    """How many documents come after a sequence; those that have left the journal do not wait for anything."""
    # Two statements: of one with both SQLite would look at every row.
    (oldest,) = connection.execute("SELECT coalesce(min(sequence), 1) FROM observations").fetchone()
    return max(0, last_sequence(connection) - max(sequence, int(oldest) - 1))


def last_sequence(connection: sqlite3.Connection) -> int:
    """The newest document's sequence; 0 when there is none."""
    (newest,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM observations").fetchone()
    return int(newest)


def next_items(
    connection: sqlite3.Connection, after: int, most_documents: int, most_bytes: int
) -> list[Item]:
    """The documents that come after a sequence, in their order: one at the least, if there is any.

    Args:
        connection: To the journal.
        after: The sequence.
        most_documents: At most so many.
        most_bytes: And so large together.
    """
    found: list[Item] = []
    left = most_bytes
    for row in connection.execute(_PAGE, (after, most_documents)):
        item = Item(*row)
        left -= len(item.document)
        if found and left < 0:
            break
        found.append(item)
    return found


def keep_only(journal: Journal, exporters: Iterable[str]) -> None:
    """Knows these exporters, and forgets those that are no longer in the configuration: nothing waits for them.

    Raises:
        JournalError: The journal cannot be written.
    """
    names = list(exporters)
    marks = ", ".join("?" * len(names))
    with journal.transaction() as execute:
        for table in ("exporters", "refused"):
            execute(f"DELETE FROM {table} WHERE exporter NOT IN ({marks})", names)  # noqa: S608 - marks only
        for name in names:
            # Before one has got anywhere what it loses is to be counted already.
            execute(
                "INSERT INTO exporters (exporter, place, sequence) VALUES (?, '', 0) ON CONFLICT DO NOTHING",
                (name,),
            )


def move_to(journal: Journal, exporter: str, place: str) -> None:
    """Says where an exporter sends to. In a place where it has not been before it begins anew, with the oldest document.

    Raises:
        JournalError: The journal cannot be written.
    """
    with journal.transaction() as execute:
        execute(
            "INSERT INTO exporters (exporter, place, sequence) VALUES (?, ?, 0) ON CONFLICT DO UPDATE "
            "SET place = excluded.place, sequence = 0 WHERE place <> excluded.place",
            (exporter, place),
        )


def settle_through(
    journal: Journal, exporter: str, sequence: int, refused: Sequence[Refusal], at: datetime
) -> None:
    """Everything up to a sequence has arrived, but what was refused, which is set aside.

    Raises:
        JournalError: The journal cannot be written.
    """
    with journal.transaction() as execute:
        # What was refused once and has been written anew since may have arrived now.
        execute(
            "DELETE FROM refused WHERE exporter = :exporter AND id IN (SELECT id FROM observations WHERE sequence > "
            "(SELECT sequence FROM exporters WHERE exporter = :exporter) AND sequence <= :sequence)",
            {"exporter": exporter, "sequence": sequence},
        )
        execute(
            "UPDATE exporters SET sequence = ?, at = ? WHERE exporter = ?",
            (sequence, format_time(at), exporter),
        )
        for one in refused:
            execute(_SET_ASIDE, _refused_row(exporter, one, at))


def settle_again(
    path: Path, exporter: str, arrived: Iterable[Item], refused: Iterable[Refusal], at: datetime
) -> None:
    """Documents that were sent again have arrived or were refused. An observer may own the journal meanwhile.

    Raises:
        JournalError: There is no journal, or it cannot be written.
    """
    with opened(path, to_write=True) as (connection, _):
        connection.execute("BEGIN IMMEDIATE")
        # With its revision: one that was written anew and refused meanwhile stays.
        connection.executemany(
            "DELETE FROM refused WHERE exporter = ? AND id = ? AND revision <= ?",
            [(exporter, item.identity, item.revision) for item in arrived],
        )
        names = ("exporter", "id", "kind", "revision", "document", "reason", "at")
        rows = (_refused_row(exporter, one, at) for one in refused)
        connection.executemany(_SET_ASIDE_AGAIN, [dict(zip(names, row, strict=True)) for row in rows])
        connection.execute("COMMIT")


def _refused_row(exporter: str, refusal: Refusal, at: datetime) -> tuple[object, ...]:
    item, reason = refusal
    return (
        exporter,
        item.identity,
        item.kind,
        item.revision,
        item.document,
        reason,
        format_time(at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A document that was refused.

    Attributes:
        item: The document.
        reason: Why, in the server's words.
        at: When.
    """

    item: Item
    reason: str
    at: str


def progress_of(path: Path, exporter: str) -> tuple[Progress, int]:
    """How far an exporter has come, and how many documents have not been sent. An observer may own the journal meanwhile.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < _EXPORTERS_SINCE:
            return Progress(), last_sequence(connection)
        return read_backlog(connection, exporter)


def read_since(path: Path, start: datetime) -> Iterator[Item]:
    """The documents of a journal whose time is not before another, in their order.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    first = format_time(start)
    with opened(path) as (connection, _):
        after = 0
        while rows := connection.execute(_SINCE, (after, first)).fetchall():
            # All rows of a page are here: a slow reader holds no lock that lets the journal's log grow.
            for row in rows:
                item = Item(*row)
                after = item.sequence
                yield item


def read_refused(path: Path, exporter: str) -> Iterator[SetAside]:
    """The documents that an exporter's server has refused. An observer may own the journal meanwhile.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < _EXPORTERS_SINCE:
            return
        for *item, reason, at in connection.execute(_REFUSED, (exporter,)).fetchall():
            yield SetAside(item=Item(*item), reason=reason, at=at)
