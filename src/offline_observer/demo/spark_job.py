"""Starts an ordinary PySpark script as a process of its own, with the Kafka connector beside it."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyspark

from offline_observer.demo.java import Java
from offline_observer.demo.process import ChildProcess

_SETTINGS = {
    "spark.driver.memory": "512m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


def start_spark_job(
    name: str,
    script: Path,
    arguments: Sequence[str],
    folder: Path,
    java: Java,
    connector: Sequence[Path],
    *,
    cores: int = 1,
    settings: Mapping[str, str] | None = None,
) -> ChildProcess:
    """Starts the script; its output goes to `<name>.log` in the folder, with dashes for spaces.

    Args:
        name: For messages and the log's name.
        script: The PySpark script.
        arguments: Its arguments.
        folder: Working folder.
        java: The Java for Spark.
        connector: Jars of Spark's Kafka connector and what it needs.
        cores: Tasks that run at the same time.
        settings: Spark settings on top of its own.
    """
    shipped = {jar.name for jar in (Path(pyspark.__file__).parent / "jars").glob("*.jar")}
    jars = ",".join(str(jar) for jar in connector if jar.name not in shipped)
    merged = {
        **_SETTINGS,
        "spark.master": f"local[{cores}]",
        "spark.jars": jars,
        "spark.local.dir": str(folder / "tmp"),
        **(settings or {}),
    }
    options = " ".join(f'--conf "{key}={value}"' for key, value in merged.items())
    environment = {
        **os.environ,
        "JAVA_HOME": str(java.home),
        "PYSPARK_SUBMIT_ARGS": f"{options} pyspark-shell",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    # Whatever Spark is installed here besides, the job runs on the one that this environment has.
    environment.pop("SPARK_HOME", None)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(script), *arguments]
    return ChildProcess(name, command, folder / f"{name.replace(' ', '-')}.log", environment, folder)
