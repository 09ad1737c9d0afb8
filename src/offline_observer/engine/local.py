"""The local engine: librdkafka reads exact ranges of offsets, the kernel sums them up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from offline_observer.engine.ranges import StartOffsets, plan_reads
from offline_observer.errors import BrokerError
from offline_observer.kafka.partitions import TopicWatermarks
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.quality.kernel import make_kernel
from offline_observer.quality.rules import Rule
from offline_observer.quality.summary import Summary

_WATERMARK_SECONDS = 5.0

StartFrom = Literal["earliest", "latest"] | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRead:
    """What one read of a dataset brought.

    Attributes:
        summary: Of the records read.
        topic_id: Kafka's id of the topic.
        positions: Per partition the first offset that is not in the summary or an earlier one.
        behind: Records between the positions and the ends; None when an end is unknown.
        expired: Records that retention removed before they were observed.
        note: What was odd, in one sentence; None when nothing was.
    """

    summary: Summary
    topic_id: str
    positions: Mapping[int, int]
    behind: int | None
    expired: int
    note: str | None


class LocalEngine:
    """Reads one dataset with one consumer.

    Args:
        properties: librdkafka properties of the dataset's cluster.
        topic: The dataset's topic.
        isolation_level: `read_committed` or `read_uncommitted`.
        rules: The dataset's rules.
        start_from: Where the very first read starts.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        topic: str,
        isolation_level: str,
        rules: Sequence[Rule],
        start_from: StartFrom,
    ) -> None:
        self._topic = topic
        self._start_from = start_from
        self._watermarks = WatermarkReader(properties, isolation_level)
        self._reader = RecordReader(properties, topic, isolation_level)
        self._kernel = make_kernel(rules)

    def read(self, positions: Mapping[str, Mapping[int, int]], time_left: Callable[[], float]) -> DatasetRead:
        """Reads from the positions to the present end, or as far as the time allows.

        Args:
            positions: Per topic id and partition, the first offset not yet observed; empty on the first run.
            time_left: Seconds that are left, 0 or less when there are none.

        Raises:
            BrokerError: The broker cannot be reached or refuses; nothing is observed.
        """
        timeout = max(1.0, min(_WATERMARK_SECONDS, time_left()))
        topic = self._watermarks.read([self._topic], timeout)[self._topic]
        if topic.topic_id is None:
            raise BrokerError(f"topic {self._topic}: {topic.error}")
        plan = plan_reads(positions, topic, self._first_offsets(positions, topic, timeout))
        summary = Summary()

        def add(values: list[bytes | None]) -> None:
            nonlocal summary
            summary = summary.merge(self._kernel(values))

        ranges = {partition: OffsetRange(*bounds) for partition, bounds in plan.ranges.items()}
        reached = self._reader.read(ranges, add, time_left)
        complete = len(plan.ranges) == len(topic.partitions)
        notes = [note for note in (plan.note, topic.error) if note]
        return DatasetRead(
            summary=summary,
            topic_id=topic.topic_id,
            positions=reached,
            behind=sum(ranges[p].end - reached[p] for p in ranges) if complete else None,
            expired=plan.expired,
            note="; ".join(notes) or None,
        )

    def _first_offsets(
        self, positions: Mapping[str, Mapping[int, int]], topic: TopicWatermarks, timeout: float
    ) -> StartOffsets:
        if positions or not isinstance(self._start_from, datetime):
            return "earliest" if isinstance(self._start_from, datetime) else self._start_from
        return self._watermarks.offsets_at(self._topic, topic.partitions, self._start_from, timeout)

    def close(self) -> None:
        """Lets go of the connections."""
        self._reader.close()
