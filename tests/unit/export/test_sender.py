"""A sender outlives whatever its exporter raises."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.clock import SystemClock
from offline_observer.export import sender
from offline_observer.export.exporter import Item, Sent
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
        return []

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
