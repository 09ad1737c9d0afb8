"""A Spark job in the situation that a test asks for. Its arguments: mode, servers, topic, folder."""

import json
import sys
import time
from pathlib import Path

from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamReader


def source(spark: SparkSession, servers: str) -> DataStreamReader:
    return (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", servers)
        .option("startingOffsets", "earliest")
    )


def available_now(spark: SparkSession, servers: str, topic: str, folder: Path) -> None:
    """Reads what is there, and ends."""
    records = source(spark, servers).option("subscribe", topic).load()
    checkpoint = str(folder / "checkpoint")
    query = records.writeStream.format("noop").option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start().awaitTermination()


def every_few_seconds(spark: SparkSession, servers: str, topic: str, folder: Path) -> None:
    """Goes on behind what expired."""
    records = source(spark, servers).option("subscribe", topic).option("failOnDataLoss", "false").load()
    checkpoint = str(folder / "checkpoint")
    query = records.writeStream.format("noop").option("checkpointLocation", checkpoint)
    query.trigger(processingTime="5 seconds").start().awaitTermination()


def poison(spark: SparkSession, servers: str, topic: str, folder: Path) -> None:
    """Fails at a record for as long as nobody allows to leave it out, and tries again and again."""

    def work(batch: DataFrame, _: int) -> None:
        if (folder / "leave-out").exists():
            return
        if batch.where("cast(value as string) = 'poison'").count():
            with (folder / "attempts").open("a") as attempts:
                attempts.write("failed\n")
            raise ValueError("a record that cannot be taken")

    while True:
        records = source(spark, servers).option("subscribe", topic).load()
        query = records.writeStream.foreachBatch(work).option(
            "checkpointLocation", str(folder / "checkpoint")
        )
        try:
            query.trigger(processingTime="1 second").start().awaitTermination()
        except StreamingQueryException:
            time.sleep(0.5)


def two_queries(spark: SparkSession, servers: str, topic: str, folder: Path) -> None:
    """One has a state, and so batches without data; the other reads one of two partitions only."""

    def start(records: DataFrame, name: str) -> StreamingQuery:
        query = records.writeStream.format("noop").outputMode("append")
        return (
            query.option("checkpointLocation", str(folder / name)).trigger(processingTime="1 second").start()
        )

    records = source(spark, servers).option("subscribe", topic).load()
    windows = records.withWatermark("timestamp", "1 second").groupBy("timestamp").count()
    start(windows, "stateful")
    start(source(spark, servers).option("assign", json.dumps({topic: [0]})).load(), "assigned")
    spark.streams.awaitAnyTermination()


def main() -> None:
    mode, servers, topic, folder = sys.argv[1:]
    modes = {one.__name__: one for one in (available_now, every_few_seconds, poison, two_queries)}
    spark = SparkSession.builder.appName(mode).getOrCreate()
    modes[mode](spark, servers, topic, Path(folder))


if __name__ == "__main__":
    main()
