"""Lag arithmetic over a job's progress and the broker's watermarks (pure). All offsets and lags are in records.

Lag of a partition is `end - max(committed, earliest)`. It is never negative, and it is None when it cannot be
known: unknown is not zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from offline_observer.checkpoint.progress import EARLIEST_MARK, JobProgress
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks
from offline_observer.lag.status import Status, worst
from offline_observer.time_text import format_time, records_text

ALL_WITHIN = "every partition is within what the broker holds"
_NOTHING_COMMITTED = "nothing is committed yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """One partition of a job's input.

    Attributes:
        topic: Topic name.
        partition: Partition number.
        committed_offset: First offset that the job has not finished; None before it committed any.
        planned_offset: End of the job's newest planned batch; None when no batch holds the partition.
        end_offset: Next offset that will be written to the partition; None when the broker does not say.
        earliest_offset: First offset that the broker still holds; None when the broker does not say.
        position: Where the job goes on: the first offset that is still before it; None when unknown.
        lag: Records that wait for the job; None when unknown.
        expired_records: Records that retention removed before the job read them; None when unknown.
        only_markers_wait: Nothing but the markers of transactions, and records that the job is not given because
            they were aborted, stands between the job and the end.
        seconds_behind: Age of the first record that waits; 0 when none does, None when it was not read.
        status: What one look can say.
        reason: Why, in one sentence.
    """

    topic: str
    partition: int
    committed_offset: int | None
    planned_offset: int | None
    end_offset: int | None
    earliest_offset: int | None
    lag: int | None
    expired_records: int | None
    status: Status
    reason: str
    position: int | None = None
    seconds_behind: float | None = None
    only_markers_wait: bool = False

    def to_json(self) -> dict[str, object]:
        """The partition as one JSON object."""
        return {
            "topic": self.topic,
            "partition": self.partition,
            "committed_offset": self.committed_offset,
            "planned_offset": self.planned_offset,
            "end_offset": self.end_offset,
            "earliest_offset": self.earliest_offset,
            "lag": self.lag,
            "seconds_behind": self.seconds_behind,
            "expired_records": self.expired_records,
            "status": self.status.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLag:
    """All partitions of a job's input, and what they come to.

    Attributes:
        status: The job's status.
        reason: Why, in one sentence.
        batch_id: The job's newest committed batch; None when there is none or it cannot be read.
        partitions: Sorted by topic and partition; empty when nothing is known.
        warnings: What was odd on the way but did not stop the measurement.
        last_commit_at: When the newest batch was committed (UTC); None when none was, or it is not known.
        in_flight_since: When the batch was planned that is not committed (UTC); None when there is none.
        input_rate: Records per second written to the job's topics, over the last minutes; None when unknown.
        processing_rate: Records per second that the job finishes, likewise.
        seconds_to_catch_up: Seconds until nothing waits; 0 when nothing does, None when it never will or is unknown.
        retention_left: Seconds until the first record expires that the job has not read; None when that is
            not in sight or unknown.
        partitions_known: Whether `partitions` is all of them. False when the checkpoint cannot be read.
    """

    status: Status
    reason: str
    batch_id: int | None = None
    partitions: tuple[PartitionLag, ...] = ()
    warnings: tuple[str, ...] = ()
    last_commit_at: datetime | None = None
    in_flight_since: datetime | None = None
    input_rate: float | None = None
    processing_rate: float | None = None
    seconds_to_catch_up: float | None = None
    retention_left: float | None = None
    partitions_known: bool = True

    @property
    def total_lag(self) -> int | None:
        """Sum over the partitions whose lag is known; None when none is."""
        known = self._known_lags()
        return sum(known) if known else None

    @property
    def max_lag(self) -> int | None:
        """The largest known lag of a partition; None when none is known."""
        return max(self._known_lags(), default=None)

    @property
    def unknown_partitions(self) -> int | None:
        """Number of partitions whose lag is not known; None when it is not known how many there are."""
        if not self.partitions_known and not self.partitions:
            return None
        return sum(1 for partition in self.partitions if partition.lag is None)

    @property
    def expired_records(self) -> int | None:
        """Sum over the partitions where it is known; None when it is for none."""
        known = [p.expired_records for p in self.partitions if p.expired_records is not None]
        return sum(known) if known else None

    @property
    def seconds_behind(self) -> float | None:
        """The worst of the partitions where it is known; None when it is for none."""
        known = [p.seconds_behind for p in self.partitions if p.seconds_behind is not None]
        return max(known, default=None)

    def _known_lags(self) -> list[int]:
        return [p.lag for p in self.partitions if p.lag is not None]

    def to_json(self) -> dict[str, object]:
        """The job's lag as one JSON object."""
        return {
            "status": self.status.value,
            "reason": self.reason,
            "total_lag": self.total_lag,
            "max_lag": self.max_lag,
            "unknown_partitions": self.unknown_partitions,
            "expired_records": self.expired_records,
            "seconds_behind": self.seconds_behind,
            "last_commit_at": format_time(self.last_commit_at),
            "in_flight_since": format_time(self.in_flight_since),
            "input_rate": self.input_rate,
            "processing_rate": self.processing_rate,
            "seconds_to_catch_up": self.seconds_to_catch_up,
            "retention_left": self.retention_left,
            "batch_id": self.batch_id,
            "warnings": list(self.warnings),
            "partitions": [partition.to_json() for partition in self.partitions],
        }


