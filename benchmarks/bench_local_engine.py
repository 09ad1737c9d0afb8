"""How fast the local engine reads and checks records, against reading them alone, in one run.

Prints one JSON object: records per second of each, and the ratio. The machine is shared and noisy, so the ratio of
the best of several rounds is what to look at.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from confluent_kafka import Producer

from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.jars import KAFKA, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from offline_observer.demo.scenario import GENERATION, scenario_folder
from offline_observer.demo.visits import visit_records
from offline_observer.engine.local import LocalEngine
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.records import OffsetRange, RecordReader
from offline_observer.quality.kernel import make_kernel
from offline_observer.quality.rules import Rule

RECORDS = 400_000
ROUNDS = 5
RULES = [Rule("not_empty", field) for field in ("event_time", "user_id", "page")]


def records() -> list[bytes]:
    config = load_generation_config(scenario_folder() / GENERATION, {})
    stream = visit_records(Random(1), config.start_time, missing_fields=10, unprocessable_rows=1)
    some = [next(stream).value for _ in range(20_000)]
    return some * (RECORDS // len(some))


def rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - began)


def main() -> None:
    values = records()
    with TemporaryDirectory() as folder:
        (port,) = free_ports(1)
        broker = KafkaBroker(Path(folder), port, find_java(os.environ), fetch_jars(KAFKA, lambda _: None))
        try:
            broker.start()
            broker.create_topics({"visits": 2})
            settings = {"bootstrap.servers": broker.bootstrap_servers, "linger.ms": "50"}
            producer = Producer({**settings, "queue.buffering.max.messages": "1000000"}, logger=LOGGER)
            for number, value in enumerate(values):
                producer.produce("visits", value, partition=number % 2)
            producer.flush(60)
            print(json.dumps(measure(settings["bootstrap.servers"], values)))
        finally:
            broker.stop()


def measure(servers: str, values: list[bytes]) -> dict[str, object]:
    properties = {"bootstrap.servers": servers}
    ranges = {partition: OffsetRange(0, RECORDS // 2) for partition in (0, 1)}
    kernel = make_kernel(RULES)

    def an_hour() -> float:
        return 3600.0

    def read_alone() -> int:
        count = 0

        def add(batch: list[bytes | None]) -> None:
            nonlocal count
            count += len(batch)

        reader = RecordReader(properties, "visits", "read_committed")
        reader.read(ranges, add, an_hour)
        reader.close()
        return count

    def read_and_check() -> int:
        engine = LocalEngine(properties, "visits", "read_committed", RULES, "earliest")
        read = engine.read({}, an_hour)
        engine.close()
        return read.summary.all_events

    best = {"read alone": 0.0, "read and check": 0.0, "check alone": 0.0}
    for _ in range(ROUNDS):
        best["read alone"] = max(best["read alone"], rate(read_alone))
        best["read and check"] = max(best["read and check"], rate(read_and_check))
        best["check alone"] = max(best["check alone"], rate(lambda: kernel(values).all_events))
    return {
        "benchmark": "local engine, 3 rules of not_empty",
        "records": RECORDS,
        "bytes per record": round(sum(map(len, values)) / len(values)),
        "records per second": {name: round(value) for name, value in best.items()},
        "read and check / read alone": round(best["read and check"] / best["read alone"], 2),
    }


if __name__ == "__main__":
    main()
