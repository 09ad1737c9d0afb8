"""What one source of a query has read: the values that the parsers return (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

Offsets = Mapping[str, Mapping[int, int]]
"""Topic -> partition -> offset. Offsets are ends, exclusive: the next offset to read."""

EARLIEST_MARK = -2
"""Kafka's own mark for "from the earliest offset"; only in initial offsets."""

LATEST_MARK = -1
"""Kafka's own mark for "from the latest offset"; only in initial offsets."""


@dataclass(frozen=True, slots=True)
class KafkaSource:
    """A Kafka source and its offsets.

    Attributes:
        source_id: The source's position in the query ("0", "1", …), or its name where it has one.
        offsets: Its offsets. Empty when its topic pattern has matched no topic yet.
    """

    source_id: str
    offsets: Offsets


@dataclass(frozen=True, slots=True)
class WaitingSource:
    """A source that has no offset yet, of whatever kind it is: Spark writes `-` for it.

    Attributes:
        source_id: The source's position in the query, or its name where it has one.
    """

    source_id: str


@dataclass(frozen=True, slots=True)
class ForeignSource:
    """A source that is not Kafka: files, a rate source, another broker.

    Attributes:
        source_id: The source's position in the query, or its name where it has one.
        description: What its offset looks like, in a few words. It says nothing of the values, so that
            it is the same for each batch.
    """

    source_id: str
    description: str


Source = KafkaSource | WaitingSource | ForeignSource
