"""The observed job as a process of its own, started and stopped by a test."""

from collections.abc import Callable
from pathlib import Path

from offline_observer.demo.java import Java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.scenario import PASSTHROUGH_JOB, scenario_folder
from offline_observer.demo.spark_job import start_spark_job
from support.kafka import Cluster

StartJob = Callable[..., ChildProcess]


class PassthroughJob:
    """The passthrough job between two topics, with a checkpoint that outlives its runs."""

    def __init__(
        self, cluster: Cluster, source: str, sink: str, folder: Path, java: Java, connector: list[Path]
    ) -> None:
        self._cluster = cluster
        self._topics = (source, sink)
        self._folder = folder
        self._java = java
        self._connector = connector
        self._process: ChildProcess | None = None
        self.checkpoint = folder / "checkpoint"

    def start(self) -> None:
        source, sink = self._topics
        arguments = ["--bootstrap-servers", self._cluster.servers, "--checkpoint", str(self.checkpoint)]
        arguments += ["--input-topic", source, "--output-topic", sink]
        script = scenario_folder() / PASSTHROUGH_JOB
        self._process = start_spark_job(
            "passthrough", script, arguments, self._folder, self._java, self._connector
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(10)
            self._process = None
