"""The journal: an observation and the offsets that it covers are committed together, or not at all."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    """

    pipeline: str
    document: Document
    partitions: Sequence[Document] = ()
    dataset: str | None = None
    topic_id: str = ""
    positions: Mapping[int, int] | None = None


@contextmanager
def _journal_errors(path: Path, doing: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        advice = (
            "free some space"
            if "full" in str(error)
            else "see that it is a journal on a local, writable disk"
        )
        raise JournalError(f"cannot {doing} the journal {path}: {error}; {advice}") from None


class Journal:
    """The journal, opened by its one owner.

    Args:
        path: The SQLite file; made when it is not there.

    Raises:
        JournalError: Another observer owns it, or it cannot be opened or is not a journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
            raise JournalError(f"cannot open the journal {path}: {error.strerror or error}") from None
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
        with _journal_errors(self.path, "write"), self._transaction() as execute:
            row = execute("SELECT seq FROM sqlite_sequence WHERE name = 'observations'").fetchone()
            identity = observation_id(self.uuid, entry.pipeline, (row[0] if row else 0) + 1)
            _insert(execute, identity, entry.pipeline, entry.document)
            for document in entry.partitions:
                part = partition_id(identity, str(document["topic"]), int(str(document["partition"])))
                _insert(execute, part, entry.pipeline, document)
            if entry.dataset is not None:
                for partition, position in (entry.positions or {}).items():
                    execute(
                        "INSERT INTO offsets VALUES (?, ?, ?, ?) "
                        "ON CONFLICT DO UPDATE SET position = excluded.position",
                        (entry.dataset, entry.topic_id, partition, position),
                    )
        return identity

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
    return str(connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])


def _check_version(path: Path, version: int) -> None:
    if version != SCHEMA_VERSION:
        raise JournalError(
            f"the journal {path} has format {version}, this program reads format {SCHEMA_VERSION}; "
            "use the program that wrote it, or name another file"
        )


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
    if not path.is_file():
        raise JournalError(f"there is no journal at {path}; `offline-observer run` makes it")
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
            newest = (
                "SELECT sequence, id, document FROM observations WHERE ?1 IS NULL OR kind = ?1 "
                "ORDER BY sequence DESC LIMIT ?2"
            )
            query = f"SELECT id, document FROM ({newest}) ORDER BY sequence"  # noqa: S608 - no input in it
            for identity, document in connection.execute(query, (kind, -1 if last is None else last)):
                yield identity, json.loads(document)
        finally:
            connection.close()
