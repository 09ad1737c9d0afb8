"""Rows of Spark's Kafka source, as Arrow brings them to Python, as chunks for the kernel."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import pyarrow as pa

from offline_observer.quality.chunk import Place

COLUMNS = ("partition", "offset", "timestamp", "value")
"""The columns of the Kafka source that a chunk is made of. The topic is known: writing it for each row takes its time."""

# Records in a chunk. Of many more the values are out of the processor's caches before they are looked at.
_CHUNK = 500
# Spark's timestamps count microseconds.
_MICROSECONDS = 1000
# Bits of a partition's number; offsets and times have twice as many.
_SHORT = 32


class ArrowChunk:
    """Some rows. What is not asked for is not taken out of them.

    Args:
        rows: Rows with the columns `COLUMNS`.
        topic: The topic of all of them.
    """

    def __init__(self, rows: pa.RecordBatch, topic: str) -> None:
        self._rows = rows
        self._topic = topic
        self.values: Sequence[bytes | None] = rows.column("value").to_pylist()

    # All of a column is had as quickly as a few of its values.

    @cached_property
    def _partitions(self) -> list[int]:
        return _integers(self._rows.column("partition"))

    @cached_property
    def _offsets(self) -> list[int]:
        return _integers(self._rows.column("offset"))

    @cached_property
    def _timestamps(self) -> list[int]:
        return _milliseconds(self._rows.column("timestamp"))

    def place(self, index: int) -> Place:
        """Where a record stands."""
        return Place(self._timestamps[index], self._topic, self._partitions[index], self._offsets[index])

    def timestamp(self, index: int) -> int:
        """A record's time, milliseconds since 1970; -1 when it has none."""
        return self._timestamps[index]

    def partitions(self) -> Sequence[int]:
        """The partition of each record."""
        return self._partitions

    def offsets(self) -> Sequence[int]:
        """The offset of each record."""
        return self._offsets

    def timestamps(self) -> Sequence[int]:
        """The time of each record, milliseconds since 1970; -1 for one that has none."""
        return self._timestamps


def chunks_of(rows: pa.RecordBatch, topic: str) -> Iterator[ArrowChunk]:
    """The rows in chunks of the size that the kernel is quickest with."""
    for start in range(0, rows.num_rows, _CHUNK):
        yield ArrowChunk(rows.slice(start, _CHUNK), topic)


def _integers(column: pa.Array) -> list[int]:
    """Integers without nulls, straight from the memory that they are in: ten times as quick as `to_pylist`."""
    bytes_of_all = memoryview(column.buffers()[1])
    of_all = bytes_of_all.cast("i") if column.type.bit_width == _SHORT else bytes_of_all.cast("q")
    return of_all[column.offset : column.offset + len(column)].tolist()


def _milliseconds(column: pa.Array) -> list[int]:
    if column.null_count:
        return [-1 if time is None else time // _MICROSECONDS for time in column.cast(pa.int64()).to_pylist()]
    return [time // _MICROSECONDS for time in _integers(column)]
