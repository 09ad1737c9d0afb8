"""A uniform sample of records, of bounded size (pure).

The k records with the smallest hashes of (topic, partition, offset): so that the sample of a union is the sample of the
samples, and the same records give the same sample however they were read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.chunk import Chunk

# The content of a longer record is not kept, bytes.
LONGEST_VALUE = 8192

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
        kept = nsmallest(self.size, together)
        return Sample(self.size, tuple(together[key] for key in kept))


class SampleBuilder:
    """Takes chunks of one topic's records.

    Args:
        size: How many records are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._records: list[SampledRecord] = []
        # Above this hash a record has no chance any more.
        self._bound = np.uint64(0xFFFFFFFFFFFFFFFF)

    def add(self, chunk: Chunk, at: Sequence[int]) -> None:
        """Takes a chunk.

        Args:
            chunk: The chunk.
            at: Which of its records count.
        """
        if not self._size:
            return
        ranks = hashes(chunk, at)
        for position in np.flatnonzero(ranks <= self._bound).tolist():
            place = chunk.place(at[position])
            value = chunk.values[at[position]]
            kept = value if value is not None and len(value) <= LONGEST_VALUE else None
            self._records.append(
                SampledRecord(int(ranks[position]), place.topic, place.partition, place.offset, kept)
            )
        if len(self._records) >= 2 * self._size:
            self._cut()

    def _cut(self) -> None:
        self._records = nsmallest(self._size, self._records, key=lambda one: one[:4])
        if self._records and len(self._records) == self._size:
            self._bound = np.uint64(self._records[-1].rank)

    def result(self) -> Sample:
        """The sample of all that was added."""
        self._cut()
        return Sample(self._size, tuple(self._records))


@lru_cache(maxsize=10_000)
def _seed(topic: str, partition: int) -> int:
    return int.from_bytes(blake2b(f"{topic}/{partition}".encode(), digest_size=8).digest(), "big")


def hashes(chunk: Chunk, at: Sequence[int]) -> NDArray[np.uint64]:
    """A hash of 64 bits for each record: of its topic and partition by BLAKE2, of its offset by SplitMix64."""
    if not at:
        return np.empty(0, dtype=np.uint64)
    topic = chunk.place(at[0]).topic
    partitions = chunk.partitions()
    offsets = _array(chunk.offsets())
    seeds: NDArray[np.uint64] | np.uint64
    if partitions.count(partitions[0]) == len(partitions):
        seeds = np.uint64(_seed(topic, partitions[0]))
    else:
        seeds = np.array([_seed(topic, partition) for partition in partitions], dtype=np.uint64)
    if len(at) < len(partitions):
        chosen = np.asarray(at)
        offsets = offsets[chosen]
        seeds = seeds[chosen] if isinstance(seeds, np.ndarray) else seeds
    with np.errstate(over="ignore"):
        z = seeds + (offsets.astype(np.uint64) + np.uint64(1)) * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def _array(numbers: Sequence[int]) -> NDArray[np.int64]:
    if isinstance(numbers, range):
        return np.arange(numbers.start, numbers.stop, numbers.step, dtype=np.int64)
    return np.asarray(numbers, dtype=np.int64)
