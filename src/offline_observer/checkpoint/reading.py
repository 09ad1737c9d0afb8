"""One attempt at reading a checkpoint: what is read in which order, and what is used of it."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import nlargest

from offline_observer.checkpoint.commit_log import batch_ids
from offline_observer.checkpoint.location import printable
from offline_observer.checkpoint.metadata import parse_query_id
from offline_observer.checkpoint.offset_log import (
    OffsetLog,
    parse_initial_offsets,
    parse_offset_log,
    source_order,
)
from offline_observer.checkpoint.progress import EarlierBatch, JobProgress, merge_sources
from offline_observer.checkpoint.source import ForeignSource, Offsets, Source
from offline_observer.checkpoint.storage import FileFacts, NotThereError, Storage
from offline_observer.checkpoint.wrong_folder import not_a_checkpoint
from offline_observer.errors import CheckpointError

_MOST_TORN_FILES = 20
"""How many offsets files are tried, from the newest on, before it is said that none can be read."""


_RHYTHM_COMMITS = 12
"""Of how many commits the times are asked for: enough for a median that one odd batch does not move."""


@dataclass(slots=True)
class Known:
    """What earlier reads of the same checkpoint found and the next need not find again.

    Attributes:
        metadata: Facts of the file with the query's id; None when it is to be read anew.
        query_id: The id in it.
        times: When batches were committed. A commit is never written twice.
        earlier: The newest committed batch, and the earlier one that was read with it.
    """

    metadata: FileFacts | None = None
    query_id: str | None = None
    times: dict[int, datetime] = field(default_factory=dict)
    earlier: tuple[int, EarlierBatch | None] | None = None

    def forget(self) -> None:
        """Another query writes the checkpoint: its batches have the same numbers, and are others."""
        self.times.clear()
        self.earlier = None


class NoCommittedOffsetsError(CheckpointError):
    """Batches are committed, and the offsets of none of them can be read.

    That may pass: a job that keeps two batches of history can purge, between the two listings, all that
    the first one showed.
    """


def read_once(
    storage: Storage,
    with_initial: bool | None,
    known: Known | None = None,
    look_back: timedelta | None = None,
) -> JobProgress:
    """Reads a job's progress, in one go.

    Args:
        storage: The checkpoint's files.
        with_initial: Whether to read the initial offsets; None: only when nothing is committed.
        known: What earlier reads found; kept up to date.
        look_back: Read an earlier batch, too: at least this old, and a dozen batches before the newest, as far as
            the checkpoint goes back.

    Returns:
        The progress.

    Raises:
        NotThereError: Something that was listed is not there any more: read again.
        NoCommittedOffsetsError: Read again, too.
        CheckpointError: The folder is no checkpoint, or cannot be read.
    """
    return _Attempt(storage, Known() if known is None else known).read(with_initial, look_back)


class _Attempt:
    """Gathers warnings, and reads no offsets file twice."""

    def __init__(self, storage: Storage, known: Known) -> None:
        self._storage = storage
        self._known = known
        self._metadata: FileFacts | None = None
        self._warnings: list[str] = []
        self._logs: dict[int, OffsetLog | None] = {}

    def read(self, with_initial: bool | None, look_back: timedelta | None) -> JobProgress:
        names = self._names_of_root()
        query_id = self._query_id(names)
        # Commits before offsets: Spark writes them the other way round, so that each commit listed here
        # has its offsets listed below, unless there are none.
        commits = self._batches("commits", names)
        offsets = self._batches("offsets", names)
        committed = self._newest_committed(commits, offsets)
        planned = self._newest_readable(offsets)
        if offsets and planned is None:
            self._warnings.append(
                f"The offsets of none of the newest {min(len(offsets), _MOST_TORN_FILES)} batches can be read."
            )
            planned = committed  # whose offsets can be read, further back
        committed_offsets = self._merged_offsets(committed)
        planned_offsets = self._merged_offsets(planned)
        initial: Offsets = {}
        if "sources" in names and (with_initial or (with_initial is None and committed is None)):
            initial = self._initial_offsets(foreign_is_known=planned is not None)
        committed_at = self._committed_at(committed)
        commit_times = self._commit_times(commits, committed, committed_at)
        earlier = None
        if look_back is not None and committed is not None:
            earlier = self._earlier(committed, commits & offsets, commit_times, look_back)
        log = None if planned is None else self._offset_log(planned)
        return JobProgress(
            query_id=query_id,
            log_version=None if log is None else log.version,
            batch_id=committed,
            committed_at=committed_at,
            committed=committed_offsets,
            planned_batch_id=planned,
            planned=planned_offsets,
            initial=initial,
            in_flight=max(offsets, default=-1) > max(commits, default=-1),
            warnings=tuple(dict.fromkeys(self._warnings)),  # two batches can warn of the same
            commit_times=commit_times,
            planned_at=_as_time(None if log is None else log.batch_timestamp_ms),
            made_at=self._metadata.modified if self._metadata else None,
            earlier=earlier,
        )

    def _names_of_root(self) -> frozenset[str]:
        try:
            return frozenset(self._storage.names())
        except NotThereError as error:
            # Not a race, as for all other names: nothing has listed this one.
            raise CheckpointError(
                f"{self._storage.shown()} does not exist. The query makes it at its first start; if it has "
                "started, compare the path with its checkpointLocation."
            ) from error

    def _query_id(self, names: Collection[str]) -> str | None:
        has_logs = "offsets" in names or "commits" in names
        if not has_logs and "metadata" not in names:
            raise not_a_checkpoint(self._storage, names)
        if "metadata" in names and self._is_known_metadata():
            return self._known.query_id
        try:
            content = self._storage.content("metadata") if "metadata" in names else None
        except NotThereError:
            content = None  # a folder of that name, as other programs have
        if content is None and not has_logs:
            raise not_a_checkpoint(self._storage, names)
        if content is None:
            self._warnings.append("There is no file metadata: the query's id is unknown.")
            return None
        try:
            return self._take_query_id(parse_query_id(content))
        except CheckpointError as error:
            if not has_logs:
                raise CheckpointError(
                    f"{self._storage.shown()} has nothing of a Spark checkpoint but a file metadata, and that "
                    f"cannot be used. {error} Compare the path with the query's checkpointLocation."
                ) from error
            self._warnings.append(f"metadata cannot be used, so the query's id is unknown. {error}")
            return None

    def _is_known_metadata(self) -> bool:
        """Whether the file is the one that was read before, by its size and time."""
        try:
            facts = self._storage.facts("metadata")
        except NotThereError:
            facts = None
        self._metadata = facts
        return facts is not None and facts.modified is not None and facts == self._known.metadata

    def _take_query_id(self, query_id: str) -> str:
        if query_id != self._known.query_id:
            self._known.forget()
        self._known.query_id = query_id
        self._known.metadata = self._metadata
        return query_id

    def _batches(self, log: str, names: Collection[str]) -> frozenset[int]:
        return batch_ids(self._storage.names(log)) if log in names else frozenset()

    def _newest_committed(self, commits: frozenset[int], offsets: frozenset[int]) -> int | None:
        if not commits:
            return None
        usable = commits & offsets
        if usable and max(usable) < max(commits):
            self._warnings.append(
                f"Batch {max(commits)} is committed and has no offsets file, as happens after a crash: "
                f"batch {max(usable)} counts as the newest."
            )
        batch = self._newest_readable(usable)
        if batch is None:
            reasons = " ".join(self._warnings[-1:]) if usable else "None of them has an offsets file."
            raise NoCommittedOffsetsError(
                f"{self._storage.shown()} has committed batches up to {max(commits)}, and the offsets of none "
                f"of them can be read. {reasons} Wait for the query's next batch; if this stays, files of "
                "the folder are missing or damaged, and Spark itself may not be able to go on from it."
            )
        return batch

    def _newest_readable(self, batches: Iterable[int]) -> int | None:
        """The newest of the batches whose offsets file is whole; None when none of the newest 20 is."""
        for batch in nlargest(_MOST_TORN_FILES, batches):
            if self._offset_log(batch) is not None:
                return batch
        return None

    def _offset_log(self, batch: int) -> OffsetLog | None:
        """The batch's offsets file; None, with a warning, when it is torn."""
        if batch not in self._logs:
            content = self._storage.content("offsets", str(batch))
            try:
                self._logs[batch] = parse_offset_log(content)
            except CheckpointError as error:
                self._logs[batch] = None
                self._warnings.append(f"offsets/{batch} is left out. {error}")
        return self._logs[batch]

    def _merged_offsets(self, batch: int | None) -> Offsets:
        log = None if batch is None else self._offset_log(batch)
        return {} if log is None else self._merged(log.sources)

    def _merged(self, sources: Iterable[Source]) -> Offsets:
        offsets, warnings = merge_sources(tuple(sources))
        self._warnings.extend(warnings)
        return offsets

    def _committed_at(self, batch: int | None) -> datetime | None:
        if batch is None:
            return None
        facts = self._storage.facts("commits", str(batch))
        if facts.size == 0:
            self._warnings.append(f"commits/{batch} is an empty file; the batch counts as committed.")
        return facts.modified

    def _commit_times(
        self, commits: frozenset[int], committed: int | None, committed_at: datetime | None
    ) -> tuple[datetime, ...]:
        newest = sorted(nlargest(_RHYTHM_COMMITS, commits))
        if committed is not None and committed_at is not None:
            self._known.times[committed] = committed_at
        for batch in newest:
            if batch not in self._known.times:
                try:
                    modified = self._storage.facts("commits", str(batch)).modified
                except NotThereError:
                    continue  # purged since it was listed
                if modified is not None:
                    self._known.times[batch] = modified
        for batch in self._known.times.keys() - newest:
            del self._known.times[batch]
        return tuple(self._known.times[batch] for batch in newest if batch in self._known.times)

    def _earlier(
        self, committed: int, usable: frozenset[int], commit_times: tuple[datetime, ...], look_back: timedelta
    ) -> EarlierBatch | None:
        """An earlier batch, to compare the newest with; None when there is none that can be read."""
        if self._known.earlier is not None and self._known.earlier[0] == committed:
            return self._known.earlier[1]
        found = None
        if len(commit_times) > 1:
            usual = (commit_times[-1] - commit_times[0]) / (len(commit_times) - 1)
            enough = math.ceil(look_back / usual) if usual > timedelta(0) else len(usable)
            # The newest is among them; a commit without offsets of its own can be newer.
            known = nlargest(max(enough, _RHYTHM_COMMITS - 1) + 1, (b for b in usable if b <= committed))
            found = self._earlier_batch(known[-1], len(known) - 1) if known[-1] < committed else None
        self._known.earlier = (committed, found)
        return found

    def _earlier_batch(self, batch: int, commits_since: int) -> EarlierBatch | None:
        try:
            committed_at = self._storage.facts("commits", str(batch)).modified
            log = parse_offset_log(self._storage.content("offsets", str(batch)))
        except CheckpointError:
            return None  # purged since it was listed, or torn: it is not needed
        if committed_at is None:
            return None
        return EarlierBatch(batch, committed_at, merge_sources(log.sources)[0], commits_since)

    def _initial_offsets(self, *, foreign_is_known: bool) -> Offsets:
        sources: list[Source] = []
        for source_id in sorted(self._storage.names("sources"), key=source_order):
            if source_id.startswith("."):
                continue
            try:
                content = self._storage.content("sources", source_id, "0")
            except NotThereError:
                continue  # other sources keep other files, or none
            try:
                source = parse_initial_offsets(printable(source_id), content)
            except CheckpointError as error:
                self._warnings.append(f"sources/{printable(source_id)}/0 is left out. {error}")
                continue
            if not (foreign_is_known and isinstance(source, ForeignSource)):
                sources.append(source)
        return self._merged(sources)


def _as_time(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 UTC as a time; None when they are none that makes sense."""
    try:
        return None if not milliseconds else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
