"""Seconds behind against the truth, to the second: records whose times are known, and a job whose place is."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer

from offline_observer.clock import SystemClock
from offline_observer.lag.lag import JobLag
from offline_observer.lag.meter import LagMeter
from support.kafka import Cluster
from support.program import run_program
from support.written_checkpoint import WrittenCheckpoint

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400
# Per partition the age of each record, and the offset that the job is at.
JOB: Mapping[int, tuple[Sequence[float], int]] = {
    0: ((2 * DAY, HOUR, 3 * SECOND), 2),
    1: ((5 * DAY, 4 * DAY + 7.25, MINUTE), 1),
    2: ((HOUR, 90 * MINUTE, MINUTE), 0),  # not in order
    3: ((DAY, HOUR), 2),  # nothing waits
    4: ((0.5, 0.25), 0),
    5: ((), 0),
    6: ((30.125,) * 5, 4),
}


class SetClock(SystemClock):
    """Its time of day stands still; what waits by the other one goes on."""

    def __init__(self, now: float) -> None:
        self.time = datetime.fromtimestamp(now, UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def write(cluster: Cluster, tmp_path: Path) -> Callable[[float], tuple[str, dict[int, float | None]]]:
    """Writes the topic and the checkpoint; returns this, and per partition the time of the first waiting record."""

    def run(now: float) -> tuple[str, dict[int, float | None]]:
        topic = cluster.topic(len(JOB), retention_ms="-1")
        producer = Producer({"bootstrap.servers": cluster.servers})
        times: dict[int, float | None] = {}
        for partition, (ages, position) in JOB.items():
            written = [int((now - age) * 1000) for age in ages]
            for milliseconds in written:
                producer.produce(topic, b"{}", partition=partition, timestamp=milliseconds)
            times[partition] = written[position] / 1000 if position < len(written) else None
        assert producer.flush(30) == 0
        checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
        checkpoint.batch(0, {topic: {number: position for number, (_, position) in JOB.items()}})
        return str(checkpoint.folder), times

    return run


def test_the_program(cluster: Cluster, write: Callable[[float], tuple[str, dict[int, float | None]]]) -> None:
    checkpoint, times = write(time.time())
    before = time.time()
    done = run_program("lag", "--checkpoint", checkpoint, "--bootstrap-servers", cluster.servers, "--json")
    after = time.time()
    found = json.loads(done.stdout)
    assert [one["partition"] for one in found["partitions"]] == sorted(JOB)
    for one in found["partitions"]:
        written = times[one["partition"]]
        if written is None:
            assert (one["lag"], one["seconds_behind"]) == (0, 0.0)
        else:
            assert before - written - 1 <= one["seconds_behind"] <= after - written + 1
    assert found["seconds_behind"] == max(one["seconds_behind"] for one in found["partitions"])
    assert found["seconds_behind"] == pytest.approx(4 * DAY + 7.25, abs=after - before + 1)
    assert not [warning for warning in found["warnings"] if "clock" in warning]


def measured(meter: LagMeter) -> tuple[JobLag, float, float]:
    """A lag, and the time of day before and after."""
    before = time.time()
    lag = meter.measure(10)
    return lag, before, time.time()


def test_the_meter(cluster: Cluster, write: Callable[[float], tuple[str, dict[int, float | None]]]) -> None:
    checkpoint, times = write(time.time())
    meter = LagMeter(checkpoint, {"bootstrap.servers": cluster.servers}, "read_uncommitted", SystemClock())
    for _ in range(4):
        lag, before, after = measured(meter)
        for one in lag.partitions:
            written = times[one.partition]
            assert one.seconds_behind is not None
            if written is None:
                assert one.seconds_behind == 0
            else:
                # Tighter than a second: it is the age at a moment of the measurement.
                assert before - written - 0.01 <= one.seconds_behind <= after - written + 0.01
        time.sleep(0.7)
    meter.close()


def test_the_meter_with_a_clock_that_is_set(
    cluster: Cluster, write: Callable[[float], tuple[str, dict[int, float | None]]]
) -> None:
    now = time.time()
    checkpoint, times = write(now)
    clock = SetClock(now)
    meter = LagMeter(checkpoint, {"bootstrap.servers": cluster.servers}, "read_uncommitted", clock)
    for later in (0, 0.5, HOUR, 30 * DAY):
        clock.time = datetime.fromtimestamp(now, UTC) + timedelta(seconds=later)
        for one in meter.measure(10).partitions:
            written = times[one.partition]
            truth = 0.0 if written is None else clock.time.timestamp() - written
            assert one.seconds_behind == pytest.approx(truth, abs=0.002), one
    meter.close()


def test_the_time_that_the_broker_gives(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2, message_timestamp_type="LogAppendTime")
    # When each record was written, by the clock of this machine: before and after.
    written: list[tuple[float, float]] = []
    for _ in range(3):
        before = time.time()
        cluster.produce(topic, [b"{}"])
        written.append((before, time.time()))
        time.sleep(1.2)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    meter = LagMeter(
        str(checkpoint.folder), {"bootstrap.servers": cluster.servers}, "read_uncommitted", SystemClock()
    )
    for position, (earliest, latest) in enumerate(written):
        checkpoint.batch(position, {topic: {0: position, 1: 0}})
        lag, before, after = measured(meter)
        assert lag.seconds_behind is not None
        assert before - latest - 0.05 <= lag.seconds_behind <= after - earliest + 0.05
        assert not [warning for warning in lag.warnings if "clock" in warning]
    meter.close()