def unknown_lag(reason: str, before: JobLag | None = None) -> JobLag:
    """The lag of a job of which nothing could be learnt this time.

    Args:
        reason: Why.
        before: The measurement before, whose partitions are now unknown: a series has no gap, it has nulls.
    """
    return JobLag(
        status=Status.UNKNOWN,
        reason=reason,
        partitions=tuple(
            PartitionLag(
                topic=partition.topic,
                partition=partition.partition,
                committed_offset=None,
                planned_offset=None,
                end_offset=None,
                earliest_offset=None,
                lag=None,
                expired_records=None,
                status=Status.UNKNOWN,
                reason=reason,
            )
            for partition in (before.partitions if before else ())
        ),
        partitions_known=False,
    )


def lag_without_broker(progress: JobProgress, reason: str) -> JobLag:
    """The lag of a job whose checkpoint was read while its broker did not answer.

    What the checkpoint says is kept; what only the broker knows is unknown.
    """
    silent = {topic: TopicWatermarks(None, {}, reason) for topic in topics_of(progress)}
    return replace(job_lag(progress, silent), status=Status.UNKNOWN, reason=reason)


def topics_of(progress: JobProgress) -> frozenset[str]:
    """The topics that a job reads, as its checkpoint names them."""
    return frozenset({*progress.committed, *progress.planned, *progress.initial})


def job_lag(progress: JobProgress, topics: Mapping[str, TopicWatermarks]) -> JobLag:
    """Computes the lag of a job.

    Args:
        progress: What the checkpoint said, read *before* the broker was asked: so an offset that the job
            commits in between can make the lag too large for a moment, never negative.
        topics: What the broker said of each topic of the job. A partition that only the broker knows is new to
            the job: Spark starts it at its earliest offset.
    """
    partitions = tuple(
        _partition_lag(progress, topic, partition, topics.get(topic, TopicWatermarks(None)))
        for topic in sorted(topics_of(progress))
        for partition in sorted(_partitions(progress, topic, topics))
    )
    status, reason = _job_status(progress, partitions, topics)
    return JobLag(
        status=status,
        reason=reason,
        batch_id=progress.batch_id,
        last_commit_at=progress.committed_at,
        in_flight_since=progress.planned_at if progress.in_flight else None,
        partitions=partitions,
        warnings=progress.warnings,
    )


def _partitions(progress: JobProgress, topic: str, topics: Mapping[str, TopicWatermarks]) -> set[int]:
    found = topics[topic].partitions if topic in topics else {}
    known = (progress.committed, progress.planned, progress.initial)
    return {*found, *(partition for offsets in known for partition in offsets.get(topic, {}))}


