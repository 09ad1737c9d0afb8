"""What the figures were measured on, and with."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import confluent_kafka
import psutil

from offline_observer.demo.java import find_java

_PACKAGES = (
    "confluent-kafka",
    "msgspec",
    "pyspark",
    "duckdb",
    "polars",
    "pyarrow",
    "pandas",
    "fg-data-profiling",
)


def machine() -> dict[str, object]:
    """Processor, cores, memory in bytes, and versions."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "java": _java_version(),
        "librdkafka": confluent_kafka.libversion()[0],
        **{name.replace("-", "_"): version(name) for name in _PACKAGES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _java_version() -> str:
    command = [str(find_java(os.environ).executable), "-version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return done.stderr.splitlines()[0]
