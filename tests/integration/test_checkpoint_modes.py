"""Checkpoints that Spark writes in its less usual modes, read while it writes them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.progress import JobProgress
from offline_observer.demo.java import Java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.spark_job import start_spark_job
from offline_observer.errors import CheckpointError
from support import copy_job
from support.kafka import Cluster, eventually

# As copy_job.py sets it.
INTERVAL_SECONDS = 3


class CopyJob:
    def __init__(self, process: ChildProcess, checkpoint: Path, source: str) -> None:
        self.process = process
        self.checkpoint = checkpoint
        self.source = source

    def read(self) -> JobProgress | None:
        """What the checkpoint says now; None while there is none yet."""
        assert self.process.running, self.process.tail()
        try:
            return CheckpointFolder(str(self.checkpoint)).read()
        except CheckpointError:
            return None

    def committed(self) -> dict[int, int]:
        progress = self.read()
        return dict(progress.committed.get(self.source, {})) if progress else {}

    def numbers(self, folder: str) -> list[int]:
        return sorted(int(path.name) for path in (self.checkpoint / folder).glob("[0-9]*"))


@pytest.fixture
def job(
    request: pytest.FixtureRequest, cluster: Cluster, java: Java, connector_jars: list[Path], tmp_path: Path
) -> Iterator[CopyJob]:
    mode: str = request.param
    source, sink, checkpoint = cluster.topic(2), cluster.topic(2), tmp_path / "checkpoint"
    cluster.produce(source, [b"{}"] * 5, partition=1)
    arguments = [mode, cluster.servers, source, sink, str(checkpoint)]
    process = start_spark_job(
        mode, Path(copy_job.__file__), arguments, tmp_path, java, connector_jars, cores=4
    )
    yield CopyJob(process, checkpoint, source)
    process.stop(10)


@pytest.mark.parametrize("job", ["real_time"], indirect=True)
def test_real_time_mode(cluster: Cluster, job: CopyJob) -> None:
    eventually(lambda: job.committed() == {0: 0, 1: 5}, what="the first batch")
    cluster.produce(job.source, [b"{}"] * 3, partition=0)
    eventually(lambda: job.committed() == {0: 3, 1: 5}, what="the next batch")


@pytest.mark.parametrize("job", ["continuous"], indirect=True)
def test_continuous_mode(cluster: Cluster, job: CopyJob) -> None:
    eventually(lambda: job.committed() == {0: 0, 1: 5}, what="the first epoch")
    cluster.produce(job.source, [b"{}"] * 3, partition=0)
    eventually(lambda: job.committed() == {0: 3, 1: 5}, what="the next epoch")
    progress = job.read()
    assert progress is not None
    assert progress.initial == {}
    assert progress.committed_at is not None


@pytest.mark.parametrize("job", ["async_progress"], indirect=True)
def test_async_progress_leaves_gaps(cluster: Cluster, job: CopyJob) -> None:
    total = 0

    def feed_until_there_is_a_gap() -> bool:
        nonlocal total
        cluster.produce(job.source, [b"{}"], partition=0)
        total += 1
        numbers = job.numbers("commits")
        return len(numbers) >= 3 and numbers != list(range(numbers[-1] + 1))

    eventually(feed_until_there_is_a_gap, what="a gap in the batch numbers")

    # A batch that comes after more than the interval is written; until then the lag is overstated.
    fed = 0.0

    def feed_until_committed() -> bool:
        nonlocal total, fed
        committed = job.committed()
        assert committed[0] <= total
        if committed != {0: total, 1: 5} and time.monotonic() > fed + 2 * INTERVAL_SECONDS:
            fed = time.monotonic()
            cluster.produce(job.source, [b"{}"], partition=0)
            total += 1
            return False
        return committed == {0: total, 1: 5}

    eventually(feed_until_committed, what="a written batch with all records")
    progress = job.read()
    assert progress is not None
    assert progress.batch_id == job.numbers("commits")[-1]
    assert not progress.warnings
