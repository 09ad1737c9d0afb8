from collections.abc import Callable, Collection, Mapping

from offline_observer.engine.fetch import GONE, OUT_OF_TIME, Answer, Fetched, Offset
from offline_observer.profile.sample import Sample, SampledRecord
from offline_observer.reports.sample_values import Fetch, sample_values


def sample(*values: bytes | None) -> Sample:
    """Records whose hashes are their numbers, and whose offsets go down."""
    records = [
        SampledRecord(number, "t", 0, len(values) - number, value) for number, value in enumerate(values)
    ]
    return Sample(len(values), tuple(records))


def fetching(asked: list[int], answer: Callable[[int], Answer]) -> Fetch:
    def fetch(places: Collection[Offset]) -> Mapping[Offset, Answer]:
        asked.append(len(places))
        return {place: answer(place[1]) for place in places}

    return fetch


def found(offset: int, size: int = 4) -> Fetched:
    return Fetched(timestamp=0, key=None, value=b"%0*d" % (size, offset))


def test_what_is_in_memory_is_not_fetched() -> None:
    asked: list[int] = []
    assert sample_values(sample(b"c", b"b", b"a"), fetching(asked, found), lambda: 60) == [b"a", b"b", b"c"]
    assert asked == []


def test_what_is_missing_is_fetched_in_growing_parts() -> None:
    asked: list[int] = []
    values = sample_values(sample(b"first", *[None] * 1000), fetching(asked, found), lambda: 60)
    assert asked == [64, 256, 680]
    assert values == [b"%04d" % offset for offset in range(1, 1001)] + [b"first"]


def test_what_is_gone_or_a_tombstone_is_left_out() -> None:
    def answer(offset: int) -> Answer:
        if offset == 1:
            return GONE
        return Fetched(timestamp=0, key=None, value=None) if offset == 2 else found(offset)

    assert sample_values(sample(None, None, None), fetching([], answer), lambda: 60) == [b"0003"]


def test_a_part_that_was_not_read_in_time_is_none_and_the_last() -> None:
    asked: list[int] = []

    def answer(offset: int) -> Answer:
        # The first 64 have the highest offsets.
        return found(offset) if offset > 900 or offset % 2 else OUT_OF_TIME

    values = sample_values(sample(*[None] * 1000), fetching(asked, answer), lambda: 60)
    assert asked == [64, 256]
    assert values == [b"%04d" % offset for offset in range(937, 1001)]


def test_no_more_than_there_is_time_or_room_for() -> None:
    asked: list[int] = []
    assert len(sample_values(sample(*[None] * 1000), fetching(asked, found), lambda: -1)) == 64
    assert asked == [64]
    asked.clear()
    values = sample_values(
        sample(*[None] * 1000), fetching(asked, lambda offset: found(offset, 500_000)), lambda: 60
    )
    assert asked == [64, 64]
    assert sum(map(len, values)) == 64_000_000
