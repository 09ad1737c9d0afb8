"""What a checkpoint says about a job's progress (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offline_observer.checkpoint.source import (
    EARLIEST_MARK,
    LATEST_MARK,
    ForeignSource,
    KafkaSource,
    Offsets,
    Source,
)
from offline_observer.time_text import format_time

__all__ = ["EARLIEST_MARK", "LATEST_MARK", "EarlierBatch", "JobProgress", "Offsets", "merge_sources"]


@dataclass(frozen=True, slots=True)
class EarlierBatch:
    """A batch that was committed some batches before the newest.

    Attributes:
        batch_id: The batch.
        committed_at: When it ended (UTC): the modification time of its commit.
        offsets: Where it ends.
        commits_since: How many batches were committed after it; with asynchronous progress tracking that is fewer
            than their numbers tell.
    """

    batch_id: int
    committed_at: datetime
    offsets: Offsets
    commits_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is, read from its checkpoint at one moment.

    Offsets are ends, exclusive: the next offset to read. A partition that is missing from a map has no
    offset there; that is not offset 0.

    Attributes:
        query_id: Id of the query that writes the checkpoint; None when `metadata` cannot be read.
        log_version: 1 or 2: the format of the newest readable offsets file; None when there is none.
        batch_id: The newest committed batch whose offsets can be read; None when nothing is committed.
        committed_at: When that batch ended (UTC): the modification time of its commit. None when nothing
            is committed or the filesystem keeps no times. A copy of a checkpoint may have other times.
        committed: Where the committed batch ends.
        planned_batch_id: The newest batch with readable offsets, committed or not; None when there is none.
        planned: Where the planned batch ends.
        initial: Where the query began; `EARLIEST_MARK` and `LATEST_MARK` are possible. Empty also when it
            was not asked for. A partition that was added later is never in it.
        in_flight: The newest offsets file, even a torn one, is newer than the newest commit: a batch is
            running, or is stuck, or the job died in it.
        warnings: What is odd about the checkpoint, in sentences.
        commit_times: When the newest batches were committed (UTC), in their order, as far as times are known.
        planned_at: When the planned batch was planned (UTC); None when the file does not say.
        made_at: When the checkpoint was made (UTC): the modification time of `metadata`; None when it is not known.
        earlier: An earlier batch, where it was asked for; None when there is none that can be read.
    """

    query_id: str | None
    log_version: int | None
    batch_id: int | None
    committed_at: datetime | None
    committed: Offsets
    planned_batch_id: int | None
    planned: Offsets
    initial: Offsets
    in_flight: bool
    warnings: tuple[str, ...]
    commit_times: tuple[datetime, ...] = ()
    planned_at: datetime | None = None
    made_at: datetime | None = None
    earlier: EarlierBatch | None = None

    def to_json(self) -> dict[str, object]:
        """The progress as values that JSON can hold.

        Returns:
            One key per attribute up to the warnings, in their order. The time is ISO 8601 in UTC with milliseconds,
            "2026-11-25T01:02:03.456Z"; topics are sorted by name, partitions (text) by number.
        """
        return {
            "query_id": self.query_id,
            "log_version": self.log_version,
            "batch_id": self.batch_id,
            "committed_at": format_time(self.committed_at),
            "committed": _offsets_json(self.committed),
            "planned_batch_id": self.planned_batch_id,
            "planned": _offsets_json(self.planned),
            "initial": _offsets_json(self.initial),
            "in_flight": self.in_flight,
            "warnings": list(self.warnings),
        }


def merge_sources(sources: Sequence[Source]) -> tuple[Offsets, tuple[str, ...]]:
    """Merges the sources of one batch into one map.

    A topic that two sources read has, per partition, the smaller of the two offsets: what comes after it
    is not finished by both. Of Kafka's marks, earliest comes before every number and latest after.

    Args:
        sources: The sources of one `offsets/N`, or the initial offsets of all sources.

    Returns:
        The offsets, sorted by topic and partition; and warnings about sources that are left out or share
        a topic. The warnings of two batches of the same query are the same.
    """
    merged: dict[str, dict[int, int]] = {}
    readers: dict[str, list[str]] = {}
    warnings = []
    for source in sources:
        if isinstance(source, ForeignSource):
            warnings.append(
                f"Source {source.source_id} is not a Kafka source ({source.description}): it is left out."
            )
        if not isinstance(source, KafkaSource):
            continue
        for topic, partitions in source.offsets.items():
            readers.setdefault(topic, []).append(source.source_id)
            known = merged.setdefault(topic, {})
            for partition, offset in partitions.items():
                known[partition] = min(known.get(partition, offset), offset, key=_position)
    warnings.extend(
        f'Topic "{topic}" is read by sources {_list_text(ids)}: the smaller offset of each partition counts.'
        for topic, ids in sorted(readers.items())
        if len(ids) > 1
    )
    offsets = {topic: dict(sorted(merged[topic].items())) for topic in sorted(merged)}
    return offsets, tuple(warnings)


def _position(offset: int) -> float:
    """Where an offset or a mark lies; -2 lies before 0 as it is."""
    return float("inf") if offset == LATEST_MARK else offset


def _list_text(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _offsets_json(offsets: Offsets) -> dict[str, dict[str, int]]:
    return {
        topic: {str(partition): offset for partition, offset in sorted(offsets[topic].items())}
        for topic in sorted(offsets)
    }
