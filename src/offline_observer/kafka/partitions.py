"""Values that say where a partition stands (pure): shared by the clients and the lag arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Watermarks:
    """What the broker holds of one partition now.

    Attributes:
        earliest: First offset that is still there; None when the broker did not say.
        end: Next offset to be written (with `read_committed`: the last stable offset); None likewise.
    """

    earliest: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class TopicWatermarks:
    """One topic as the broker shows it now.

    Attributes:
        topic_id: Kafka's id of the topic; another one after the topic was deleted and made anew. None when
            the topic cannot be described.
        partitions: Watermarks per partition; empty when the topic cannot be described.
        error: Why the topic, or some of its partitions, cannot be described; None when all is known.
    """

    topic_id: str | None
    partitions: Mapping[int, Watermarks] = field(default_factory=dict)
    error: str | None = None
