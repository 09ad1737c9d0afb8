"""How fast the local engine reads and checks records, against reading them alone."""

from random import Random
from typing import Annotated

import typer
from confluent_kafka import Producer

from benchmarks.measuring import AsJson, Rounds, interleaved, ratio, running_broker, seconds, show
from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.ports import free_ports
from offline_observer.demo.scenario import GENERATION, scenario_folder
from offline_observer.demo.visits import visit_records
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule

RULES = [Rule("not_empty", field) for field in ("event_time", "user_id", "page")]
TOPIC = "visits"
ISOLATION = "read_committed"


def an_hour() -> float:
    return 3600.0


def make_values(count: int) -> list[bytes]:
    config = load_generation_config(scenario_folder() / GENERATION, {})
    stream = visit_records(Random(1), config.start_time, missing_fields=10, unprocessable_rows=1)
    some = [next(stream).value for _ in range(min(count, 20_000))]
    return (some * (count // len(some) + 1))[:count]


def main(
    *,
    records: Annotated[int, typer.Option(min=1, help="Records in the topic.")] = 400_000,
    rounds: Rounds = 5,
    as_json: AsJson = False,
) -> None:
    """Measure reading and checking records beside reading them alone."""
    values = make_values(records)
    (port,) = free_ports(1)
    with running_broker(port) as broker:
        broker.create_topics({TOPIC: 2})
        settings = {"bootstrap.servers": broker.bootstrap_servers, "linger.ms": "50"}
        producer = Producer({**settings, "queue.buffering.max.messages": "1000000"}, logger=LOGGER)
        for number, value in enumerate(values):
            producer.produce(TOPIC, value, partition=number % 2)
        producer.flush(60)
        taken = measure(broker.bootstrap_servers, values, rounds)
    rates = {
        key.replace("seconds", "records_per_second"): round(records / value)
        for key, value in seconds(taken).items()
    }
    result = {
        "benchmark": "local_engine",
        "records": records,
        "bytes_per_record": round(sum(map(len, values)) / records),
        "rules": len(RULES),
        "rounds": rounds,
        **rates,
        "ratio": round(1 / ratio(taken, above="read_and_check", below="read"), 2),
    }
    show(result, as_json=as_json)


def measure(servers: str, values: list[bytes], rounds: int) -> dict[str, list[float]]:
    properties = {"bootstrap.servers": servers}
    ranges = {partition: OffsetRange(0, len(values[partition::2])) for partition in (0, 1)}
    kernel = Kernel(KernelSpec(rules=RULES))

    def read_alone() -> None:
        count = 0

        def add(chunk: MessageChunk) -> None:
            nonlocal count
            count += len(chunk.values)

        reader = RecordReader(properties, TOPIC, ISOLATION)
        reader.read(ranges, add, an_hour)
        reader.close()
        expect(count)

    def read_and_check() -> None:
        engine = LocalEngine(
            properties, TOPIC, ISOLATION, KernelSettings(spec=KernelSpec(rules=RULES)), "earliest"
        )
        read = engine.read({}, an_hour)
        engine.close()
        expect(read.summary.all_events)

    def expect(count: int) -> None:
        if count != len(values):
            raise RuntimeError(f"{count} records were read, of {len(values)}")

    works = {"read": read_alone, "read_and_check": read_and_check, "check": lambda: kernel(values)}
    return interleaved(rounds, works)


if __name__ == "__main__":
    typer.run(main)
