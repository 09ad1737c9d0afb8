"""The observer as a PySpark job: the same configuration, and the records are checked on Spark's executors.

    spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0 \
        data_observation_job.py --config observer.yaml

For records that one machine cannot read. For all others there is `offline-observer run`, which needs no Spark.
"""

import argparse
from contextlib import suppress

from pyspark.sql import SparkSession

from offline_observer.engine.spark import observe


def main() -> None:
    """Observes until it is stopped."""
    parser = argparse.ArgumentParser(description="Observes the pipelines of a configuration on Spark.")
    parser.add_argument("--config", required=True, help="the observer's configuration")
    options = parser.parse_args()

    # What fails is said in a sentence, and tried again.
    builder = SparkSession.builder.appName("data_observation").config("spark.log.level", "FATAL")
    spark = builder.getOrCreate()
    try:
        observe(spark, options.config)
    finally:
        with suppress(Exception):  # Spark may have gone before: a signal reaches both
            spark.stop()


if __name__ == "__main__":
    main()
