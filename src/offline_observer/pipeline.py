"""Observes one pipeline: its job's lag, its dataset's records."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from offline_observer.clock import Clock
from offline_observer.config.model import Config, Pipeline
from offline_observer.dataset_profiler import DatasetProfiler, ProfileEntry, make_profiler
from offline_observer.engine.local import DatasetRead, LocalEngine
from offline_observer.engine.of_dataset import contents_of, kernel_settings, read_limits
from offline_observer.errors import JournalError, ObserverError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.lag.lag import JobLag, PartitionLag, unknown_lag
from offline_observer.lag.memory import JobMemory, recalled_memory
from offline_observer.lag.meter import LagMeter
from offline_observer.lag.survey import make_meter
from offline_observer.observation import (
    DatasetObservation,
    Document,
    JobObservation,
    Observation,
    due_partitions,
    newest_times,
    observation_document,
    partition_document,
    with_own,
)
from offline_observer.part import Part
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.verdict import NOTHING_REMEMBERED, outcomes
from offline_observer.stop import Stop

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_maker import ReportMaker

# The broker's own timeouts end before the part's, so that its reason is what one reads.
_BROKER_SHARE = 0.8
_LONGEST_BROKER_SECONDS = 10.0
# A read that has brought nothing when its time is over gets a little more: a new connection takes its time.
_PATIENCE_SECONDS = 1.5
# A read that is told to stop hands over what it has within a moment; one that hangs is left.
_STOP_SECONDS = 1.0


class _Read(NamedTuple):
    """What a read brought, and the texts of the offending records' values; None for the texts when none are kept."""

    read: DatasetRead
    texts: Mapping[bytes, str | None] | None


