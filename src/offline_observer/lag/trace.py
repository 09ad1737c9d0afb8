"""What is kept of a look once it is past (pure): few numbers per partition, for there can be many of both."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.seconds_behind import TopicPartitionKey

_UNKNOWN = -1


class Point(NamedTuple):
    """Where a partition stood.

    Attributes:
        position: The first offset that was still before the job.
        end: Next offset to be written.
    """

    position: int
    end: int

    @property
    def lag(self) -> int:
        """Records that waited."""
        return max(0, self.end - self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A past look.

    Attributes:
        at, monotonic, query_id, topic_ids, is_from_checkpoint, asked: As of the look.
        batch_id, last_commit_at, in_flight_since: As of its lag.
        index: Per topic and partition its place in the arrays; the same object for many looks.
        positions: Positions, -1 where the lag was not known.
        ends: End offsets, likewise.
    """

    at: datetime
    monotonic: float
    query_id: str | None
    topic_ids: Mapping[str, str | None]
    is_from_checkpoint: bool
    batch_id: int | None
    last_commit_at: datetime | None
    in_flight_since: datetime | None
    index: Mapping[TopicPartitionKey, int]
    positions: Sequence[int]
    ends: Sequence[int]
    asked: float | None = None

    def point(self, partition: PartitionLag) -> Point | None:
        """Where a partition stood; None when that was not known."""
        place = self.index.get((partition.topic, partition.partition))
        if place is None or self.positions[place] == _UNKNOWN:
            return None
        return Point(self.positions[place], self.ends[place])


def trace_of(look: Look, index: Mapping[TopicPartitionKey, int] | None = None) -> Trace:
    """What is kept of a look.

    Args:
        look: The look.
        index: The index of another look, to be shared when the partitions are the same.
    """
    partitions = look.lag.partitions
    if index is None or not _fits(index, partitions):
        index = {(one.topic, one.partition): number for number, one in enumerate(partitions)}
    known = [one if one.lag is not None else None for one in partitions]
    return Trace(
        at=look.at,
        monotonic=look.monotonic,
        query_id=look.query_id,
        topic_ids=look.topic_ids,
        is_from_checkpoint=look.is_from_checkpoint,
        batch_id=look.lag.batch_id,
        last_commit_at=look.lag.last_commit_at,
        in_flight_since=look.lag.in_flight_since,
        index=index,
        positions=array("q", (_number(one.position) if one else _UNKNOWN for one in known)),
        ends=array("q", (_number(one.end_offset) if one else _UNKNOWN for one in known)),
        asked=look.asked,
    )


def _number(offset: int | None) -> int:
    return _UNKNOWN if offset is None else offset


def _fits(index: Mapping[TopicPartitionKey, int], partitions: Sequence[PartitionLag]) -> bool:
    return len(index) == len(partitions) and all(
        index.get((one.topic, one.partition)) == number for number, one in enumerate(partitions)
    )


def points(traces: Sequence[Trace], partition: PartitionLag) -> Iterator[tuple[Trace, Point]]:
    """The traces that knew a partition, newest first."""
    for trace in reversed(traces):
        point = trace.point(partition)
        if point is not None:
            yield trace, point
