"""A uniform sample of records, of bounded size (pure).

The k records with the smallest hashes of (topic, partition, offset): so that the sample of a union is the sample of the
samples, and the same records give the same sample however they were read.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from heapq import nsmallest
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.chunk import Chunk

# The content of a longer record is not kept, bytes.
LONGEST_VALUE = 8192
# By one in so many more records than the sample has is kept before the rest is struck out.
_SPARE = 2

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class SampledRecord(NamedTuple):
    """A record of a sample.

    Attributes:
        rank: Its hash.
        topic: Its topic.
        partition: Its partition.
        offset: Its offset.
        value: Its value; None when it is longer than `LONGEST_VALUE`.
    """

    rank: int
    topic: str
    partition: int
    offset: int
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A uniform sample without tombstones and unparseable records.

    Attributes:
        size: How many records it has at most.
        records: The records, by their hashes.
    """

    size: int
    records: tuple[SampledRecord, ...] = ()

    def merge(self, other: "Sample") -> "Sample":
        """The sample of both sets. Associative and commutative."""
        together = {(one.rank, one.partition, one.offset): one for one in (*self.records, *other.records)}
        # That of no records at all may have no size.
        size = max(self.size, other.size)
        return Sample(size, tuple(together[key] for key in nsmallest(size, together)))


class SampleBuilder:
    """Takes chunks of one topic's records.

    Args:
        size: How many records are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._topic = ""
        # Partition, offset and value, and apart from them the ranks: made into records at the end, since most are struck out
        # before.
        self._kept: list[tuple[int, int, bytes | None]] = []
        self._ranks: list[NDArray[np.uint64]] = []
        # Above this hash a record has no chance any more.
        self._bound = np.uint64(0xFFFFFFFFFFFFFFFF)
        self._most = size + size // _SPARE + 1

    def add(self, chunk: Chunk, at: Sequence[int]) -> None:
        """Takes a chunk.

        Args:
            chunk: The chunk.
            at: Which of its records count, in their order.
        """
        if not self._size or not at:
            return
        self._topic = chunk.place(at[0]).topic
        partitions, offsets = chunk.partitions(), chunk.offsets()
        ranks = hashes(self._topic, partitions, offsets)
        chosen = np.flatnonzero(ranks <= self._bound).tolist()
        if len(at) < len(offsets):
            chosen = [index for index in chosen if at[bisect_left(at, index, hi=len(at) - 1)] == index]
        if not chosen:
            return
        values = chunk.values
        self._ranks.append(ranks[chosen])
        self._kept.extend([(partitions[index], offsets[index], _short(values[index])) for index in chosen])
        if len(self._kept) >= self._most:
            self._cut()

    def _cut(self) -> None:
        """Strikes out what is not in the sample."""
        if len(self._kept) <= self._size:
            return
        ranks = np.concatenate(self._ranks)
        self._bound = bound = np.partition(ranks, self._size - 1)[self._size - 1]
        is_in = ranks <= bound
        self._kept = list(compress(self._kept, is_in.tolist()))
        self._ranks = [ranks[is_in]]

    def result(self) -> Sample:
        """The sample of all that was added."""
        self._cut()
        ranks = np.concatenate(self._ranks).tolist() if self._ranks else []
        together = ((rank, *one) for rank, one in zip(ranks, self._kept, strict=True))
        # Of equal hashes there may be too many.
        kept = sorted(together, key=itemgetter(0, 1, 2))[: self._size]
        return Sample(
            self._size,
            tuple(SampledRecord(one[0], self._topic, one[1], one[2], one[3]) for one in kept),
        )


def _short(value: bytes | None) -> bytes | None:
    return value if value is not None and len(value) <= LONGEST_VALUE else None


@lru_cache(maxsize=10_000)
def _seed(topic: str, partition: int) -> int:
    return int.from_bytes(blake2b(f"{topic}/{partition}".encode(), digest_size=8).digest(), "big")


def hashes(topic: str, partitions: Sequence[int], offsets: Sequence[int]) -> NDArray[np.uint64]:
    """A hash of 64 bits for each record: of its topic and partition by BLAKE2, of its offset by SplitMix64."""
    seeds: NDArray[np.uint64] | np.uint64
    if partitions.count(partitions[0]) == len(partitions):
        seeds = np.uint64(_seed(topic, partitions[0]))
    else:
        numbers = np.asarray(partitions)
        seeds = np.empty(len(partitions), dtype=np.uint64)
        for partition in set(partitions):
            seeds[numbers == partition] = _seed(topic, partition)
    with np.errstate(over="ignore"):
        z = seeds + (_array(offsets).astype(np.uint64) + np.uint64(1)) * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def _array(numbers: Sequence[int]) -> NDArray[np.int64]:
    if isinstance(numbers, range):
        return np.arange(numbers.start, numbers.stop, numbers.step, dtype=np.int64)
    return np.asarray(numbers, dtype=np.int64)
