"""Consuming alone: what any way costs at the least that goes through confluent-kafka."""

from dataclasses import dataclass

from benchmarks.observing.consuming import batches
from benchmarks.observing.workload import Counts, Ends, small_part


@dataclass(frozen=True, slots=True)
class RawConsume:
    """Nothing is done with the messages.

    Attributes:
        name: Name in the figures.
        batch: Messages per call of `consume`.
    """

    name: str
    batch: int

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        self.run(servers, topic, small_part(ends))

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        return Counts(sum(len(messages) for messages in batches(servers, topic, ends, self.batch)))

    def close(self) -> None:
        """There is nothing to let go of."""
