"""Alerts over a journal: what is written of them, over restarts, changed configurations and failures."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from offline_observer.alert.look import Look, look_at
from offline_observer.alert.rule import AlertRule
from offline_observer.config.model import Config
from offline_observer.errors import JournalError
from offline_observer.journal.alerts import read_alert_history, read_alert_states, silence
from offline_observer.journal.documents import Row
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.notifications import note_delivered, read_notifications
from offline_observer.notify import evaluator as evaluator_module
from offline_observer.notify.evaluator import Evaluator
from offline_observer.notify.plan import plan_of
from support.alerts import observation, partition
from support.set_clock import SetClock

LAG = {"name": "partition lag", "when": "lag > 15", "for": "30s", "every": "10s"}
BEHIND = {"name": "behind", "when": "max_lag > 100", "for": "0s", "every": "10s"}


class Beside:
    """A journal, and what evaluates its alerts, one look each tick."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folder = folder
        self.alerts: list[dict[str, Any]] = [LAG]
        self.pipelines = {"visits": "copy", "clicks": "count"}
        self.channels = {"team": {"url": "json://127.0.0.1:9/hunter2"}}
        self.journal = Journal(folder / "observations.db")
        self.evaluator = self.made()

    def made(self, **more: Any) -> Evaluator:
        pipelines = [
            {"name": name, "job": {"name": job, "checkpoint": f"/{name}"}}
            for name, job in self.pipelines.items()
        ]
        values: dict[str, Any] = {
            "name": "test",
            "kafka": {"bootstrap.servers": "a"},
            "journal": str(self.journal.path),
            "pipelines": pipelines,
            "alerts": self.alerts,
        }
        if self.channels:
            values["notify"] = self.channels
        config = Config.model_validate({**values, **more})
        return Evaluator(plan_of(config), self.journal, self.clock)

    def restart(self, **more: Any) -> None:
        self.journal.close()
        self.journal = Journal(self.folder / "observations.db")
        self.evaluator = self.made(**more)

    def tick(
        self, lag: int | None, times: int = 1, *, pipeline: str = "visits", status: str = "ok"
    ) -> list[str]:
        before = len(self.sent())
        for _ in range(times):
            self.clock.pass_(10)
            now = self.clock.now()
            document = observation(now, pipeline, max_lag=lag, job_status=status)
            entry = Entry(pipeline=pipeline, document=document, partitions=[partition(now, 0, lag, pipeline)])
            self.journal.append(entry)
            self.evaluator.step()
        return self.sent()[before:]

    def sent(self) -> list[str]:
        return [one.title for one in reversed(read_notifications(self.journal.path, 1000))]

    def states(self) -> list[tuple[str, str, str]]:
        rows = read_alert_states(self.journal.path)
        return [(one.alert, f"{one.pipeline}:{one.part}", one.state) for one in rows]


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    made = Beside(tmp_path)
    yield made
    made.journal.close()


FIRING, RESOLVED = "[firing] partition lag (warn): visits", "[resolved] partition lag (warn): visits"


def test_states_history_and_messages_are_written(beside: Beside) -> None:
    assert beside.tick(3) == []
    assert beside.states() == [("partition lag", ":", "normal")]
    assert beside.tick(20, 3) == []
    assert beside.states() == [("partition lag", "visits:visits/0", "pending")]
    assert beside.tick(20) == [FIRING]
    (row,) = read_alert_states(beside.journal.path)
    assert (row.job, row.value, row.severity, row.condition) == ("copy", 20, "warn", "lag > 15")
    assert row.reason == "lag of 0"
    assert row.since == beside.clock.now()
    assert beside.tick(25, 5) == []
    assert read_alert_states(beside.journal.path)[0].value == 25
    assert beside.tick(1) == [RESOLVED]
    history = read_alert_history(beside.journal.path, 10)
    assert [(one.before, one.after) for one in history] == [
        ("firing", "normal"),
        ("pending", "firing"),
        ("normal", "pending"),
    ]
    assert [one.value for one in history] == [1, 20, 20]


