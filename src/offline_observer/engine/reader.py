"""Reads ranges of a topic through the kernel, in this process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from offline_observer.engine.background_scanner import SCANNER
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.engine.pace import Pace, ReadLimits
from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.records import BATCH, OffsetRange, ReadOutcome, RecordReader
from offline_observer.quality.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """What a reader is built from. A plain value, which goes to other processes as it is.

    Attributes:
        properties: librdkafka properties of the dataset's cluster. They may hold passwords.
        topic: The topic.
        isolation_level: `read_committed` or `read_uncommitted`.
        kernel: What is to be found out.
        limits: How fast it may be read.
    """

    properties: Mapping[str, str] = field(repr=False)
    topic: str
    isolation_level: str
    kernel: KernelSettings
    limits: ReadLimits = field(default_factory=ReadLimits)


class RangesRead(NamedTuple):
    """What the records of some ranges came to, and how far each was read."""

    summary: Summary
    outcome: ReadOutcome


class RangeReader(Protocol):
    """Reads ranges of a topic's partitions."""

    def read(
        self,
        ranges: Mapping[int, OffsetRange],
        now: datetime,
        time_left: Callable[[], float],
        patience_left: Callable[[], float],
    ) -> RangesRead:
        """Reads the ranges, or as much as the time allows.

        Args:
            ranges: Range per partition.
            now: When the records are observed.
            time_left: Seconds that are left, 0 or less when there are none.
            patience_left: The same, for a read that has brought nothing yet.

        Raises:
            BrokerError: The client failed; nothing was read.
        """

    def renew(self) -> None:
        """Begins with new connections: the topic was made anew."""

    def close(self) -> None:
        """Lets go of the connections."""


class ReaderHere:
    """A `RangeReader` with one consumer, in this process.

    Args:
        settings: What it is built from.
        on_records: Told after each chunk how many records there were.

    Raises:
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """

    def __init__(self, settings: ReaderSettings, on_records: Callable[[int], None] | None = None) -> None:
        self._on_records = on_records
        limits = settings.limits
        self._kernel = build_kernel(settings.kernel)
        self._reader = RecordReader(
            {**limits.properties(), **settings.properties},
            settings.topic,
            settings.isolation_level,
            limits.chunk(BATCH),
        )
        has_limits = limits.records_per_second is not None or limits.bytes_per_second is not None
        self._pace = Pace(limits, time.monotonic()) if has_limits else None

    def read(
        self,
        ranges: Mapping[int, OffsetRange],
        now: datetime,
        time_left: Callable[[], float],
        patience_left: Callable[[], float],
    ) -> RangesRead:
        """Reads the ranges."""
        total = self._kernel.start(now)
        rest = self._rest if self._pace or self._on_records else None
        outcome = self._reader.read(ranges, total.add, time_left, patience_left, rest)
        return RangesRead(total.summary(), outcome)

    def _rest(self, chunk: MessageChunk) -> float:
        if self._on_records:
            self._on_records(len(chunk.values))
        if not self._pace:
            return 0.0
        size = sum(len(value) for value in chunk.values if value is not None)
        return self._pace.took(len(chunk.values), size, time.monotonic())

    def renew(self) -> None:
        """Begins with a new connection."""
        self._reader.renew()

    def close(self) -> None:
        """Lets go of the connection."""
        SCANNER.stop()
        self._reader.close()
