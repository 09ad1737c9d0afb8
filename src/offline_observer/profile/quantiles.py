"""Quantiles of numbers, in bounded space (pure).

KLL of Apache DataSketches (Karnin, Lang, Liberty, "Optimal Quantile Approximation in Streams", FOCS 2016) with k = 256:
a quantile's rank is off by 1.0% at most, with a probability of 99%.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from datasketches import kll_doubles_sketch
from numpy.typing import NDArray

K = 256


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A sketch of the ranks of a set of numbers.

    Attributes:
        data: The sketch as bytes, a few kB; empty for no numbers.
    """

    data: bytes = b""

    def merge(self, other: "Quantiles") -> "Quantiles":
        """The ranks of both sets together. Associative and commutative within the error."""
        if not self.data or not other.data:
            return self if self.data else other
        sketch = kll_doubles_sketch.deserialize(self.data)
        sketch.merge(kll_doubles_sketch.deserialize(other.data))
        return Quantiles(bytes(sketch.serialize()))

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return int(kll_doubles_sketch.deserialize(self.data).n) if self.data else 0

    def at(self, ranks: Sequence[float]) -> list[float]:
        """The numbers at some ranks from 0 to 1; none when there are no numbers."""
        if not self.data:
            return []
        return [float(one) for one in kll_doubles_sketch.deserialize(self.data).get_quantiles(list(ranks))]

    def ranks(self, numbers: Sequence[float]) -> list[float]:
        """For each number the share of all that is not above it; 0 of none."""
        if not self.data:
            return [0.0] * len(numbers)
        sketch = kll_doubles_sketch.deserialize(self.data)
        return [float(sketch.get_rank(number, True)) for number in numbers]


class QuantilesBuilder:
    """Takes numbers."""

    __slots__ = ("_sketch",)

    def __init__(self) -> None:
        self._sketch = kll_doubles_sketch(K)

    def add(self, numbers: NDArray[np.float64], weights: Sequence[int] | None = None) -> None:
        """Takes finite numbers, each as often as its weight says."""
        self._sketch.update(numbers if weights is None else np.repeat(numbers, weights))

    def result(self) -> Quantiles:
        """The sketch of all numbers."""
        return Quantiles() if self._sketch.is_empty() else Quantiles(bytes(self._sketch.serialize()))
