"""The journal: an observation and the offsets that it covers are committed together, or not at all."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from offline_observer.errors import JournalError
from offline_observer.journal.baselines import read_baseline
from offline_observer.journal.format import BUSY_SECONDS, bring_up_to_date, journal_errors, version_of
from offline_observer.journal.jobs import read_job
from offline_observer.journal.points import Execute, add_points, take_back_points
from offline_observer.observation import Document, observation_id, partition_id, profile_id

# So many documents are looked through for the newest one of a pipeline.
_MOST_LOOKED_AT = 10_000

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
        job: The observed job whose memory has changed; None when none has.
        memory: What is remembered of it, as text.
        windows: The windows of the dataset's profile, as bytes; None when they have not changed.
        windows_of: The key of that dataset.
        profiles: The documents of kind `profile` of the window that is over.
        identity: An id of the observation's own; a document of that id is replaced. None: it gets the journal's next.
    """

    pipeline: str
    document: Document
    partitions: Sequence[Document] = ()
    dataset: str | None = None
    topic_id: str = ""
    positions: Mapping[int, int] | None = None
    read_from: Positions = field(default_factory=dict)
    job: str | None = None
    memory: str = ""
    windows: bytes | None = None
    windows_of: str = ""
    profiles: Sequence[Document] = ()
    identity: str | None = None


class Journal:
    """The journal, opened by its one owner. Threads may share it.

    Args:
        path: The SQLite file; made when it is not there.

    Raises:
        JournalError: Another observer owns it, or it cannot be opened or is not a journal.
    """

    def __init__(self, path: Path) -> None:
        # A link to a journal is that journal: it has the same owner.
        self.path = path = path.resolve()
        self._turn = RLock()
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
        with journal_errors(self.path, "open"):
            self._connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                version = version_of(self._connection, self.path)
                # Only now: a file that is something else stays as it is.
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=FULL")
                bring_up_to_date(self._connection, version)
                self.uuid = _meta(self._connection, "uuid")
                # A file that may only be read opens without complaint; better now than at the first tick.
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute("COMMIT")
                facts = self.path.stat()
                self._file = (facts.st_dev, facts.st_ino)
            except BaseException:
                self._connection.close()
                raise

    def positions(self, dataset: str) -> dict[str, dict[int, int]]:
        """How far a dataset has been observed; empty when it never was.

        Raises:
            JournalError: The journal cannot be read.
        """
        query = "SELECT topic_id, partition, position FROM offsets WHERE dataset = ?"
        found: dict[str, dict[int, int]] = {}
        with self._turn, journal_errors(self.path, "read"):
            for topic_id, partition, position in self._connection.execute(query, (dataset,)):
                found.setdefault(topic_id, {})[partition] = position
        return found

    def job(self, name: str) -> tuple[str | None, int]:
        """What is remembered of a job, None when nothing is; and the number up to which incidents are acknowledged.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._turn, journal_errors(self.path, "read"):
            return read_job(self._connection, name)

    def windows(self, dataset: str) -> bytes | None:
        """The windows of a dataset's profile; None when there are none.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._turn, journal_errors(self.path, "read"):
            row = self._connection.execute(
                "SELECT content FROM windows WHERE dataset = ?", (dataset,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def baseline(self, dataset: str) -> bytes | None:
        """The window that a dataset's windows are compared with by the operator's will, as bytes; None when there is none.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._turn, journal_errors(self.path, "read"):
            return read_baseline(self._connection, dataset)

    def document(self, identity: str) -> Document | None:
        """The document of an id; None when there is none.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._turn, journal_errors(self.path, "read"):
            row = self._connection.execute(
                "SELECT document FROM observations WHERE id = ?", (identity,)
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def newest_observation(self, pipeline: str, dataset: str | None = None) -> Document | None:
        """The newest document of kind `observation` of a pipeline; None when there is none among the newest of all.

        Args:
            pipeline: The pipeline's name.
            dataset: Only one that says something of this dataset.

        Raises:
            JournalError: The journal cannot be read.
        """
        query = (
            "SELECT document FROM (SELECT sequence, pipeline, document FROM observations WHERE kind = 'observation' "
            "ORDER BY sequence DESC LIMIT :most) WHERE pipeline = :pipeline "
            "AND (:dataset IS NULL OR json_extract(document, '$.dataset') = :dataset) "
            "ORDER BY sequence DESC LIMIT 1"
        )
        wanted = {"most": _MOST_LOOKED_AT, "pipeline": pipeline, "dataset": dataset}
        with self._turn, journal_errors(self.path, "read"):
            row = self._connection.execute(query, wanted).fetchone()
        document: Document | None = json.loads(row[0]) if row else None
        return document

    def append(self, entry: Entry) -> str:
        """Adds an observation, its partitions' documents and its positions, in one transaction.

        A document that replaces another has its id, a revision more, and a sequence of its own, so that whoever
        reads by sequence meets it again.

        Returns:
            The observation's id.

        Raises:
            JournalError: Nothing was added: the disk is full, for instance.
        """
        with self.transaction() as execute:
            row = execute("SELECT seq FROM sqlite_sequence WHERE name = 'observations'").fetchone()
            identity = entry.identity or observation_id(self.uuid, entry.pipeline, (row[0] if row else 0) + 1)
            _insert(execute, identity, entry.pipeline, entry.document)
            for document in entry.partitions:
                part = partition_id(identity, str(document["topic"]), int(str(document["partition"])))
                _insert(execute, part, entry.pipeline, document)
            for document in entry.profiles:
                _insert(execute, profile_id(identity, str(document["field"])), entry.pipeline, document)
            if entry.windows is not None:
                execute(
                    "INSERT INTO windows VALUES (?, ?) ON CONFLICT DO UPDATE SET content = excluded.content",
                    (entry.windows_of, entry.windows),
                )
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
            if entry.job is not None:
                execute(
                    "INSERT INTO jobs VALUES (?, ?) ON CONFLICT DO UPDATE SET memory = excluded.memory",
                    (entry.job, entry.memory),
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
    def transaction(self) -> Iterator[Execute]:
        """What runs a statement of a transaction that is done as a whole, or not at all. Others wait meanwhile.

        Raises:
            JournalError: Nothing was written: the disk is full, for instance.
        """
        self._check_still_there()
        with self._turn, journal_errors(self.path, "write"):
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
        with self._turn:
            self._connection.close()
        self._lock.release()


def _insert(execute: Execute, identity: str, pipeline: str, document: Document) -> None:
    before = execute("SELECT revision, document FROM observations WHERE id = ?", (identity,)).fetchone()
    if before:
        take_back_points(execute, pipeline, json.loads(before[1]))
        execute("DELETE FROM observations WHERE id = ?", (identity,))
    add_points(execute, pipeline, document)
    execute(
        "INSERT INTO observations (id, kind, pipeline, revision, document) VALUES (?, ?, ?, ?, ?)",
        (
            identity,
            document["kind"],
            pipeline,
            before[0] + 1 if before else 0,
            json.dumps(document, separators=(",", ":")),
        ),
    )


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise JournalError(f"the journal has no {key}: it is damaged; put it aside, and a new one is made")
    return str(row[0])
