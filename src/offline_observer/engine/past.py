"""A past range of a topic, read at once. It touches no position of an observer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from offline_observer.engine.reader import ReaderHere, ReaderSettings
from offline_observer.errors import BrokerError
from offline_observer.kafka.records import OffsetRange
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.quality.summary import Summary

_WATERMARK_SECONDS = 10.0

Point = int | datetime | None
"""A place in a topic: an offset in each partition, or a time; None: where the topic begins, or ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRange:
    """What stands between two points of a topic.

    Attributes:
        topic_id: Kafka's id of the topic.
        ranges: Per partition the offsets; an empty range where there is nothing.
    """

    topic_id: str
    ranges: Mapping[int, OffsetRange]

    @property
    def offsets(self) -> int:
        """How many offsets there are: about as many as records."""
        return sum(one.end - one.start for one in self.ranges.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRead:
    """What the records of a range came to.

    Attributes:
        summary: Of the records.
        ranges: Per partition the first offset, and the one after the last that was read.
        problems: Why some partitions were not read to the end, a sentence each.
    """

    summary: Summary
    ranges: Mapping[int, tuple[int, int]]
    problems: tuple[str, ...]


def past_range(
    properties: Mapping[str, str], topic: str, isolation_level: str, start: Point, end: Point
) -> PastRange:
    """What stands between two points of a topic now.

    Args:
        properties: librdkafka properties of its cluster.
        topic: The topic.
        isolation_level: Which records are read.
        start: The first record.
        end: The first one that does not belong to it.

    Raises:
        BrokerError: The broker cannot be reached, refuses, or does not tell of all partitions.
        ConfigError: librdkafka refuses a property.
    """
    reader = WatermarkReader(properties, isolation_level, "DESCRIBE and READ")
    marks = reader.read([topic], _WATERMARK_SECONDS)[topic]
    bounds: dict[int, tuple[int, int]] = {}
    for partition, mark in marks.partitions.items():
        if mark.earliest is not None and mark.end is not None:
            bounds[partition] = mark.earliest, mark.end
    if marks.topic_id is None or len(bounds) < len(marks.partitions):
        raise BrokerError(f"topic {topic}: {marks.error}")

    def offsets_of(point: Point, side: int) -> dict[int, int]:
        if isinstance(point, datetime):
            found = reader.offsets_at(topic, bounds, point, _WATERMARK_SECONDS)
            # Where no record is as late, it is the end.
            return {partition: found.get(partition, one[1]) for partition, one in bounds.items()}
        return {p: one[side] if point is None else point for p, one in bounds.items()}

    starts, ends = offsets_of(start, 0), offsets_of(end, 1)
    ranges: dict[int, OffsetRange] = {}
    for partition, (earliest, last) in bounds.items():
        first = min(max(starts[partition], earliest), last)
        ranges[partition] = OffsetRange(first, min(max(ends[partition], first), last))
    return PastRange(topic_id=marks.topic_id, ranges=ranges)


def read_past(
    settings: ReaderSettings,
    past: PastRange,
    now: datetime,
    on_records: Callable[[int], None],
    is_stopped: Callable[[], bool],
    seconds: float,
) -> PastRead:
    """Reads a range, here and now.

    Args:
        settings: How, and what is to be found out.
        past: The range.
        now: When the records are observed.
        on_records: Told how many records have been read since it was told last.
        is_stopped: Whether to end early, with what there is.
        seconds: A read that brings nothing for so long ends, too.

    Raises:
        BrokerError: The client failed; nothing was read.
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """
    last = time.monotonic() + seconds

    def told(number: int) -> None:
        nonlocal last
        last = time.monotonic() + seconds
        on_records(number)

    def left() -> float:
        return 0.0 if is_stopped() else last - time.monotonic()

    reader = ReaderHere(settings, told)
    try:
        found = reader.read(past.ranges, now, left, left)
    finally:
        reader.close()
    problems = [f"partition {p}: {reason}" for p, reason in sorted(found.outcome.problems.items())]
    ranges = {p: (one.start, found.outcome.positions[p]) for p, one in past.ranges.items()}
    unread = sum(past.ranges[p].end - reached for p, (_, reached) in ranges.items())
    if unread and not problems:
        problems.append(f"{unread} records were not read")
    return PastRead(summary=found.summary, ranges=ranges, problems=tuple(problems))
