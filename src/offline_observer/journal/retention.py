"""What goes out of the journal: what is older than is kept and has been sent everywhere, and what there is no room for.

Rows go from the oldest on, by their sequence. A file does not become smaller by that: its pages are used again.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from offline_observer.journal.journal import Journal
from offline_observer.journal.points import Execute, drop_points, drop_points_before
from offline_observer.quality.times import read_time
from offline_observer.time_text import format_time

_CHUNK = 1000
# In one step, so that a tick is not late by it.
_MOST_CHUNKS = 20
# What is remembered of a dataset is read from the newest of its documents.
_ALWAYS_KEPT = 1000
_WARNED_SHARE = 0.8
_LEFT_SHARE = 0.9
_STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a step found and did.

    Attributes:
        size: Bytes that are in use afterwards.
        removed: Rows that were removed.
        unsent: Those of them that an exporter had not sent yet.
    """

    size: int
    removed: int
    unsent: int


class Retention:
    """Keeps a journal within its bounds.

    Args:
        journal: The journal.
        keep: How long documents are kept; None: for ever.
        most_bytes: How large it may become.
        exporters: The names of the exporters that are to send everything first.
    """

    def __init__(
        self, journal: Journal, keep: timedelta | None, most_bytes: int, exporters: Collection[str]
    ) -> None:
        self._journal = journal
        self._keep = keep
        self._most_bytes = most_bytes
        self._exporters = list(exporters)
        self._due = 0.0
        self._kept = Kept(size=0, removed=0, unsent=0)
        self._unsent = 0

    @property
    def warnings(self) -> list[str]:
        """What an operator should know, a sentence each."""
        found = []
        if self._kept.size > _WARNED_SHARE * self._most_bytes:
            found.append(
                f"the journal has {self._kept.size:,} of its {self._most_bytes:,} bytes (journal_max_bytes); at that size its "
                "oldest documents go"
            )
        if self._unsent:
            found.append(
                f"{self._unsent:,} documents were removed from the journal before they could be sent"
            )
        return found

    def step_if_due(self, monotonic: float, now: datetime) -> None:
        """A step, once a minute.

        Raises:
            JournalError: The journal cannot be written.
        """
        if monotonic >= self._due:
            self._due = monotonic + _STEP_SECONDS
            self.step(now)

    def step(self, now: datetime) -> Kept:
        """Removes what is to go, so much at a time that nobody has to wait for it.

        Raises:
            JournalError: The journal cannot be written.
        """
        removed = unsent = 0
        with self._journal.transaction() as execute:
            drop_points(execute, now, self._keep)
            if self._keep is not None:
                execute("DELETE FROM refused WHERE at < ?", (format_time(now - self._keep),))
        for _ in range(_MOST_CHUNKS):
            with self._journal.transaction() as execute:
                size = _size(execute)
                limit = self._most_bytes * (_LEFT_SHARE if removed else 1.0)
                gone, not_sent = self._remove_chunk(execute, now, has_room=size <= limit)
            removed += gone
            unsent += not_sent
            if gone == 0:
                break
        self._unsent += unsent
        self._kept = Kept(size=size, removed=removed, unsent=unsent)
        return self._kept

    def _remove_chunk(self, execute: Execute, now: datetime, *, has_room: bool) -> tuple[int, int]:
        """Removes some rows; how many, and how many of them had not been sent."""
        (newest,) = execute("SELECT coalesce(max(sequence), 0) FROM observations").fetchone()
        sent = min(self._sent(execute, newest), newest - _ALWAYS_KEPT)
        if self._keep is not None and (last := _old(execute, sent, now - self._keep)):
            return _remove(execute, last), 0
        if has_room:
            return 0, 0
        if last := _oldest(execute, sent):
            return _remove_for_room(execute, last), 0
        if gone := _forget_refused(execute):
            return gone, gone
        last = _oldest(execute, newest - 1)
        if not last:
            return 0, 0
        unsent = "SELECT count(*) FROM observations WHERE sequence > exporters.sequence AND sequence <= ?"
        execute(f"UPDATE exporters SET lost = lost + ({unsent})", (last,))  # noqa: S608 - a constant
        gone = _remove_for_room(execute, last)
        return gone, gone if self._exporters else 0

    def _sent(self, execute: Execute, newest: int) -> int:
        """Up to which sequence every exporter has sent everything."""
        at = dict(execute("SELECT exporter, sequence FROM exporters").fetchall())
        return min((int(at.get(name, 0)) for name in self._exporters), default=newest)


def _size(execute: Execute) -> int:
    """Bytes of the file that are in use."""
    (size,) = execute(
        "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    ).fetchone()
    return int(size)


def _oldest(execute: Execute, through: int) -> int:
    """The sequence of the last of the oldest rows that go at a time; 0 when there are none up to a sequence."""
    (last,) = execute(
        "SELECT coalesce(max(sequence), 0) FROM (SELECT sequence FROM observations WHERE sequence <= ? "
        "ORDER BY sequence LIMIT ?)",
        (through, _CHUNK),
    ).fetchone()
    return int(last)


def _old(execute: Execute, through: int, before: datetime) -> int:
    """The last one of the oldest rows that are all older than a time; 0 when the oldest is not."""
    rows = execute(
        "SELECT sequence, document FROM observations WHERE sequence <= ? ORDER BY sequence LIMIT ?",
        (through, _CHUNK),
    ).fetchall()
    last = 0
    for sequence, document in rows:
        time = _time_of(document)
        if time is not None and time >= before:
            break
        last = int(sequence)
    return last


def _time_of(document: str) -> datetime | None:
    """When a document was written; None when that cannot be read any more. It goes with those around it."""
    try:
        return read_time(json.loads(document).get("@timestamp"))
    except (ValueError, AttributeError):
        return None


def _remove_for_room(execute: Execute, through: int) -> int:
    """Removes rows, and of the series what is older than the rows that stay: else they alone would fill a small journal."""
    gone = _remove(execute, through)
    row = execute("SELECT document FROM observations ORDER BY sequence LIMIT 1").fetchone()
    if row and (oldest := _time_of(row[0])):
        drop_points_before(execute, oldest)
    return gone


def _forget_refused(execute: Execute) -> int:
    """Removes the documents that were refused the longest ago, for room; how many. To their exporters they are lost."""
    oldest = "SELECT rowid FROM refused ORDER BY at, rowid LIMIT ?"
    execute(
        "UPDATE exporters SET lost = lost + (SELECT count(*) FROM refused WHERE refused.exporter = exporters.exporter "  # noqa: S608 - a constant
        f"AND refused.rowid IN ({oldest}))",
        (_CHUNK,),
    )
    return execute(f"DELETE FROM refused WHERE rowid IN ({oldest})", (_CHUNK,)).rowcount  # noqa: S608 - a constant


def _remove(execute: Execute, through: int) -> int:
    return execute("DELETE FROM observations WHERE sequence <= ?", (through,)).rowcount
