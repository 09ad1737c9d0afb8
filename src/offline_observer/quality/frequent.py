"""The most frequent values of a set, in bounded space (pure).

The Misra-Gries summary in the mergeable form of Agarwal et al., "Mergeable Summaries" (PODS 2012): at most k values have
a counter; where there would be more, the (k+1)-th largest count is taken off all of them. So a count is too low by at
most `error`, which is at most n/(k+1) for n values, and never too high. Exact while there are at most k values.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Frequent(Generic[Value]):
    """Counts of the most frequent values.

    Attributes:
        limit: How many values have a count at most.
        counts: How often each value came, at the least.
        error: By how much a count may be too low, and how often a value without one may have come at most.
    """

    limit: int
    counts: Mapping[Value, int] = field(default_factory=dict)
    error: int = 0

    def merge(self, other: "Frequent[Value]") -> "Frequent[Value]":
        """The counts of both sets together. Commutative; associative within `error`."""
        return self._plus(other.counts, other.error)

    def add(self, counts: Mapping[Value, int], error: int = 0) -> "Frequent[Value]":
        """The counts with those of more values, which are exact, or too low by `error` at most."""
        return self._plus(counts, error)

    def _plus(self, counts: Mapping[Value, int], error: int) -> "Frequent[Value]":
        total = dict(self.counts)
        for value, count in counts.items():
            total[value] = total.get(value, 0) + count
        return cut_to(total, self.limit, self.error + error)

    def top(self, number: int) -> list[tuple[Value, int]]:
        """The values with the highest counts, highest first; of equal ones that which sorts first as a text."""
        return sorted(self.counts.items(), key=lambda one: (-one[1], str(one[0])))[:number]


def cut_to(counts: dict[Value, int], limit: int, error: int) -> "Frequent[Value]":
    """At most `limit` of the counts, with what is taken off added to the error."""
    if len(counts) <= limit:
        return Frequent(limit, counts, error)
    cut = sorted(counts.values(), reverse=True)[limit]
    return Frequent(
        limit, {value: count - cut for value, count in counts.items() if count > cut}, error + cut
    )
