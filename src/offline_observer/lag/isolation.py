"""Whether a job reads what its isolation level says (pure).

A job that reads committed records never comes past the last stable offset. One that has, and is still within what the
broker holds, reads uncommitted records, whatever its configuration here says: it is not rewound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from offline_observer.lag.lag import JobLag, PartitionLag, and_more
from offline_observer.lag.status import Status

READ_COMMITTED = "read_committed"
READ_UNCOMMITTED = "read_uncommitted"


@dataclass(frozen=True, slots=True)
class Measured:
    """A lag by one answer of the broker.

    Attributes:
        lag: The lag.
        topic_ids: Kafka's id per topic; None for a topic that cannot be described.
        isolation_level: With `read_committed` the ends are last stable offsets.
        asked: When the broker was asked, seconds on a clock that never steps back.
    """

    lag: JobLag
    topic_ids: Mapping[str, str | None]
    isolation_level: str
    asked: float


def looks_rewound(lag: JobLag) -> bool:
    """Whether a partition is beyond the end: then it is worth asking for the end of the uncommitted records."""
    return any(partition.status is Status.REWOUND for partition in lag.partitions)


def measured_again(committed: Measured, uncommitted: Measured) -> Measured:
    """Decides between the two ways to measure a job that is said to read committed records and looks rewound.

    Args:
        committed: Measured against the last stable offsets.
        uncommitted: Measured right after against the ends of the logs.

    Returns:
        The second, with a warning, when it explains at least one of the partitions that look rewound in the first.
        All of the job is then measured so, as it would be if the configuration were right. Otherwise the first.
    """
    after = {(one.topic, one.partition): one for one in uncommitted.lag.partitions}
    explained = [
        (before, now)
        for before in committed.lag.partitions
        if before.status is Status.REWOUND
        and (now := after.get((before.topic, before.partition))) is not None
        and now.lag is not None
    ]
    if not explained:
        return committed
    warning = _warning(*explained[0], len(explained))
    return replace(uncommitted, lag=replace(uncommitted.lag, warnings=(*uncommitted.lag.warnings, warning)))


def _warning(before: PartitionLag, now: PartitionLag, count: int) -> str:
    return (
        f"the job is at offset {now.position} of {now.topic}-{now.partition}, past the last stable offset "
        f"{before.end_offset}{and_more(count)}: it reads uncommitted records and is measured so; "
        f"set isolation_level: {READ_UNCOMMITTED} for it"
    )
