"""What a batch of a Spark query has not read (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from offline_observer.kafka.partitions import TopicWatermarks

_MADE_ANEW = (
    "the topic was made anew; Spark goes on at its old offsets, and does not read the records before them: stop the "
    "observer and delete this query's checkpoint"
)


@dataclass(frozen=True, slots=True)
class BatchGaps:
    """What a batch has not read.

    Attributes:
        expired: Records that retention removed before they were observed.
        notes: What was odd, a sentence each.
    """

    expired: int
    notes: tuple[str, ...] = ()


def batch_gaps(
    positions: Mapping[str, Mapping[int, int]], topic: TopicWatermarks, ends: Mapping[int, int]
) -> BatchGaps:
    """Compares where a batch ends with where the ones before it had come to.

    Spark goes on from the offsets of its checkpoint, whatever has become of the topic, and passes over what is not there.
    So of a hole each batch counts only the part that it goes through.

    Args:
        positions: What the journal has: per topic id (`""` where that was not known), per partition, the first offset
            not yet observed.
        topic: Where the topic stands now.
        ends: Where the batch ends.
    """
    known = positions.get(topic.topic_id or "", positions.get(""))
    if known is None:
        if not positions:
            return BatchGaps(0)
        return BatchGaps(0, (_MADE_ANEW,))
    expired = 0
    notes: list[str] = []
    for partition, end in sorted(ends.items()):
        marks, start = topic.partitions.get(partition), known.get(partition)
        if start is None:
            continue
        if end < start:
            notes.append(
                f"partition {partition} went back from offset {start} to {end}: what comes there again is counted again"
            )
        elif marks is not None and marks.earliest is not None:
            expired += max(0, min(marks.earliest, end) - start)
    if expired:
        notes.append(f"{expired} records expired before they were observed")
    return BatchGaps(expired, tuple(notes))
