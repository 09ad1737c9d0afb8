from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offline_observer.demo.java import Java
from support.kafka import Cluster
from support.spark import PassthroughJob


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
