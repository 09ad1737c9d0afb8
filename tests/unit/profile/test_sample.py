from heapq import nsmallest
from random import Random

import pytest

from offline_observer.profile.sample import LONGEST_VALUE, Sample, SampleBuilder, hashes
from offline_observer.quality.chunk import ValueChunk


def values(first: int, count: int) -> list[bytes | None]:
    return [b"%d" % number for number in range(first, first + count)]


def taken(size: int, count: int, chunk: int) -> Sample:
    builder = SampleBuilder(size)
    for first in range(0, count, chunk):
        length = min(chunk, count - first)
        builder.add(ValueChunk(values(first, length), first_offset=first), range(length))
    return builder.result()


@pytest.mark.parametrize("chunk", [1, 7, 500, 3000])
@pytest.mark.parametrize("size", [1, 3, 100, 2999, 3000, 5000])
def test_it_is_the_records_with_the_smallest_hashes(size: int, chunk: int) -> None:
    offsets = range(3000)
    ranks = hashes("values", [0] * 3000, offsets).tolist()
    wanted = nsmallest(size, zip(ranks, offsets, strict=True))
    sample = taken(size, 3000, chunk)
    assert [(one.rank, one.offset) for one in sample.records] == wanted
    assert all(one.value == b"%d" % one.offset for one in sample.records)
    assert {(one.topic, one.partition) for one in sample.records} == {("values", 0)}


def test_no_sample_is_wanted_and_nothing_comes() -> None:
    assert taken(0, 100, 10) == Sample(0)
    assert SampleBuilder(5).result() == Sample(5)


@pytest.mark.parametrize("at", [[], [0], [3, 4, 9], list(range(1, 100)), list(range(99))])
def test_only_the_records_that_count(at: list[int]) -> None:
    builder = SampleBuilder(1000)
    builder.add(ValueChunk(values(0, 100)), at)
    assert sorted(one.offset for one in builder.result().records) == at


def test_a_long_value_is_left_out_and_its_place_kept() -> None:
    builder = SampleBuilder(10)
    builder.add(ValueChunk([b"x" * LONGEST_VALUE, b"x" * (LONGEST_VALUE + 1)]), range(2))
    found = {one.offset: one.value for one in builder.result().records}
    assert found == {0: b"x" * LONGEST_VALUE, 1: None}


def test_of_equal_hashes_no_more_than_wanted_are_kept() -> None:
    # The same records twice, as after a retry.
    builder = SampleBuilder(4)
    for _ in range(2):
        builder.add(ValueChunk(values(0, 50)), range(50))
    records = builder.result().records
    assert len(records) == 4
    assert records[::2] == records[1::2] == taken(2, 50, 50).records


def test_partitions_beside_each_other_are_hashed_as_each_alone() -> None:
    random = Random(1)
    partitions = [random.randrange(3) for _ in range(200)]
    offsets = [random.randrange(2**62) for _ in range(200)]
    together = hashes("t", partitions, offsets).tolist()
    alone = [
        int(hashes("t", [partition], [offset])[0])
        for partition, offset in zip(partitions, offsets, strict=True)
    ]
    assert together == alone
