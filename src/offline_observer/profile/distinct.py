"""How many distinct values there are, in bounded space (pure).

HyperLogLog of Apache DataSketches with 2^14 registers: exact for the first few hundred values, then with a standard
error of 0.8%.
"""

import struct
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from datasketches import hll_sketch, hll_union, tgt_hll_type
from numpy.typing import NDArray

LG_K = 14

# Stands for the empty text.
_EMPTY = "\0empty"
_FAST = tgt_hll_type.HLL_8
_SMALL = tgt_hll_type.HLL_4


@dataclass(frozen=True, slots=True)
class Distinct:
    """A sketch of the distinct values of a set.

    Attributes:
        data: The sketch as bytes, at most some 8 kB; empty for no values.
    """

    data: bytes = b""

    def merge(self, other: "Distinct") -> "Distinct":
        """The distinct values of both sets. Associative and commutative: the estimate is the same, to the bit."""
        if not self.data or not other.data:
            return self if self.data else other
        return Distinct(_union(self.data, other.data).serialize_compact())

    @property
    def estimate(self) -> float:
        """About how many distinct values there are."""
        # The sketch of one stream has a slightly better estimate that depends on the order of its values. That of
        # a union does not, whatever was merged when.
        return float(_union(self.data, self.data).get_estimate()) if self.data else 0.0


def _union(*parts: bytes) -> hll_sketch:
    union = hll_union(LG_K)
    for part in parts:
        union.update(hll_sketch.deserialize(part))
    return union.get_result(_SMALL)


class DistinctBuilder:
    """Takes values. Texts, bytes and numbers are different values, and `1` is `1.0`."""

    __slots__ = ("_registers", "_sketch")

    def __init__(self) -> None:
        self._sketch = hll_sketch(LG_K, _FAST)
        self._registers: NDArray[np.uint8] | None = None

    def registers(self) -> NDArray[np.uint8]:
        """The registers of a second sketch, for texts that are hashed elsewhere."""
        if self._registers is None:
            self._registers = np.zeros(2**LG_K, dtype=np.uint8)
        return self._registers

    def add_texts(self, texts: Collection[str]) -> bool:
        """Takes texts; lone surrogates count as question marks.

        Returns:
            Whether all of them can be written as UTF-8: none has a lone surrogate.
        """
        update = self._sketch.update
        if "" in texts:
            update(_EMPTY)  # the library leaves it out
        try:
            deque(map(update, texts), maxlen=0)
        except (UnicodeEncodeError, TypeError):
            # What was taken before the one that failed is taken again, which changes nothing.
            for text in texts:
                update(text.encode(errors="replace").decode())
            return False
        return True

    def add_number(self, number: float) -> None:
        """Takes a number."""
        self._sketch.update(number)

    def result(self) -> Distinct:
        """The sketch of all values."""
        data = b"" if self._sketch.is_empty() else bytes(self._sketch.serialize_compact())
        if self._registers is None or not self._registers.any():
            return Distinct(data)
        return Distinct(data).merge(Distinct(_as_sketch(self._registers)))


# The head of a sketch as bytes: its length in words of 4 bytes, the format's version, HyperLogLog's number, the registers as a power
# of two, two bytes that do not matter here with flags between them, and that each register is a byte.
_HEAD = struct.Struct("<8B3d2I")
_COMPACT, _ANY_ORDER = 8, 16
_IN_LOW_SUM = 32


def _as_sketch(registers: NDArray[np.uint8]) -> bytes:
    """Registers in the library's format for a sketch of type HLL_8, whose values may have come in any order.

    Source: Apache DataSketches for C++, hll/include/HllArray-internal.hpp, `serialize`.
    """
    values = np.exp2(-registers.astype(np.float64))
    is_low = registers < _IN_LOW_SUM
    head = _HEAD.pack(
        _HEAD.size // 4,
        1,
        7,
        LG_K,
        0,
        _COMPACT | _ANY_ORDER,
        0,
        0b1010,
        0.0,
        float(values[is_low].sum()),
        float(values[~is_low].sum()),
        int((registers == 0).sum()),
        0,
    )
    return head + registers.tobytes()
