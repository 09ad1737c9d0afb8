"""The observed job: copies visits from one Kafka topic to another. It does nothing else.

An ordinary Structured Streaming job, which knows nothing of being observed. By itself:

    spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0 \
        passthrough_visits_processor_job.py --checkpoint ./checkpoints/passthrough
"""

import argparse
import os

from pyspark.sql import SparkSession


def main() -> None:
    """Runs the job until it is stopped."""
    parser = argparse.ArgumentParser(description="Copies visits to processed_visits.")
    parser.add_argument(
        "--bootstrap-servers", default=os.environ.get("VISITS_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    )
    parser.add_argument("--input-topic", default="visits")
    parser.add_argument("--output-topic", default="processed_visits")
    parser.add_argument("--checkpoint", required=True, help="the checkpoint location")
    options = parser.parse_args()

    spark = SparkSession.builder.appName("passthrough_visits_processor").getOrCreate()
    visits = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", options.bootstrap_servers)
        .option("subscribe", options.input_topic)
        .option("startingOffsets", "earliest")
        .load()
        .selectExpr("CAST(key AS STRING)", "CAST(value AS STRING)")
    )
    query = (
        visits.writeStream.queryName("passthrough_visits_processor")
        .format("kafka")
        .option("kafka.bootstrap.servers", options.bootstrap_servers)
        .option("topic", options.output_topic)
        .option("checkpointLocation", options.checkpoint)
        .start()
    )
    query.awaitTermination()


if __name__ == "__main__":
    main()
