"""Loads and compiles all of the quick way, step by step (pure)."""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.lazy_column import SummedTexts
from offline_observer.scan.column_counter import TextCounter
from offline_observer.scan.scanner import JsonScanner
from offline_observer.scan.slice_column import SliceColumn

_RECORDS = (b'{"a":"one","b":{"c":"2024-01-01T00:00:00Z"}}', b"none", b'{"a":""}')


class _Nowhere:
    """A `TextSink` that forgets."""

    def add(self, counts: dict[str, int]) -> None:
        pass

    def add_different(self, texts: Sequence[str], repeats: Sequence[int]) -> None:
        pass

    def add_summed(self, summed: SummedTexts) -> None:
        pass

    def registers(self) -> NDArray[np.uint8]:
        return np.zeros(2**14, dtype=np.uint8)


def warm_up() -> Iterator[None]:
    """Runs each compiled function once, and pauses after each. It takes seconds where none was compiled before.

    Raises:
        NotImplementedError: There is no quick way on this machine.
    """
    if sys.byteorder != "little":
        raise NotImplementedError
    scanned = JsonScanner(["a", "b.c"]).scan(_RECORDS, _no_row)
    yield
    if scanned is None or not isinstance(column := scanned.columns[0], SliceColumn):
        raise NotImplementedError
    column.empty(bool)
    yield
    column.where(str.isspace)  # type: ignore[arg-type]
    yield
    counter = TextCounter(_Nowhere())
    for _ in counter.steps(column):
        yield


def _no_row(number: int) -> Sequence[object] | None:  # noqa: ARG001 - as if none could be parsed
    return None
