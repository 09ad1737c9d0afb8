"""What the journal holds of profiles, for the observer and for commands beside it."""

import sqlite3
from pathlib import Path

from offline_observer.journal.reading import opened

_WITH_WINDOWS = 3  # the versions of the format that began to hold them
_WITH_BASELINES = 4


def read_baseline(connection: sqlite3.Connection, dataset: str) -> bytes | None:
    """The window that is pinned as the baseline of a dataset; None when none is."""
    row = connection.execute("SELECT content FROM baselines WHERE dataset = ?", (dataset,)).fetchone()
    return None if row is None else bytes(row[0])


def baseline_of(path: Path, dataset: str) -> bytes | None:
    """The same, of a journal that an observer may own meanwhile.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        return None if version < _WITH_BASELINES else read_baseline(connection, dataset)


def windows_of(path: Path, dataset: str) -> bytes | None:
    """The windows of a dataset's profile: the one under way, and the last that is over; None when there are none.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < _WITH_WINDOWS:
            return None
        row = connection.execute("SELECT content FROM windows WHERE dataset = ?", (dataset,)).fetchone()
        return None if row is None else bytes(row[0])


def pin(path: Path, dataset: str, content: bytes | None) -> None:
    """Pins a window as the baseline of a dataset; None: none any more. The observer takes it up with its next window.

    Raises:
        JournalError: There is no journal, or it cannot be written.
    """
    with opened(path, to_write=True) as (connection, _):
        if content is None:
            connection.execute("DELETE FROM baselines WHERE dataset = ?", (dataset,))
        else:
            connection.execute(
                "INSERT INTO baselines VALUES (?, ?) ON CONFLICT DO UPDATE SET content = excluded.content",
                (dataset, content),
            )
