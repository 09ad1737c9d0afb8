"""All the workloads, in the order in which they take turns."""

from benchmarks.observing.local_engine import local_engines
from benchmarks.observing.raw_consume import RawConsume
from benchmarks.observing.spark_process import SparkJob, spark_process
from benchmarks.observing.with_duckdb import DuckDb
from benchmarks.observing.with_polars import Polars
from benchmarks.observing.workload import Workload

BASE = "raw_consume"
"""The workload that the others are compared with."""


def all_workloads() -> dict[str, Workload]:
    """The workloads by name. Nothing is started yet."""
    spark = spark_process()
    workloads: list[Workload] = [
        RawConsume(BASE, 10_000),
        RawConsume("raw_consume_small", 500),
        *local_engines(),
        SparkJob("spark_from_json", "from_json", spark),
        SparkJob("spark_from_json_tuned", "from_json_tuned", spark),
        SparkJob("spark_kernel", "kernel", spark),
        DuckDb(),
        Polars(),
    ]
    return {workload.name: workload for workload in workloads}
