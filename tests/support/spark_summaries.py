"""Sums up a topic with the kernel on Spark, split in several ways; writes each summary into a file."""

import pickle
import sys
from datetime import datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from offline_observer.engine.spark_kernel import summarize
from offline_observer.engine.summary_bytes import to_bytes


def main() -> None:
    servers, topic, settings_file, now, folder = sys.argv[1:]
    spark = SparkSession.builder.appName("summaries").config("spark.log.level", "ERROR").getOrCreate()
    settings = pickle.loads(Path(settings_file).read_bytes())  # noqa: S301

    def records(**options: str) -> DataFrame:
        reader = spark.read.format("kafka").option("kafka.bootstrap.servers", servers)
        return reader.option("subscribe", topic).options(**options).load()

    splits = {
        "one_task_per_partition": records(),
        "seven_tasks": records(minPartitions="7"),
        "one_task": records().coalesce(1),
        "shuffled": records().repartition(5),
        "many_tasks": records(minPartitions="20"),
    }
    for name, split in splits.items():
        content = to_bytes(summarize(split, topic, settings, datetime.fromisoformat(now)))
        partial = Path(folder) / f"{name}.partial"
        partial.write_bytes(content)
        partial.rename(Path(folder) / name)


if __name__ == "__main__":
    main()
