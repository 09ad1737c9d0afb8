"""A sender outlives whatever its exporter raises."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.clock import SystemClock
from offline_observer.export import sender
from offline_observer.export.exporter import ExportError, Item, Sent
from offline_observer.export.exports import Exports
from offline_observer.journal.journal import Entry, Journal
from offline_observer.stop import Stop
from support.kafka import eventually

SECRET = "c2VjcmV0"  # noqa: S105


class Odd:
    """Raises what nobody expects, then takes everything."""

    name = "odd"
    most_documents = 10
    most_bytes = 10_000

    def __init__(self, failures: int) -> None:
        self.left = failures

    def prepare(self) -> str:
        return "here"

    def send(self, items: Sequence[Item]) -> Sent:
        if self.left:
            self.left -= 1
            raise ValueError(f"Invalid header value b'ApiKey {SECRET}'")
        return Sent(settled=len(items))

    def drop_older(self, _now: datetime, _keep: timedelta) -> Sequence[str]:
        raise ExportError("the index cannot be dropped")

    def close(self) -> None:
        pass


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


def test_an_error_that_nobody_expects_is_told_without_its_words_and_tried_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_FIRST_PAUSE", 0.05)
    journal.append(Entry(pipeline="p", document={"kind": "observation"}))
    odd = Odd(failures=1_000_000)
    exports = Exports([odd], journal, SystemClock(), None)
    try:
        eventually(lambda: exports.health()[0].error is not None, 20)
        told = str(exports.health()[0].error)
        assert told.startswith("fault in this program: ValueError (test_sender.py, line ")
        assert SECRET not in told
        odd.left = 0
        eventually(lambda: exports.finish(1, Stop()), 60)
        assert exports.health()[0].error is None
    finally:
        exports.close()


class Noting(SystemClock):
    """Notes how long it is asked to wait, and waits for no time."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, stop: Stop, seconds: float) -> bool:
        self.waits.append(seconds)
        return super().wait(stop, 0.001)


def test_the_pauses_between_tries_grow_to_half_a_minute_and_are_by_chance(journal: Journal) -> None:
    journal.append(Entry(pipeline="p", document={"kind": "observation"}))
    clock = Noting()
    exports = Exports([Odd(failures=60)], journal, clock, None)
    try:
        eventually(lambda: len(clock.waits) > 60, 20)
    finally:
        exports.close()
    pauses = clock.waits[:60]
    assert all(pause <= 2**number for number, pause in enumerate(pauses[:5]))
    assert all(pause <= 30 for pause in pauses)
    late = pauses[6:]
    assert 10 < sum(late) / len(late) < 20, "they are spread evenly up to the longest"
    assert len(set(late)) > 40, "by chance"


def test_what_cannot_be_dropped_does_not_end_the_wait_for_what_is_sent(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(50):
        journal.append(Entry(pipeline="p", document={"kind": "observation"}))
    odd = Odd(failures=0)
    take = odd.send

    def send(items: Sequence[Item]) -> Sent:
        time.sleep(0.1)
        return take(items)

    monkeypatch.setattr(odd, "send", send)
    exports = Exports([odd], journal, SystemClock(), timedelta(days=30))
    try:
        assert exports.finish(20, Stop())
        assert exports.health()[0].error == "the index cannot be dropped"
    finally:
        exports.close()
