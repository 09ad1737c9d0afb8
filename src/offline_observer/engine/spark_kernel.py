"""The kernel on Spark's executors: a summary of each task's records, merged on the driver."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from offline_observer.engine.background_scanner import SCANNER
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.engine.spark_chunk import COLUMNS, chunks_of
from offline_observer.engine.summary_bytes import from_bytes, to_bytes
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.summary import Summary, merge_all

_RESULT = "summary binary"
_BATCH_SIZE = "spark.sql.execution.arrow.maxRecordsPerBatch"
_SPARKS_OWN = "10000"
_OURS = "2000"
# A summary with a sample may have as many bytes as its records. The driver gets at most so many of them at a time;
# those of more tasks are merged on the executors, into fewer.
_MOST_SAMPLES = 8
_MERGES = 4


def summarize(records: DataFrame, topic: str, settings: KernelSettings, now: datetime) -> Summary:
    """The summary of a batch of records.

    One Spark job. Each task brings one row, whatever the number of records; rows with samples are merged before they
    come to the driver, when there are many.

    Args:
        records: Rows of Spark's Kafka source (`partition`, `offset`, `timestamp`, `value`), not streaming.
        topic: The topic that they are of.
        settings: What is to be found out, and how the records are to be read.
        now: When they are observed. The same time gives the same summary.

    Raises:
        OtherVersionError: The executors have another version of this program.
        PySparkException: A task failed for good.
    """
    task = _Task(pickle.dumps(settings), topic, now)
    with _small_arrow_batches(records.sparkSession):
        summaries = records.select(*COLUMNS).mapInArrow(task, _RESULT)
        if _has_sample(settings) and records.rdd.getNumPartitions() > _MOST_SAMPLES:
            summaries = summaries.repartition(_MERGES).mapInArrow(_merge, _RESULT)
        rows = summaries.collect()
    return merge_all(from_bytes(bytes(row[0])) for row in rows)


def _has_sample(settings: KernelSettings) -> bool:
    return settings.profile is not None and settings.profile.sample > 0


@contextmanager
def _small_arrow_batches(spark: SparkSession) -> Iterator[None]:
    """Has Spark write few enough records at a time to Python that both sides find them in the processor's caches.

    A tenth faster with three rules, measured. Who has chosen another number than Spark's own keeps it.
    """
    before = spark.conf.get(_BATCH_SIZE)
    if before != _SPARKS_OWN:
        yield
        return
    spark.conf.set(_BATCH_SIZE, _OURS)
    try:
        yield
    finally:
        spark.conf.set(_BATCH_SIZE, before)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a task does. Sent to the executors by name, so this package must be installed there."""

    settings: bytes
    topic: str
    now: datetime

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        total = _kernel(self.settings).start(self.now)
        for batch in batches:
            for chunk in chunks_of(batch, self.topic):
                total.add(chunk)
        yield _row(total.summary())


def _merge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Merges the summaries of some tasks, on an executor."""
    yield _row(merge_all(from_bytes(one.as_py()) for batch in batches for one in batch.column(0)))


def _row(summary: Summary) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([to_bytes(summary)], pa.binary())], ["summary"])


@lru_cache(maxsize=16)
def _kernel(settings: bytes) -> Kernel:
    """The kernel, built once in each of Spark's Python processes, which serve many tasks."""
    made: KernelSettings = pickle.loads(settings)  # noqa: S301 - from our own driver
    # Spark ends such a process when it has nothing to do for a minute, and to load a scanner takes each of them seconds: a
    # profile is worth that, `not_empty` is not.
    return build_kernel(made, scanner=SCANNER if made.profile is not None else None)
