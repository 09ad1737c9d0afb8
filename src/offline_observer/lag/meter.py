"""Measures a job's lag: the checkpoint first, the broker after."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.progress import JobProgress
from offline_observer.clock import Clock
from offline_observer.errors import BrokerError
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.lag.first_records import FirstRecords
from offline_observer.lag.history import JobHistory
from offline_observer.lag.isolation import (
    READ_COMMITTED,
    READ_UNCOMMITTED,
    Measured,
    looks_rewound,
    measured_again,
)
from offline_observer.lag.lag import JobLag, job_lag, lag_without_broker, topics_of
from offline_observer.lag.look import Look
from offline_observer.lag.past import EndsAt
from offline_observer.lag.seconds_behind import FirstRecord, TopicPartitionKey, with_seconds_behind
from offline_observer.lag.settings import HealthSettings

# Records are read for the seconds only; the lag itself never waits for them longer than this.
_FIRST_RECORDS_SECONDS = 2.0
# A first look asks for the past, too; it is not waited for longer than this.
_PAST_SECONDS = 2.0
_LOOK_BACK = timedelta(minutes=5)


class LagMeter:
    """Measures one job.

    Args:
        checkpoint: Path or URL of the job's checkpoint folder.
        properties: librdkafka properties of the cluster that the job reads.
        isolation_level: The job's own: Spark reads uncommitted unless it is told otherwise.
        clock: The clock.
        health: Thresholds for the job's health.
        storage: What the filesystem of a checkpoint's URL takes, credentials among it.

    Attributes:
        history: The looks so far, and what is remembered of the job.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self,
        checkpoint: str,
        properties: Mapping[str, str],
        isolation_level: str,
        clock: Clock,
        health: HealthSettings | None = None,
        storage: Mapping[str, object] | None = None,
    ) -> None:
        self._folder = CheckpointFolder(checkpoint, storage)
        self._watermarks = WatermarkReader(properties, isolation_level)
        self._properties = dict(properties)
        self._isolation_level = isolation_level
        self._clock = clock
        self.history = JobHistory(health or HealthSettings())
        self._first_records: dict[str, FirstRecords] = {}

    def measure(self, timeout: float) -> JobLag:
        """Reads the checkpoint, then the watermarks of the topics that it names.

        Args:
            timeout: Seconds that each step with the broker may take.

        Raises:
            CheckpointError: There is no checkpoint, or it cannot be read.
            BrokerError: No broker answered.
        """
        # In this order a batch that commits in between makes the lag too large for a moment; the other order
        # would make it negative.
        progress = self._folder.read(look_back=self._look_back)
        return self._judge(progress, self._ask(progress, timeout), timeout)

    def observe(self, timeout: float) -> JobLag:
        """The same, but a broker that does not answer leaves what the checkpoint said.

        Raises:
            CheckpointError: There is no checkpoint, or it cannot be read.
        """
        progress = self._folder.read(look_back=self._look_back)
        try:
            measured = self._ask(progress, timeout)
        except BrokerError as error:
            return lag_without_broker(progress, str(error))
        return self._judge(progress, measured, timeout)

    def _ask(self, progress: JobProgress, timeout: float) -> Measured:
        """The lag by the broker's answer; where the job looks rewound, by the other isolation level if that explains it.

        Raises:
            BrokerError: No broker answered.
        """
        measured = self._ask_as(progress, self._isolation_level, timeout)
        if self._isolation_level != READ_COMMITTED or not looks_rewound(measured.lag):
            return measured
        return measured_again(measured, self._ask_as(progress, READ_UNCOMMITTED, timeout))

    def _ask_as(self, progress: JobProgress, isolation_level: str, timeout: float) -> Measured:
        asked = self._clock.monotonic()
        topics = self._watermarks.read(topics_of(progress), timeout, isolation_level=isolation_level)
        ids = {name: topic.topic_id for name, topic in topics.items()}
        return Measured(job_lag(progress, topics), ids, isolation_level, asked)

    def _judge(self, progress: JobProgress, measured: Measured, timeout: float) -> JobLag:
        # In this order: the records that are read now were there by then.
        at, monotonic = self._clock.now(), self._clock.monotonic()
        lag, first_records = self._with_seconds_behind(measured, timeout)
        look = Look(
            at=at,
            monotonic=monotonic,
            lag=lag,
            query_id=progress.query_id,
            topic_ids=measured.topic_ids,
            commit_times=progress.commit_times,
            planned_at=progress.planned_at,
            in_flight=progress.planned_batch_id if progress.in_flight else None,
            made_at=progress.made_at,
            asked=measured.asked if measured.isolation_level == READ_UNCOMMITTED else None,
            first_records=first_records,
        )
        return self.history.see(look, progress, self._past_ends(look, progress, timeout))

    def _past_ends(self, look: Look, progress: JobProgress, timeout: float) -> Sequence[EndsAt]:
        """Where the partitions ended when earlier batches were committed, where the history wants that."""
        times = self.history.commits_to_ask_for(progress)
        if not times:
            return ()
        partitions = [(p.topic, p.partition) for p in look.lag.partitions if p.end_offset is not None]
        try:
            return self._watermarks.offsets_at_times(partitions, times, min(timeout, _PAST_SECONDS))
        except BrokerError:
            return ()  # it has just answered; the next look tries again

    @property
    def _look_back(self) -> timedelta | None:
        return _LOOK_BACK if self.history.wants_past else None

    def _with_seconds_behind(
        self, measured: Measured, timeout: float
    ) -> tuple[JobLag, Mapping[TopicPartitionKey, FirstRecord]]:
        lag, isolation = measured.lag, measured.isolation_level
        if not lag.total_lag:
            return with_seconds_behind(lag, {}, self._clock.now()), {}
        if isolation not in self._first_records:
            # Not before a record waits: a job that is always caught up costs no consumer.
            self._first_records[isolation] = FirstRecords(self._properties, isolation)
        reader = self._first_records[isolation]
        end = self._clock.monotonic() + min(timeout, _FIRST_RECORDS_SECONDS)
        try:
            found = reader.read(lag, lambda: end - self._clock.monotonic(), measured.topic_ids)
            problem = reader.problem
        except BrokerError as error:
            found, problem = {}, str(error)
        if problem:
            lag = replace(lag, warnings=(*lag.warnings, f"seconds behind are not known: {problem}"))
        return with_seconds_behind(lag, found, self._clock.now()), found

    def close(self) -> None:
        """Lets go of the connections."""
        for reader in self._first_records.values():
            reader.close()
