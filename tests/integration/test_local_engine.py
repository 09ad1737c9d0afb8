"""The local engine on a real broker: in one process and in several, within limits, and when a process dies."""

import os
import signal
import subprocess
import sys
import time
from random import Random

import psutil
import pytest

from offline_observer.demo.visits import visit_records
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine
from offline_observer.engine.pace import ReadLimits
from offline_observer.engine.processes import ReaderProcesses
from offline_observer.profile.profile import Profile
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import merge_all
from offline_observer.quality.times import EPOCH
from support.kafka import Cluster, eventually

RECORDS = 40_000
RULES = (
    Rule("not_empty", "event_time"),
    Rule("not_empty", "user_id", severity="warn"),
    Rule("timestamp", "event_time", {"not_in_future": True}),
    Rule("one_of", "context.technical.network_type", {"values": ["4G", "5G"]}),
    Rule("unique", "visit_id"),
    Rule("row_count", "", {"min": 1}),
)
SETTINGS = KernelSettings(
    spec=KernelSpec(rules=RULES), profile=ProfileSpec(fields=("user_id", "page", "event_time"), sample=100)
)


@pytest.fixture(scope="module")
def visits(cluster: Cluster) -> str:
    topic = cluster.topic(4)
    stream = visit_records(Random(1), EPOCH, duplicates=2, missing_fields=10, unprocessable_rows=1)
    values: list[bytes | None] = [next(stream).value for _ in range(RECORDS)]
    values[::100] = [None] * len(values[::100])
    # The partitions are of different sizes, and the fourth is empty.
    for partition, part in enumerate((values[:25_000], values[25_000:26_000], values[26_000:])):
        cluster.produce(topic, part, partition=partition)
    return topic


def engine(cluster: Cluster, topic: str, processes: int = 1, limits: ReadLimits | None = None) -> LocalEngine:
    return LocalEngine(
        {"bootstrap.servers": cluster.servers},
        topic,
        "read_committed",
        SETTINGS,
        "earliest",
        processes=processes,
        limits=limits,
    )


def a_minute() -> float:
    return 60.0


def test_one_process_and_two_find_the_same(cluster: Cluster, visits: str) -> None:
    found = []
    for processes in (1, 2, 3):
        local = engine(cluster, visits, processes)
        try:
            read = local.read({}, a_minute)
        finally:
            local.close()
        assert (read.error, read.behind) == (None, 0)
        assert read.positions == {0: 25_000, 1: 1000, 2: 14_000, 3: 0}
        found.append(read.summary)
    one, *others = found
    assert (one.all_events, one.tombstones) == (RECORDS, RECORDS // 100)
    assert set(one.broken) >= {"event_time.not_empty", "user_id.not_empty", "event_time.timestamp"}
    assert one.distinct["visit_id.unique"].repeated > 0
    for other in others:
        for name in (
            *("all_events", "unparseable", "tombstones", "invalid_records", "invalid", "warned", "broken"),
            *("offenders", "distinct", "newest", "minutes", "unknown_fields", "type_drift"),
        ):
            assert getattr(other, name) == getattr(one, name), name
        assert isinstance(one.profile, Profile)
        assert isinstance(other.profile, Profile)
        assert other.profile.sample == one.profile.sample
        for path, field in one.profile.fields.items():
            same = other.profile.fields[path]
            assert (same.missing, same.null, same.types) == (field.missing, field.null, field.types)
            assert same.distinct.estimate == field.distinct.estimate
            assert (same.times.count, same.times.least, same.times.greatest) == (
                *(field.times.count, field.times.least, field.times.greatest),
            )
            for a, b in zip(
                same.times.quantiles.at([0.1, 0.5, 0.9]),
                field.times.quantiles.at([0.1, 0.5, 0.9]),
                strict=True,
            ):
                span = (field.times.greatest or 0) - (field.times.least or 0)
                assert abs(a - b) <= 0.03 * span


def test_a_process_that_is_killed_takes_nothing_along(cluster: Cluster, visits: str) -> None:
    local = engine(cluster, visits, 2, ReadLimits(records_per_second=20_000, burst_seconds=0.1))
    assert isinstance(local._reader, ReaderProcesses)
    victims = [worker.process.pid for worker in local._reader._workers if worker]
    killed = time.monotonic() + 1.5

    def time_left() -> float:
        nonlocal killed
        if killed and time.monotonic() > killed:
            os.kill(victims[0] or 0, signal.SIGKILL)
            killed = 0
        return 60.0

    first = local.read({}, time_left)
    assert "the process that reads it ended" in (first.error or "")
    assert first.behind
    second = local.read({first.topic_id: first.positions}, a_minute)
    local.close()
    assert (second.error, second.behind) == (None, 0)
    both = merge_all((first.summary, second.summary))
    assert (both.all_events, both.tombstones) == (RECORDS, RECORDS // 100)
    assert not [pid for pid in victims if pid and psutil.pid_exists(pid)]


def test_no_process_is_left_when_the_observer_is_killed(cluster: Cluster, visits: str) -> None:
    script = (
        "import sys, time\n"
        "from offline_observer.engine.build import KernelSettings\n"
        "from offline_observer.engine.local import LocalEngine\n"
        "if __name__ == '__main__':\n"
        "    engine = LocalEngine({'bootstrap.servers': sys.argv[1]}, sys.argv[2], 'read_committed',\n"
        "                         KernelSettings(), 'earliest', processes=2)\n"
        "    engine.read({}, lambda: 60.0)\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", script, cluster.servers, visits], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    children = psutil.Process(program.pid).children(recursive=True)
    assert len(children) >= 2
    program.kill()
    program.wait()
    program.stdout.close()
    eventually(lambda: not any(child.is_running() for child in children), 10, "its processes to end")


def test_limits_are_kept(cluster: Cluster, visits: str) -> None:
    for limits, most in (
        (ReadLimits(records_per_second=1000, burst_seconds=2), 1000 * (3 + 1) + 100),
        (ReadLimits(bytes_per_second=400_000, burst_seconds=2), 1_000 * (3 + 1) * 1.3 + 500),
    ):
        local = engine(cluster, visits, limits=limits)
        start = time.monotonic()
        read = local.read({}, lambda start=start: start + 3 - time.monotonic())  # type: ignore[misc]
        local.close()
        assert 1000 <= read.summary.all_events <= most
        assert read.behind == RECORDS - read.summary.all_events
        assert time.monotonic() - start < 5
