"""The profile of a past range of a topic, here and now. Needs the extra `profile`."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from offline_observer.engine.build import KernelSettings
from offline_observer.engine.fetch import Fetched, fetch
from offline_observer.engine.of_dataset import masked_fields
from offline_observer.engine.pace import ReadLimits
from offline_observer.engine.past import PastRange, PastRead, read_past
from offline_observer.engine.reader import ReaderSettings
from offline_observer.errors import BrokerError, ConfigError
from offline_observer.formats.format import FormatSettings
from offline_observer.formats.registry import make_format
from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.profile.discover import discovered_fields
from offline_observer.profile.profile import Profile
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profile.window import Window
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.times import epoch_time

DEFAULT_SAMPLE = 10_000
"""How many records a sample has, where nobody has said it."""

# So many records tell which fields there are, where nobody has said it.
_LOOKED_AT = 2000
_SECONDS = 30.0
# A partition more and more tells little of when a range begins and ends.
_PARTITIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDataset:
    """A topic that is to be profiled.

    Attributes:
        topic: The topic.
        properties: librdkafka properties of its cluster. They may hold passwords.
        isolation_level: Which records are read.
        format: How they are to be read. It may hold a password.
        fields: The fields to look at; empty: those that are found.
        mask: Paths of what is hidden.
        left_out: Fields that are not looked at.
        limits: How fast it may be read.
        sample: How many records the sample has.
    """

    topic: str
    properties: Mapping[str, str] = field(repr=False)
    isolation_level: str
    format: FormatSettings = field(default_factory=FormatSettings, repr=False)
    fields: Sequence[str] = ()
    mask: Sequence[str] = ()
    left_out: Sequence[str] = ()
    limits: ReadLimits = field(default_factory=ReadLimits)
    sample: int = DEFAULT_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class PastWindow:
    """What a range came to.

    Attributes:
        window: As if it had been a window.
        problems: Why a part of it was not read, a sentence each.
    """

    window: Window
    problems: Sequence[str]


def find_fields(dataset: PastDataset, past: PastRange) -> tuple[str, ...]:
    """The fields of a dataset: those that are named, or else those of the first records of the range.

    Raises:
        BrokerError: The broker cannot be reached or refuses.
        ConfigError: None of the records has a field that could be looked at.
        SchemaRegistryError: The records cannot be read now.
    """
    if dataset.fields:
        return tuple(dataset.fields)
    each = max(1, _LOOKED_AT // max(1, len(past.ranges)))
    first = {p: OffsetRange(one.start, min(one.end, one.start + each)) for p, one in past.ranges.items()}
    values: list[bytes] = []

    def take(chunk: MessageChunk) -> None:
        values.extend(value for value in chunk.values if value is not None)

    reader = RecordReader(dataset.properties, dataset.topic, dataset.isolation_level)
    try:
        reader.read(first, take, _countdown(_SECONDS))
    finally:
        reader.close()
    parse = make_format(dataset.format).parse
    records = [record for value in values if (record := parse(value)) is not None]
    fields = discovered_fields(records)
    if not fields:
        raise ConfigError(
            f"none of the first {len(values)} records of {dataset.topic} in that range is a record with fields; "
            "look at another range, or at the dataset's `format`"
        )
    return fields


def profile_past(
    dataset: PastDataset,
    past: PastRange,
    fields: Sequence[str],
    on_records: Callable[[int], None],
    is_stopped: Callable[[], bool],
) -> PastWindow:
    """Reads a range and sums it up.

    Args:
        dataset: What is read.
        past: The range.
        fields: What is looked at.
        on_records: Told how many records have been read since it was told last.
        is_stopped: Whether to end early, with what there is.

    Raises:
        BrokerError: The broker cannot be reached or refuses.
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """
    settings = ReaderSettings(
        properties=dataset.properties,
        topic=dataset.topic,
        isolation_level=dataset.isolation_level,
        kernel=KernelSettings(
            format=dataset.format,
            profile=ProfileSpec(
                fields=fields, sample=dataset.sample, masked=masked_fields(fields, dataset.mask)
            ),
        ),
        limits=dataset.limits,
    )
    start, end = _times(dataset, past)
    read: PastRead = read_past(settings, past, datetime.now(UTC), on_records, is_stopped, _SECONDS)
    profile = read.summary.profile
    return PastWindow(
        window=Window(
            start=start,
            end=end,
            records=read.summary.all_events,
            topic_id=past.topic_id,
            ranges=read.ranges,
            profile=profile if isinstance(profile, Profile) else Profile(),
        ),
        problems=read.problems,
    )


def check_past(
    dataset: PastDataset,
    window: Window,
    rules: Sequence[Rule],
    on_records: Callable[[int], None],
    is_stopped: Callable[[], bool],
) -> Summary:
    """Reads a range that has been profiled once more, and checks its records against rules.

    Raises:
        BrokerError: The broker cannot be reached or refuses, or not all of the range could be read again.
        ConfigError: librdkafka or the Schema Registry's client refuses a property, or a library is missing.
    """
    settings = ReaderSettings(
        properties=dataset.properties,
        topic=dataset.topic,
        isolation_level=dataset.isolation_level,
        kernel=KernelSettings(format=dataset.format, spec=KernelSpec(rules=rules)),
        limits=dataset.limits,
    )
    past = PastRange(
        topic_id=window.topic_id, ranges={p: OffsetRange(*bounds) for p, bounds in window.ranges.items()}
    )
    read = read_past(settings, past, datetime.now(UTC), on_records, is_stopped, _SECONDS)
    if read.problems:
        raise BrokerError(f"the records could not all be read a second time: {'; '.join(read.problems)}")
    return read.summary


def _times(dataset: PastDataset, past: PastRange) -> tuple[datetime, datetime]:
    """When the range begins and ends, by the times of the first and last records of its partitions."""
    ranges = [(p, one) for p, one in sorted(past.ranges.items()) if one.start < one.end][:_PARTITIONS]
    wanted = {(p, offset) for p, one in ranges for offset in (one.start, one.end - 1)}
    answers = fetch(
        dataset.properties,
        dataset.topic,
        dataset.isolation_level,
        wanted,
        _countdown(_SECONDS),
    )
    times = [
        moment
        for answer in answers.values()
        if isinstance(answer, Fetched) and (moment := epoch_time(answer.timestamp)) is not None
    ]
    now = datetime.now(UTC)
    return min(times, default=now), max(times, default=now)


def _countdown(seconds: float) -> Callable[[], float]:
    last = time.monotonic() + seconds
    return lambda: last - time.monotonic()
