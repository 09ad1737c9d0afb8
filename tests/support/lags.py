"""A partition's lag, by the few numbers that a test is about."""

from dataclasses import replace
from typing import Any

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.status import Status


def partition_lag(
    number: int,
    position: int | None,
    end: int | None,
    *,
    topic: str = "visits",
    earliest: int = 0,
    **changes: Any,
) -> PartitionLag:
    """A partition of a job that has committed up to its position; `changes` are fields that are to differ."""
    partition = PartitionLag(
        topic=topic,
        partition=number,
        committed_offset=position,
        planned_offset=position,
        end_offset=end,
        earliest_offset=earliest,
        lag=None if position is None or end is None else max(0, end - position),
        expired_records=0,
        status=Status.OK,
        reason="fine",
        position=position,
    )
    return replace(partition, **changes)
