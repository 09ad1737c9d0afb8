"""Topics whose offsets are not all records that a job is given: transactions, and holes that compaction leaves."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from offline_observer.clock import SystemClock
from offline_observer.lag.lag import JobLag
from offline_observer.lag.meter import LagMeter
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.status import Status
from support.kafka import Cluster, eventually
from support.program import run_program
from support.written_checkpoint import WrittenCheckpoint

COMMITTED, UNCOMMITTED = "read_committed", "read_uncommitted"
# Whatever waits at a second look without a commit makes the job stalled.
IMPATIENT = HealthSettings(stalled_after=timedelta(0), start_timeout=timedelta(0))

Measure = Callable[..., JobLag]


class Transactions:
    """A producer of transactions into partition 0 of a topic."""

    def __init__(self, cluster: Cluster, topic: str) -> None:
        self._topic = topic
        self._producer = Producer(
            {"bootstrap.servers": cluster.servers, "transactional.id": f"{topic}-{uuid4().hex[:6]}"}
        )
        self._producer.init_transactions(30)

    def begin(self, records: int, made_at: float) -> None:
        """Records with this time (seconds since 1970), in a transaction that stays open."""
        self._producer.begin_transaction()
        for _ in range(records):
            self._producer.produce(self._topic, b"x" * 100, partition=0, timestamp=int(made_at * 1000))
        assert self._producer.flush(30) == 0

    def commit(self) -> None:
        self._producer.commit_transaction(30)

    def abort(self) -> None:
        self._producer.abort_transaction(30)


@pytest.fixture
def measure(cluster: Cluster, tmp_path: Path) -> Iterator[Measure]:
    """Measures a job that has committed up to an offset of partition 0; twice, so that a stalled one is seen as such."""
    meters = []

    def run(topic: str, committed: int, isolation: str, looks: int = 2) -> JobLag:
        checkpoint = WrittenCheckpoint(tmp_path / uuid4().hex)
        checkpoint.batch(0, {topic: {0: committed}}, time.time() - 300)
        properties = {"bootstrap.servers": cluster.servers}
        meter = LagMeter(str(checkpoint.folder), properties, isolation, SystemClock(), IMPATIENT)
        meters.append(meter)
        for _ in range(looks):
            found = meter.measure(10)
        return found

    yield run
    for meter in meters:
        meter.close()


@contextmanager
def open_transaction(cluster: Cluster, topic: str, records: int, made_at: float) -> Iterator[None]:
    transactions = Transactions(cluster, topic)
    transactions.begin(records, made_at)
    yield
    transactions.abort()


def of(lag: JobLag) -> tuple[Any, ...]:
    """Status, lag, end and seconds behind of the one partition."""
    (partition,) = lag.partitions
    return (lag.status.value, partition.lag, partition.end_offset, partition.seconds_behind)


def age_of(made_at: float) -> Any:
    """The age of a record now, to the second."""
    return pytest.approx(time.time() - made_at, abs=1)


@pytest.mark.parametrize("isolation", [COMMITTED, UNCOMMITTED])
def test_records_of_transactions_that_were_committed(
    cluster: Cluster, measure: Measure, isolation: str
) -> None:
    topic, began = cluster.topic(1), time.time()
    transactions = Transactions(cluster, topic)
    for age in (500, 100):
        transactions.begin(3, began - age)
        transactions.commit()
    # Offsets: three records and a marker, three records and a marker.
    assert of(measure(topic, 8, isolation)) == ("ok", 0, 8, 0.0)
    # The marker counts as an offset, and is no record: the first that waits is of the second transaction.
    waiting = measure(topic, 3, isolation)
    assert of(waiting) == ("stalled", 5, 8, age_of(began - 100))
    assert of(measure(topic, 0, isolation)) == ("stalled", 8, 8, age_of(began - 500))


@pytest.mark.parametrize("isolation", [COMMITTED, UNCOMMITTED])
def test_only_markers_wait(cluster: Cluster, measure: Measure, isolation: str) -> None:
    topic, began = cluster.topic(1), time.time()
    transactions = Transactions(cluster, topic)
    transactions.begin(3, began - 100)
    transactions.commit()
    lag = measure(topic, 3, isolation)
    assert of(lag) == ("ok", 1, 4, 0.0)
    assert lag.seconds_behind == 0.0
    # And then a record comes.
    written = time.time()
    cluster.produce(topic, [b"{}"])
    lag = measure(topic, 3, isolation)
    assert of(lag) == ("stalled", 2, 5, age_of(written))


def test_an_open_transaction(cluster: Cluster, measure: Measure) -> None:
    topic, began = cluster.topic(1), time.time()
    cluster.produce(topic, [b"{}"] * 10)
    with open_transaction(cluster, topic, 5, began - 200):
        cluster.produce(topic, [b"{}"] * 2)
        # Uncommitted: the end is that of the log, whether or not the transaction ends.
        assert of(measure(topic, 17, UNCOMMITTED)) == ("ok", 0, 17, 0.0)
        assert of(measure(topic, 10, UNCOMMITTED)) == ("stalled", 7, 17, age_of(began - 200))
        assert of(measure(topic, 4, UNCOMMITTED, looks=1)) == ("stalled", 13, 17, age_of(began))
        # Committed: what waits for the transaction does not wait for the job.
        assert of(measure(topic, 10, COMMITTED)) == ("ok", 0, 10, 0.0)
        status, lag, end, seconds = of(measure(topic, 4, COMMITTED))
        assert (status, lag, end) == ("stalled", 6, 10)
        assert seconds is not None
        assert 0 < seconds < 10
    # It has been aborted now: the job that reads committed records is given the two that came meanwhile.
    assert of(measure(topic, 10, COMMITTED))[:3] == ("stalled", 8, 18)


def test_aborted_records_wait_for_the_one_and_not_for_the_other(cluster: Cluster, measure: Measure) -> None:
    topic, began = cluster.topic(1), time.time()
    transactions = Transactions(cluster, topic)
    transactions.begin(5, began - 200)
    transactions.abort()
    # Spark reads uncommitted records unless it is told otherwise, and is given them all.
    assert of(measure(topic, 0, UNCOMMITTED)) == ("stalled", 6, 6, age_of(began - 200))
    lag = measure(topic, 0, COMMITTED)
    assert of(lag) == ("ok", 6, 6, 0.0)
    assert lag.warnings == ()
    assert of(measure(topic, 2, COMMITTED)) == ("ok", 4, 6, 0.0)
    # A record behind them is the first.
    transactions.begin(1, began - 50)
    transactions.commit()
    assert of(measure(topic, 2, COMMITTED)) == ("stalled", 6, 8, age_of(began - 50))


def test_a_job_that_reads_uncommitted_records_and_is_said_not_to(
    cluster: Cluster, measure: Measure, tmp_path: Path
) -> None:
    topic, began = cluster.topic(1), time.time()
    cluster.produce(topic, [b"{}"] * 10)
    with open_transaction(cluster, topic, 5, began - 200):
        lag = measure(topic, 12, COMMITTED)
        assert of(lag) == ("stalled", 3, 15, age_of(began - 200))
        warning = (
            f"the job is at offset 12 of {topic}-0, past the last stable offset 10: it reads uncommitted records and "
            "is measured so; set isolation_level: read_uncommitted for it"
        )
        assert lag.warnings == (warning,)
        caught_up = measure(topic, 15, COMMITTED)
        assert of(caught_up) == ("ok", 0, 15, 0.0)
        # Beyond the end of the log it is rewound, and no isolation level explains that.
        rewound = measure(topic, 16, COMMITTED)
        assert (rewound.status, rewound.warnings, rewound.total_lag) == (Status.REWOUND, (), None)

        checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
        checkpoint.batch(0, {topic: {0: 15}})
        done = run_program(
            *("lag", "--checkpoint", str(checkpoint.folder), "--bootstrap-servers", cluster.servers),
            *("--isolation-level", COMMITTED, "--json"),
        )
        found: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode, found["status"], found["total_lag"]) == (0, "ok", 0)
        assert "past the last stable offset 10" in found["warnings"][0]


def test_the_second_question_is_asked_only_where_the_job_looks_rewound(
    cluster: Cluster, tmp_path: Path
) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 10)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 5}})
    meter = LagMeter(str(checkpoint.folder), {"bootstrap.servers": cluster.servers}, COMMITTED, SystemClock())
    asked = []
    read = meter._watermarks.read

    def counting(*arguments: Any, **more: Any) -> Any:
        asked.append(more)
        return read(*arguments, **more)

    meter._watermarks.read = counting  # type: ignore[method-assign]
    meter.measure(10)
    assert len(asked) == 1
    checkpoint.batch(1, {topic: {0: 11}})
    meter.measure(10)
    assert len(asked) == 3
    meter.close()


def test_a_compacted_topic(cluster: Cluster, measure: Measure) -> None:
    topic = cluster.topic(
        1,
        cleanup_policy="compact",
        segment_ms="100",
        min_cleanable_dirty_ratio="0.01",
        min_compaction_lag_ms="0",
    )
    producer = Producer({"bootstrap.servers": cluster.servers})

    began = time.time()

    def write(key: str, time: float) -> None:
        producer.produce(topic, b"{}", key=key, partition=0, timestamp=int(time * 1000))
        assert producer.flush(10) == 0

    for age in range(1000, 0, -100):
        write("same", began - age)
    write("other", began - 50)

    def first() -> float | None:
        # The active segment is never compacted.
        time.sleep(0.2)
        write("roll", time.time())
        return measure(topic, 0, UNCOMMITTED).seconds_behind

    # Of the ten records of one key the newest is left.
    eventually(lambda: (first() or 1000) < 180, 40, "compaction")
    lag = measure(topic, 2, UNCOMMITTED)
    (partition,) = lag.partitions
    assert partition.earliest_offset == 0, "the holes are within what the broker holds"
    assert partition.lag == (partition.end_offset or 0) - 2, "each offset counts, though its record is gone"
    assert lag.seconds_behind == age_of(began - 100), "past the hole"
    assert lag.status is Status.STALLED
    assert measure(topic, partition.end_offset or 0, UNCOMMITTED).status is Status.OK
