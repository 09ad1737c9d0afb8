"""Single records, by their places."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.partitions import TopicWatermarks
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.kafka.watermarks import WatermarkReader

GONE = "no longer in Kafka"
OUT_OF_TIME = "not read in time"

# Records that stand so close to each other are read in one go, with what is between them.
_GAP = 500

Offset = tuple[int, int]
"""A partition and an offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What there is at an offset.

    Attributes:
        timestamp: The record's time, milliseconds since 1970; -1 when it has none.
        key: Its key.
        value: Its value.
    """

    timestamp: int
    key: bytes | None
    value: bytes | None


Answer = Fetched | str
"""A record, or why there is none."""


def fetch(
    properties: Mapping[str, str],
    topic: str,
    isolation_level: str,
    offsets: Collection[Offset],
    time_left: Callable[[], float],
) -> dict[Offset, Answer]:
    """Reads records of one topic, with one consumer that is in no group.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        topic: The topic.
        isolation_level: Which records are read.
        offsets: Where they stand.
        time_left: Seconds that are left, 0 or less when there are none.

    Returns:
        For each offset the record, or why it cannot be had: `GONE` when it is not there.

    Raises:
        BrokerError: The broker cannot be reached or refuses.
        ConfigError: librdkafka refuses a property.
    """
    if not offsets:
        return {}
    # Two requests, each with a share of the time.
    watermarks = WatermarkReader(properties, isolation_level, "DESCRIBE and READ")
    marks = watermarks.read([topic], max(0.5, time_left() / 3))[topic]
    found: dict[Offset, Answer] = {}
    for offset in offsets:
        if reason := _why_not(marks, *offset):
            found[offset] = reason
    reader = RecordReader(properties, topic, isolation_level)
    wanted = _by_partition(offset for offset in offsets if offset not in found)
    try:
        for ranges in _rounds(wanted):
            _read(reader, ranges, wanted, found, time_left)
    finally:
        reader.close()
    return found


def _why_not(topic: TopicWatermarks, partition: int, offset: int) -> str | None:
    """Why a record need not be looked for; None when it may be there."""
    marks = topic.partitions.get(partition)
    if marks is None:
        return GONE if topic.topic_id is not None else str(topic.error)
    if marks.earliest is None or marks.end is None:
        return str(topic.error)
    return None if marks.earliest <= offset < marks.end else GONE


def _read(
    reader: RecordReader,
    ranges: Mapping[int, OffsetRange],
    wanted: Mapping[int, Sequence[int]],
    found: dict[Offset, Answer],
    time_left: Callable[[], float],
) -> None:
    """Reads some ranges, and says of each wanted record in them what became of it."""
    here = {
        (partition, offset)
        for partition, bounds in ranges.items()
        for offset in wanted[partition][
            bisect_left(wanted[partition], bounds.start) : bisect_left(wanted[partition], bounds.end)
        ]
    }

    def take(chunk: MessageChunk) -> None:
        for index, at in enumerate(zip(chunk.partitions(), chunk.offsets(), strict=True)):
            if at in here:
                found[at] = Fetched(
                    timestamp=chunk.timestamp(index), key=chunk.key(index), value=chunk.values[index]
                )

    outcome = reader.read(ranges, take, time_left)
    out_of_time = time_left() <= 0
    for partition, offset in here - found.keys():
        if partition in outcome.problems:
            found[partition, offset] = outcome.problems[partition]
        elif out_of_time and outcome.positions[partition] <= offset:
            found[partition, offset] = OUT_OF_TIME
        else:
            # Compaction has taken it, or retention a moment ago; or it is none that is committed.
            found[partition, offset] = GONE


def _by_partition(offsets: Iterable[Offset]) -> dict[int, list[int]]:
    """Per partition the offsets, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for partition, offset in sorted(offsets):
        found[partition].append(offset)
    return dict(found)


def _rounds(wanted: Mapping[int, Sequence[int]]) -> Iterator[dict[int, OffsetRange]]:
    """Ranges that hold the offsets: in each round one of each partition that has one left."""
    by_partition = {partition: deque(_ranges(offsets)) for partition, offsets in wanted.items()}
    while by_partition:
        yield {partition: ranges.popleft() for partition, ranges in by_partition.items()}
        by_partition = {partition: ranges for partition, ranges in by_partition.items() if ranges}


def _ranges(offsets: Sequence[int]) -> Iterator[OffsetRange]:
    """Ranges that hold some offsets, which are in order."""
    start = end = offsets[0]
    for offset in offsets:
        if offset - end >= _GAP:
            yield OffsetRange(start, end)
            start = offset
        end = offset + 1
    yield OffsetRange(start, end)
