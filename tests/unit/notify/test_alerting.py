"""All of it beside an observer: what its documents warn of, how it ends, what it lacks."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offline_observer.alert.message import Kind, Message
from offline_observer.clock import SystemClock
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.notifications import put_in
from offline_observer.notify import alerting as alerting_module
from offline_observer.notify import courier as courier_module
from offline_observer.notify.alerting import Alerting
from offline_observer.stop import Stop
from support.alerts import observation
from support.kafka import eventually
from support.webhook import webhook


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


def config(**more: Any) -> Config:
    return Config.model_validate(
        {
            "name": "test",
            "kafka": {"bootstrap.servers": "a"},
            "pipelines": [{"name": "visits", "job": {"name": "copy", "checkpoint": "/c"}}],
            **more,
        }
    )


def test_what_the_documents_warn_of(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting_module, "_FAILING_SECONDS", 1.0)
    monkeypatch.setattr(courier_module, "_LEAST_TRIED", 0.0)
    with journal.transaction() as execute:
        for age in (timedelta(days=3), timedelta()):
            one = Message(
                alert="a", severity="warn", kind=Kind.FIRING, title="t", body="b", channels=("team", "well")
            )
            put_in(execute, [one], datetime.now(UTC) - age)
    with webhook() as receiver, webhook() as well:
        receiver.status = 500
        channels = {"team": {"url": receiver.url}, "well": {"url": well.url}}
        alerting = Alerting(
            config(notify=channels, heartbeat=f"http://127.0.0.1:{receiver.port}/hunter2"),
            journal,
            SystemClock(),
        )
        alerting.ticked()
        eventually(lambda: len(alerting.warnings) == 3, 20)
        failing, dead, heart = alerting.warnings
        assert failing.startswith("the channel team has been failing for ")
        assert failing.endswith("error=500")
        assert dead == "a message could not be delivered (`offline-observer alerts` shows which)"
        assert heart == "the heartbeat at 127.0.0.1 fails: HTTP 500 Internal Server Error"
        assert "hunter2" not in "".join(alerting.warnings)
        assert len(well.received) == 2
        alerting.close()


def test_what_ends_by_itself_evaluates_and_delivers_what_it_has(journal: Journal) -> None:
    with webhook() as receiver:
        rule = {"name": "a", "when": "status in [stalled]"}
        alerting = Alerting(
            config(alerts=[rule], notify={"team": {"url": receiver.url}}), journal, SystemClock()
        )
        time.sleep(0.5)
        document = observation(datetime.now(UTC), job_status="stalled")
        journal.append(Entry(pipeline="visits", document=document))
        alerting.finish(10, Stop())
        assert receiver.titles() == ["[firing] a (warn): visits"]
        alerting.close()


def test_a_heart_that_beats_by_the_journal(journal: Journal) -> None:
    with webhook() as receiver:
        alerting = Alerting(
            config(heartbeat=f"http://127.0.0.1:{receiver.port}/"), journal, SystemClock(), by_journal=True
        )
        time.sleep(0.5)
        assert receiver.asked == 0
        journal.append(Entry(pipeline="visits", document=observation(datetime.now(UTC))))
        eventually(lambda: receiver.asked == 1, 5)
        began = time.monotonic()
        alerting.close()
        assert time.monotonic() - began < 1.5


def test_without_the_extra_it_says_what_to_install(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    made = config(notify={"team": {"url": "json://h"}})
    monkeypatch.setattr(alerting_module, "has_libraries", lambda: False)
    with pytest.raises(ConfigError, match=r"pip install 'offline-observer\[notify\]'"):
        Alerting(made, journal, SystemClock())
    Alerting(config(), journal, SystemClock()).close()


def test_a_fault_is_told_and_does_not_end_it(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    alerting = Alerting(config(), journal, SystemClock())
    monkeypatch.setattr(alerting._evaluator, "step", lambda **_: 1 // 0)
    eventually(
        lambda: (
            alerting.warnings
            == [
                "alerts are not evaluated: fault in this program: ZeroDivisionError: integer division or modulo by zero"
            ]
        ),
        5,
    )
    monkeypatch.undo()
    eventually(lambda: alerting.warnings == [], 5)
    alerting.close()
