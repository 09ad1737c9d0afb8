"""What a report costs, in time and memory: ours beside fg-data-profiling with its defaults, in pandas and in Spark.

`ours` is the real process that makes reports, from the records' bytes to the page: the kernel's summary of all fields is
in it, and counted. `defaults` is `ProfileReport(frame).to_html()` on the pandas frame that one would make of the same
records, `spark` the same on a Spark DataFrame, with two cores and Spark's own settings, `spark_tuned` with those that suit
so few records: one partition, and the frame kept in memory; `profiling/profile_driver.py` says what each of them needs.

For each number of rows each way has a process of its own, so that peaks of memory are of that number alone. It is warm
when it is measured: its start, imports included, and a first small report are figures of their own. Then they take turns.
All pages must say the same of the rows.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.measuring import AsJson, Rounds, show
from benchmarks.observing.machine import machine
from benchmarks.profiling.library import with_pandas, with_spark, with_spark_tuned
from benchmarks.profiling.ours import Ours
from benchmarks.profiling.rows import COLUMNS, MOST_ROWS, Rows, make_values, rows_on_disk
from benchmarks.profiling.way import Facts, Way, cpu_seconds, facts_of, peak_bytes

BASE = "ours"
SPARK = "spark"
WAYS: Mapping[str, Callable[[], Way]] = {
    BASE: Ours,
    "defaults": with_pandas,
    SPARK: with_spark,
    "spark_tuned": with_spark_tuned,
}
COMPARED_ROWS = 10_000
WANTED = (("defaults", 3.0), (SPARK, 30.0))
"""Of some ways how many times as long as ours they take at `COMPARED_ROWS`, at the least."""
_WARM_ROWS = 100


@dataclass(slots=True)
class Taken:
    """What the reports of a way took, of one number of rows.

    Attributes:
        start_seconds: Its process's start, imports included.
        first_seconds: The small report that made it warm; None when it took too long.
        seconds: Of each round.
        cpu: The processor's seconds of each round, in all its processes and in this one.
        html_bytes: The page's size.
        peak_bytes: The greatest resident memory of its processes, also of those that were ended; None: not known.
        facts: What the page says of the rows.
        is_over: Whether a report took longer than it may.
    """

    start_seconds: float = 0.0
    first_seconds: float | None = None
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    html_bytes: int = 0
    peak_bytes: int | None = None
    facts: Facts | None = None
    is_over: bool = False

    def figures(self, limit: float) -> dict[str, object]:
        """Medians; null and the limit where a report took longer than that."""
        first = None if self.first_seconds is None else round(self.first_seconds, 2)
        common = {
            "start_seconds": round(self.start_seconds, 2),
            "first_report_seconds": first,
            "peak_bytes": self.peak_bytes,
        }
        if self.is_over or self.facts is None:
            return {"seconds": None, "over": limit, **common}
        return {
            "seconds": round(median(self.seconds), 3),
            "best_seconds": round(min(self.seconds), 3),
            "cpu_seconds": round(median(self.cpu), 2),
            "rounds": len(self.seconds),
            **common,
            "html_bytes": self.html_bytes,
            "observations": self.facts.observations,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is measured.

    Attributes:
        names: The ways.
        rounds: How often each one but Spark is measured.
        spark_rounds: How often Spark is.
        limit: How long a report may take, seconds.
    """

    names: Sequence[str]
    rounds: int
    spark_rounds: int
    limit: float

    def rounds_of(self, name: str) -> int:
        return self.spark_rounds if name.startswith(SPARK) else self.rounds

    @property
    def steps(self) -> int:
        """Of each number of rows: starts and reports."""
        return sum(1 + self.rounds_of(name) for name in self.names)


def chosen_ways(names: str | None) -> list[str]:
    if names is None:
        return list(WAYS)
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in WAYS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(WAYS)}", param_hint="--only")
    return [name for name in WAYS if name in wanted]


def chosen_rows(text: str) -> list[int]:
    try:
        counts = sorted({int(number) for number in text.split(",")})
    except ValueError:
        raise typer.BadParameter(f"{text}: numbers, such as 1000,10000", param_hint="--rows") from None
    if counts[0] < 1 or counts[-1] > MOST_ROWS:
        raise typer.BadParameter(f"{text}: from 1 to {MOST_ROWS}", param_hint="--rows")
    return counts


def measure(name: str, way: Way, rows: Rows, limit: float, taken: Taken) -> None:
    """One report. A way that takes too long is not asked again."""
    cpu_before = cpu_seconds(way.pid)
    began = time.perf_counter()
    try:
        html = way.make(rows, limit)
    except TimeoutError:
        _give_up(way, taken)
        return
    taken.seconds.append(time.perf_counter() - began)
    taken.cpu.append(cpu_seconds(way.pid) - cpu_before)
    taken.html_bytes = len(html)
    taken.peak_bytes = peak_bytes(way.pid)
    taken.facts = facts_of(html.decode())
    if taken.facts.observations != len(rows.values) or taken.facts.variables != len(COLUMNS):
        raise RuntimeError(f"{name} reports {taken.facts}, of {len(rows.values)} rows")


