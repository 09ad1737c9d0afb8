"""What the benchmarks share: times of interleaved rounds, a broker, and the way the figures are shown."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from offline_observer.demo.jars import KAFKA, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.kafka_broker import KafkaBroker

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often each thing is measured; the median counts.")]


def interleaved(rounds: int, works: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds that each work took in each round.

    The works take turns, so that what else the machine does hits all of them alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - began)
    return taken


def seconds(taken: Mapping[str, list[float]]) -> dict[str, float]:
    """Median and best of the seconds of each work."""
    return {
        key: round(value, 4)
        for name, times in taken.items()
        for key, value in ((f"{name}_seconds", median(times)), (f"{name}_best_seconds", min(times)))
    }


def ratio(taken: Mapping[str, list[float]], above: str, below: str) -> float:
    """How many times as long one work takes as another, by their medians."""
    return round(median(taken[above]) / median(taken[below]), 2)


@contextmanager
def running_broker(
    port: int, properties: Mapping[str, str] | None = None, *, heap: str = "256m"
) -> Iterator[KafkaBroker]:
    """A Kafka broker that is gone with its data afterwards."""
    with TemporaryDirectory() as folder:
        jars = fetch_jars(KAFKA, lambda _: None)
        broker = KafkaBroker(Path(folder), port, find_java(os.environ), jars, properties, heap=heap)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()


def show(result: Mapping[str, object], *, as_json: bool) -> None:
    """Prints the figures: as one JSON object, or as a table."""
    if as_json:
        print(json.dumps(result))
        return
    table = Table("figure", "value", title=str(result["benchmark"]), title_justify="left")
    table.columns[1].justify = "right"
    for name, value in _flat(result):
        if name != "benchmark":
            table.add_row(name, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console().print(table)


def _flat(result: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for key, value in result.items():
        name = before + key.replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}: ")
        else:
            yield name, value
