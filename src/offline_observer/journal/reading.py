"""The journal for those that do not own it."""

import json
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from offline_observer.errors import JournalError
from offline_observer.journal.format import BUSY_SECONDS, journal_errors, version_of
from offline_observer.observation import Document

TIME = "CASE WHEN json_valid(document) THEN json_extract(document, '$.\"@timestamp\"') END"
"""A document's time, word for word as the index `observations_by_time` has it: else SQLite would read the whole table."""

_MAKING_SECONDS = 1.0
_LOOK_SECONDS = 0.05


@contextmanager
def opened(path: Path, *, to_write: bool = False) -> Iterator[tuple[sqlite3.Connection, int]]:
    """A connection to a journal that an observer may own meanwhile, and the version of its format.

    Args:
        path: The SQLite file.
        to_write: For a short write, in a transaction of the caller's; else nothing can be written.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise JournalError(f"{path} is no file; name the journal, an SQLite file")
    except FileNotFoundError:
        raise JournalError(f"there is no journal at {path}; `offline-observer run` makes it") from None
    except OSError as error:
        raise JournalError(f"cannot read the journal {path}: {error.strerror}") from None
    with journal_errors(path, "write" if to_write else "read"):
        uri = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            if not to_write:
                connection.execute("PRAGMA query_only=1")
            version = version_of(connection, path)
            # An observer that has just begun makes an empty file first.
            until = time.monotonic() + _MAKING_SECONDS
            while version == 0 and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
                version = version_of(connection, path)
            if version == 0:
                raise JournalError(
                    f"{path} is not a journal; name the file in `journal:` of the configuration"
                )
            yield connection, version
        finally:
            connection.close()


# No sequence is as large.
_AFTER_ALL = 2**63 - 1

_PAGE = (
    "SELECT sequence, id, document FROM observations WHERE (:kind IS NULL OR kind = :kind) AND sequence > :after "
    "ORDER BY sequence LIMIT 1000"
)


def _before_the_last(connection: sqlite3.Connection, kind: str | None, last: int | None) -> int:
    """The sequence after which the newest `last` documents come."""
    if last is None:
        return 0
    query = (
        "SELECT min(sequence) FROM (SELECT sequence FROM observations WHERE :kind IS NULL OR kind = :kind "
        "ORDER BY sequence DESC LIMIT :last)"
    )
    (first,) = connection.execute(query, {"kind": kind, "last": last}).fetchone()
    return 0 if first is None else int(first) - 1


_NEWEST = (
    "SELECT sequence, pipeline, document FROM observations WHERE kind = 'observation' AND sequence < ? "
    "ORDER BY sequence DESC LIMIT 500"
)


def read_offenders(path: Path, most: int) -> Iterator[tuple[str, Sequence[Mapping[str, object]]]]:
    """The records that broke rules, by the newest documents of kind `observation`, newest first.

    An observer may own the journal meanwhile.

    Args:
        path: The SQLite file.
        most: So many documents are looked through.

    Yields:
        For each document that names any: its pipeline, and the entries of its `offenders`.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, _):
        before = _AFTER_ALL
        left = most
        while left > 0 and (rows := connection.execute(_NEWEST, (before,)).fetchall()):
            for sequence, pipeline, document in rows[:left]:
                before = sequence
                # Most documents have none, and to parse a document takes longer than to look.
                if '"offenders"' in document:
                    yield pipeline, json.loads(document).get("offenders") or ()
            left -= len(rows)


def read_documents(
    path: Path, kind: str | None = None, last: int | None = None
) -> Iterator[tuple[str, Document]]:
    """Documents of a journal with their ids, oldest first. An observer may own the journal meanwhile.

    Args:
        path: The SQLite file.
        kind: `observation` or `partition`; None for all.
        last: At most so many, the newest; None for all.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, _):
        sequence = _before_the_last(connection, kind, last)
        while rows := connection.execute(_PAGE, {"kind": kind, "after": sequence}).fetchall():
            # All rows of a page are here: a slow reader holds no lock that lets the journal's log grow.
            for sequence, identity, document in rows:  # noqa: B007 - the last one is where the next page begins
                yield identity, json.loads(document)