class PipelineObserver:
    """One pipeline, tick after tick.

    Args:
        config: The whole configuration.
        pipeline: The pipeline in it.
        journal: Where observations and positions go.
        clock: The clock.
        reports: Makes the reports of the dataset's windows; None: none are made.
        own: Gives what a document says of the observer itself.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self,
        config: Config,
        pipeline: Pipeline,
        journal: Journal,
        clock: Clock,
        reports: "ReportMaker | None" = None,
        own: Callable[[], Document] = dict,
    ) -> None:
        self.name = pipeline.name
        self._own = own
        self._config = config
        self._job = pipeline.job
        self._dataset = pipeline.dataset
        self._journal = journal
        self._clock = clock
        self._meter = make_meter(config, pipeline, clock)
        self._engine: LocalEngine | None = None
        self._lag_part: Part[JobLag] = Part("measuring the lag")
        self._read_part: Part[_Read] = Part("reading the dataset")
        self._remembered: JobMemory | None = None
        self._written: dict[tuple[str, int], tuple[datetime, PartitionLag]] = {}
        self._lag_before: JobLag | None = None
        self._status_before: str | None = None
        self._positions: Mapping[str, Mapping[int, int]] = {}
        self._rules: tuple[Rule, ...] = ()
        self._memory = self._memory_before = NOTHING_REMEMBERED
        self._is_recalled = False
        self._contents: Callable[[bytes], str | None] | None = None
        self._journal_error: JournalError | None = None
        self._profiler: DatasetProfiler | None = None
        if self._dataset:
            self._rules = self._dataset.rule_list()
            properties = config.kafka_of_dataset(pipeline)
            self._key = config.key_of_dataset(pipeline)
            self._engine = LocalEngine(
                properties,
                self._dataset.topic,
                self._dataset.isolation_level,
                kernel_settings(self._dataset),
                self._dataset.start_from,
                limits=read_limits(config, self._dataset),
                processes=self._dataset.processes,
            )
            self._contents = contents_of(self._dataset)
            self._profiler = make_profiler(config, pipeline, journal, reports)

    def start_lag(self, seconds: float) -> None:
        """Starts measuring the job's lag, in the background."""
        if self._meter:
            meter = self._meter
            self._recall(meter)
            timeout = min(_LONGEST_BROKER_SECONDS, max(1.0, seconds * _BROKER_SHARE / 2))
            self._lag_part.start(lambda: meter.observe(timeout))

    def _recall(self, meter: LagMeter) -> None:
        """Takes up what is remembered of the job, and what the operator has acknowledged since."""
        if self._lag_part.busy:
            return  # a look that hangs has the history in its hands
        try:
            text, through = self._journal.job(self._job.name if self._job else "")
            if self._remembered is None:
                document = self._journal.newest_observation(self.name) or {}
                self._status_before = str(document["job_status"]) if document.get("job_status") else None
                self._remembered = meter.history.memory = recalled_memory(text, through)
            meter.history.acknowledge(through)
        except JournalError:
            return  # it is tried again with the next tick; this one says that the journal cannot be written

    def finish_lag(self, seconds: float, stop: Stop) -> JobObservation | None:
        """The job's lag; `unknown`, with the reason, when it could not be measured in time."""
        if not self._job:
            return None
        try:
            lag = self._lag_part.result(seconds, stop)
        except ObserverError as error:
            lag = unknown_lag(str(error), self._lag_before)
        except Exception as error:  # noqa: BLE001 - one part's fault must not stop the others
            lag = unknown_lag(_fault(error), self._lag_before)
        self._lag_before = lag
        before, self._status_before = self._status_before, lag.status.value
        return JobObservation(name=self._job.name, lag=lag, status_before=before)

    def start_read(self, deadline: float, stop: Stop) -> None:
        """Starts reading the dataset's records, in the background, until the deadline on the monotonic clock."""
        if not self._engine:
            return
        engine = self._engine
        make_text = self._contents
        positions: Mapping[str, Mapping[int, int]] = {}
        self._journal_error = None
        try:
            positions = self._journal.positions(self._key)
            self._recall_newest()
        except JournalError as error:
            # Without the positions a read would count again what is already counted.
            self._journal_error = error
            return

        def time_left() -> float:
            return 0.0 if stop.is_set() else deadline - self._clock.monotonic()

        def patience_left() -> float:
            return time_left() + (0.0 if stop.is_set() else _PATIENCE_SECONDS)

        self._positions = positions

        def read() -> _Read:
            found = engine.read(positions, time_left, patience_left, self._clock.now())
            # Here, where it may take its time: a format may have to ask a registry.
            return _Read(found, make_text and _texts(found.summary, make_text))

        self._read_part.start(read)

    def _recall_newest(self) -> None:
        """Takes up the newest times that were seen before the program was started again.

        Raises:
            JournalError: The journal cannot be read; it is tried again with the next tick.
        """
        if self._is_recalled or self._dataset is None:
            return
        document = self._journal.newest_observation(self.name)
        newest = newest_times(document, self._dataset.topic, self._rules)
        self._memory_before = replace(self._memory_before, newest=newest)
        self._is_recalled = True

    def finish_read(self, seconds: float, stop: Stop) -> tuple[DatasetObservation, DatasetRead | None] | None:
        """What was read of the dataset; no counts, with the reason, when it could not be read in time."""
        if not self._dataset:
            return None
        if self._journal_error:
            return self._dataset_observation(None, str(self._journal_error)), None
        try:
            read, texts = self._read_part.result(seconds, stop, grace=_STOP_SECONDS)
        except ObserverError as error:
            return self._dataset_observation(None, str(error)), None
        except Exception as error:  # noqa: BLE001 - one part's fault must not stop the others
            return self._dataset_observation(None, _fault(error)), None
        return self._dataset_observation(read, read.error, texts), read

    def _dataset_observation(
        self,
        read: DatasetRead | None,
        error: str | None,
        texts: Mapping[bytes, str | None] | None = None,
    ) -> DatasetObservation:
        summary = read.summary if read else None
        now = read.started_at if read else self._clock.now()
        is_caught_up = read is not None and read.behind == 0
        # What is not written into the journal is read again: until then, what was before is what is remembered.
        self._memory = self._memory_before
        if summary is not None:
            self._memory = self._memory.after(summary, now, is_caught_up=is_caught_up)
        return DatasetObservation(
            topic=self._dataset.topic if self._dataset else "",
            rules=self._rules,
            declared=self._dataset.fields if self._dataset else (),
            summary=summary,
            outcomes=outcomes(self._rules, summary, self._memory, now, is_caught_up=is_caught_up),
            behind=read.behind if read else None,
            expired=read.expired if read else None,
            error=error,
            notes=read.notes if read else (),
            contents=None if texts is None else texts.get,
            newest=self._memory.newest,
        )

    def record(
        self,
        timestamp: datetime,
        job: JobObservation | None,
        dataset: tuple[DatasetObservation, DatasetRead | None] | None,
    ) -> Document:
        """Writes the observation and the offsets that it covers into the journal, together.

        Returns:
            The document.

        Raises:
            JournalError: Nothing was written; the next tick reads the same records again.
        """
        read = dataset[1] if dataset else None
        profiling: AbstractContextManager[ProfileEntry | None] = nullcontext()
        if self._profiler is not None:
            profiling = self._profiler.step(
                self._key,
                timestamp,
                read.summary if read else None,
                read.topic_id if read else "",
                read.ranges if read else None,
            )
        with profiling as profile:
            return self.write(timestamp, job, dataset, profile)

    def write(
        self,
        timestamp: datetime,
        job: JobObservation | None,
        dataset: tuple[DatasetObservation, DatasetRead | None] | None,
        profile: ProfileEntry | None,
    ) -> Document:
        """Writes an observation into the journal, together with what goes there of the dataset's profile.

        Returns:
            The document.

        Raises:
            JournalError: Nothing was written.
        """
        observation = Observation(
            timestamp=timestamp,
            observer=self._config.name,
            pipeline=self.name,
            job=job,
            dataset=dataset[0] if dataset else None,
        )
        document = observation_document(observation)
        if profile is not None:
            document |= profile.part
        document = with_own(document, self._own())
        due = due_partitions(job.lag.partitions, self._written, timestamp) if job else ()
        read = dataset[1] if dataset else None
        memory = self._meter.history.memory if self._meter else None
        is_new = memory is not None and self._remembered is not None and memory != self._remembered
        self._journal.append(
            Entry(
                pipeline=self.name,
                document=document,
                partitions=[partition_document(observation, job, p) for p in due] if job else [],
                dataset=self._key if read else None,
                topic_id=read.topic_id if read else "",
                positions=read.positions if read else None,
                read_from=self._positions,
                job=self._job.name if self._job and is_new else None,
                memory=memory.to_json() if memory else "",
                windows=profile.windows if profile else None,
                windows_of=profile.windows_of if profile else "",
                profiles=profile.documents if profile else (),
            )
        )
        self._remembered = memory if is_new else self._remembered
        self._memory_before = self._memory
        present = {(p.topic, p.partition) for p in job.lag.partitions} if job else set()
        kept = {key: last for key, last in self._written.items() if key in present}
        self._written = {**kept, **{(p.topic, p.partition): (timestamp, p) for p in due}}
        return document

    @property
    def is_reporting(self) -> bool:
        """Whether a report is being made."""
        return self._profiler is not None and self._profiler.is_reporting

    def close(self) -> None:
        """Lets go of the connections, unless a call that hangs still uses them."""
        if self._profiler:
            self._profiler.close()
        if self._engine and not self._read_part.busy:
            self._engine.close()
        if self._meter and not self._lag_part.busy:
            self._meter.close()


def _texts(summary: Summary, make_text: Callable[[bytes], str | None]) -> dict[bytes, str | None]:
    """The texts of the offending records' values."""
    return {
        offender.value: make_text(offender.value)
        for offenders in summary.offenders.values()
        for offender in offenders
        if offender.value is not None
    }


def _fault(error: Exception) -> str:
    return f"fault in this program: {type(error).__name__}: {error}"
