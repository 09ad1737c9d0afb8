"""Sums up the numbers of one field, many at a time (pure)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offline_observer.profile.field_summary import Numbers, greatest, least
from offline_observer.profile.quantiles import QuantilesBuilder


class NumbersBuilder:
    """Takes finite numbers, or times as seconds since 1970."""

    __slots__ = ("_count", "_greatest", "_least", "_quantiles")

    def __init__(self) -> None:
        self._count = 0
        self._least: float | None = None
        self._greatest: float | None = None
        self._quantiles = QuantilesBuilder()

    def add(self, numbers: NDArray[np.float64], weights: Sequence[int] | None = None) -> None:
        """Takes numbers, each as often as its weight says."""
        if not len(numbers):
            return
        self._count += len(numbers) if weights is None else sum(weights)
        self._least = least(self._least, float(numbers.min()))
        self._greatest = greatest(self._greatest, float(numbers.max()))
        self._quantiles.add(numbers, weights)

    def result(self) -> Numbers:
        """The sums."""
        return Numbers(
            count=self._count,
            least=self._least,
            greatest=self._greatest,
            quantiles=self._quantiles.result(),
        )
