"""Rules on the dataset, on a real broker and with a clock that is set."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline_observer.clock import SystemClock
from offline_observer.config.load import load_config
from offline_observer.errors import JournalError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.observer import Observer, Tick
from offline_observer.stop import Stop
from support.kafka import Cluster

SECOND = timedelta(seconds=1)


class SetClock(SystemClock):
    """Its time of day is set; it waits and measures as any other."""

    time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time


class World:
    """A topic, a clock, and an observer that can be started again."""

    def __init__(self, cluster: Cluster, folder: Path, rules: list[dict[str, Any]]) -> None:
        self.cluster = cluster
        self.clock = SetClock()
        # Half a minute into a minute that is over, so that no record is from the broker's future.
        self.clock.time = datetime.now(UTC).replace(second=30, microsecond=0) - timedelta(minutes=20)
        self.topic = cluster.topic(2)
        self._path = folder / "observer.yaml"
        content = {
            "name": "test",
            "every": "10s",
            "kafka": {"bootstrap.servers": cluster.servers},
            "pipelines": [
                {"name": "p", "dataset": {"topic": self.topic, "start_from": "earliest", "rules": rules}}
            ],
        }
        self._path.write_text(yaml.safe_dump(content))
        self._observer: Observer | None = None
        self.start()

    def start(self) -> None:
        """Starts the observer, or starts it again."""
        self.stop()
        self._observer = Observer(load_config(self._path, {}), self.clock)

    def stop(self) -> None:
        if self._observer is not None:
            self._observer.close()

    def produce(self, number: int, value: bytes = b"{}", *, partition: int = 0) -> None:
        self.cluster.produce(self.topic, [value] * number, partition, at=self.clock.time)

    def tick(self, after: int = 0) -> dict[str, Any]:
        """The observation after some seconds."""
        assert self._observer is not None
        self.clock.time += after * SECOND
        ticks: list[Tick] = []
        self._observer.run(Stop(), ticks.append, once=True)
        (document,) = ticks[0].documents
        assert document["dataset_error"] is None
        return document

    def tick_that_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_journal: Journal, _entry: Entry) -> str:
            raise JournalError("the disk is full")

        assert self._observer is not None
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", refuse)
            tick = self._observer.run(Stop(), lambda _: None, once=True)
        assert tick is not None
        assert tick.errors == ("p: the disk is full",)


Make = Callable[[list[dict[str, Any]]], World]


@pytest.fixture
def world(cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    def make(rules: list[dict[str, Any]]) -> World:
        made = World(cluster, tmp_path, rules)
        request.addfinalizer(made.stop)
        return made

    return make


def test_freshness_breaks_when_records_stop_outlives_a_restart_and_recovers(world: Make) -> None:
    here = world([{"freshness": "1m"}])
    assert here.tick()["broken_freshness"] is None, "nothing was seen yet"
    here.produce(3)
    seen = here.clock.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fresh = here.tick()
    assert (fresh["broken_freshness"], fresh["newest_record"], fresh["dataset_broken"]) == (0, seen, [])
    assert here.tick(60)["broken_freshness"] == 0

    stale = here.tick(1)
    assert (stale["all_events"], stale["broken_freshness"], stale["newest_record"]) == (0, 1, seen)
    sentence = "freshness: the newest record is 61 s old, allowed are 1m"
    assert (stale["dataset_status"], stale["dataset_reason"]) == ("error", sentence)
    assert stale["dataset_broken"] == [sentence]

    here.start()
    after_restart = here.tick(9)
    assert (after_restart["broken_freshness"], after_restart["newest_record"]) == (1, seen)
    here.start()
    assert here.tick()["broken_freshness"] == 1, "also of a document that had nothing to read"

    here.produce(1, partition=1)
    recovered = here.tick(10)
    assert (recovered["broken_freshness"], recovered["dataset_status"]) == (0, "ok")


def test_freshness_of_a_field_is_not_deceived_by_a_time_in_the_future(world: Make) -> None:
    here = world([{"freshness": {"max_age": "1m", "field": "context.at"}, "severity": "warn"}])
    here.produce(1, b'{"context":{"at":"2024-01-01T00:00:00Z"}}')
    old = here.tick()
    assert (old["broken_freshness"], old["dataset_status"]) == (1, "warn")
    assert old["newest_context_at"] == "2024-01-01T00:00:00.000Z"
    here.produce(1, b'{"context":{"at":"2999-01-01T00:00:00Z"}}')
    assert here.tick()["broken_freshness"] == 0
    here.produce(1, b'{"context":{"at":null}}')
    assert here.tick(61)["broken_freshness"] == 1
    here.start()
    assert here.tick()["broken_freshness"] == 1


def test_row_count_judges_whole_minutes(world: Make) -> None:
    here = world([{"row_count": {"min": 5, "max": 9}}])
    here.produce(100)
    assert here.tick()["broken_row_count"] is None, "the minute under way was not seen from its beginning"
    assert here.tick(60)["broken_row_count"] is None
    here.produce(3)
    here.produce(2, partition=1)
    # 35 s on it is five seconds into the next minute: a record may come a little late.
    assert here.tick(35)["broken_row_count"] is None
    assert here.tick(10)["broken_row_count"] == 0

    empty = here.tick(60)
    assert empty["broken_row_count"] == 1
    assert empty["dataset_broken"] == ["row_count: 0 records in a minute, expected 5 to 9"]

    # What is read now was written a minute ago, and belongs to that one.
    here.clock.time -= 45 * SECOND
    here.produce(10)
    assert here.tick(45)["dataset_broken"] == ["row_count: 10 records in a minute, expected 5 to 9"]

    here.start()
    assert here.tick()["broken_row_count"] is None, "nobody looked meanwhile"
    here.clock.time += 60 * SECOND
    here.produce(7)
    assert here.tick()["broken_row_count"] is None
    assert here.tick(60)["broken_row_count"] == 0


def test_records_that_are_read_twice_are_counted_once(world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world([{"row_count": {"max": 5}}])
    here.tick()
    here.clock.time += 60 * SECOND
    here.produce(5)
    here.tick_that_cannot_be_written(monkeypatch)
    here.tick_that_cannot_be_written(monkeypatch)
    assert here.tick()["all_events"] == 5
    assert here.tick(60)["broken_row_count"] == 0
