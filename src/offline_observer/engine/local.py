"""The local engine: librdkafka reads exact ranges of offsets, the kernel sums them up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from offline_observer.engine.build import KernelSettings
from offline_observer.engine.pace import ReadLimits
from offline_observer.engine.ranges import StartOffsets, beyond_the_end, plan_reads
from offline_observer.engine.reader import RangeReader, ReaderHere, ReaderSettings
from offline_observer.errors import BrokerError
from offline_observer.kafka.partitions import TopicWatermarks
from offline_observer.kafka.records import OffsetRange
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.quality.summary import Summary

_WATERMARK_SECONDS = 5.0

StartFrom = Literal["earliest", "latest"] | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRead:
    """What one read of a dataset brought.

    Attributes:
        started_at: When it began. What was written later is not in it.
        summary: Of the records read.
        topic_id: Kafka's id of the topic.
        positions: Per partition the first offset that is not in the summary or an earlier one.
        ranges: Per partition the first offset that was read for, and the position.
        behind: Records between the positions and the ends; None when an end is unknown.
        expired: Records that retention removed before they were observed.
        notes: What was odd, a sentence each.
        error: Why some partitions could not be read; None when all were.
    """

    started_at: datetime
    summary: Summary
    topic_id: str
    positions: Mapping[int, int]
    ranges: Mapping[int, tuple[int, int]]
    behind: int | None
    expired: int
    notes: tuple[str, ...]
    error: str | None


class LocalEngine:
    """Reads one dataset, in this process or in several.

    Args:
        properties: librdkafka properties of the dataset's cluster.
        topic: The dataset's topic.
        isolation_level: `read_committed` or `read_uncommitted`.
        settings: What is to be found out, and how the records are to be read.
        start_from: Where the very first read starts.
        limits: How fast it may read.
        processes: In how many processes; 1: in this one.

    Raises:
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        topic: str,
        isolation_level: str,
        settings: KernelSettings,
        start_from: StartFrom,
        *,
        limits: ReadLimits | None = None,
        processes: int = 1,
    ) -> None:
        self._topic = topic
        self._start_from = start_from
        self._first: dict[int, int] | None = None
        self._topic_id: str | None = None
        self._watermarks = WatermarkReader(properties, isolation_level, "DESCRIBE and READ")
        reader_settings = ReaderSettings(
            properties=properties,
            topic=topic,
            isolation_level=isolation_level,
            kernel=settings,
            limits=limits or ReadLimits(),
        )
        self._reader = _reader(reader_settings, processes)

    def read(
        self,
        positions: Mapping[str, Mapping[int, int]],
        time_left: Callable[[], float],
        patience_left: Callable[[], float] | None = None,
        now: datetime | None = None,
    ) -> DatasetRead:
        """Reads from the positions to the present end, or as far as the time allows.

        Args:
            positions: Per topic id and partition, the first offset not yet observed; empty on the first run.
            time_left: Seconds that are left, 0 or less when there are none.
            patience_left: The same, for a read that has brought nothing yet.
            now: When the records are observed; None: at this moment.

        Raises:
            BrokerError: The broker cannot be reached or refuses; nothing is observed.
        """
        now = now or datetime.now(UTC)
        timeout = max(1.0, min(_WATERMARK_SECONDS, time_left()))
        topic = self._watermarks.read([self._topic], timeout)[self._topic]
        if topic.topic_id is None:
            raise BrokerError(f"topic {self._topic}: {topic.error}")
        start_from: StartOffsets = "earliest" if positions else self._start_offsets(topic, timeout)
        high = self._high_watermarks(timeout) if beyond_the_end(positions, topic) else {}
        plan = plan_reads(positions, topic, start_from, high)
        ranges = {partition: OffsetRange(*bounds) for partition, bounds in plan.ranges.items()}
        if self._topic_id not in (None, topic.topic_id):
            self._reader.renew()  # the consumer would go on asking for the topic that is gone
        self._topic_id = topic.topic_id
        summary, read = self._reader.read(ranges, now, time_left, patience_left or time_left)
        complete = len(plan.ranges) == len(topic.partitions)
        errors = [*([topic.error] if topic.error else []), *_by_reason(read.problems)]
        return DatasetRead(
            started_at=now,
            summary=summary,
            topic_id=topic.topic_id,
            positions=read.positions,
            ranges={p: (ranges[p].start, read.positions[p]) for p in ranges},
            behind=sum(ranges[p].end - read.positions[p] for p in ranges) if complete else None,
            expired=plan.expired,
            notes=plan.notes,
            error="; ".join(errors) or None,
        )

    def _start_offsets(self, topic: TopicWatermarks, timeout: float) -> StartOffsets:
        """Where the first run starts. Decided once: a first read that fails must not move it.

        Raises:
            BrokerError: A partition does not answer. Left out now it would look like a new one later, and be read
                from its beginning.
        """
        ends = {partition: marks.end for partition, marks in topic.partitions.items()}
        if None in ends.values():
            raise BrokerError(f"topic {self._topic}: {topic.error}; the first read waits for all partitions")
        if self._first is None:
            if self._start_from == "earliest":
                return "earliest"
            found = {partition: end for partition, end in ends.items() if end is not None}
            if isinstance(self._start_from, datetime):
                at_time = self._watermarks.offsets_at(self._topic, ends, self._start_from, timeout)
                found.update(at_time)
            self._first = found
        return self._first

    def _high_watermarks(self, timeout: float) -> dict[int, int]:
        topic = self._watermarks.read([self._topic], timeout, isolation_level="read_uncommitted")[self._topic]
        return {
            partition: marks.end for partition, marks in topic.partitions.items() if marks.end is not None
        }

    def close(self) -> None:
        """Lets go of the connections."""
        self._reader.close()


def _reader(settings: ReaderSettings, processes: int) -> RangeReader:
    if processes == 1:
        return ReaderHere(settings)
    # What is not wanted by most takes time to load.
    from offline_observer.engine.processes import ReaderProcesses

    return ReaderProcesses(settings, processes)


def _by_reason(problems: Mapping[int, str]) -> list[str]:
    """One sentence for all partitions that have the same problem."""
    partitions: dict[str, list[str]] = {}
    for partition in sorted(problems):
        partitions.setdefault(problems[partition], []).append(str(partition))
    return [
        f"partition{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: {reason}"
        for reason, numbers in partitions.items()
    ]
