from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offline_observer.demo.java import Java
from support.kafka import Cluster
from support.spark import PassthroughJob
from support.spark_observer import MakeObserver, SparkObserver


@pytest.fixture
def make_job(
    cluster: Cluster, java: Java, connector_jars: list[Path], tmp_path: Path
) -> Iterator[Callable[[str, str], PassthroughJob]]:
    """Makes passthrough jobs; whatever still runs at the test's end is stopped."""
    jobs: list[PassthroughJob] = []

    def make(source: str, sink: str) -> PassthroughJob:
        job = PassthroughJob(cluster, source, sink, tmp_path / f"job{len(jobs)}", java, connector_jars)
        jobs.append(job)
        return job

    yield make
    for job in jobs:
        job.stop()


@pytest.fixture
def make_observer(
    cluster: Cluster,
    java: Java,
    connector_jars: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MakeObserver]:
    monkeypatch.setenv("SPARK_WORKER_DIR", str(tmp_path / "workers"))
    made: list[SparkObserver] = []

    def make(dataset: str, **options: object) -> SparkObserver:
        observer = SparkObserver(
            tmp_path / f"observer{len(made)}",
            cluster,
            java,
            connector_jars,
            dataset,
            **options,  # type: ignore[arg-type]
        )
        made.append(observer)
        return observer

    yield make
    for observer in made:
        observer.stop()
