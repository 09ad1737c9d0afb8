"""Alerts and their messages as text for people, and as JSON."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from offline_observer.alert.message import plain
from offline_observer.journal.alerts import AlertChange, AlertStateRow
from offline_observer.journal.notifications import Notification
from offline_observer.observation import Document
from offline_observer.time_text import format_time, value_text

STATE_COLUMNS = ("state", "alert", "severity", "of", "value", "since (UTC)", "condition")
"""The headings of the states."""

CHANGE_COLUMNS = ("time (UTC)", "alert", "of", "from", "to", "value")
"""The headings of the history."""


def state_row(row: AlertStateRow) -> list[str]:
    """The cells of a state."""
    state = row.state if row.silenced_until is None else f"{row.state}, silenced"
    value = "" if row.state == "normal" and row.value is None else value_text(row.value)
    cells = [state, row.alert, row.severity, _of(row), value, _time(row.since), row.condition]
    return [plain(cell) for cell in cells]


def _of(row: AlertStateRow | AlertChange) -> str:
    if not row.pipeline:
        return "all" if isinstance(row, AlertStateRow) and row.since is None else "the observer"
    return f"{row.pipeline} {row.part}".strip()


def change_row(row: AlertChange) -> list[str]:
    """The cells of a change."""
    value = "" if row.value is None else value_text(row.value)
    return [plain(cell) for cell in (_time(row.at), row.alert, _of(row), row.before, row.after, value)]


def _time(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def undelivered_lines(found: Iterable[Notification]) -> Iterator[str]:
    """A line for each message that has not arrived."""
    for one in found:
        fate = "given up" if one.given_up_at else "waits"
        tries = "" if not one.tries else f" after {one.tries} {'try' if one.tries == 1 else 'tries'}"
        error = f": {one.error}" if one.error else ""
        yield plain(f"{one.channel}: {fate}{tries}: {one.title} ({_time(one.made_at)}){error}")


def silence_lines(rows: Iterable[AlertStateRow]) -> Iterator[str]:
    """A line for each alert that is silenced."""
    silenced = {row.alert: row.silenced_until for row in rows if row.silenced_until}
    for alert, until in silenced.items():
        yield plain(f"{alert} is silenced until {_time(until)} UTC")


def state_json(row: AlertStateRow) -> Document:
    """A state as JSON."""
    return {
        "kind": "alert",
        "alert": row.alert,
        "state": row.state,
        "severity": row.severity,
        "condition": row.condition,
        "pipeline": row.pipeline or None,
        "job": row.job or None,
        "part": row.part or None,
        "since": format_time(row.since),
        "value": row.value,
        "reason": row.reason or None,
        "silenced_until": format_time(row.silenced_until),
    }


def change_json(row: AlertChange) -> Document:
    """A change as JSON."""
    return {
        "kind": "change",
        "at": format_time(row.at),
        "alert": row.alert,
        "pipeline": row.pipeline or None,
        "part": row.part or None,
        "from": row.before,
        "to": row.after,
        "value": row.value,
    }


def notification_json(one: Notification) -> Document:
    """A message that has not arrived, as JSON."""
    return {
        "kind": "message",
        "channel": one.channel,
        "alert": one.alert,
        "message": one.kind,
        "title": one.title,
        "made_at": format_time(one.made_at),
        "given_up_at": format_time(one.given_up_at),
        "tries": one.tries,
        "error": one.error,
    }
