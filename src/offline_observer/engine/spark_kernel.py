"""The kernel on Spark's executors: a summary of each task's records, merged on the driver."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pyarrow as pa
from pyspark.sql import DataFrame

from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.engine.spark_chunk import COLUMNS, chunks_of
from offline_observer.engine.summary_bytes import from_bytes, to_bytes
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.summary import Summary, merge_all

_RESULT = "summary binary"


def summarize(records: DataFrame, settings: KernelSettings, now: datetime) -> Summary:
    """The summary of a batch of records.

    One Spark job; each of its tasks brings one row, whatever the number of records.

    Args:
        records: Rows of Spark's Kafka source (`topic`, `partition`, `offset`, `timestamp`, `value`), not streaming.
        settings: What is to be found out, and how the records are to be read.
        now: When they are observed. The same time gives the same summary.

    Raises:
        OtherVersionError: The executors have another version of this program.
        PySparkException: A task failed for good.
    """
    task = _Task(pickle.dumps(settings), now)
    rows = records.select(*COLUMNS).mapInArrow(task, _RESULT).collect()
    return merge_all(from_bytes(bytes(row[0])) for row in rows)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a task does. Sent to the executors by name, so this package must be installed there."""

    settings: bytes
    now: datetime

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        total = _kernel(self.settings).start(self.now)
        for batch in batches:
            for chunk in chunks_of(batch):
                total.add(chunk)
        yield pa.RecordBatch.from_arrays([pa.array([to_bytes(total.summary())], pa.binary())], ["summary"])


@lru_cache(maxsize=16)
def _kernel(settings: bytes) -> Kernel:
    """The kernel, built once in each of Spark's Python processes, which serve many tasks."""
    return build_kernel(pickle.loads(settings))  # noqa: S301 - from our own driver
