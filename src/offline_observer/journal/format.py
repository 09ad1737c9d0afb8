"""The journal's format: its versions, and how an older one is brought up to date."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from offline_observer.errors import JournalError
from offline_observer.journal.points import fill_points

SCHEMA_VERSION = 7
SERIES_SINCE = 6
BUSY_SECONDS = 5.0


@contextmanager
def journal_errors(path: Path, doing: str) -> Iterator[None]:
    """Turns what SQLite raises into a `JournalError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(f"cannot {doing} the journal {path}: {error}; {_advice(str(error))}") from None


def _advice(error: str) -> str:
    if "full" in error or "disk I/O" in error:
        return "see that its disk works and is not full; free some space"
    if "readonly" in error or "unable to open" in error:
        return "give the observer's user the right to write it and its folder"
    if "locked" in error:
        return "another program keeps it locked; end that program's transaction"
    return "see that it is a journal, on a local disk"


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a journal's format; 0 for an empty file.

    Raises:
        JournalError: It is another SQLite file, or of a version that is not known here.
    """
    # One statement sees one state of the file, also while it is being made.
    version, objects = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > SCHEMA_VERSION or version < 0:
        raise JournalError(
            f"the journal {path} has format {version}, this program reads format {SCHEMA_VERSION}; "
            "use the program that wrote it, or name another file"
        )
    if version == 0 and objects:
        raise JournalError(f"{path} is an SQLite file but not a journal; name another file")
    return int(version)


def bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Adds what a journal of an older version lacks; nothing in it is lost.

    One transaction: it is of the new version with all of its parts, or not at all.
    """
    if version == SCHEMA_VERSION:
        return
    parts = [
        resources.files(__package__).joinpath(f"schema_{number}.sql").read_text()
        for number in range(version + 1, SCHEMA_VERSION + 1)
    ]
    if version == 0:
        parts.append(f"INSERT INTO meta VALUES ('uuid', '{uuid.uuid4()}');")  # noqa: S608
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {' '.join(parts)} PRAGMA user_version={SCHEMA_VERSION};")
        if 0 < version < SERIES_SINCE:
            fill_points(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
