"""How many values of a set came before, in bounded space (pure).

Distinct sampling (Gibbons, "Distinct Sampling for Highly-Accurate Answers to Distinct Values Queries", VLDB 2001): the
values with the k smallest hashes are kept, each with how often it came. A value that is among the k smallest of all is
among the k smallest of every part, so the kept counts are exact, merging is exact, and no repeated value is reported
where there is none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

_HASHES = 1 << 64


@dataclass(frozen=True, slots=True)
class DistinctSample:
    """Counts of the values with the smallest hashes.

    Attributes:
        limit: How many values are kept at most.
        counts: How often each value came, by its hash of 64 bits.
        is_cut: More values came than are kept.
    """

    limit: int
    counts: Mapping[int, int] = field(default_factory=dict)
    is_cut: bool = False

    def merge(self, other: "DistinctSample") -> "DistinctSample":
        """The counts of both sets together. Associative and commutative."""
        total = DistinctSampleBuilder(self.limit)
        total.counts.update(self.counts)
        total.is_cut = self.is_cut or other.is_cut
        total.add(other.counts)
        return total.result()

    @property
    def repeated(self) -> int:
        """How many records had a value that another one before them had: exact unless `is_cut`, then about so many."""
        among_kept = sum(self.counts.values()) - len(self.counts)
        if not self.is_cut or not among_kept:
            return among_kept
        return round(among_kept * _HASHES / max(self.counts))


class DistinctSampleBuilder:
    """Takes values, many at a time.

    Args:
        limit: How many values are kept at most. Up to as many again wait to be cut off together.

    Attributes:
        counts: How often each value came, by its hash.
        is_cut: More values came than are kept.
    """

    __slots__ = ("_bound", "_limit", "counts", "is_cut")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bound = _HASHES
        self.counts: dict[int, int] = {}
        self.is_cut = False

    def add(self, counts: Mapping[int, int]) -> None:
        """Takes values by their hashes, each with how often it came."""
        mine, bound = self.counts, self._bound
        for key, count in counts.items():
            if key <= bound:  # above it a value has no chance any more
                mine[key] = mine.get(key, 0) + count
        if len(mine) >= 2 * self._limit:
            self._cut()

    def _cut(self) -> None:
        if len(self.counts) > self._limit:
            self.is_cut = True
            kept = sorted(self.counts)[: self._limit]
            self._bound = kept[-1]
            self.counts = {key: self.counts[key] for key in kept}

    def result(self) -> DistinctSample:
        """The sample of all values."""
        self._cut()
        return DistinctSample(self._limit, dict(self.counts), self.is_cut)


def hash_of(value: object) -> int:
    """A hash of 64 bits of a decoded value, the same in every process; values of different types are different."""
    if isinstance(value, str):
        data = b"s" + value.encode(errors="surrogatepass")
    elif isinstance(value, bool | int | float):
        data = f"{type(value).__name__}{value!r}".encode()
    elif isinstance(value, dict | list):
        try:
            text = json.dumps(value, sort_keys=True, default=repr)
        except RecursionError:  # what the parser can just read may be nested too deeply to be written
            text = _dumps(value)
        data = b"j" + text.encode(errors="surrogatepass")
    else:
        data = f"{type(value).__name__}{value!r}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _dumps(value: object) -> str:
    """The same as `json.dumps`, for a value that is nested to any depth."""
    parts: list[str] = []
    # What is still to be written, the next at the end: a text as it is, or a value in a tuple.
    rest: list[str | tuple[object]] = [(value,)]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            parts.append(one)
            continue
        (inner,) = one
        if isinstance(inner, dict) and inner:
            rest.append("}")
            for key in sorted(inner, reverse=True):
                rest += [(inner[key],), f"{json.dumps(key)}: ", ", "]
            rest[-1] = "{"
        elif isinstance(inner, list) and inner:
            rest.append("]")
            for element in reversed(inner):
                rest += [(element,), ", "]
            rest[-1] = "["
        else:
            parts.append(json.dumps(inner, default=repr))
    return "".join(parts)
