"""The contents of a sample: what is in memory, and what has to be read from Kafka again."""

from collections.abc import Callable, Collection, Mapping
from time import monotonic

from offline_observer.engine.fetch import OUT_OF_TIME, Answer, Fetched, Offset
from offline_observer.profile.sample import Sample

# So many bytes are fetched for a sample at most.
_MOST_BYTES = 64_000_000
_FIRST = 64
_GROWTH = 4

Fetch = Callable[[Collection[Offset]], Mapping[Offset, Answer]]
"""Reads records by their places."""


def sample_values(sample: Sample, fetch: Fetch, time_left: Callable[[], float]) -> list[bytes]:
    """The values of a sample's records, by their places.

    Those that are not in memory (after a restart none is, and long ones never are) are fetched, as many as there is time
    and room for. They come in the order of their hashes, in growing parts: wherever it ends, what there is is a sample
    as uniform as the whole.

    Args:
        sample: The sample.
        fetch: Reads records from Kafka.
        time_left: Seconds that are left.

    Returns:
        The values that could be had. They may be fewer than the sample has records.

    Raises:
        BrokerError: Kafka cannot be reached.
    """
    found = {(one.partition, one.offset): one.value for one in sample.records if one.value is not None}
    missing = [(one.partition, one.offset) for one in sample.records if one.value is None]
    room, number = float(_MOST_BYTES), _FIRST
    while missing and number > 0:
        part, missing = missing[:number], missing[number:]
        began = monotonic()
        answers = fetch(frozenset(part))
        if OUT_OF_TIME in answers.values():
            break  # those that were read in time are the first of their partitions
        values = {
            place: answer.value
            for place, answer in answers.items()
            if isinstance(answer, Fetched) and answer.value is not None
        }
        found |= values
        size = sum(map(len, values.values()))
        room -= size
        number = min(_GROWTH * number, int(room * len(part) / max(1, size)))
        if time_left() < _GROWTH * (monotonic() - began):
            break
    return [value for _, value in sorted(found.items())]
