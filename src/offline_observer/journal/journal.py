"""The journal: an observation and the offsets that it covers are committed together, or not at all."""

import json
import sqlite3
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout

from offline_observer.errors import JournalError
from offline_observer.observation import Document, observation_id, partition_id

SCHEMA_VERSION = 1
_BUSY_SECONDS = 5.0

Positions = Mapping[str, Mapping[int, int]]
"""Per topic id, per partition: everything before this offset is in an observation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one tick adds to the journal.

    Attributes:
        pipeline: The pipeline's name.
        document: The document of kind `observation`.
        partitions: The documents of kind `partition` that go with it.
        dataset: Key of the dataset whose positions move; None when no records were read.
        topic_id: Kafka's id of its topic.
        positions: New position per partition.
        read_from: The dataset's positions that the read started from.
    """

    pipeline: str
    document: Document
    partitions: Sequence[Document] = ()
    dataset: str | None = None
    topic_id: str = ""
    positions: Mapping[int, int] | None = None
    read_from: Positions = field(default_factory=dict)


@contextmanager
def _journal_errors(path: Path, doing: str) -> Iterator[None]:
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


class Journal:
    """The journal, opened by its one owner.

    Args:
        path: The SQLite file; made when it is not there.

    Raises:
        JournalError: Another observer owns it, or it cannot be opened or is not a journal.
    """

    def __init__(self, path: Path) -> None:
        # A link to a journal is that journal: it has the same owner.
        self.path = path = path.resolve()
        if path.is_dir():
            raise JournalError(
                f"the journal {path} is a folder; name a file (`journal:` in the configuration)"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(f"{path}.lock")
            self._lock.acquire(blocking=False)
        except Timeout:
            raise JournalError(
                f"the journal {path} belongs to another observer that is running; stop it, or give this one "
                "a journal of its own (`journal:` in the configuration)"
            ) from None
        except OSError as error:
            raise JournalError(
                f"cannot open the journal {path}: {error.strerror or error}; name a file in a folder that the "
                "observer's user may write (`journal:` in the configuration)"
            ) from None
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _open(self) -> None:
        with _journal_errors(self.path, "open"):
            self._connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                is_new = self._is_new()
                # Only now: a file that is something else stays as it is.
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=FULL")
                if is_new:
                    self._make_schema()
                self.uuid = _meta(self._connection, "uuid")
                # A file that may only be read opens without complaint; better now than at the first tick.
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute("COMMIT")
                facts = self.path.stat()
                self._file = (facts.st_dev, facts.st_ino)
            except BaseException:
                self._connection.close()
                raise

    def _is_new(self) -> bool:
        """Whether the file is empty; raises when it is neither that nor a journal of this format."""
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version != 0:
            _check_version(self.path, version)
            return False
        if self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise JournalError(f"{self.path} is an SQLite file but not a journal; name another file")
        return True

    def _make_schema(self) -> None:
        schema = resources.files(__package__).joinpath("schema.sql").read_text()
        identity = uuid.uuid4()
        # One script, one transaction: a journal is there with all of its parts or not at all.
        self._connection.executescript(
            f"BEGIN IMMEDIATE; {schema} INSERT INTO meta VALUES ('uuid', '{identity}');"  # noqa: S608
            f"PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
        )

    def positions(self, dataset: str) -> dict[str, dict[int, int]]:
        """How far a dataset has been observed; empty when it never was.

        Raises:
            JournalError: The journal cannot be read.
        """
        query = "SELECT topic_id, partition, position FROM offsets WHERE dataset = ?"
        found: dict[str, dict[int, int]] = {}
        with _journal_errors(self.path, "read"):
            for topic_id, partition, position in self._connection.execute(query, (dataset,)):
                found.setdefault(topic_id, {})[partition] = position
        return found

    def append(self, entry: Entry) -> str:
        """Adds an observation, its partitions' documents and its positions, in one transaction.

        Returns:
            The observation's id.

        Raises:
            JournalError: Nothing was added: the disk is full, for instance.
        """
        self._check_still_there()
        with _journal_errors(self.path, "write"), self._transaction() as execute:
            row = execute("SELECT seq FROM sqlite_sequence WHERE name = 'observations'").fetchone()
            identity = observation_id(self.uuid, entry.pipeline, (row[0] if row else 0) + 1)
            _insert(execute, identity, entry.pipeline, entry.document)
            for document in entry.partitions:
                part = partition_id(identity, str(document["topic"]), int(str(document["partition"])))
                _insert(execute, part, entry.pipeline, document)
            if entry.dataset is not None:
                if self.positions(entry.dataset) != entry.read_from:
                    raise JournalError(
                        f"the journal {self.path} has been written by another observer meanwhile; stop one of them"
                    )
                for partition, position in (entry.positions or {}).items():
                    execute(
                        "INSERT INTO offsets VALUES (?, ?, ?, ?) "
                        "ON CONFLICT DO UPDATE SET position = excluded.position",
                        (entry.dataset, entry.topic_id, partition, position),
                    )
        return identity

    def _check_still_there(self) -> None:
        """A file that was deleted while it is open takes what is written, and nobody will ever read it."""
        try:
            facts = self.path.stat()
            there = (facts.st_dev, facts.st_ino) == self._file
        except OSError:
            there = False
        if not there:
            raise JournalError(
                f"the journal {self.path} was deleted or replaced while it is open; put it back, or stop the "
                "observer and start it again with a new one"
            )

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection.execute
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes the file and gives up its ownership."""
        self._connection.close()
        self._lock.release()


def _insert(execute: Callable[..., sqlite3.Cursor], identity: str, pipeline: str, document: Document) -> None:
    execute(
        "INSERT INTO observations (id, kind, pipeline, document) VALUES (?, ?, ?, ?)",
        (identity, document["kind"], pipeline, json.dumps(document, separators=(",", ":"))),
    )


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise JournalError(f"the journal has no {key}: it is damaged; put it aside, and a new one is made")
    return str(row[0])


def _check_version(path: Path, version: int) -> None:
    if version != SCHEMA_VERSION:
        raise JournalError(
            f"the journal {path} has format {version}, this program reads format {SCHEMA_VERSION}; "
            "use the program that wrote it, or name another file"
        )


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
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise JournalError(f"{path} is no file; name the journal, an SQLite file")
    except FileNotFoundError:
        raise JournalError(f"there is no journal at {path}; `offline-observer run` makes it") from None
    except OSError as error:
        raise JournalError(f"cannot read the journal {path}: {error.strerror}") from None
    with _journal_errors(path, "read"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
        try:
            connection.execute("PRAGMA query_only=1")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version == 0:
                raise JournalError(
                    f"{path} is not a journal; name the file in `journal:` of the configuration"
                )
            _check_version(path, version)
            sequence = _before_the_last(connection, kind, last)
            while rows := connection.execute(_PAGE, {"kind": kind, "after": sequence}).fetchall():
                # All rows of a page are here: a slow reader holds no lock that lets the journal's log grow.
                for sequence, identity, document in rows:  # noqa: B007 - the last one is where the next page begins
                    yield identity, json.loads(document)
        finally:
            connection.close()
