"""The process of the Spark driver, and the workloads that run in it."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from multiprocessing.connection import Client, Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.observing.spark_driver import Request
from benchmarks.observing.workload import FIELDS, Counts, Ends, Quality, small_part
from offline_observer.demo.jars import SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.spark_job import start_spark_job

_SETTINGS = {
    "spark.driver.memory": "2g",
    # In place of the demo's options, which are for a quick start and a small footprint.
    "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",
    "spark.sql.adaptive.enabled": "false",
}
_CORES = 2
_START_SECONDS = 120.0
_RUN_SECONDS = 600.0
_POLL_SECONDS = 0.05
# Java compiles what runs often, better and better: a record takes a third of the time after some millions of them.
_WARM_RECORDS = 4_000_000


class SparkProcess:
    """Starts the driver at the first request. One for all the workloads that use it."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._process: ChildProcess | None = None
        self._connection: Connection[Any, Any] | None = None

    def start(self) -> None:
        """Starts it, unless it runs."""
        if self._connection is not None:
            return
        self._folder = TemporaryDirectory(prefix="spark-")
        folder = Path(self._folder.name)
        socket = folder / "socket"
        self._process = start_spark_job(
            "spark driver",
            Path(__file__).with_name("spark_driver.py"),
            [str(socket)],
            folder,
            find_java(os.environ),
            fetch_jars(SPARK_KAFKA_CONNECTOR, lambda _: None),
            cores=_CORES,
            settings=_SETTINGS,
        )
        deadline = time.monotonic() + _START_SECONDS
        while self._connection is None:
            self._expect_running(self._process, deadline)
            try:
                self._connection = Client(str(socket), "AF_UNIX")
            except OSError:
                time.sleep(_POLL_SECONDS)

    def ask(self, request: Request) -> Mapping[str, Any]:
        """Runs a job.

        Raises:
            RuntimeError: It failed, or did not end in time.
        """
        if self._connection is None or self._process is None:
            raise RuntimeError("the Spark driver was not started")
        self._connection.send_bytes(json.dumps(asdict(request)).encode())
        deadline = time.monotonic() + _RUN_SECONDS
        while not self._connection.poll(_POLL_SECONDS):
            self._expect_running(self._process, deadline)
        try:
            answer: Mapping[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise self._process.died() from None
        if "error" in answer:
            raise RuntimeError(f"Spark job {request.job}: {answer['error']}")
        return answer

    @staticmethod
    def _expect_running(process: ChildProcess, deadline: float) -> None:
        if not process.running:
            raise process.died()
        if time.monotonic() > deadline:
            raise RuntimeError(f"the Spark driver does not answer; the end of its log:\n{process.tail()}")

    def close(self) -> None:
        """Ends it; a second call does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.stop(10)
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


@dataclass(frozen=True, slots=True)
class SparkJob:
    """A kind of job of the driver.

    Attributes:
        name: Name in the figures.
        job: Its name in the driver.
        process: The driver.
    """

    name: str
    job: str
    process: SparkProcess

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        """Starts Spark, and runs the job over a small range, then over all until Java has compiled it."""
        self.process.start()
        self.run(servers, topic, small_part(ends))
        seen = 0
        while seen < _WARM_RECORDS:
            seen += self.run(servers, topic, ends).records

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        by_text = {str(partition): end for partition, end in ends.items()}
        found = self.process.ask(Request(self.job, servers, topic, by_text, list(FIELDS)))
        return Counts(found["records"], Quality(found["unparseable"], found["empty"]))

    def close(self) -> None:
        self.process.close()
