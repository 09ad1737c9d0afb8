"""What the journal holds of alerts: their states, how they came about, silences."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from offline_observer.alert.instance import Instance, Key, State, Value
from offline_observer.alert.look import Look
from offline_observer.errors import JournalError
from offline_observer.journal.notifications import ALERTS_SINCE, put_in
from offline_observer.journal.points import Execute
from offline_observer.journal.reading import opened
from offline_observer.quality.times import read_time
from offline_observer.time_text import format_time

_MOST_HISTORY = 10_000
# Raised ones first: what is the matter is what one looks for.
_ORDER = "CASE state WHEN 'firing' THEN 0 WHEN 'recovering' THEN 1 WHEN 'pending' THEN 2 WHEN 'no_data' THEN 3 ELSE 4 END"
_STATES = (
    "SELECT alerts.alert, coalesce(pipeline, ''), coalesce(job, ''), coalesce(part, ''), coalesce(state, 'normal') AS state, "  # noqa: S608 - constants
    "since, value, severity, condition, until, coalesce(reason, '') FROM alerts "
    "LEFT JOIN alert_states ON alert_states.alert = alerts.alert LEFT JOIN silences ON silences.alert = alerts.alert "
    f"ORDER BY {_ORDER}, place, pipeline, part"
)
_HISTORY = (
    'SELECT at, alert, pipeline, part, "from", "to", value FROM alert_history ORDER BY number DESC LIMIT ?'
)


@dataclass(frozen=True, slots=True)
class AlertStateRow:
    """The state of an alert for one job, partition or dataset.

    Attributes:
        alert: The alert's name.
        pipeline: The pipeline; empty for the observer as a whole, and where all is normal.
        job: Its job; empty without one.
        part: The partition, as topic/number; empty for a job or a dataset.
        state: `normal`, `pending`, `firing`, `recovering` or `no_data`. An alert that is normal wherever it looks has one row.
        since: Since when; None for one that is normal everywhere.
        value: What a look found, the last one's for most; None when it is not known.
        severity: `info`, `warn` or `critical`.
        condition: The condition, as text.
        silenced_until: Until when nobody is told; None when it is not silenced.
        reason: What the job's, the partition's or the dataset's document says.
    """

    alert: str
    pipeline: str
    job: str
    part: str
    state: str
    since: datetime | None
    value: Value
    severity: str
    condition: str
    silenced_until: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that went from one state to another.

    Attributes:
        at: When.
        alert: The alert's name.
        pipeline: Of which pipeline.
        part: Of which partition.
        before: The state before.
        after: The state after.
        value: What the look found.
    """

    at: datetime
    alert: str
    pipeline: str
    part: str
    before: str
    after: str
    value: Value


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is written of an alert for readers.

    Attributes:
        condition: The condition, as text.
        severity: How bad it is.
        channels: Who is told.
    """

    condition: str
    severity: str
    channels: tuple[str, ...] = ()


def read_alert_states(path: Path) -> list[AlertStateRow]:
    """The states of all alerts, those that are raised first. Empty for a journal that knows none.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < ALERTS_SINCE:
            return []
        rows = connection.execute(_STATES)
        return [
            AlertStateRow(
                alert,
                pipeline,
                job,
                part,
                state,
                read_time(since),
                value,
                severity,
                condition,
                read_time(until),
                reason,
            )
            for alert, pipeline, job, part, state, since, value, severity, condition, until, reason in rows
        ]