def _partition_lag(
    progress: JobProgress, topic: str, partition: int, broker: TopicWatermarks
) -> PartitionLag:
    marks = broker.partitions.get(partition, Watermarks(None, None))
    committed = progress.committed.get(topic, {}).get(partition)
    position = _position(progress, topic, partition, marks.earliest)
    status, reason, lag, expired = _measure(progress, position, marks, broker.error)
    return PartitionLag(
        topic=topic,
        partition=partition,
        committed_offset=committed,
        planned_offset=progress.planned.get(topic, {}).get(partition),
        end_offset=marks.end,
        earliest_offset=marks.earliest,
        lag=lag,
        expired_records=expired,
        status=status,
        reason=reason,
        position=None if lag is None or position is None else max(position, marks.earliest or 0),
    )


def _position(progress: JobProgress, topic: str, partition: int, earliest: int | None) -> int | None:
    """The offset from which the job has the partition still before it; None when nothing tells."""
    committed = progress.committed.get(topic, {}).get(partition)
    if committed is not None:
        return committed
    if progress.batch_id is not None:
        return earliest  # new to a running job
    if topic not in progress.initial:
        return None  # continuous mode keeps no initial offsets
    # Spark treats a partition that came after the initial offsets were written as new, too.
    initial = progress.initial[topic].get(partition, EARLIEST_MARK)
    if initial == EARLIEST_MARK:
        return earliest
    return initial if initial >= 0 else None


def _measure(
    progress: JobProgress, position: int | None, marks: Watermarks, error: str | None
) -> tuple[Status, str, int | None, int | None]:
    """Status, reason, lag and expired records of one partition."""
    if marks.end is None or marks.earliest is None:
        return Status.UNKNOWN, error or "the broker does not have this partition", None, None
    starting = progress.batch_id is None
    if position is None:
        reason = f"{_NOTHING_COMMITTED} and the checkpoint does not say where the job starts"
        return Status.STARTING, reason, None, None
    if position > marks.end:
        reason = f"the job is at offset {position}, beyond the end {marks.end}: topic made anew or truncated"
        return Status.REWOUND, reason, None, None
    expired = max(0, marks.earliest - position)
    # The two watermarks are two answers: records deleted in between must not make the lag negative.
    lag = max(0, marks.end - max(position, marks.earliest))
    if expired:
        reason = f"{records_text(expired)} expired before the job read them"
        return Status.DATA_LOSS, reason, lag, expired
    if starting:
        return Status.STARTING, _NOTHING_COMMITTED, lag, 0
    return Status.OK, "within what the broker holds", lag, 0


def _job_status(
    progress: JobProgress, partitions: tuple[PartitionLag, ...], topics: Mapping[str, TopicWatermarks]
) -> tuple[Status, str]:
    gone = [f"topic {topic}: {found.error}" for topic, found in sorted(topics.items()) if found.error]
    status = worst(partition.status for partition in partitions)
    if status in (None, Status.UNKNOWN) and gone:
        return Status.UNKNOWN, gone[0]
    if status is None:
        if progress.batch_id is None:
            return Status.STARTING, _NOTHING_COMMITTED
        return Status.UNKNOWN, "the checkpoint names no Kafka topic"
    if status is Status.OK:
        return status, ALL_WITHIN
    if status is Status.STARTING:
        return status, next(partition.reason for partition in partitions if partition.status is status)
    return status, reason_of_partitions(partitions, status)


def reason_of_partitions(partitions: Sequence[PartitionLag], status: Status) -> str:
    """Why a job has a status that some of its partitions have: the first of them, and how many more there are."""
    hit = [partition for partition in partitions if partition.status is status]
    return f"{hit[0].topic}-{hit[0].partition}: {hit[0].reason}{and_more(len(hit))}"


def and_more(count: int) -> str:
    """The end of a sentence about the first of so many: ` (and 2 more)`; nothing when it is the only one."""
    return f" (and {count - 1} more)" if count > 1 else ""
