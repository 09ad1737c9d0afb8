"""One batch of a Structured Streaming query: summed up on the executors, written down by the driver."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from offline_observer.checkpoint.offset_log import parse_initial_offsets, parse_offset_log
from offline_observer.checkpoint.source import KafkaSource
from offline_observer.clock import Clock
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.dataset_profiler import ProfileEntry, make_profiler
from offline_observer.engine.batch_gaps import batch_gaps
from offline_observer.engine.batch_ranges import batch_ranges
from offline_observer.engine.of_dataset import contents_of, kernel_settings
from offline_observer.engine.spark_kernel import summarize
from offline_observer.errors import BrokerError, CheckpointError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.kafka.partitions import TopicWatermarks
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.observation import (
    DatasetObservation,
    Document,
    JobObservation,
    Observation,
    batch_observation_id,
    job_fields,
    newest_times,
    observation_document,
    profile_part,
    with_own,
)
from offline_observer.quality.summary import Summary
from offline_observer.quality.verdict import NOTHING_REMEMBERED, outcomes
from offline_observer.time_text import span

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_maker import ReportMaker

_WATERMARK_SECONDS = 5.0
_START_SECONDS = 60.0
# A batch that takes longer than this, and than so many ticks, is said to be under way: it may never end.
_SILENT_SECONDS = 60.0
_SILENT_TICKS = 5

Look = Callable[[], JobObservation | None]
"""Measures the lag of the pipeline's job."""


