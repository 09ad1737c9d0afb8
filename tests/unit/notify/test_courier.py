"""Messages of a journal on a real receiver: each once, in their order, through its outages."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.alert.message import Kind, Message
from offline_observer.clock import SystemClock
from offline_observer.errors import JournalError
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import (
    count_given_up,
    note_delivered,
    put_in,
    read_notifications,
    resend,
)
from offline_observer.notify import courier as courier_module
from offline_observer.notify.channel import Channel
from offline_observer.notify.courier import Courier
from support.kafka import eventually
from support.webhook import Webhook, webhook

DAY = timedelta(days=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


def put(
    journal: Journal, *titles: str, channels: tuple[str, ...] = ("team",), age: timedelta = timedelta()
) -> None:
    with journal.transaction() as execute:
        for title in titles:
            one = Message(
                alert="a", severity="warn", kind=Kind.FIRING, title=title, body="b", channels=channels
            )
            put_in(execute, [one], datetime.now(UTC) - age)


def started(journal: Journal, url: str, name: str = "team", give_up_after: timedelta = DAY) -> Courier:
    made = Courier(Channel(name, url), journal, SystemClock(), give_up_after)
    made.start()
    return made


def waiting(journal: Journal) -> int:
    found = read_notifications(journal.path, 1000)
    return sum(one.delivered_at is None and one.given_up_at is None for one in found)


def test_in_order_and_once_through_an_outage(journal: Journal, receiver: Webhook) -> None:
    put(journal, "1", "2")
    courier = started(journal, receiver.url)
    eventually(lambda: waiting(journal) == 0, 10)
    receiver.stop()
    put(journal, "3", "4")
    eventually(lambda: courier.health.error is not None, 10)
    found = {one.title: one for one in read_notifications(journal.path, 10)}
    assert found["3"].tries >= 1
    assert "hunter2" not in (found["3"].error or "hunter2")
    assert found["4"].tries == 0, "in their order"
    receiver.status = 503
    receiver.start()
    eventually(lambda: (courier.health.error or "").endswith("503"), 20)
    receiver.status = 200
    eventually(lambda: waiting(journal) == 0, 30)
    assert receiver.titles() == ["1", "2", "3", "4"]
    assert courier.health.error is None
    courier.close(2)


def test_what_cannot_be_delivered_is_given_up_and_can_be_sent_again(
    journal: Journal, receiver: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "_LEAST_TRIED", 0.0)
    receiver.status = 400
    put(journal, "old", age=timedelta(hours=2))
    put(journal, "new")
    courier = started(journal, receiver.url, give_up_after=timedelta(hours=1))
    eventually(lambda: courier.health.given_up == 1, 10)
    new, old = read_notifications(journal.path, 10)
    assert (old.given_up_at is not None, new.given_up_at) == (True, None)
    receiver.status = 200
    eventually(lambda: receiver.titles() == ["new"], 20)
    assert resend(journal.path, ["other"], datetime.now(UTC)) == 0
    assert resend(journal.path, ["team"], datetime.now(UTC)) == 1
    eventually(lambda: receiver.titles() == ["new", "old"], 20)
    eventually(lambda: courier.health.given_up == 0, 5)
    courier.close(2)


def test_a_channel_that_hangs_delays_no_other(journal: Journal, receiver: Webhook) -> None:
    with webhook() as hanging:
        hanging.hang = 8
        put(journal, "1", "2", channels=("slow", "team"))
        slow, team = started(journal, hanging.url, "slow"), started(journal, receiver.url)
        eventually(lambda: receiver.titles() == ["1", "2"], 5)
        assert waiting(journal) == 2
        began = time.monotonic()
        for one in (slow, team):
            one.close(0.5)
        assert time.monotonic() - began < 2


def test_what_arrived_and_could_not_be_noted_does_not_go_out_again(
    journal: Journal, receiver: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def fails_once(journal: Journal, number: int, at: datetime) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise JournalError("cannot write the journal: disk full")
        note_delivered(journal, number, at)

    monkeypatch.setattr(courier_module, "note_delivered", fails_once)
    put(journal, "1")
    courier = started(journal, receiver.url)
    eventually(lambda: waiting(journal) == 0, 10)
    assert receiver.titles() == ["1"]
    courier.close(2)


def test_another_fault_is_told_without_its_words(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel("team", "json://127.0.0.1:9/hunter2")

    def send(*_: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(channel, "send", send)
    put(journal, "1")
    courier = Courier(channel, journal, SystemClock(), DAY)
    courier.start()
    eventually(lambda: courier.health.error == "fault in this program: RuntimeError", 5)
    courier.close(2)


def test_one_that_waits_to_try_again_tries_no_more_when_it_is_stopped(
    journal: Journal, receiver: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "_FIRST_PAUSE", 30.0)
    receiver.status = 503
    put(journal, "1")
    courier = started(journal, receiver.url)
    eventually(lambda: courier.health.error is not None, 10)
    receiver.status = 200
    courier.close(5)
    assert (receiver.asked, receiver.titles()) == (1, [])


def test_a_channel_does_not_fail_any_more_when_nothing_waits(
    journal: Journal, receiver: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = True

    def locked(connection: sqlite3.Connection, channel: str) -> int:
        if broken:
            raise JournalError("cannot read the journal: database is locked")
        return count_given_up(connection, channel)

    monkeypatch.setattr(courier_module, "count_given_up", locked)
    monkeypatch.setattr(courier_module, "_LEAST_TRIED", 0.0)
    courier = started(journal, receiver.url)
    eventually(lambda: "locked" in (courier.health.error or ""), 5)
    broken = False
    eventually(lambda: courier.health.error is None, 10)
    receiver.status = 400
    put(journal, "1", age=timedelta(days=2))
    eventually(lambda: courier.health.given_up == 1 and courier.health.error is None, 10)
    courier.close(2)


def test_what_waited_while_the_observer_was_stopped_is_not_given_up_at_the_first_try(
    journal: Journal, receiver: Webhook
) -> None:
    receiver.status = 503
    put(journal, "1", "2", age=timedelta(days=3))
    courier = started(journal, receiver.url)
    eventually(lambda: receiver.asked >= 2, 15)
    assert courier.health.given_up == 0
    receiver.status = 200
    eventually(lambda: receiver.titles() == ["1", "2"], 30)
    courier.close(2)
