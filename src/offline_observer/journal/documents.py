"""Documents as alerts take them: those of the last time, by the index over time, and then those that come."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from offline_observer.journal.reading import TIME
from offline_observer.observation import Document
from offline_observer.time_text import format_time

# The + keeps SQLite from another index, by which it would read all from the beginning.
_BETWEEN = (
    "SELECT sequence, id, kind, pipeline, document FROM observations WHERE pipeline = ? AND kind = ? "  # noqa: S608 - a constant
    f"AND {TIME} >= ? AND {TIME} < ? AND +sequence <= ? ORDER BY sequence"
)
_EVER = "9999"  # after the text of any time
_AFTER = (
    "SELECT sequence, id, kind, pipeline, document FROM observations WHERE sequence > ? "
    "ORDER BY sequence LIMIT 1000"
)


class Row(NamedTuple):
    """A document of the journal, as text."""

    sequence: int
    identity: str
    kind: str
    pipeline: str
    text: str

    def document(self) -> Document | None:
        """The document; None when the text is none."""
        try:
            document = json.loads(self.text)
        except ValueError:
            return None
        return document if isinstance(document, dict) else None


def documents_between(
    connection: sqlite3.Connection,
    pipeline: str,
    kind: str,
    start: datetime,
    end: datetime | None,
    through: int,
) -> list[Row]:
    """A pipeline's documents of a kind whose time is not before `start` and before `end` (None: ever), up to a sequence."""
    last = _EVER if end is None else format_time(end)
    found = connection.execute(_BETWEEN, (pipeline, kind, format_time(start), last, through))
    return [Row(*row) for row in found.fetchall()]


def documents_after(connection: sqlite3.Connection, sequence: int) -> Iterator[Row]:
    """The documents that come after a sequence, in their order."""
    while rows := connection.execute(_AFTER, (sequence,)).fetchall():
        # All rows of a page are here: a slow reader holds no lock that lets the journal's log grow.
        for row in rows:
            yield Row(*row)
        sequence = rows[-1][0]
