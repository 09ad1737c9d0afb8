"""Which offsets of a dataset a tick has to read (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from offline_observer.kafka.partitions import TopicWatermarks

StartOffsets = Literal["earliest"] | Mapping[int, int]
"""Where the first run starts: at the beginning, or at an offset per partition (its end where there is none)."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """What is to be read.

    Attributes:
        ranges: Per partition `(start, end)`: the first offset to read and the one after the last.
        expired: Records that retention removed before they were observed.
        notes: What was odd, a sentence each.
    """

    ranges: Mapping[int, tuple[int, int]]
    expired: int
    notes: tuple[str, ...] = ()


def plan_reads(
    positions: Mapping[str, Mapping[int, int]],
    topic: TopicWatermarks,
    start_from: StartOffsets,
    high_watermarks: Mapping[int, int] | None = None,
) -> ReadPlan:
    """Decides for each partition where to go on.

    Args:
        positions: What the journal has: per topic id, per partition, the first offset not yet observed.
        topic: Where the topic stands now. Partitions that the broker does not describe are left out.
        start_from: Used only when the journal has nothing of the dataset. A partition that appears later, and
            a topic that was made anew, are read from their beginning: all their records are new.
        high_watermarks: End per partition whatever the isolation level, where that is known to differ.
    """
    known = positions.get(topic.topic_id or "")
    notes: list[str] = []
    if positions and known is None:
        notes.append("the topic was made anew; it is read from its beginning")
    expired = 0
    ranges: dict[int, tuple[int, int]] = {}
    for partition, marks in sorted(topic.partitions.items()):
        if marks.earliest is None or marks.end is None:
            continue
        if known is not None and partition in known:
            start = known[partition]
        elif positions:
            start = marks.earliest
        else:
            start = _first_offset(partition, marks.earliest, marks.end, start_from)
        if start > marks.end and start <= (high_watermarks or {}).get(partition, marks.end):
            # Observed under another isolation level. To go back would count the records a second time.
            notes.append(f"partition {partition} waits at offset {start} for transactions to end")
            ranges[partition] = (start, start)
            continue
        if start > marks.end:
            notes.append(f"partition {partition} was truncated from offset {start} to {marks.end}")
            start = marks.end
        if start < marks.earliest:
            expired += marks.earliest - start
            start = marks.earliest
        # The two watermarks are two answers: records deleted in between can leave the end behind.
        ranges[partition] = (start, max(start, marks.end))
    if expired:
        notes.append(f"{expired} records expired before they were observed")
    return ReadPlan(ranges, expired, tuple(notes))


def beyond_the_end(positions: Mapping[str, Mapping[int, int]], topic: TopicWatermarks) -> bool:
    """Whether a position is beyond its partition's end, so that the high watermark has to be asked for."""
    known = positions.get(topic.topic_id or "", {})
    return any(
        marks.end is not None and known.get(partition, 0) > marks.end
        for partition, marks in topic.partitions.items()
    )


def _first_offset(partition: int, earliest: int, end: int, start_from: StartOffsets) -> int:
    if start_from == "earliest":
        return earliest
    return max(earliest, start_from.get(partition, end))