def test_a_restart_tells_nobody_again_and_goes_on_waiting(beside: Beside) -> None:
    beside.tick(20, 2)
    beside.restart()
    beside.evaluator.step()
    assert beside.tick(20, 2) == [FIRING]
    beside.restart()
    beside.evaluator.step()
    beside.clock.pass_(300)
    beside.evaluator.step()
    assert beside.tick(20, 20) == []
    beside.clock.pass_(3600)
    beside.restart()
    beside.evaluator.step()
    beside.clock.pass_(599)
    beside.evaluator.step()
    assert beside.sent() == [FIRING], "nothing is resolved because the observer was away"
    assert beside.tick(1) == [RESOLVED]


def test_the_time_looked_back_on_is_read_from_the_journal(beside: Beside) -> None:
    beside.alerts = [{"name": "lost", "when": "unparseable >= 3", "every": "10s"}]
    dataset = [{"name": "visits", "dataset": {"topic": "processed_visits"}}]
    beside.restart(pipelines=dataset)
    for number in range(40):
        beside.clock.pass_(10)
        counts: dict[str, Any] = {"all_events": 1, "unparseable": 1 if number in (5, 20, 39) else 0}
        beside.journal.append(
            Entry(
                pipeline="visits",
                document=observation(beside.clock.now(), **counts, job=None),
                identity=f"b{number}",
            )
        )
    beside.restart(pipelines=dataset)
    beside.evaluator.step()
    again = observation(beside.clock.now(), all_events=1, unparseable=1, job=None)
    beside.journal.append(Entry(pipeline="visits", document=again, identity="b39"))
    beside.clock.pass_(10)
    beside.evaluator.step()
    assert beside.sent() == [], "two, of which one came a second time; the first is out of sight"
    beside.journal.append(Entry(pipeline="visits", document=again, identity="b40"))
    beside.clock.pass_(10)
    beside.evaluator.step()
    assert beside.sent() == ["[firing] lost (warn): visits"]


def test_what_is_read_back_is_found_by_the_index_over_time(beside: Beside) -> None:
    from offline_observer.journal.documents import _BETWEEN

    connection = sqlite3.connect(beside.journal.path)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {_BETWEEN}", ("p", "k", "a", "b", 1)).fetchall()
    connection.close()
    assert any("observations_by_time (pipeline=? AND kind=? AND" in row[3] for row in plan)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"alerts": [BEHIND]}, "no longer watched"),
        ({"alerts": [{**LAG, "jobs": ["count"]}]}, "no longer watched"),
        ({"alerts": [{**LAG, "when": "lag > 10"}]}, "the condition was changed"),
        ({"pipelines": {"clicks": "count"}}, "no longer watched"),
        ({"pipelines": {"visits": "another"}}, "no longer watched"),
    ],
)
def test_what_left_the_configuration_ends_with_one_message(
    beside: Beside, change: dict[str, Any], note: str
) -> None:
    beside.tick(20, 4)
    for name, value in change.items():
        setattr(beside, name, value)
    for _ in range(2):
        beside.restart()
        beside.evaluator.step()
        assert beside.sent() == [FIRING, RESOLVED]
    connection = sqlite3.connect(beside.journal.path)
    (body,) = connection.execute("SELECT body FROM notifications ORDER BY number DESC LIMIT 1").fetchone()
    connection.close()
    assert note in body
    assert "condition: lag > 15" in body
    assert all(state == "normal" for _, _, state in beside.states())


def test_an_alert_that_nobody_was_told_of_ends_without_a_message(beside: Beside) -> None:
    beside.channels = {}
    beside.restart()
    beside.tick(20, 4)
    assert beside.states() == [("partition lag", "visits:visits/0", "firing")]
    beside.alerts = []
    beside.channels = {"team": {"url": "json://127.0.0.1:9/hunter2"}}
    beside.restart()
    beside.evaluator.step()
    assert (beside.sent(), beside.states()) == ([], [])


def test_a_silence_is_taken_up_with_the_next_look(beside: Beside) -> None:
    beside.tick(20)
    silence(beside.journal.path, "partition lag", beside.clock.now() + timedelta(minutes=10))
    assert beside.tick(20, 10) == []
    (row,) = read_alert_states(beside.journal.path)
    assert (row.state, row.silenced_until) == ("firing", beside.clock.now() + timedelta(seconds=500))
    assert beside.tick(20, 50) == [FIRING]
    silence(beside.journal.path, "partition lag", beside.clock.now() + timedelta(minutes=10))
    silence(beside.journal.path, "partition lag", None)
    assert beside.tick(1) == [RESOLVED]