def start(way: Way, warm: Rows, limit: float, taken: Taken) -> None:
    """Starts a way and makes it warm."""
    began = time.perf_counter()
    way.start()
    started = time.perf_counter()
    taken.start_seconds = started - began
    try:
        way.make(warm, limit)
    except TimeoutError:
        _give_up(way, taken)
        return
    taken.first_seconds = time.perf_counter() - started


def _give_up(way: Way, taken: Taken) -> None:
    taken.is_over = True
    taken.peak_bytes = peak_bytes(way.pid)
    way.close()


def compare_at(rows: Rows, warm: Rows, plan: Plan, step: Callable[[str], None]) -> dict[str, Taken]:
    """What the ways take for some rows. `step` is told of each thing before it is done."""
    taken = {name: Taken() for name in plan.names}
    count = f"{len(rows.values):,} rows"
    with ExitStack() as stack:
        ways: dict[str, Way] = {}
        for name in plan.names:
            step(f"{count}: start {name}")
            ways[name] = WAYS[name]()
            stack.callback(ways[name].close)
            start(ways[name], warm, plan.limit, taken[name])
        for number in range(max(map(plan.rounds_of, plan.names))):
            for name, way in ways.items():
                if number >= plan.rounds_of(name):
                    continue
                step(f"{count}, round {number + 1}: {name}")
                if not taken[name].is_over:
                    measure(name, way, rows, plan.limit, taken[name])
    missing = {name: one.facts.missing for name, one in taken.items() if one.facts is not None}
    if len(set(missing.values())) > 1:
        raise RuntimeError(f"the ways do not count the same empty cells: {missing}")
    return taken


def results(taken: Mapping[int, Mapping[str, Taken]], limit: float) -> dict[str, object]:
    """All figures."""
    found = ratios(taken, limit)
    return {
        "rows": {
            str(count): {name: one.figures(limit) for name, one in ways.items()}
            for count, ways in taken.items()
        },
        "ratios": found,
        "compared": compared(found),
        "machine": machine(),
    }


def ratio(other: Taken, base: Taken, limit: float) -> dict[str, float | None]:
    """How many times as long a report takes as ours. One that took too long has at least that ratio."""
    if base.is_over:
        return {"ratio": None}
    ours = median(base.seconds)
    if other.is_over:
        return {"ratio": None, "more_than": round(limit / ours, 1)}
    return {"ratio": round(median(other.seconds) / ours, 1)}


def ratios(taken: Mapping[int, Mapping[str, Taken]], limit: float) -> dict[str, dict[str, float | None]]:
    """By each way and number of rows; none without ours."""
    return {
        f"{name} / {BASE} at {count:,}": ratio(one, ways[BASE], limit)
        for count, ways in taken.items()
        if BASE in ways
        for name, one in ways.items()
        if name != BASE
    }


def compared(found: Mapping[str, Mapping[str, float | None]]) -> dict[str, dict[str, float | None]]:
    """The ratios that matter, each with what it should be at the least."""
    wanted = {f"{name} / {BASE} at {COMPARED_ROWS:,}": least for name, least in WANTED}
    return {name: {**found[name], "at_least": least} for name, least in wanted.items() if name in found}


def main(
    *,
    rows: Annotated[str, typer.Option(metavar="COUNT,...", help="Numbers of rows.")] = "1000,10000,100000",
    rounds: Rounds = 3,
    spark_rounds: Annotated[int, typer.Option(min=1, help="The same for Spark, which is slow.")] = 1,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds that a report may take.")] = 300.0,
    only: Annotated[str | None, typer.Option(metavar="NAME,...", help="Only these ways.")] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the JSON object here, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the ways to make a report, one beside the other."""
    counts = chosen_rows(rows)
    plan = Plan(chosen_ways(only), rounds, spark_rounds, time_limit)
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is no folder", param_hint="--out")
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("make the records", total=1 + len(counts) * plan.steps)

        def step(what: str) -> None:
            progress.update(task, advance=1, description=what)

        values = make_values(counts[-1])
        described: dict[str, object] = {
            "benchmark": "profile",
            "columns": len(COLUMNS),
            "bytes_per_record": round(sum(map(len, values)) / len(values), 1),
            "time_limit": time_limit,
        }
        result = described
        taken: dict[int, dict[str, Taken]] = {}
        with rows_on_disk(values[:_WARM_ROWS]) as warm:
            for count in counts:
                with rows_on_disk(values[:count]) as some:
                    taken[count] = compare_at(some, warm, plan, step)
                result = {**described, **results(taken, time_limit)}
                # The larger ones take many minutes; what is known is not to be lost with them.
                if out is not None:
                    out.write_text(json.dumps(result, indent=2) + "\n")
    show(result, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
