"""Which offsets of a dataset a tick has to read (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from offline_observer.kafka.partitions import TopicWatermarks

StartOffsets = Literal["earliest", "latest"] | Mapping[int, int]
"""Where the first run starts: a word, or an offset per partition (`latest` where there is none)."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """What is to be read.

    Attributes:
        ranges: Per partition `(start, end)`: the first offset to read and the one after the last.
        expired: Records that retention removed before they were observed.
        note: What was odd, in one sentence; None when nothing was.
    """

    ranges: Mapping[int, tuple[int, int]]
    expired: int
    note: str | None


def plan_reads(
    positions: Mapping[str, Mapping[int, int]], topic: TopicWatermarks, start_from: StartOffsets
) -> ReadPlan:
    """Decides for each partition where to go on.

    Args:
        positions: What the journal has: per topic id, per partition, the first offset not yet observed.
        topic: Where the topic stands now. Partitions that the broker does not describe are left out.
        start_from: Used only when the journal has nothing of the dataset. A partition that appears later, and
            a topic that was made anew, are read from their beginning: all their records are new.
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
    return ReadPlan(ranges, expired, "; ".join(notes) or None)


def _first_offset(partition: int, earliest: int, end: int, start_from: StartOffsets) -> int:
    if start_from == "earliest":
        return earliest
    if start_from == "latest":
        return end
    return max(earliest, start_from.get(partition, end))
