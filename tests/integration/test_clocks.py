"""Clocks that disagree with the observer's, on the real broker: shown, and not hidden in the numbers."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from offline_observer.clock import SystemClock
from offline_observer.lag.meter import LagMeter
from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import journal_documents, run_program, start_program
from support.written_checkpoint import WrittenCheckpoint


class WrongClock(SystemClock):
    """By so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


def of_clocks(warnings: list[str] | tuple[str, ...]) -> list[str]:
    return [warning for warning in warnings if "clock" in warning]


def produce_ahead(cluster: Cluster, topic: str, partition: int, seconds: float) -> None:
    producer = Producer({"bootstrap.servers": cluster.servers})
    producer.produce(topic, b"{}", partition=partition, timestamp=int((time.time() + seconds) * 1000))
    assert producer.flush(30) == 0


def test_a_producer_that_is_an_hour_ahead(cluster: Cluster, tmp_path: Path) -> None:
    # A broker refuses what is more than an hour ahead unless it is told otherwise.
    topic = cluster.topic(3, message_timestamp_after_max_ms=str(10**10))
    produce_ahead(cluster, topic, 0, 1800)
    produce_ahead(cluster, topic, 1, 3600)
    cluster.produce(topic, [b"{}"], partition=2)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 0, 1: 0, 2: 1}})
    done = run_program(
        *("lag", "--checkpoint", str(checkpoint.folder), "--bootstrap-servers", cluster.servers, "--json")
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["total_lag"], found["seconds_behind"]) == (2, 0.0)
    (warning,) = of_clocks(found["warnings"])
    seconds = re.fullmatch(
        rf"{topic}-1: the producer's clock \(CreateTime\) is at least (\d+) s ahead of the observer's: "
        "seconds behind are too small by that",
        warning,
    )
    assert seconds
    assert 3540 <= int(seconds[1]) <= 3600

    # And in what is kept. The first look that saw the record still counts when more time has passed.
    config = write_config(tmp_path, cluster, checkpoint=checkpoint.folder)
    journal = tmp_path / "observations.db"
    observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
    try:
        eventually(lambda: journal.exists() and len(journal_documents(journal)) >= 3, 30, "observations")
    finally:
        observer.terminate()
        assert observer.wait(10) == 0
    kept = [of_clocks(document["warnings"]) for document in journal_documents(journal)]
    assert len(kept[0]) == 1
    assert [one[0] for one in kept] == [kept[0][0]] * len(kept)


def test_a_broker_that_is_ahead_or_behind(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1, message_timestamp_type="LogAppendTime")
    cluster.produce(topic, [b"{}"] * 3)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 3}}, time.time() - 3600)
    properties = {"bootstrap.servers": cluster.servers}
    # The broker's clock is right: it is this one that is wrong, and the two are all that can be compared.
    clocks = (SystemClock(), WrongClock(-30), WrongClock(30))
    meters = [LagMeter(str(checkpoint.folder), properties, "read_uncommitted", clock) for clock in clocks]
    for meter in meters:
        assert of_clocks(meter.measure(10).warnings) == []
    cluster.produce(topic, [b"{}"])
    right, ahead, behind = (of_clocks(meter.measure(10).warnings) for meter in meters)
    assert right == []
    assert re.fullmatch(
        rf"{topic}-0: the broker's clock .* is at least [12]\d s ahead .* too small by that", ahead[0]
    )
    assert re.fullmatch(
        rf"{topic}-0: the broker's clock .* is at least [12]\d s behind .* too large by that", behind[0]
    )
    assert len(ahead) == len(behind) == 1
    for meter in meters:
        meter.close()


def test_a_checkpoint_of_the_future(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 0}}, time.time() + 100)
    checkpoint.plan(1, {topic: {0: 0}}, time.time() + 200)
    meter = LagMeter(
        str(checkpoint.folder), {"bootstrap.servers": cluster.servers}, "read_uncommitted", SystemClock()
    )
    storage, driver = of_clocks(meter.measure(10).warnings)
    assert re.match(r"the clock of the checkpoint's storage is at least (100|9\d) s ahead", storage)
    assert re.match(r"the clock of the job's driver is at least (200|19\d) s ahead", driver)
    meter.close()
