"""The values of a field as slices of the records' bytes (pure)."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from offline_observer.quality.lazy_column import LazyColumn, TextSink
from offline_observer.quality.record import REFUSALS, exact_value
from offline_observer.scan.column_counter import TextCounter
from offline_observer.scan.machine_code import (
    ESCAPED,
    EXACT,
    LONG,
    MISSING,
    NULL,
    find_empty,
    number_texts,
)
from offline_observer.scan.source import Source

_decode_list = msgspec.json.Decoder(list[Any]).decode


class SliceColumn(LazyColumn):
    """A column of slices.

    Args:
        source: The bytes that they are of.
        kinds: What each value is.
        starts: Where it begins.
        ends: Where it ends.
        exact: The values of the records that were decided the exact way, by their numbers.
    """

    def __init__(
        self,
        source: Source,
        kinds: NDArray[np.uint8],
        starts: NDArray[np.int32],
        ends: NDArray[np.int32],
        exact: Mapping[int, object],
    ) -> None:
        self.source = source
        self.kinds = kinds
        self.starts = starts
        self.ends = ends
        self._exact = exact

    def __len__(self) -> int:
        return len(self.kinds)

    @cached_property
    def values(self) -> list[object]:
        """All values."""
        return self._made(self.kinds, self.starts, self.ends, range(len(self.kinds)))

    @property
    def size(self) -> int:
        """How many bytes the records have that it is of."""
        return len(self.source.joined)

    def empty(self, is_empty: Callable[[object], bool]) -> list[int]:
        """Where the values are missing, null, or blank texts."""
        rows = np.empty(len(self.kinds), dtype=np.int32)
        found = find_empty(self.kinds, rows)
        if found >= 0:
            sure: list[int] = rows[:found].tolist()
            return sure
        maybe = rows[: -1 - found]
        values = self._some(maybe)
        return [row for row, value in zip(maybe.tolist(), values, strict=True) if is_empty(value)]

    def where(self, is_wanted: Callable[[object], bool]) -> list[int] | None:
        """Where the texts stand that are wanted; each is asked about once."""
        if self._numbered is None:
            return None
        numbers, texts = self._numbered
        wanted = np.fromiter(map(is_wanted, texts), dtype=bool, count=len(texts))
        if not wanted.any():
            return []
        found: list[int] = np.flatnonzero(np.append(wanted, False)[numbers]).tolist()
        return found

    @cached_property
    def _numbered(self) -> tuple[NDArray[np.int32], list[str]] | None:
        """The number of each value's text, the last one for none, and the texts; None when most come once."""
        size = len(self.kinds)
        numbers = np.empty(size, dtype=np.int32)
        rows = np.empty(size // 2, dtype=np.int32)
        different = number_texts(self.source.data, self.kinds, self.starts, self.ends, numbers, rows)
        return None if different < 0 else (numbers, self.texts(rows[:different]))

    def counter(self, sink: TextSink) -> TextCounter:
        """What sums up columns like this one."""
        return TextCounter(sink)

    def others(self) -> list[object]:
        """The values that are neither missing, nor null, nor texts that a `TextCounter` takes."""
        return self._some(np.flatnonzero((self.kinds > NULL) & (self.kinds <= LONG)))

    def text(self, row: int) -> str:
        """The text of a value that is a text without escapes."""
        return self.source.joined[self.starts[row] : self.ends[row]].decode()

    def texts(self, rows: NDArray[np.integer[Any]]) -> list[str]:
        """The texts of some values that are texts without escapes."""
        return self.source.texts(self.starts[rows], self.ends[rows])

    def _some(self, rows: NDArray[np.integer[Any]]) -> list[object]:
        return self._made(self.kinds[rows], self.starts[rows], self.ends[rows], rows.tolist())

    def _made(
        self,
        kinds: NDArray[np.uint8],
        starts: NDArray[np.int32],
        ends: NDArray[np.int32],
        numbers: Sequence[int],
    ) -> list[object]:
        values: list[object] = [*self.source.texts(starts, ends)]
        others = np.flatnonzero(kinds < LONG)
        slices: list[bytes] = []
        places: list[int] = []
        joined = self.source.joined
        for place, kind in zip(others.tolist(), kinds[others].tolist(), strict=True):
            if kind == MISSING:
                values[place] = UNSET
            elif kind == NULL:
                values[place] = None
            elif kind == EXACT:
                values[place] = self._exact[numbers[place]]
            else:
                quote = kind == ESCAPED
                slices.append(joined[starts[place] - quote : ends[place] + quote])
                places.append(place)
        if slices:
            for place, value in zip(places, _decoded(slices), strict=True):
                values[place] = value
        return values


def _decoded(slices: Sequence[bytes]) -> list[Any]:
    """The values of JSON texts, each of which is one."""
    try:
        return _decode_list(b"[" + b",".join(slices) + b"]")
    except REFUSALS:
        return [exact_value(one) for one in slices]
