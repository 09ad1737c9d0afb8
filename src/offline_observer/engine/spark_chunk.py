"""Rows of Spark's Kafka source, as Arrow brings them to Python, as chunks for the kernel."""

from collections.abc import Iterator, Sequence
from typing import cast

import pyarrow as pa

from offline_observer.quality.chunk import Place

COLUMNS = ("topic", "partition", "offset", "timestamp", "value")
"""The columns of the Kafka source that a chunk is made of."""

# Records in a chunk. Of many more the values are out of the processor's caches before they are looked at.
_CHUNK = 500
_MICROSECONDS = 1000


class ArrowChunk:
    """Some rows. What is not asked for is not taken out of them.

    Args:
        rows: Rows with the columns `COLUMNS`.
    """

    __slots__ = ("_rows", "values")

    def __init__(self, rows: pa.RecordBatch) -> None:
        self._rows = rows
        self.values: Sequence[bytes | None] = rows.column("value").to_pylist()

    def place(self, index: int) -> Place:
        """Where a record stands."""
        topic, partition, offset = (
            self._rows.column(name)[index].as_py() for name in ("topic", "partition", "offset")
        )
        return Place(self.timestamp(index), topic, partition, offset)

    def timestamp(self, index: int) -> int:
        """A record's time, milliseconds since 1970; -1 when it has none."""
        return _milliseconds(self._rows.column("timestamp")[index].value)

    def partitions(self) -> Sequence[int]:
        """The partition of each record."""
        return self._integers("partition")

    def offsets(self) -> Sequence[int]:
        """The offset of each record."""
        return self._integers("offset")

    def timestamps(self) -> Sequence[int]:
        """The time of each record, milliseconds since 1970; -1 for one that has none."""
        return [_milliseconds(time) for time in self._rows.column("timestamp").cast(pa.int64()).to_pylist()]

    def _integers(self, name: str) -> Sequence[int]:
        return cast("list[int]", self._rows.column(name).to_pylist())


def chunks_of(rows: pa.RecordBatch) -> Iterator[ArrowChunk]:
    """The rows in chunks of the size that the kernel is quickest with."""
    for start in range(0, rows.num_rows, _CHUNK):
        yield ArrowChunk(rows.slice(start, _CHUNK))


def _milliseconds(time: int | None) -> int:
    # Spark's timestamps count microseconds.
    return -1 if time is None else time // _MICROSECONDS
