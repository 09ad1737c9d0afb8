"""How old the first record is that a job has not finished (pure). In seconds, never negative."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from offline_observer.lag.lag import JobLag, PartitionLag

TopicPartitionKey = tuple[str, int]


class TimeKind(StrEnum):
    """Whose clock a record's time is of, as Kafka names it."""

    CREATE = "CreateTime"
    LOG_APPEND = "LogAppendTime"


@dataclass(frozen=True, slots=True)
class FirstRecord:
    """The first record that waits in a partition.

    Attributes:
        position: The job's position, at or before the record.
        timestamp_ms: The record's time, milliseconds since 1970 UTC: when it was made (CreateTime) or written
            (LogAppendTime), as the topic is set; None when it has none.
        is_marker_only: No record waits, though offsets do: markers of transactions take offsets too, and so do the
            records of aborted transactions, which are none for a job that reads committed ones.
        offset: The record's own offset; None when there is no record, or it is not known.
        kind: Whose time it is: the producer's or the broker's.
    """

    position: int
    timestamp_ms: int | None
    is_marker_only: bool = False
    offset: int | None = None
    kind: TimeKind = TimeKind.CREATE


def with_seconds_behind(
    lag: JobLag, first_records: Mapping[TopicPartitionKey, FirstRecord], now: datetime
) -> JobLag:
    """A job's lag with the age of the first waiting record of each partition.

    Args:
        lag: The lag.
        first_records: Per topic and partition; one that is missing was not read.
        now: The present time.
    """

    def age(partition: PartitionLag) -> float | None:
        if partition.lag is None:
            return None
        if partition.lag == 0:
            return 0.0
        record = first_records.get((partition.topic, partition.partition))
        if record is None:
            return None
        if record.is_marker_only:
            return 0.0
        if record.timestamp_ms is None:
            return None
        # The clock behind it can be ahead of this one; clock_skew.py says so.
        return max(0.0, round(now.timestamp() - record.timestamp_ms / 1000, 3))

    def only_markers_wait(partition: PartitionLag) -> bool:
        record = first_records.get((partition.topic, partition.partition))
        return bool(partition.lag) and record is not None and record.is_marker_only

    return replace(
        lag,
        partitions=tuple(
            replace(p, seconds_behind=age(p), only_markers_wait=only_markers_wait(p)) for p in lag.partitions
        ),
    )