class BatchObserver:
    """Takes the batches of one pipeline's query, one after the other. What `foreachBatch` calls.

    Args:
        config: The whole configuration.
        pipeline: The pipeline.
        dataset: Its dataset.
        journal: Where the observations go.
        checkpoint: Where the query has its checkpoint.
        clock: The clock.
        look: Measures the job's lag.
        reports: Makes the reports of the dataset's windows; None: none are made.
        own: Gives what a document says of the observer itself.
        sent: Waits until what is in the journal has been sent; None: nothing waits for that.

    Attributes:
        query_id: The query's id, once it has been started.
        batches: How many batches were written.
        failure: Why the query does not run; None when it does.

    Raises:
        ConfigError: librdkafka refuses a property, or a library is missing.
        JournalError: The journal cannot be read.
    """

    def __init__(
        self,
        config: Config,
        pipeline: Pipeline,
        dataset: Dataset,
        journal: Journal,
        checkpoint: str,
        clock: Clock,
        look: Look,
        reports: "ReportMaker | None" = None,
        own: Callable[[], Document] = dict,
        sent: Callable[[], None] | None = None,
    ) -> None:
        self._own = own
        self._sent = sent
        self.failure: str | None = None
        self.query_id: Future[str] = Future()
        self.batches = 0
        self._config = config
        self._name = pipeline.name
        self._dataset = dataset
        self._rules = dataset.rule_list()
        self._settings = kernel_settings(dataset)
        self._journal = journal
        self._checkpoint = checkpoint
        self._clock = clock
        self._look = look
        self._watermarks = WatermarkReader(
            config.kafka_of_dataset(pipeline), dataset.isolation_level, "DESCRIBE and READ"
        )
        self._memory = replace(
            NOTHING_REMEMBERED,
            newest=newest_times(
                journal.newest_observation(pipeline.name, dataset.topic), dataset.topic, self._rules
            ),
        )
        self._contents = contents_of(dataset)
        self._profiler = make_profiler(config, pipeline, journal, reports)
        self._limit = config.spark.max_offsets_per_trigger
        self._asking = Lock()
        # When the batch under way began, on the monotonic clock.
        self._under_way_since: float | None = None
        self._longest_silence = max(_SILENT_SECONDS, _SILENT_TICKS * config.every.total_seconds())
        self._batches_then = 0

    def __call__(self, records: DataFrame, batch_id: int) -> None:
        """Observes a batch. When it returns, the observation is in the journal, and sent where that is to be waited for.

        Raises:
            ExportError: It is not sent; likewise.
            JournalError: It is not; Spark does not commit the batch, and runs it again.
            PySparkException: The records cannot be read or summed up; likewise.
        """
        self._under_way_since = self._clock.monotonic()
        try:
            self._take(records, batch_id)
        finally:
            self._under_way_since = None

    def _take(self, records: DataFrame, batch_id: int) -> None:
        query_id = self.query_id.result(_START_SECONDS)
        identity = batch_observation_id(self._name, query_id, batch_id)
        first = self._journal.document(identity)
        now = datetime.fromisoformat(str(first["@timestamp"])) if first else self._clock.now()
        job = self._look() if first is None else None
        topic, problem = self._topic()
        key = self._key(query_id)
        known = self._journal.positions(key)
        summary = summarize(records, self._dataset.topic, self._settings, now)
        ends = self._ends(records.sparkSession, batch_id)
        behind = _behind(topic, ends)
        # Without a limit a batch takes all that is there when it is planned.
        is_caught_up = behind is not None and (self._limit is None or behind == 0)
        memory = self._memory
        if first is None or self.batches == 0:  # else they are in what is remembered
            memory = memory.after(summary, now, is_caught_up=is_caught_up)
        gaps = batch_gaps(known, topic, ends) if topic else None
        dataset = DatasetObservation(
            topic=self._dataset.topic,
            rules=self._rules,
            declared=self._dataset.fields,
            summary=summary,
            outcomes=outcomes(self._rules, summary, memory, now, is_caught_up=is_caught_up),
            behind=behind,
            expired=gaps.expired if gaps else None,
            error=None,
            notes=(
                *(gaps.notes if gaps else ()),
                *([f"what is behind is not known: {problem}"] if problem else []),
            ),
            contents=self._contents,
            newest=memory.newest,
        )
        observation = Observation(
            timestamp=now, observer=self._config.name, pipeline=self._name, job=job, dataset=dataset
        )
        document = observation_document(observation)
        topic_id = (topic.topic_id if topic else None) or next(iter(known), "")
        profiling: AbstractContextManager[ProfileEntry | None] = nullcontext()
        if first is not None:
            # Its records were added to the windows when it was first written, in one transaction with it.
            document = replayed(document, first)
        elif self._profiler is not None:
            initial = {} if known else self._initial(records.sparkSession)
            ranges = batch_ranges(known, initial, topic, ends)
            profiling = self._profiler.step(key, now, summary, topic_id, ranges)
        with profiling as profile:
            if profile is not None:
                document |= profile.part
            document = with_own(document, self._own())
            self._journal.append(
                Entry(
                    pipeline=self._name,
                    document=document,
                    identity=identity,
                    dataset=key,
                    topic_id=topic_id,
                    positions=ends,
                    read_from=known,
                    windows=profile.windows if profile else None,
                    windows_of=profile.windows_of if profile else "",
                    profiles=profile.documents if profile else (),
                )
            )
        self._memory = memory
        self.failure = None
        self.batches += 1
        if self._sent is not None:
            self._sent()

    def idle(self) -> DatasetObservation | None:
        """The dataset while no batch comes: no records, what is behind, and what its rules say of it as a whole.

        Without counts, with the reason, when the query or the broker does not work.

        Returns:
            None when a batch is under way, or came since this was asked before: it says all of that.

        Raises:
            JournalError: The journal cannot be read.
        """
        came = self.batches != self._batches_then
        self._batches_then = self.batches
        if self.failure is not None:
            return self._quiet(None, None, self.failure)
        since = self._under_way_since
        if since is not None:
            seconds = self._clock.monotonic() - since
            if seconds <= self._longest_silence:
                return None
            return self._quiet(None, None, f"a batch has been under way for {span(seconds)} and is not done")
        query_id = self.query_id  # another one is there when the query is started again meanwhile
        if came or not query_id.done():
            return None
        topic, problem = self._topic()
        if topic is None:
            return self._quiet(None, None, problem)
        known = self._journal.positions(self._key(query_id.result()))
        positions = known.get(topic.topic_id or "")
        return self._quiet(Summary(), None if positions is None else _behind(topic, positions), None)

    def _quiet(self, summary: Summary | None, behind: int | None, error: str | None) -> DatasetObservation:
        now = self._clock.now()
        return DatasetObservation(
            topic=self._dataset.topic,
            rules=self._rules,
            declared=self._dataset.fields,
            summary=summary,
            outcomes=outcomes(self._rules, summary, self._memory, now, is_caught_up=behind == 0),
            behind=behind,
            expired=None if summary is None else 0,
            error=error,
            newest=self._memory.newest,
        )

    def profile(self, at: datetime) -> AbstractContextManager[ProfileEntry | None]:
        """What a look makes of the profile, after `idle`: a window of a time ends although no batch comes.

        While a batch is under way the windows are left to it. One that begins after this was asked is younger than the
        look, so it cannot belong into a window that the look ends.

        Args:
            at: When the look began.
        """
        if self._profiler is None:
            return nullcontext()
        query_id = self.query_id
        if self._under_way_since is not None or not query_id.done():
            return self._profiler.news()
        return self._profiler.step(self._key(query_id.result()), at)

    def close(self) -> None:
        """Gives up the report that is being made."""
        if self._profiler is not None:
            self._profiler.close()

    def _key(self, query_id: str) -> str:
        """What the journal calls the dataset as this query reads it."""
        return f"spark:{query_id}:{self._dataset.topic}"

    def _topic(self) -> tuple[TopicWatermarks | None, str | None]:
        """Where the topic stands; or why that is not known."""
        name = self._dataset.topic
        try:
            with self._asking:
                topic = self._watermarks.read([name], _WATERMARK_SECONDS)[name]
        except BrokerError as error:
            return None, str(error)
        if topic.topic_id is None:
            return None, f"topic {name}: {topic.error}"
        return topic, None

    def _ends(self, spark: SparkSession, batch_id: int) -> dict[int, int]:
        """Where the batch ends, by the query's own checkpoint: Spark reads it, wherever it is.

        Raises:
            CheckpointError: It is not there as Spark writes it.
        """
        path = f"{self._checkpoint}/offsets/{batch_id}"
        row = spark.read.text(path, wholetext=True).first()
        if row is None:
            raise CheckpointError(f"the query's own {path} is empty")
        for source in parse_offset_log(str(row[0]).encode()).sources:
            if isinstance(source, KafkaSource):
                return dict(source.offsets.get(self._dataset.topic, {}))
        return {}

    def _initial(self, spark: SparkSession) -> dict[int, int]:
        """Where the query began, by its own checkpoint; empty where that is not known."""
        try:
            row = spark.read.text(f"{self._checkpoint}/sources/0/0", wholetext=True).first()
            source = parse_initial_offsets("0", str(row[0]).encode()) if row else None
        except (CheckpointError, PySparkException):
            return {}  # only the report's heading would have had it
        if not isinstance(source, KafkaSource):
            return {}
        offsets = source.offsets.get(self._dataset.topic, {})
        return {partition: offset for partition, offset in offsets.items() if offset >= 0}


def _behind(topic: TopicWatermarks | None, ends: Mapping[int, int]) -> int | None:
    """Records between where a batch ends and where the topic did; None when that is not known."""
    total = 0
    for partition, marks in topic.partitions.items() if topic else ():
        if marks.end is None or marks.earliest is None:
            return None
        total += max(0, marks.end - max(marks.earliest, ends.get(partition, 0)))
    return total if topic else None


# What a batch that is run again does not measure again: these were true when it was first observed.
_OF_THE_DATASET_THEN = (
    # What exporters choose the index by: in another month's the document would be there twice.
    "@timestamp",
    "dataset_behind",
    "dataset_expired",
    "warnings",
    *profile_part(None, None, None, None),
)


def replayed(document: Document, first: Document) -> Document:
    """The document of a batch that is run again: its records counted anew, all else as at the first time."""
    if _number(document["all_events"]) < _number(first["all_events"]):
        # Retention has removed some since. They had been observed.
        return first
    kept = {key: first[key] for key in (*job_fields(), *_OF_THE_DATASET_THEN) if key in first}
    return {**document, **kept}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
