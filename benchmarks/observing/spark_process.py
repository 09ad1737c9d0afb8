"""The process of the Spark driver, and the workloads that run in it."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.observing.asked_process import AskedProcess
from benchmarks.observing.spark_driver import Request
from benchmarks.observing.workload import FIELDS, Counts, Ends, Quality, small_part
from offline_observer.demo.jars import SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.spark_job import start_spark_job

_DRIVER = Path(__file__).with_name("spark_driver.py")
_SETTINGS = {
    "spark.driver.memory": "2g",
    # In place of the demo's options, which are for a quick start and a small footprint.
    "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",
    "spark.sql.adaptive.enabled": "false",
}
NO_MORE: Mapping[str, str] = {}
_CORES = 2
# Java compiles what runs often, better and better: a record takes a third of the time after some millions of them.
_WARM_RECORDS = 4_000_000


def spark_process(
    script: Path = _DRIVER, *arguments: str, settings: Mapping[str, str] = NO_MORE
) -> AskedProcess:
    """A Spark driver that is not started yet. One for all the workloads that use it.

    Args:
        script: Listens at the socket that is its first argument.
        arguments: More of them.
        settings: Spark's settings in place of those of this benchmark.
    """

    def begin(folder: Path, socket: Path) -> ChildProcess:
        return start_spark_job(
            "spark driver",
            script,
            [str(socket), *arguments],
            folder,
            find_java(os.environ),
            fetch_jars(SPARK_KAFKA_CONNECTOR, lambda _: None),
            cores=_CORES,
            settings={**_SETTINGS, **settings},
        )

    return AskedProcess("Spark driver", begin)


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
    process: AskedProcess

    def prepare(self, servers: str, topic: str, ends: Ends) -> None:
        """Starts Spark, and runs the job over a small range, then over all until Java has compiled it."""
        self.process.start()
        self.run(servers, topic, small_part(ends))
        seen = 0
        while seen < _WARM_RECORDS:
            seen += self.run(servers, topic, ends).records

    def run(self, servers: str, topic: str, ends: Ends) -> Counts:
        by_text = {str(partition): end for partition, end in ends.items()}
        found = self.process.ask(asdict(Request(self.job, servers, topic, by_text, list(FIELDS))))
        return Counts(found["records"], Quality(found["unparseable"], found["empty"]))

    def close(self) -> None:
        self.process.close()
