"""A chunk of records, as an engine hands it to the kernel (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """Where a record stands in Kafka. Places are ordered by time.

    Attributes:
        timestamp: The record's time, milliseconds since 1970; -1 when it has none.
        topic: Its topic.
        partition: Its partition.
        offset: Its offset.
    """

    timestamp: int
    topic: str
    partition: int
    offset: int


class Chunk(Protocol):
    """Some records of one topic, in any order. What is not asked for costs nothing."""

    @property
    def values(self) -> Sequence[bytes | None]:
        """The records' values; None is a tombstone."""

    def place(self, index: int) -> Place:
        """Where a record stands."""

    def timestamp(self, index: int) -> int:
        """A record's time, milliseconds since 1970; -1 when it has none."""

    def partitions(self) -> Sequence[int]:
        """The partition of each record."""

    def offsets(self) -> Sequence[int]:
        """The offset of each record."""

    def timestamps(self) -> Sequence[int]:
        """The time of each record, milliseconds since 1970; -1 for one that has none."""


@dataclass(frozen=True, slots=True)
class ValueChunk:
    """Values that stand nowhere in particular: offset n, at no time. For tests and measurements of the kernel."""

    values: Sequence[bytes | None]
    topic: str = "values"
    partition: int = 0
    first_offset: int = 0
    first_timestamp: int | None = None

    def place(self, index: int) -> Place:
        """Where a record stands."""
        return Place(self.timestamp(index), self.topic, self.partition, self.first_offset + index)

    def timestamp(self, index: int) -> int:
        """A record's time."""
        return -1 if self.first_timestamp is None else self.first_timestamp + index

    def partitions(self) -> Sequence[int]:
        """The partition of each record."""
        return [self.partition] * len(self.values)

    def offsets(self) -> Sequence[int]:
        """The offset of each record."""
        return range(self.first_offset, self.first_offset + len(self.values))

    def timestamps(self) -> Sequence[int]:
        """The time of each record."""
        return [self.timestamp(index) for index in range(len(self.values))]
