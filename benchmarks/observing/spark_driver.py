"""The Spark driver of the benchmark, a process of its own: it waits for jobs, runs them, and answers with counts.

`python spark_driver.py SOCKET`. It answers each request over the Unix socket, JSON both ways, until the other end hangs
up. To add a kind of job: write the function, and enter it in `JOBS`.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Listener

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as f

from offline_observer.engine.build import KernelSettings
from offline_observer.engine.spark_kernel import summarize
from offline_observer.engine.spark_options import reader_options
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Request:
    """What to look at.

    Attributes:
        job: Key in `JOBS`.
        servers: Bootstrap servers.
        topic: Topic name.
        ends: End offset (exclusive) per partition, by its number as text; each is read from offset 0.
        fields: Fields that must not be empty.
    """

    job: str
    servers: str
    topic: str
    ends: dict[str, int]
    fields: list[str]


Answer = dict[str, object]
"""`records`; `unparseable` and `empty` per field. Or `error`."""


def plain_options(request: Request) -> dict[str, str]:
    """The source's options as one writes them: what must be said, and else Spark's and Kafka's defaults."""
    return {"kafka.bootstrap.servers": request.servers, "subscribe": request.topic}


def engine_options(request: Request) -> dict[str, str]:
    """The source's options as our Spark engine sets them."""
    kafka = {"bootstrap.servers": request.servers}
    return reader_options(kafka, request.topic, "read_uncommitted", "earliest", None)


def read_range(spark: SparkSession, request: Request, options: dict[str, str]) -> DataFrame:
    """The range's records, one task per partition."""
    offsets = dict.fromkeys(request.ends, 0)
    return (
        spark.read.format("kafka")
        .options(**options)
        .option("startingOffsets", json.dumps({request.topic: offsets}))
        .option("endingOffsets", json.dumps({request.topic: request.ends}))
        .option("minPartitions", len(request.ends))
        .load()
    )


def from_json(spark: SparkSession, request: Request) -> Answer:
    """What one writes in Spark without us, with its defaults."""
    return _from_json(read_range(spark, request, plain_options(request)), request)


def from_json_tuned(spark: SparkSession, request: Request) -> Answer:
    """The same with our engine's options for the source: what the ways to check differ in, and nothing else."""
    return _from_json(read_range(spark, request, engine_options(request)), request)


def _from_json(records: DataFrame, request: Request) -> Answer:
    """`from_json` with a schema of the fields, and `observe`.

    A batch over the exact range into the `noop` sink. Structured Streaming with `availableNow`, and an aggregation in
    place of `observe`, take the same time.
    """
    corrupt = "_corrupt_record"
    schema = ", ".join(f"{name} STRING" for name in (*request.fields, corrupt))
    text = f.col("value").cast("string")
    parsed = records.select(
        f.from_json(text, schema, {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": corrupt}).alias(
            "record"
        )
    )
    is_corrupt = f.col(f"record.{corrupt}").isNotNull()

    def empties(field: str) -> Column:
        blank = f.trim(f.col(f"record.{field}")) == f.lit("")
        return f.count_if(~is_corrupt & f.coalesce(blank, f.lit(True))).alias(field)

    seen = Observation("quality")
    parsed.observe(
        seen,
        f.count(f.lit(1)).alias("records"),
        f.count_if(is_corrupt).alias("unparseable"),
        *map(empties, request.fields),
    ).write.format("noop").mode("overwrite").save()
    found = seen.get
    return {
        "records": found["records"],
        "unparseable": found["unparseable"],
        "empty": {field: found[field] for field in request.fields},
    }


def kernel(spark: SparkSession, request: Request) -> Answer:
    """Our kernel on the executors, as the Spark engine runs it."""
    rules = [Rule("not_empty", field) for field in request.fields]
    settings = KernelSettings(spec=KernelSpec(rules=rules))
    records = read_range(spark, request, engine_options(request))
    summary = summarize(records, request.topic, settings, datetime.now(UTC))
    return {
        "records": summary.all_events,
        "unparseable": summary.unparseable,
        "empty": {field: summary.broken.get(f"{field}.not_empty", 0) for field in request.fields},
    }


JOBS: dict[str, Callable[[SparkSession, Request], Answer]] = {
    "from_json": from_json,
    "from_json_tuned": from_json_tuned,
    "kernel": kernel,
}


def answer(spark: SparkSession, request: Request) -> Answer:
    try:
        return JOBS[request.job](spark, request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other end must hear of it
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Serves one client."""
    spark = SparkSession.builder.appName("observe").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    with Listener(sys.argv[1], "AF_UNIX") as listener, listener.accept() as connection:
        while True:
            try:
                request = Request(**json.loads(connection.recv_bytes()))
            except EOFError:
                return
            connection.send_bytes(json.dumps(answer(spark, request)).encode())


if __name__ == "__main__":
    main()
