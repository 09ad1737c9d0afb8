"""What each way to observe a topic has in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

FIELDS = ("event_time", "user_id", "page")
"""The fields that must not be empty."""

Ends = Mapping[int, int]
"""End offset (exclusive) per partition; each is read from offset 0."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What is wrong with the records.

    Attributes:
        unparseable: Records that are not a JSON object.
        empty: Per field: the parseable records in which it is missing, null or a blank string.
    """

    unparseable: int
    empty: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a workload saw.

    Attributes:
        records: Records.
        quality: What is wrong with them; None for a workload that does not look.
    """

    records: int
    quality: Quality | None = None


def small_part(ends: Ends) -> Ends:
    """The first twentieth of each partition, for warming up."""
    return {partition: end // 20 for partition, end in ends.items()}


class Workload(Protocol):
    """One way to observe a topic."""

    @property
    def name(self) -> str:
        """Its name in the figures."""

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        """Starts and warms up what is not to be measured."""

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        """Reads all records from the first to the ends; this is measured."""

    def close(self) -> None:
        """Lets go of what was prepared."""