def test_alerts_are_looked_at_each_by_its_own_clock_also_while_nothing_comes(beside: Beside) -> None:
    beside.alerts = [
        {"name": "silent", "when": "no_data", "every": "1m", "for": "0s"},
        {**LAG, "every": "5m"},
    ]
    beside.restart()
    beside.tick(20)
    for _ in range(40):
        beside.clock.pass_(10)
        beside.evaluator.step()
    assert beside.sent() == ["[firing] silent (warn): clicks", "[firing] silent (warn): visits", FIRING]
    assert beside.states()[2:] == [("partition lag", "visits:visits/0", "firing")]


def test_a_journal_that_cannot_be_written_loses_nothing(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.tick(20, 3)
    real = Journal.transaction

    def full(_: Journal) -> None:
        raise JournalError("cannot write the journal: disk full")

    beside.clock.pass_(10)
    now = beside.clock.now()
    beside.journal.append(
        Entry(pipeline="visits", document=observation(now), partitions=[partition(now, 0, 20)])
    )
    monkeypatch.setattr(Journal, "transaction", full)
    for _ in range(3):
        with pytest.raises(JournalError):
            beside.evaluator.step()
    monkeypatch.setattr(Journal, "transaction", real)
    beside.evaluator.step()
    assert beside.sent() == [FIRING]
    assert beside.tick(20, 3) == []


def test_a_clock_that_is_set_back_fires_in_time_and_resolves(beside: Beside) -> None:
    beside.tick(20, 2)
    beside.clock.time -= timedelta(hours=5)
    assert beside.tick(20, 2) == [FIRING]
    beside.clock.time -= timedelta(hours=5)
    assert beside.tick(20, 5) == []
    assert beside.tick(1) == [RESOLVED]
    beside.clock.time -= timedelta(hours=5)
    beside.restart()
    assert beside.tick(20, 4) == [FIRING], "what is in the journal is from the time to come"
    assert beside.tick(1) == [RESOLVED]


def test_a_clock_that_is_set_on_raises_nothing_early(beside: Beside) -> None:
    beside.alerts = [LAG, {"name": "silent", "when": "no_data", "every": "10s", "for": "0s", "jobs": "copy"}]
    beside.restart()
    beside.tick(20, 2)
    beside.clock.time += timedelta(hours=5)
    beside.evaluator.step()
    assert beside.tick(20) == []
    assert beside.tick(20) == [FIRING]


def test_rows_that_are_no_documents_are_passed_over(beside: Beside) -> None:
    connection = sqlite3.connect(beside.journal.path)
    for text in ("{", "[]", '{"@timestamp": 5, "lag": "x"}'):
        connection.execute(
            "INSERT INTO observations (id, kind, pipeline, document) VALUES (?, 'partition', 'visits', ?)",
            (text, text),
        )
    connection.commit()
    connection.close()
    beside.evaluator.step()
    assert beside.tick(20, 4) == [FIRING]


def test_the_url_is_nowhere_in_the_journal(beside: Beside) -> None:
    beside.tick(20, 4)
    beside.tick(1)
    beside.journal.close()
    assert b"hunter2" not in b"".join(path.read_bytes() for path in beside.folder.iterdir())


def test_an_alert_that_cannot_be_looked_at_keeps_no_other_from_it(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.alerts = [BEHIND, LAG]
    beside.restart()
    real = look_at

    def broken(rule: AlertRule, *more: Any) -> Look:
        if rule.name == "behind":
            raise OverflowError("a number")
        return real(rule, *more)

    monkeypatch.setattr(evaluator_module, "look_at", broken)
    for _ in range(4):
        with pytest.raises(OverflowError):
            beside.tick(200)
    assert beside.sent() == [FIRING]
    monkeypatch.undo()
    assert beside.tick(200) == ["[firing] behind (warn): visits"]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 10**30, "20", True])
