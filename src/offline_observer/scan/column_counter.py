"""Sums up the texts of a field where they stand (pure)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.lazy_column import NotCounted, SummedTexts, TextSink
from offline_observer.quality.times import EPOCH, read_iso
from offline_observer.scan.machine_code import (
    BLANK,
    IS_PLAIN,
    PLAIN,
    TextSums,
    TextTable,
    count_texts,
    sum_up_texts,
    take_over,
)
from offline_observer.scan.source import Source

if TYPE_CHECKING:
    from offline_observer.scan.slice_column import SliceColumn

# So many texts are told apart at first, and at most. Few enough are in the processor's caches.
_FIRST = 2048
_MOST = 16_384
_BYTES_PER_TEXT = 64
# Texts that came fewer times each in a full table are not kept to be counted, and those that came more often in a chunk are
# again: to keep them is of no use where each comes once.
_FEW = 1.15
_MANY = 1.5
# A column with fewer texts says little about how often they come, and to leave out those that come once makes too large an
# error.
_LEAST = 400
# In `TextSums.times`.
_MAYBE = 2
# No time is longer, characters.
_LONGEST_TIME = 40


class TextCounter:
    """A `ColumnCounter`.

    Args:
        sink: Takes the sums.
    """

    def __init__(self, sink: TextSink) -> None:
        self._sink = sink
        self._table = _table(_FIRST)
        self._are_different = False
        self._sums: TextSums | None = None

    def add(self, column: "SliceColumn") -> NotCounted:
        """Takes the texts of a column."""
        self._table.used[2:] = 0
        last = PLAIN
        if self._are_different and np.count_nonzero(column.kinds == PLAIN) >= _LEAST:
            self._sum_up(column)
            last = BLANK
        begin = 0
        while (begin := self._count(column, begin, last)) < len(column):
            self.work_off()
        missing, null, others = self._table.used[2:].tolist()
        return NotCounted(missing, null, column.others() if others else ())

    def steps(self, column: "SliceColumn") -> Iterator[None]:
        """Does with a column all that can be done, step by step."""
        self._count(column, 0, PLAIN)
        yield
        take_over(self._table, _table(2 * _FIRST))
        yield
        self._sum_up(column)
        yield

    def _count(self, column: "SliceColumn", begin: int, last: int) -> int:
        number: int
        data, kinds, starts, ends = column.source.data, column.kinds, column.starts, column.ends
        number = count_texts(data, kinds, starts, ends, begin, last, self._table)
        while number < len(kinds) and self._grow():
            number = count_texts(data, kinds, starts, ends, number, last, self._table)
        return number

    def _grow(self) -> bool:
        """Makes room, if that is worth its memory."""
        number = int(self._table.used[0])
        size = len(self._table.hashes)
        self._are_different = int(self._table.counts[:number].sum()) < number * _FEW
        if self._are_different or size >= _MOST:
            return False
        larger = _table(2 * size)
        if not take_over(self._table, larger):
            return False
        self._table = larger
        return True

    def work_off(self) -> None:
        """Gives to the sink what was counted."""
        table = self._table
        number, filled = table.used[:2].tolist()
        if not number:
            return
        starts, ends = table.starts[:number], table.ends[:number]
        is_plain = IS_PLAIN[table.text[starts]] & (ends > starts)
        texts = Source(table.text[:filled].tobytes()).texts(starts, ends)
        repeats = table.counts[:number].tolist()
        table.numbers[:] = 0
        table.used[:2] = 0
        # Apart from the others, which are often of one length.
        others = np.flatnonzero(~is_plain).tolist()
        apart = {texts[place]: repeats[place] for place in others}
        for place in reversed(others):
            del texts[place], repeats[place]
        if texts:
            self._sink.add_different(texts, repeats)
        if apart:
            self._sink.add(apart)

    def _sum_up(self, column: "SliceColumn") -> None:
        sums = self._sums
        if sums is None or len(sums.rows) < len(column):
            sums = self._sums = _sums(self._sink.registers(), len(column))
        source = column.source
        number = sum_up_texts(source.data, column.kinds, column.starts, column.ends, source.is_ascii, sums)
        if not number:
            return
        total, shortest, longest, characters, least, greatest, times, maybe = sums.totals.tolist()
        self._are_different = total < number * _MANY
        repeats, seconds = sums.repeats[:number], sums.seconds[:number]
        repeated: dict[str, int] = {}
        if total > number:
            places = np.flatnonzero(repeats > 1)
            repeated = dict(zip(column.texts(sums.rows[places]), repeats[places].tolist(), strict=True))
        if maybe:
            times += self._look_for_times(column, number, sums)
        weights = repeats if total > number else None
        if times < number:
            is_time = sums.times[:number] == 1
            seconds = seconds[is_time]
            weights = None if weights is None else weights[is_time]
        self._sink.add_summed(
            SummedTexts(
                total=total,
                least=column.text(least),
                greatest=column.text(greatest),
                shortest=shortest,
                longest=longest,
                characters=characters,
                repeated=repeated,
                seconds=seconds,
                weights=None if weights is None else weights.tolist(),
            )
        )

    def _look_for_times(self, column: "SliceColumn", number: int, sums: TextSums) -> int:
        """Looks which of the texts that may be times are some; returns how many."""
        found = 0
        for place in np.flatnonzero(sums.times[:number] == _MAYBE).tolist():
            text = column.text(int(sums.rows[place]))
            time = read_iso(text) if len(text) <= _LONGEST_TIME else None
            sums.times[place] = time is not None
            if time is not None:
                sums.seconds[place] = (time - EPOCH).total_seconds()
                found += 1
        return found


def _table(size: int) -> TextTable:
    places: NDArray[np.int32] = np.zeros(4 * size, dtype=np.int32)
    return TextTable(
        numbers=places,
        hashes=np.zeros(size, dtype=np.uint64),
        starts=np.zeros(size, dtype=np.int32),
        ends=np.zeros(size, dtype=np.int32),
        counts=np.zeros(size, dtype=np.int64),
        text=np.zeros(_BYTES_PER_TEXT * size + 8, dtype=np.uint8),
        used=np.zeros(5, dtype=np.int64),
    )


def _sums(registers: NDArray[np.uint8], rows: int) -> TextSums:
    return TextSums(
        registers=registers,
        rows=np.zeros(rows, dtype=np.int32),
        repeats=np.zeros(rows, dtype=np.int64),
        times=np.zeros(rows, dtype=np.uint8),
        seconds=np.zeros(rows, dtype=np.float64),
        totals=np.zeros(8, dtype=np.int64),
    )
