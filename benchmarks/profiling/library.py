"""What one would do without us: fg-data-profiling on all the rows, in pandas or in Spark."""

import os
import sys
from pathlib import Path

from benchmarks.observing.asked_process import AskedProcess
from benchmarks.observing.spark_process import spark_process
from benchmarks.profiling.rows import COLUMNS, TIMES, Rows
from offline_observer.demo.process import ChildProcess

# What Spark does when nothing is said. `spark_tuned` has one partition, and no plan that is changed on the way.
_OF_SPARK = {"spark.sql.shuffle.partitions": "200", "spark.sql.adaptive.enabled": "true"}
_DRIVER = Path(__file__).with_name("profile_driver.py")


class Library:
    """A process that makes reports with the library.

    Args:
        name: Name in the figures.
        process: It.
    """

    def __init__(self, name: str, process: AskedProcess) -> None:
        self.name = name
        self._process = process

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        self._process.start()

    def make(self, rows: Rows, seconds: float) -> bytes:
        request = {"job": self.name, "file": str(rows.file), "columns": COLUMNS, "times": TIMES}
        page: str = self._process.ask(request, seconds)["page"]
        return page.encode(errors="backslashreplace")

    def close(self) -> None:
        self._process.close()


def with_pandas() -> Library:
    return Library("defaults", AskedProcess("pandas driver", _begin_pandas))


def with_spark() -> Library:
    return Library("spark", spark_process(_DRIVER, "spark", settings=_OF_SPARK))


def with_spark_tuned() -> Library:
    return Library("spark_tuned", spark_process(_DRIVER, "spark_tuned"))


def _begin_pandas(folder: Path, socket: Path) -> ChildProcess:
    command = [sys.executable, str(_DRIVER), str(socket), "pandas"]
    return ChildProcess("pandas driver", command, folder / "pandas-driver.log", os.environ, folder)
