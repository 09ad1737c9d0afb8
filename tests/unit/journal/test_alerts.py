"""What the journal holds of alerts, for the observer and for those beside it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from offline_observer.alert.instance import Instance, Key, State
from offline_observer.alert.look import Look, Transition
from offline_observer.alert.message import Kind, Message
from offline_observer.errors import JournalError
from offline_observer.journal.alerts import (
    AlertFacts,
    forget_silences,
    names_of,
    prune_history,
    read_alert_history,
    read_alert_states,
    read_instances,
    read_silences,
    silence,
    write_alerts,
    write_look,
)
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import (
    count_waiting,
    give_up_others,
    note_delivered,
    note_failed,
    prune_notifications,
    put_in,
    read_notifications,
    read_undelivered,
    resend,
)
from offline_observer.journal.reading import opened

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY = Key("visits", "visits/0")
MESSAGE = Message(alert="a", severity="warn", kind=Kind.FIRING, title="t", body="b", channels=("x", "y"))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A journal of the format before."""
    path = tmp_path / "older.db"
    connection = sqlite3.connect(path)
    for number in range(1, 7):
        connection.executescript(
            resources.files("offline_observer.journal").joinpath(f"schema_{number}.sql").read_text()
        )
    connection.executescript("INSERT INTO meta VALUES ('uuid', 'u'); PRAGMA user_version=6;")
    connection.close()
    return path


def write(journal: Journal, look: Look, alert: str = "a") -> None:
    with journal.transaction() as execute:
        write_look(execute, alert, look, {"visits": "copy"}, NOW)


def test_states_come_back_as_they_were(journal: Journal) -> None:
    firing = Instance(State.FIRING, NOW, fired_at=NOW, value=20, reason="why", told=("x", "y"), told_at=NOW)
    stalled = Instance(State.PENDING, NOW, value="stalled")
    write(journal, Look(changed={KEY: firing, Key("visits"): stalled, Key("clicks"): None}))
    with opened(journal.path) as (connection, _):
        assert read_instances(connection) == {"a": {KEY: firing, Key("visits"): stalled}}
    write(journal, Look(changed={KEY: None}))
    with opened(journal.path) as (connection, _):
        assert read_instances(connection) == {"a": {Key("visits"): stalled}}


def test_readers_see_all_alerts_those_that_fire_first(journal: Journal) -> None:
    with journal.transaction() as execute:
        write_alerts(
            execute,
            {"b": AlertFacts("max_lag > 1", "info"), "a": AlertFacts("lag > 15", "warn", ("x",))},
        )
    write(journal, Look(changed={KEY: Instance(State.FIRING, NOW, fired_at=NOW, value=20.5)}))
    silence(journal.path, "b", NOW + timedelta(hours=1))
    first, second = read_alert_states(journal.path)
    assert (first.alert, first.pipeline, first.job, first.part) == ("a", "visits", "copy", "visits/0")
    assert (first.state, first.since, first.value, first.severity) == ("firing", NOW, 20.5, "warn")
    assert (first.condition, first.silenced_until) == ("lag > 15", None)
    assert (second.alert, second.state, second.since, second.pipeline) == ("b", "normal", None, "")
    assert second.silenced_until == NOW + timedelta(hours=1)
    assert list(names_of(journal.path)) == ["b", "a"]


def test_silences_end(journal: Journal) -> None:
    silence(journal.path, "a", NOW + timedelta(hours=1))
    silence(journal.path, "b", NOW)
    silence(journal.path, "a", NOW + timedelta(hours=2))
    with opened(journal.path) as (connection, _):
        assert read_silences(connection, NOW) == {"a": NOW + timedelta(hours=2)}
    with journal.transaction() as execute:
        forget_silences(execute, NOW + timedelta(hours=2))
    with opened(journal.path) as (connection, _):
        assert read_silences(connection, NOW) == {}


def test_the_history_is_bounded(journal: Journal) -> None:
    changes = [
        Transition(Key("p", str(number)), State.NORMAL, State.PENDING, number) for number in range(9000)
    ]
    for _ in range(2):
        write(journal, Look(transitions=changes))
    with journal.transaction() as execute:
        prune_history(execute, NOW, None)
    assert len(read_alert_history(journal.path, 100_000)) == 10_000
    (newest,) = read_alert_history(journal.path, 1)
    assert (newest.part, newest.before, newest.after, newest.value) == ("8999", "normal", "pending", 8999)
    with journal.transaction() as execute:
        prune_history(execute, NOW + timedelta(days=2), timedelta(days=1))
    assert read_alert_history(journal.path, 1) == []


def test_a_state_and_its_messages_are_written_together_or_not_at_all(journal: Journal) -> None:
    look = Look(changed={KEY: Instance(State.FIRING, NOW)}, messages=[MESSAGE])
    broken = Look(changed=look.changed, messages=[MESSAGE, replace(MESSAGE, title=None)])  # type: ignore[arg-type]
    with pytest.raises(JournalError, match="NOT NULL"):
        write(journal, broken)
    with opened(journal.path) as (connection, _):
        assert read_instances(connection) == {}
    assert read_notifications(journal.path, 9) == []
    write(journal, look)
    assert [one.channel for one in read_notifications(journal.path, 9)] == ["y", "x"]


def test_what_becomes_of_messages(journal: Journal) -> None:
    with journal.transaction() as execute:
        put_in(execute, [MESSAGE, MESSAGE], NOW)
    assert count_waiting(journal.path, ["x"]) == 2
    note_delivered(journal, 1, NOW)
    note_failed(journal, 2, "away", None)
    note_failed(journal, 2, "still", NOW)
    two, one = read_notifications(journal.path, 4)[2:]
    assert (two.number, two.tries, two.error, two.given_up_at) == (2, 2, "still", NOW)
    assert (one.delivered_at, one.kind, one.title, one.made_at) == (NOW, "firing", "t", NOW)
    assert [found.number for found in read_undelivered(journal.path, 9)] == [4, 3, 2]
    with journal.transaction() as execute:
        give_up_others(execute, ["x"], NOW)
    assert count_waiting(journal.path, ["x", "y"]) == 1
    assert read_notifications(journal.path, 1)[0].error == "the channel is no longer in the configuration"
    assert resend(journal.path, ["x", "y"], NOW) == 2
    assert count_waiting(journal.path, ["x", "y"]) == 3


def test_delivered_messages_are_not_kept_for_ever(journal: Journal) -> None:
    with journal.transaction() as execute:
        put_in(execute, [MESSAGE] * 700, NOW)
        execute("UPDATE notifications SET delivered_at = made_at WHERE number < 1300")
        prune_notifications(execute)
    found = read_notifications(journal.path, 5000)
    assert len(found) == 1000 + 101
    assert found[-1].number == 300


def test_a_journal_of_an_older_version_knows_none(older: Path) -> None:
    assert read_alert_states(older) == []
    assert read_alert_history(older, 9) == []
    assert read_notifications(older, 9) == []
    assert read_undelivered(older, 9) == []
    assert names_of(older) == []
    with pytest.raises(JournalError, match="older version"):
        silence(older, "a", NOW)
    with pytest.raises(JournalError, match="older version"):
        resend(older, ["x"], NOW)


def test_an_older_journal_is_brought_up_to_date(older: Path) -> None:
    journal = Journal(older)
    write(journal, Look(changed={KEY: Instance(State.FIRING, NOW)}))
    assert journal.uuid == "u"
    journal.close()
