"""The Spark engine: a Structured Streaming query per dataset, the kernel on its executors, the rest on the driver.

In a PySpark script:

    from offline_observer.engine.spark import observe

    observe(SparkSession.builder.getOrCreate(), "observer.yaml")
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from offline_observer.checkpoint.location import is_local
from offline_observer.clock import Clock, SystemClock
from offline_observer.config.load import load_config
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.engine.spark_batch import BatchObserver
from offline_observer.engine.spark_clock import PipelineClock
from offline_observer.engine.spark_failure import pause_after, reason_of
from offline_observer.engine.spark_options import java_properties, reader_options
from offline_observer.errors import ConfigError, JournalError, ObserverError
from offline_observer.export.exports import Exports, make_exports
from offline_observer.export.health import health_part
from offline_observer.journal.journal import Journal
from offline_observer.journal.retention import Retention
from offline_observer.notify.alerting import Alerting
from offline_observer.observation import Document
from offline_observer.reports.make_desk import make_desk
from offline_observer.stop import Stop, stop_on_signals
from offline_observer.web.observer_site import serve_observer

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_desk import ReportDesk
    from offline_observer.web.server import WebServer

_LOOK_SECONDS = 0.5
_STOP_SECONDS = 10.0
_SEND_SECONDS = 1.0

Say = Callable[[str], None]
"""Told what there is to know, a sentence each."""


class SparkError(ObserverError):
    """Spark has ended, or cannot be reached."""


def observe(spark: SparkSession, config: str | Path) -> None:
    """Observes the pipelines of a configuration until stopped (Ctrl-C or SIGTERM). For a script.

    Args:
        spark: The session.
        config: The configuration's path.

    Raises:
        SystemExit: It cannot be done, with an exit code of `offline-observer run`; the reason is on stderr.
    """
    try:
        with _signals() as stop:
            SparkObserver(spark, load_config(Path(config), os.environ), stop=stop).run()
    except ObserverError as error:
        _say(f"error: {error}")
        raise SystemExit(error.exit_code) from None


class SparkObserver:
    """Observes all pipelines of a configuration on Spark.

    Args:
        spark: The session.
        config: The configuration.
        stop: Ends `run`.
        clock: The clock.
        say: Told what starts, what fails and what is tried again.

    Raises:
        ConfigError: The configuration is not one for Spark, a property has no equivalent there, or a library is missing.
        JournalError: The journal cannot be opened or has another owner.
    """

    def __init__(
        self,
        spark: SparkSession,
        config: Config,
        *,
        stop: Stop | None = None,
        clock: Clock | None = None,
        say: Say | None = None,
    ) -> None:
        check_config(config)
        self._stop = stop or Stop()
        self._say = say or _say
        clock = clock or SystemClock()
        self._clock = clock
        self._clocks: list[PipelineClock] = []
        self._queries: list[_Query] = []
        self._reports: ReportDesk | None = None
        self._exports: Exports | None = None
        self._alerting: Alerting | None = None
        self._web: WebServer | None = None
        self._journal = Journal(config.journal)
        self._retention = Retention(self._journal, config.keep, config.journal_max_bytes, config.export.all())
        try:
            self._exports = make_exports(config, self._journal, clock)
            self._alerting = Alerting(config, self._journal, clock, by_journal=True)
            self._reports = make_desk(config)
            for pipeline in config.pipelines:
                look = PipelineClock(config, pipeline, self._journal, clock, self._stop, self._say, self._own)
                self._clocks.append(look)
                if pipeline.dataset:
                    self._queries.append(self._query(spark, config, pipeline, pipeline.dataset, look))
            if config.dashboard:
                self._web = serve_observer(config, config.dashboard, clock, self._problem, self._waiting)
                self._say(f"page at {self._web.url}")
        except BaseException:
            self._close()
            raise
        self._say(f"{config.name}: observing on Spark {spark.version}, journal {self._journal.path}")

    def _query(
        self,
        spark: SparkSession,
        config: Config,
        pipeline: Pipeline,
        dataset: Dataset,
        beside: PipelineClock,
    ) -> "_Query":
        settings = config.spark
        kafka = dict(settings.kafka) or java_properties(config.kafka_of_dataset(pipeline))
        options = reader_options(
            kafka,
            dataset.topic,
            dataset.isolation_level,
            dataset.start_from,
            settings.max_offsets_per_trigger,
        )
        checkpoint = query_checkpoint(settings.checkpoint or "", pipeline.name)

        reports = self._reports.of(config, pipeline) if self._reports else None
        batch = BatchObserver(
            config,
            pipeline,
            dataset,
            self._journal,
            checkpoint,
            self._clock,
            beside.look,
            reports,
            self._own,
            None if settings.durable_journal else self._send,
        )
        beside.idle = batch.idle
        beside.profile = batch.profile
        every = config.every.total_seconds()
        return _Query(spark, pipeline.name, options, checkpoint, every, batch, self._say)

    def _own(self) -> Document:
        """What a document says of the observer itself."""
        health = self._exports.health() if self._exports else []
        warnings = [*self._retention.warnings, *(self._alerting.warnings if self._alerting else ())]
        return {**health_part(health), "warnings": warnings}

    def _send(self) -> None:
        """Waits until what is in the journal has been sent: it may be gone with the driver."""
        if self._exports:
            self._exports.wait(self._stop)

    def _problem(self) -> str | None:
        """Why it is not well; None when it is."""
        failures = (query.failure for query in self._queries)
        return next((failure for failure in failures if failure), None)

    def _waiting(self) -> str | None:
        """Why it is not ready; None when it is."""
        running = all(query.has_begun for query in self._queries)
        return None if running else "not every query runs on Spark yet"

    def _look_after_journal(self, now: float) -> None:
        with suppress(JournalError):  # whoever writes next says so
            self._retention.step_if_due(now, self._clock.now())

    def run(self) -> None:
        """Observes until it is told to stop. A query that fails is started again, where it had come to.

        Raises:
            ConfigError: Spark refuses an option.
            SparkError: Spark has ended.
        """
        try:
            for beside in self._clocks:
                beside.start()
            while not self._stop.is_set():
                now = self._clock.monotonic()
                for query in self._queries:
                    query.see_to_it(now)
                self._look_after_journal(now)
                self._clock.wait(self._stop, _LOOK_SECONDS)
        except (Py4JError, ConnectionError, EOFError):
            if not self._stop.is_set():
                raise SparkError("Spark has ended") from None
        finally:
            self._close()

    def _close(self) -> None:
        self._stop.set()
        stopping = [Thread(target=query.stop, daemon=True) for query in self._queries]
        for thread in stopping:
            thread.start()
        last = self._clock.monotonic() + _STOP_SECONDS
        for thread in stopping:
            thread.join(max(0.0, last - self._clock.monotonic()))
        for beside in self._clocks:
            beside.close()
        if self._reports:
            self._reports.close()
        if self._web:
            self._web.close()
        if self._alerting:
            self._alerting.close()
        if self._exports:
            with suppress(JournalError):  # what is not sent stays there
                self._exports.finish(_SEND_SECONDS, Stop())
            self._exports.close()
        self._journal.close()


class _Query:
    """One streaming query, started again when it has failed."""

    def __init__(
        self,
        spark: SparkSession,
        name: str,
        options: dict[str, str],
        checkpoint: str,
        every: float,
        batch: BatchObserver,
        say: Say,
    ) -> None:
        self._spark = spark
        self._name = name
        self._options = options
        self._checkpoint = checkpoint
        self._every = every
        self._say = say
        self._batch = batch
        self._query: StreamingQuery | None = None
        self._due = 0.0
        self._failures = 0
        self._seen = 0

    @property
    def failure(self) -> str | None:
        """Why it does not run; None when it does."""
        return self._batch.failure

    @property
    def has_begun(self) -> bool:
        """Whether it runs, and nothing is wrong with it."""
        return self._query is not None and self._batch.failure is None

    def see_to_it(self, now: float) -> None:
        """Starts the query when it does not run and the pause is over.

        Args:
            now: Seconds on the monotonic clock.

        Raises:
            ConfigError: Spark refuses an option.
            SparkError: Spark has ended.
        """
        if self._query is not None:
            if self._query.isActive:
                if self._batch.failure is not None and self._query.lastProgress is not None:
                    self._batch.failure = None  # it has come through a trigger since, if only to find nothing
                return
            error = self._query.exception()
            self._query = None
            self._failed(reason_of(error) if error else "the query was stopped by somebody else", now)
        elif now >= self._due:
            self._start(now)

    def _failed(self, reason: str, now: float) -> None:
        if self._spark.sparkContext._jsc.sc().isStopped():  # noqa: SLF001 - there is no other way to ask
            raise SparkError("Spark has been stopped")
        self._failures = 0 if self._batch.batches > self._seen else self._failures + 1
        self._seen = self._batch.batches
        pause = pause_after(self._failures, self._every)
        self._due = now + pause
        self._say(f"{self._name}: {reason}; tried again in {pause:g} s")
        self._batch.failure = reason

    def _start(self, now: float) -> None:
        self._batch.query_id = type(self._batch.query_id)()
        try:
            records = self._spark.readStream.format("kafka").options(**self._options).load()
            self._query = (
                records.writeStream.queryName(self._name)
                .option("checkpointLocation", self._checkpoint)
                .trigger(processingTime=f"{round(self._every * 1000)} milliseconds")
                .foreachBatch(self._batch)
                .start()
            )
        except (AnalysisException, IllegalArgumentException) as error:
            text = str(error)
            hint = (
                "; give Spark its Kafka connector: --packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION"
                if "kafka" in text and "Failed to find" in text
                else ""
            )
            raise ConfigError(f"{self._name}: Spark refuses the query: {reason_of(error)}{hint}") from None
        except (Py4JJavaError, PySparkException) as error:
            # The checkpoint's filesystem is away, for instance, or Spark has none of that name.
            self._failed(reason_of(error), now)
            return
        self._batch.query_id.set_result(str(self._query.id))

    def stop(self) -> None:
        """Stops the query. A batch under way is not written, and is run again by the next start."""
        self._batch.close()
        if self._query is None:
            return
        try:
            self._query.stop()
        except (Py4JError, PySparkException, ConnectionError, EOFError):
            return  # Spark has gone before it


def check_config(config: Config) -> None:
    """Refuses what could lose records.

    Raises:
        ConfigError: What is missing, and what to do.
    """
    if not any(pipeline.dataset for pipeline in config.pipelines):
        return
    own = [one.name for one in config.pipelines if one.dataset and one.dataset.kafka is not None]
    if config.spark.kafka and own:
        raise ConfigError(
            f"pipeline {own[0]} has a cluster of its own, and spark.kafka would have Spark read another one; leave out "
            "one of the two, or observe it with a configuration of its own"
        )
    if config.spark.checkpoint is None:
        raise ConfigError(
            "the Spark engine needs a place for the checkpoints of its own queries; set spark.checkpoint to a "
            "folder or a URL that stays when the driver goes"
        )
    if not config.spark.durable_journal and not config.export.all():
        raise ConfigError(
            "Spark takes a batch for done when its observation is in the journal, and the driver's disk may go with "
            "the driver. Put the journal on a disk that stays, and say so: spark: {durable_journal: true}; or have the "
            "observations sent elsewhere (export): then a batch is done when its observation is there"
        )


def query_checkpoint(location: str, pipeline: str) -> str:
    """Where a pipeline's query has its checkpoint, as Spark takes it."""
    # Without a scheme Spark would look in its default filesystem, HDFS for instance.
    place = f"file://{Path(location).absolute()}" if is_local(location) else location.rstrip("/")
    return f"{place}/{pipeline}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def _signals() -> Iterator[Stop]:
    """Stops on signals, where that can be: in a notebook the code is not in the main thread."""
    if threading.current_thread() is threading.main_thread():
        with stop_on_signals() as stop:
            yield stop
    else:
        yield Stop()
