"""One look at a job, with what its health is judged by besides the lag (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from offline_observer.lag.lag import JobLag
from offline_observer.lag.seconds_behind import FirstRecord, TopicPartitionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a job at one moment.

    Attributes:
        at: The moment, on the wall clock: to compare with the times in a checkpoint and of records.
        monotonic: The same on a clock that never steps back, seconds: to compare two looks.
        lag: The lag, each partition with the status that one look can tell.
        query_id: The query that writes the checkpoint; None when it cannot be read.
        topic_ids: Kafka's id per topic; None for a topic that cannot be described.
        commit_times: When the newest batches were committed, in their order.
        planned_at: When the newest batch was planned; None when that is not known.
        in_flight: The batch that is planned and not committed; None when there is none.
        made_at: When the checkpoint was made; None when that is not known.
        is_from_checkpoint: Nobody looked then. It is how things were when a batch was committed, as the checkpoint
            and the times of the records tell afterwards: it gives a job a history at first sight.
        asked: When the broker was asked for the ends, on the clock of `monotonic`: whatever is at an end or beyond it
            was written later. None when that cannot be said: records are written beyond a last stable offset.
        first_records: Per topic and partition the first record that waits, as far as it was read.
    """

    at: datetime
    monotonic: float
    lag: JobLag
    query_id: str | None = None
    topic_ids: Mapping[str, str | None]
    commit_times: tuple[datetime, ...] = ()
    planned_at: datetime | None = None
    in_flight: int | None = None
    made_at: datetime | None = None
    is_from_checkpoint: bool = False
    asked: float | None = None
    first_records: Mapping[TopicPartitionKey, FirstRecord] = field(default_factory=dict)
