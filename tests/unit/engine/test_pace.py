from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.engine.pace import Pace, ReadLimits
from offline_observer.engine.processes import shared_out
from offline_observer.kafka.records import OffsetRange


@given(
    chunks=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5000), st.floats(0, 3)), max_size=60),
    rate=st.integers(1, 100),
)
def test_never_more_than_the_rate_and_the_burst(chunks: list[tuple[int, int, float]], rate: int) -> None:
    limits = ReadLimits(records_per_second=rate, bytes_per_second=100.0 * rate, burst_seconds=2)
    pace = Pace(limits, now=0.0)
    now, records, size = 0.0, 0, 0
    for number, length, idle in chunks:
        # What is taken may be above the limit by one chunk, which is then waited for.
        rest = pace.took(number, length, now)
        records, size = records + number, size + length
        now += rest
        assert records <= rate * (now + 2) + 1e-6
        assert size <= 100 * rate * (now + 2) + 1e-6
        now += idle


def test_what_was_not_read_may_be_read_at_once() -> None:
    pace = Pace(ReadLimits(records_per_second=10, burst_seconds=3), now=0.0)
    assert pace.took(10, 0, now=0.0) == 0
    assert pace.took(10, 0, now=0.0) == 1
    # After a long pause a burst's worth is there, and no more.
    assert pace.took(30, 0, now=100.0) == 0
    assert pace.took(5, 0, now=100.0) == 0.5


def test_without_limits_there_is_no_rest_and_no_property() -> None:
    assert Pace(ReadLimits(), now=0.0).took(10**9, 10**12, now=0.0) == 0
    assert ReadLimits().properties() == {}
    assert ReadLimits().chunk(500) == 500


def test_a_slow_reader_takes_small_chunks_and_fetches_little_ahead() -> None:
    limits = ReadLimits(records_per_second=100, bytes_per_second=200_000)
    assert limits.chunk(500) == 10
    assert limits.properties() == {
        "queued.min.messages": "100",
        "queued.max.messages.kbytes": "195",
        "fetch.message.max.bytes": "200000",
    }
    assert limits.shared_by(4).records_per_second == 25


@given(sizes=st.dictionaries(st.integers(0, 50), st.integers(0, 1000), max_size=20), number=st.integers(1, 8))
def test_partitions_are_shared_out_evenly(sizes: dict[int, int], number: int) -> None:
    ranges = {partition: OffsetRange(7, 7 + size) for partition, size in sizes.items()}
    parts = shared_out(ranges, number)
    assert {p: one for part in parts for p, one in part.items()} == ranges
    assert sum(map(len, parts)) == len(ranges)
    assert all(parts)
    loads = sorted(sum(sizes[p] for p in part) for part in parts)
    largest = max(sizes.values(), default=0)
    assert all(after - before <= largest for before, after in pairwise(loads))
