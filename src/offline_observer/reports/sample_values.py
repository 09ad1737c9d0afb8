"""The contents of a sample: what is in memory, and what has to be read from Kafka again."""

from collections.abc import Callable, Collection, Mapping, Sequence

from offline_observer.engine.fetch import Answer, Fetched, Offset
from offline_observer.profile.sample import Sample, SampledRecord

# So many bytes are fetched for a sample at most. A few records tell first how many that are.
_MOST_BYTES = 64_000_000
_FIRST = 64

Fetch = Callable[[Collection[Offset]], Mapping[Offset, Answer]]
"""Reads records by their places."""


def sample_values(sample: Sample, fetch: Fetch) -> list[bytes]:
    """The values of a sample's records, by their places.

    Those that are not in memory (after a restart none is, and long ones never are) are fetched: as many as there is room
    for, chosen as the sample was.

    Args:
        sample: The sample.
        fetch: Reads records from Kafka.

    Returns:
        The values that could be had. They may be fewer than the sample has records.

    Raises:
        BrokerError: Kafka cannot be reached.
    """
    found = {(one.partition, one.offset): one.value for one in sample.records if one.value is not None}
    # In the order of their hashes, so that the first of them are a sample of them all.
    missing = [one for one in sample.records if one.value is None]
    first = _fetched(missing[:_FIRST], fetch)
    found |= first
    if rest := missing[_FIRST:]:
        size = max(1, sum(map(len, first.values()))) / max(1, len(first))
        found |= _fetched(rest[: int(_MOST_BYTES / size)], fetch)
    return [value for _, value in sorted(found.items())]


def _fetched(records: Sequence[SampledRecord], fetch: Fetch) -> dict[Offset, bytes]:
    answers = fetch([(one.partition, one.offset) for one in records]) if records else {}
    return {
        place: answer.value
        for place, answer in answers.items()
        if isinstance(answer, Fetched) and answer.value is not None
    }
