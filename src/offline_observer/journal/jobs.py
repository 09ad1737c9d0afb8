"""What the journal holds of observed jobs, for the observer and for commands beside it."""

import sqlite3
from pathlib import Path

from offline_observer.journal.reading import opened

_WITH_JOBS = 2  # the version of the format that began to hold them


def read_job(connection: sqlite3.Connection, name: str) -> tuple[str | None, int]:
    """What is remembered of a job, None when nothing is; and the number up to which incidents are acknowledged."""
    memory = connection.execute("SELECT memory FROM jobs WHERE job = ?", (name,)).fetchone()
    through = connection.execute("SELECT through FROM acknowledgements WHERE job = ?", (name,)).fetchone()
    return (memory[0] if memory else None), (through[0] if through else 0)


def read_jobs(path: Path) -> dict[str, tuple[str, int]]:
    """The same of all jobs of a journal, which an observer may own meanwhile.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < _WITH_JOBS:
            return {}
        query = "SELECT job, memory, coalesce(through, 0) FROM jobs LEFT JOIN acknowledgements USING (job) ORDER BY job"
        return {job: (memory, through) for job, memory, through in connection.execute(query)}


def acknowledge(path: Path, job: str, through: int) -> None:
    """Notes that a job's incidents are known up to a number. The observer takes it up with its next tick.

    Raises:
        JournalError: There is no journal, or it cannot be written.
    """
    with opened(path, to_write=True) as (connection, _):
        connection.execute(
            "INSERT INTO acknowledgements VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET through = max(through, excluded.through)",
            (job, through),
        )
