"""How fast a topic's records are read and checked, by the ways that one would choose from.

All of them read the same records of the same broker, in rounds in which they take turns, and all must count the same.
"""

import gc
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from confluent_kafka import Producer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.measuring import AsJson, Rounds, running_broker, show
from benchmarks.observing.cpu import CpuSeconds, cpu_seconds
from benchmarks.observing.machine import machine
from benchmarks.observing.registry import BASE, all_workloads
from benchmarks.observing.wide_visits import make_visits, truth
from benchmarks.observing.workload import Counts, Ends, Workload
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from offline_observer.demo.visits import VisitRecord
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.watermarks import WatermarkReader

TOPIC = "visits"
PARTITIONS = 2
TIMEOUT = 60.0
WANTED = (
    ("local_three_rules", BASE, 0.7),
    ("local_full_summary", BASE, 0.2),
    ("local_full_summary_two_processes", BASE, 0.3),
    ("spark_kernel", "spark_from_json", 1.2),
    ("local_three_rules", "spark_from_json", 2.5),
)
"""Of two workloads how many times as fast the one should be as the other, at the least."""
_SERVE_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What the rounds of a workload took."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[CpuSeconds] = field(default_factory=list)

    def figures(self, records: int) -> dict[str, float]:
        """Medians. `cpu_seconds` is without the broker's."""
        cpu = median(one.observing for one in self.cpu)
        return {
            "records_per_second": round(records / median(self.seconds)),
            "best_records_per_second": round(records / min(self.seconds)),
            "seconds": round(median(self.seconds), 3),
            "cpu_seconds": round(cpu, 2),
            "cpu_microseconds_per_record": round(cpu / records * 1e6, 3),
            "broker_cpu_seconds": round(median(one.broker for one in self.cpu), 2),
        }


def chosen(names: str | None) -> dict[str, Workload]:
    workloads = all_workloads()
    if names is None:
        return workloads
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in workloads]:
        raise typer.BadParameter(
            f"{', '.join(unknown)}: there are {', '.join(workloads)}", param_hint="--only"
        )
    return {name: workload for name, workload in workloads.items() if name in wanted}


def produce(servers: str, visits: Sequence[VisitRecord], count: int) -> Ends:
    """Writes the visits, again and again, to the partitions in turn; returns where the partitions end."""
    settings = {"bootstrap.servers": servers, "linger.ms": "50", "queue.buffering.max.messages": "200000"}
    producer = Producer(settings, logger=LOGGER)
    values = [visit.value for visit in visits]
    for number in range(count):
        while True:
            try:
                producer.produce(TOPIC, values[number % len(values)], partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
        if number % _SERVE_EVERY == 0:
            producer.poll(0)
    producer.flush(TIMEOUT)
    ends = {number: len(range(number, count, PARTITIONS)) for number in range(PARTITIONS)}
    marks = WatermarkReader({"bootstrap.servers": servers}, "read_uncommitted").read([TOPIC], TIMEOUT)[TOPIC]
    written = {number: mark.end for number, mark in marks.partitions.items()}
    if written != ends:
        raise RuntimeError(f"the partitions end at {written}, not at {ends}")
    return ends


def check(name: str, found: Counts, expected: Counts) -> None:
    """All records were seen, and found to be what they were made to be."""
    if found.records != expected.records:
        raise RuntimeError(f"{name} saw {found.records} records, of {expected.records}")
    if found.quality is not None and found.quality != expected.quality:
        raise RuntimeError(f"{name} found {found.quality}, but there is {expected.quality}")


def measure(workload: Workload, broker: KafkaBroker, ends: Ends, expected: Counts, taken: Taken) -> None:
    gc.collect()  # what another one left behind
    pid = broker.process.mark.pid
    cpu_before = cpu_seconds(pid)
    began = time.perf_counter()
    found = workload.run(broker.bootstrap_servers, TOPIC, ends)
    taken.seconds.append(time.perf_counter() - began)
    taken.cpu.append(cpu_seconds(pid).since(cpu_before))
    check(workload.name, found, expected)


def ratios(taken: Mapping[str, Taken]) -> dict[str, float]:
    """The speed of each as a share of the base's; empty without it."""
    if BASE not in taken:
        return {}
    base = median(taken[BASE].seconds)
    return {name: round(base / median(one.seconds), 3) for name, one in taken.items()}


def compared(taken: Mapping[str, Taken]) -> dict[str, dict[str, float]]:
    """The ratios of speeds that matter, each with what it should be at the least."""
    return {
        f"{one} / {other}": {
            "ratio": round(median(taken[other].seconds) / median(taken[one].seconds), 3),
            "at_least": least,
        }
        for one, other, least in WANTED
        if one in taken and other in taken
    }


def main(
    *,
    records: Annotated[int, typer.Option(min=100, help="Records in the topic.")] = 2_000_000,
    rounds: Rounds = 3,
    only: Annotated[str | None, typer.Option(metavar="NAME,...", help="Only these workloads.")] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the JSON object here, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the ways to read a topic and check its records, one beside the other."""
    workloads = chosen(only)
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is no folder", param_hint="--out")
    taken = {name: Taken() for name in workloads}
    (port,) = free_ports(1)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("make the records", total=2 + len(workloads) * (1 + rounds))
        visits = make_visits(records)
        expected = truth(visits, records)
        values = [visit.value for visit in visits]
        described = {
            "records": records,
            "distinct_records": len(set(values)),
            "bytes_per_record": round(sum(map(len, values)) / len(values), 1),
        }
        progress.update(task, advance=1, description="start a broker and write them")
        with running_broker(port) as broker, ExitStack() as stack:
            broker.create_topics({TOPIC: PARTITIONS})
            ends = produce(broker.bootstrap_servers, visits, records)
            del visits, values
            progress.advance(task)
            for name, workload in workloads.items():
                progress.update(task, description=f"prepare {name}")
                stack.callback(workload.close)
                workload.prepare(broker.bootstrap_servers, TOPIC, ends)
                progress.advance(task)
            for number in range(rounds):
                for name, workload in workloads.items():
                    progress.update(task, description=f"round {number + 1}: {name}")
                    measure(workload, broker, ends, expected, taken[name])
                    progress.advance(task)
    result = {
        "benchmark": "observe",
        **described,
        "partitions": PARTITIONS,
        "rounds": rounds,
        "found": asdict(expected.quality) if expected.quality else {},
        "workloads": {name: one.figures(records) for name, one in taken.items()},
        "ratios": ratios(taken),
        "compared": compared(taken),
        "machine": machine(),
    }
    if out is not None:
        out.write_text(json.dumps(result, indent=2) + "\n")
    show(result, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
