"""A Spark job that copies a topic in the mode that a test asks for. Runs until it is stopped."""

import sys

from pyspark.sql import SparkSession


def main() -> None:
    mode, servers, source, sink, checkpoint = sys.argv[1:]
    spark = SparkSession.builder.appName(f"copy_{mode}").getOrCreate()
    records = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", servers)
        .option("subscribe", source)
        .option("startingOffsets", "earliest")
        .load()
        .selectExpr("value")
    )
    writer = (
        records.writeStream.format("kafka")
        .option("kafka.bootstrap.servers", servers)
        .option("topic", sink)
        .option("checkpointLocation", checkpoint)
    )
    if mode == "real_time":
        # PySpark's overloads do not have it yet.
        writer = writer.outputMode("update").trigger(realTime="5 seconds")  # type: ignore[call-overload]
    elif mode == "async_progress":
        writer = writer.option("asyncProgressTrackingEnabled", "true").option(
            "asyncProgressTrackingCheckpointIntervalMs", "3000"
        )
    elif mode == "continuous":
        writer = writer.trigger(continuous="1 second")
    else:
        raise SystemExit(f"no such mode: {mode}")
    writer.start().awaitTermination()


if __name__ == "__main__":
    main()
