"""Which offsets a batch of a Spark query has read (pure)."""

from collections.abc import Mapping

from offline_observer.kafka.partitions import TopicWatermarks


def batch_ranges(
    positions: Mapping[str, Mapping[int, int]],
    initial: Mapping[int, int],
    topic: TopicWatermarks | None,
    ends: Mapping[int, int],
) -> dict[int, tuple[int, int]]:
    """The first offset of each partition, and the one after the last.

    A partition whose first offset is not known is left out, and so is one of which nothing was read.

    Args:
        positions: What the journal has: per topic id (`""` where that was not known), per partition, the first offset
            not yet observed.
        initial: Where the query began, per partition; it counts where the journal has nothing.
        topic: Where the topic stands now; None when that is not known.
        ends: Where the batch ends.
    """
    known = _positions_of(positions, topic)
    if known is None:
        return {}  # the topic was made anew: what was read of it cannot be told
    found: dict[int, tuple[int, int]] = {}
    for partition, end in ends.items():
        start = known.get(partition, initial.get(partition))
        marks = topic.partitions.get(partition) if topic else None
        earliest = marks.earliest if marks else None
        if start is None:
            start = earliest  # a partition that was added: Spark begins with its earliest record
        elif earliest is not None:
            start = max(start, earliest)
        if start is not None and start < end:
            found[partition] = (start, end)
    return found


def _positions_of(
    positions: Mapping[str, Mapping[int, int]], topic: TopicWatermarks | None
) -> Mapping[int, int] | None:
    """The positions in the topic as it is now; None when there are some, and none are of it."""
    if not positions:
        return {}
    if topic is None:
        return next(iter(positions.values())) if len(positions) == 1 else None
    return positions.get(topic.topic_id or "", positions.get(""))
