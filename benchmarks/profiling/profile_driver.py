"""fg-data-profiling with its defaults, in a process of its own: on a pandas frame, or on Spark's.

`python profile_driver.py SOCKET pandas|spark|spark_tuned`. It answers each request over the Unix socket, JSON both ways, until the
other end hangs up.

pandas needs nothing said: the records are flattened by `json_normalize`, their times parsed, and `ProfileReport` has its
defaults.

Spark needs a flat frame (`ProfileReport` makes nothing of a struct), names without dots (a dot means a part of a struct
to `DataFrame.select`), and texts for times: for a column of `timestamp` the report fails with
`KeyError: 'n_invalid_dates'`. With that its own defaults for Spark do; they have no interactions, no diagrams of missing
values, and no correlations but of numbers. The report runs hundreds of jobs over the frame, and each of them reads and parses
the records again. `spark_tuned` has the frame kept in memory meanwhile, for who thinks of that.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

# Else each report calls home, and waits for it.
os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"

import pandas as pd
from data_profiling import ProfileReport

Profile = Callable[[Path, Sequence[str], Sequence[str]], str]
"""Makes a page of a file of records, their columns, and those of them that are times."""


def with_pandas(file: Path, columns: Sequence[str], times: Sequence[str]) -> str:
    """A page by pandas."""
    with file.open("rb") as lines:
        frame = pd.json_normalize([json.loads(line) for line in lines]).reindex(columns=list(columns))
    for name in times:
        frame[name] = pd.to_datetime(frame[name], errors="coerce", format="ISO8601")
    page: str = ProfileReport(frame, progress_bar=False).to_html()
    return page


def with_spark(*, cached: bool) -> Profile:
    """Starts Spark; a page is made there.

    Args:
        cached: The frame is kept in memory while its report is made.
    """
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    spark = SparkSession.builder.appName("profile").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")

    def make(file: Path, columns: Sequence[str], times: Sequence[str]) -> str:
        flat = [
            (f.col(name).cast("string") if name in times else f.col(name)).alias(name.replace(".", "_"))
            for name in columns
        ]
        frame = spark.read.schema(schema_of(columns, times)).json(str(file)).select(*flat)
        try:
            frame = frame.cache() if cached else frame
            page: str = ProfileReport(frame, progress_bar=False).to_html()
            return page
        finally:
            # The library keeps the counts of each column, and Spark would find them again for the same file.
            spark.catalog.clearCache()

    return make


def schema_of(columns: Sequence[str], times: Sequence[str]) -> str:
    """The records' schema as Spark writes it."""
    tree: dict[str, Any] = {}
    for name in columns:
        *parents, leaf = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = "TIMESTAMP" if name in times else "STRING"
    return ", ".join(f"{name} {_type(node)}" for name, node in tree.items())


def _type(node: str | Mapping[str, Any]) -> str:
    if isinstance(node, str):
        return node
    return f"STRUCT<{', '.join(f'{name}: {_type(child)}' for name, child in node.items())}>"


def main() -> None:
    """Serves one client."""
    warnings.simplefilter("ignore")
    way = sys.argv[2]
    make = with_pandas if way == "pandas" else with_spark(cached=way == "spark_tuned")
    with Listener(sys.argv[1], "AF_UNIX") as listener, listener.accept() as connection:
        while True:
            try:
                request = json.loads(connection.recv_bytes())
            except EOFError:
                return
            try:
                answer = {"page": make(Path(request["file"]), request["columns"], request["times"])}
            except Exception as error:  # noqa: BLE001 - whatever it is, the other end must hear of it
                answer = {"error": f"{type(error).__name__}: {error}"}
            connection.send_bytes(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
