"""How much memory the local engine holds after 10 million records, against after 100,000.

Each number is read in a process of its own, with rules and the full summary of all fields in one sum: nothing is let go
of in between. A topic of a million records is read again and again; so values come again, offsets do too.
"""

import json
import subprocess
import sys
from typing import Annotated

import psutil
import typer
from rich.console import Console

from benchmarks.measuring import AsJson, running_broker, show
from benchmarks.observe import PARTITIONS, TOPIC, produce
from benchmarks.observing.local_engine import FULL_SUMMARY, an_hour
from benchmarks.observing.wide_visits import make_visits
from benchmarks.observing.workload import Ends
from offline_observer.demo.ports import free_ports
from offline_observer.engine.build import build_kernel
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.quality.times import EPOCH


def read(servers: str, ends: Ends, records: int) -> int:
    """Reads so many records into one sum; returns the resident memory of this process, bytes."""
    reader = RecordReader({"bootstrap.servers": servers}, TOPIC, "read_committed")
    total = build_kernel(FULL_SUMMARY).start(EPOCH)
    left = records
    while left > 0:
        share = {p: OffsetRange(0, min(end, max(1, left // len(ends)))) for p, end in ends.items()}
        outcome = reader.read(share, total.add, an_hour)
        left -= sum(outcome.positions.values())
    resident: int = psutil.Process().memory_info().rss
    counted = total.summary().all_events
    reader.close()
    if counted < records:
        raise RuntimeError(f"{counted} records were summed up, of {records}")
    return resident


def main(
    *,
    few: Annotated[int, typer.Option(min=1000, help="Records of the short run.")] = 100_000,
    many: Annotated[int, typer.Option(min=1000, help="Records of the long run.")] = 10_000_000,
    topic_records: Annotated[int, typer.Option(min=1000, help="Records in the topic.")] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """Measure the memory of the local engine."""
    (port,) = free_ports(1)
    progress = Console(stderr=True)
    with running_broker(port) as broker:
        broker.create_topics({TOPIC: PARTITIONS})
        ends = produce(broker.bootstrap_servers, make_visits(topic_records), topic_records)
        resident = {}
        for name, records in (("few", few), ("many", many)):
            if progress.is_terminal:
                progress.print(f"reading {records:,} records")
            argument = json.dumps([broker.bootstrap_servers, ends, records])
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.local_engine_memory", "--one-run", argument],
                check=True,
                capture_output=True,
                text=True,
            )
            resident[name] = int(done.stdout)
    result = {
        "benchmark": "local_engine_memory",
        "records": {"few": few, "many": many},
        "resident_bytes": resident,
        "ratio": round(resident["many"] / resident["few"], 3),
    }
    show(result, as_json=as_json)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one-run"]:
        servers, ends, records = json.loads(sys.argv[2])
        print(read(servers, {int(partition): end for partition, end in ends.items()}, records))
    else:
        typer.run(main)
