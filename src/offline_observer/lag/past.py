"""A job's own past, as its checkpoint and the times of the records tell it: a history at first sight (pure).

The checkpoint has where an earlier batch and the newest one ended, and when. The broker has what the first record
after each of these times is. Together they are two looks that nobody took: each right after a commit, so that what
comes in during a batch is in both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from offline_observer.checkpoint.progress import JobProgress
from offline_observer.checkpoint.source import Offsets
from offline_observer.lag.lag import JobLag, PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.status import Status

EndsAt = Mapping[tuple[str, int], int | None]
"""Per partition the first offset at or after a time; None when there is none, missing when that is not known."""


def commits_to_look_at(progress: JobProgress) -> tuple[datetime, ...]:
    """The times for which the broker is to be asked: of the earlier and the newest commit; empty when not known."""
    if progress.earlier is None or progress.committed_at is None:
        return ()
    return (progress.earlier.committed_at, progress.committed_at)


def past_looks(look: Look, progress: JobProgress, ends: Sequence[EndsAt]) -> tuple[Look, ...]:
    """The looks, oldest first; none when the checkpoint has no past or its clock is ahead of this one.

    Args:
        look: The present look.
        progress: What it read of the checkpoint, with an earlier batch.
        ends: Per time of `commits_to_look_at`, where the partitions ended.
    """
    earlier, newest = progress.earlier, progress.batch_id
    if earlier is None or newest is None or progress.committed_at is None:
        return ()
    if not earlier.committed_at < progress.committed_at <= look.at:
        return ()
    return (
        # The number that it would have if each batch were committed: growth counts by them.
        _at_commit(look, newest - earlier.commits_since, earlier.committed_at, earlier.offsets, ends[0]),
        _at_commit(look, newest, progress.committed_at, progress.committed, ends[1]),
    )


def _at_commit(look: Look, batch: int, time: datetime, offsets: Offsets, ends: EndsAt) -> Look:
    partitions = []
    for now in look.lag.partitions:
        position = offsets.get(now.topic, {}).get(now.partition)
        key = (now.topic, now.partition)
        if position is None or now.end_offset is None or key not in ends:
            continue
        partitions.append(_partition(now, position, ends[key]))
    return replace(
        look,
        at=time,
        monotonic=look.monotonic - (look.at - time).total_seconds(),
        lag=JobLag(
            status=Status.OK,
            reason="as the checkpoint tells",
            batch_id=batch,
            partitions=tuple(partitions),
            last_commit_at=time,
        ),
        in_flight=None,
        is_from_checkpoint=True,
    )


def _partition(now: PartitionLag, position: int, end: int | None) -> PartitionLag:
    present_end = now.end_offset or 0
    # Records' times need not be in the order of their offsets; what a job had read was there.
    end = max(position, min(present_end if end is None else end, present_end))
    return replace(
        now,
        committed_offset=position,
        planned_offset=None,
        end_offset=end,
        earliest_offset=None,
        lag=end - position,
        expired_records=0,
        status=Status.OK,
        reason="as the checkpoint tells",
        position=position,
        seconds_behind=None,
    )