def read_alert_history(path: Path, last: int) -> list[AlertChange]:
    """How alerts went from state to state, the newest first.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        if version < ALERTS_SINCE:
            return []
        return [AlertChange(_time(at), *row) for at, *row in connection.execute(_HISTORY, (last,))]


def read_alerts(connection: sqlite3.Connection) -> dict[str, AlertFacts]:
    """The alerts that were evaluated last."""
    found = connection.execute("SELECT alert, condition, severity, channels FROM alerts ORDER BY place")
    return {
        alert: AlertFacts(condition, severity, tuple(json.loads(channels)))
        for alert, condition, severity, channels in found
    }


def read_instances(connection: sqlite3.Connection) -> dict[str, dict[Key, Instance]]:
    """The states of each alert that are not plainly normal."""
    found: dict[str, dict[Key, Instance]] = {}
    query = (
        "SELECT alert, pipeline, part, state, since, fired_at, value, reason, told, told_at FROM alert_states"
    )
    for alert, pipeline, part, state, since, fired_at, value, reason, told, told_at in connection.execute(
        query
    ):
        found.setdefault(alert, {})[Key(pipeline, part)] = Instance(
            state=State(state),
            since=_time(since),
            fired_at=read_time(fired_at),
            value=value,
            reason=reason,
            told=tuple(json.loads(told)),
            told_at=read_time(told_at),
        )
    return found


def read_jobs_of(connection: sqlite3.Connection) -> dict[str, str]:
    """The job of each pipeline, as it was when states were written last; empty for one without."""
    return dict(connection.execute("SELECT DISTINCT pipeline, job FROM alert_states").fetchall())


def write_jobs_of(execute: Execute, jobs: Mapping[str, str]) -> None:
    """Notes the job of each pipeline at all of its states, also those that do not change: the next start compares with it."""
    for pipeline, job in jobs.items():
        execute("UPDATE alert_states SET job = ? WHERE pipeline = ? AND job != ?", (job, pipeline, job))


def read_silences(connection: sqlite3.Connection, now: datetime) -> dict[str, datetime]:
    """Until when alerts are silenced that are so now."""
    found = connection.execute("SELECT alert, until FROM silences")
    return {alert: until for alert, text in found if (until := read_time(text)) and until > now}


def write_alerts(execute: Execute, alerts: Mapping[str, AlertFacts]) -> None:
    """Notes which alerts are evaluated, in place of those before."""
    execute("DELETE FROM alerts")
    for place, (name, facts) in enumerate(alerts.items()):
        execute(
            "INSERT INTO alerts VALUES (?, ?, ?, ?, ?)",
            (name, place, facts.condition, facts.severity, json.dumps(facts.channels)),
        )


def forget_silences(execute: Execute, now: datetime) -> None:
    """Removes silences that are over."""
    execute("DELETE FROM silences WHERE until <= ?", (format_time(now),))


def write_look(execute: Execute, alert: str, look: Look, jobs: Mapping[str, str], now: datetime) -> None:
    """Writes what a look came to: states, history and messages belong to one transaction.

    Args:
        execute: Of the transaction.
        alert: The alert's name.
        look: What it came to.
        jobs: The job of each pipeline that has one.
        now: The time of the look.
    """
    at = format_time(now)
    for key, one in look.changed.items():
        if one is None:
            execute("DELETE FROM alert_states WHERE alert = ? AND pipeline = ? AND part = ?", (alert, *key))
        else:
            execute(
                "INSERT OR REPLACE INTO alert_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _state_row(alert, key, one, jobs),
            )
    # Of 10,000 partitions at once the last ones are enough: more is not kept.
    for change in look.transitions[-_MOST_HISTORY:]:
        execute(
            'INSERT INTO alert_history (at, alert, pipeline, part, "from", "to", value) VALUES (?, ?, ?, ?, ?, ?, ?)',
            (at, alert, *change.key, str(change.before), str(change.after), change.value),
        )
    put_in(execute, look.messages, now)


def prune_history(execute: Execute, now: datetime, keep: timedelta | None) -> None:
    """Removes what is older than is kept of the history, and what is too much."""
    execute(
        "DELETE FROM alert_history WHERE number <= (SELECT coalesce(max(number), 0) - ? FROM alert_history)",
        (_MOST_HISTORY,),
    )
    if keep is not None:
        execute("DELETE FROM alert_history WHERE at < ?", (format_time(now - keep),))


def _state_row(alert: str, key: Key, one: Instance, jobs: Mapping[str, str]) -> Sequence[object]:
    return (
        alert,
        *key,
        jobs.get(key.pipeline, ""),
        str(one.state),
        format_time(one.since),
        format_time(one.fired_at),
        one.value,
        one.reason,
        json.dumps(one.told),
        format_time(one.told_at),
    )


def _time(text: str) -> datetime:
    time = read_time(text)
    if time is None:
        raise JournalError(
            f"the journal holds {text[:60]!r} where a time should be; it was written by something else"
        )
    return time


def silence(path: Path, alert: str, until: datetime | None) -> None:
    """Has nobody told of an alert until a time; None ends that. The observer takes it up with its next look.

    Raises:
        JournalError: There is no journal, or it cannot be written, or it is of an older version.
    """
    with opened(path, to_write=True) as (connection, version):
        check_version(path, version)
        if until is None:
            connection.execute("DELETE FROM silences WHERE alert = ?", (alert,))
        else:
            connection.execute("INSERT OR REPLACE INTO silences VALUES (?, ?)", (alert, format_time(until)))


def check_version(path: Path, version: int) -> None:
    """Refuses a journal that cannot hold anything of alerts.

    Raises:
        JournalError: It is of an older version.
    """
    if version < ALERTS_SINCE:
        raise JournalError(
            f"the journal {path} is of an older version, which knows no alerts; `offline-observer run` brings it up to date"
        )


def names_of(path: Path) -> Iterable[str]:
    """The names of the alerts that were evaluated last.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    with opened(path) as (connection, version):
        return list(read_alerts(connection)) if version >= ALERTS_SINCE else []