def test_a_number_that_is_none_stops_no_alert(beside: Beside, odd: Any) -> None:
    beside.alerts = [{**BEHIND, "when": "max_lag != 3", "no_data": "no_data"}, {**LAG, "no_data": "no_data"}]
    beside.restart()
    for _ in range(5):
        beside.clock.pass_(10)
        document = observation(beside.clock.now(), max_lag=odd)
        part = {**partition(beside.clock.now(), 0, 20), "lag": odd}
        beside.journal.append(Entry(pipeline="visits", document=document, partitions=[part]))
        beside.evaluator.step()
    assert beside.sent() == []
    assert beside.tick(20, 4) == ["[firing] behind (warn): visits", FIRING]


def test_a_reason_with_half_a_character_stops_no_alert(beside: Beside) -> None:
    beside.alerts = [BEHIND, LAG]
    beside.restart()
    for _ in range(4):
        beside.clock.pass_(10)
        now = beside.clock.now()
        document = {**observation(now, max_lag=200), "reason": "the field \ud83d"}
        part = {**partition(now, 0, 200), "reason": "\ud83d"}
        beside.journal.append(Entry(pipeline="visits", document=document, partitions=[part]))
        beside.evaluator.step()
    assert beside.sent() == ["[firing] behind (warn): visits", FIRING]
    assert read_alert_states(beside.journal.path)[0].reason == "the field ?"


def test_a_pipeline_whose_job_was_changed_is_taken_for_changed_once(beside: Beside) -> None:
    beside.alerts = [
        {"name": "wrong data", "when": "dataset_status == error", "every": "10s", "for": "0s", "over": "1d"},
        BEHIND,
    ]

    def restart(job: str) -> None:
        one = {"name": "visits", "job": {"name": job, "checkpoint": "/c"}, "dataset": {"topic": "t"}}
        beside.restart(pipelines=[one])

    def look(lag: int) -> list[str]:
        before = len(beside.sent())
        beside.clock.pass_(10)
        document = observation(beside.clock.now(), max_lag=lag, dataset_status="error")
        beside.journal.append(Entry(pipeline="visits", document=document))
        beside.evaluator.step()
        return beside.sent()[before:]

    restart("copy")
    assert look(3) == ["[firing] wrong data (warn): visits"]
    restart("other")
    assert look(200) == ["[firing] behind (warn): visits"]
    for _ in range(2):
        restart("other")
        assert look(200) == []
    assert {one.job for one in read_alert_states(beside.journal.path)} == {"other"}


def test_one_that_is_ended_while_it_reads_back_judges_nothing(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.alerts = [{**BEHIND, "take": "max", "over": "1h"}]
    beside.restart()
    assert beside.tick(200) == ["[firing] behind (warn): visits"]
    beside.clock.pass_(1000)
    beside.restart()
    ended = beside.evaluator

    def ends(*_: Any) -> list[Row]:
        ended.close(0)
        return []

    monkeypatch.setattr(evaluator_module, "documents_between", ends)
    assert beside.tick(3) == []
    monkeypatch.undo()
    beside.restart()
    assert beside.tick(3) == []


def test_what_still_fires_is_told_to_the_channel_that_took_the_place_of_another(beside: Beside) -> None:
    assert beside.tick(20, 4) == [FIRING]
    beside.channels = {"pager": {"url": "json://127.0.0.1:9/hunter2"}}
    beside.restart()
    assert beside.tick(20, 2) == [FIRING]
    beside.restart()
    assert beside.tick(20, 2) == []
    assert beside.tick(1) == [RESOLVED]
    found = [one.channel for one in reversed(read_notifications(beside.journal.path, 10))]
    assert found == ["team", "pager", "pager"]


def test_reminders_do_not_pile_up_for_a_channel_that_is_away(beside: Beside) -> None:
    beside.pipelines = {"visits": "copy"}
    beside.alerts = [{**LAG, "remind": "1m"}]
    beside.restart()
    reminder = "[reminder] partition lag (warn): visits"
    assert beside.tick(20, 60) == [FIRING, reminder]
    for one in read_notifications(beside.journal.path, 10):
        note_delivered(beside.journal, one.number, beside.clock.now())
    assert beside.tick(20, 60) == [reminder]
    assert beside.tick(1) == [RESOLVED]
