"""The messages in the journal: what is to be delivered, and what became of it."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from offline_observer.alert.message import Kind, Message
from offline_observer.errors import JournalError
from offline_observer.journal.journal import Journal
from offline_observer.journal.points import Execute
from offline_observer.journal.reading import opened
from offline_observer.quality.times import read_time
from offline_observer.time_text import format_time

ALERTS_SINCE = 7
"""The version of the format that began to hold alerts and their messages."""

# Of those that are delivered, and of those that are given up, so many are kept.
_KEPT = 1000
_WAITING = "delivered_at IS NULL AND given_up_at IS NULL"
_REMINDER_WAITS = f"SELECT 1 FROM notifications WHERE channel = ? AND alert = ? AND kind = 'reminder' AND {_WAITING} LIMIT 1"  # noqa: S608 - constants
_SELECT = "SELECT number, channel, alert, kind, title, made_at, delivered_at, given_up_at, tries, error FROM notifications "
_NEWEST = f"{_SELECT} ORDER BY number DESC LIMIT ?"
_UNDELIVERED = f"{_SELECT} WHERE delivered_at IS NULL ORDER BY number DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message to a channel, and what became of it.

    Attributes:
        number: Its number in the journal.
        channel: The channel.
        alert: The alert's name.
        kind: `firing`, `resolved` or `reminder`.
        title: Its first line.
        made_at: When it was made.
        delivered_at: When it arrived; None when it has not.
        given_up_at: When it was given up; None when it was not.
        tries: How often it was tried in vain.
        error: Why it did not arrive, the last time.
    """

    number: int
    channel: str
    alert: str
    kind: str
    title: str
    made_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None
    tries: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is to be delivered next."""

    number: int
    kind: str
    severity: str
    title: str
    body: str
    queued_at: datetime | None


def put_in(execute: Execute, messages: Iterable[Message], now: datetime) -> None:
    """Puts messages into the queues of their channels, in a transaction of the caller's.

    A reminder goes into no queue in which one of the same alert still waits: a channel that comes back after a day gets one.
    """
    at = format_time(now)
    for one in messages:
        for channel in one.channels:
            if one.kind is Kind.REMINDER and execute(_REMINDER_WAITS, (channel, one.alert)).fetchone():
                continue
            execute(
                "INSERT INTO notifications (channel, alert, kind, severity, title, body, made_at, queued_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (channel, one.alert, str(one.kind), one.severity, one.title, one.body, at, at),
            )


def read_notifications(path: Path, last: int) -> list[Notification]:
    """The newest messages, the newest first. Empty for a journal that knows none.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    return _read(path, _NEWEST, last)


def read_undelivered(path: Path, last: int) -> list[Notification]:
    """The newest messages that have not arrived, whether they still wait or were given up; the newest first.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    return _read(path, _UNDELIVERED, last)


def _read(path: Path, query: str, last: int) -> list[Notification]:
    with opened(path) as (connection, version):
        if version < ALERTS_SINCE:
            return []
        rows = connection.execute(query, (last,))
        return [
            Notification(
                number,
                channel,
                alert,
                kind,
                title,
                read_time(made),
                read_time(delivered),
                read_time(given_up),
                tries,
                error,
            )
            for number, channel, alert, kind, title, made, delivered, given_up, tries, error in rows
        ]


def next_waiting(connection: sqlite3.Connection, channel: str) -> Waiting | None:
    """The message that a channel is to get next; None when there is none."""
    row = connection.execute(
        "SELECT number, kind, severity, title, body, queued_at FROM notifications "  # noqa: S608 - constants
        f"WHERE channel = ? AND {_WAITING} ORDER BY number LIMIT 1",
        (channel,),
    ).fetchone()
    if row is None:
        return None
    number, kind, severity, title, body, queued_at = row
    return Waiting(number, kind, severity, title, body, read_time(queued_at))


def count_waiting(path: Path, channels: Collection[str]) -> int:
    """How many messages wait for some channels.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    marks = ", ".join("?" * len(channels))
    with opened(path) as (connection, _):
        (count,) = connection.execute(
            f"SELECT count(*) FROM notifications WHERE {_WAITING} AND channel IN ({marks})",  # noqa: S608
            tuple(channels),
        ).fetchone()
    return int(count)


def count_given_up(connection: sqlite3.Connection, channel: str) -> int:
    """How many messages to a channel were given up."""
    (count,) = connection.execute(
        "SELECT count(*) FROM notifications WHERE given_up_at IS NOT NULL AND channel = ?", (channel,)
    ).fetchone()
    return int(count)


def note_delivered(journal: Journal, number: int, at: datetime) -> None:
    """A message has arrived.

    Raises:
        JournalError: The journal cannot be written.
    """
    with journal.transaction() as execute:
        execute(
            "UPDATE notifications SET delivered_at = ?, error = NULL WHERE number = ?",
            (format_time(at), number),
        )


def note_failed(journal: Journal, number: int, error: str, given_up_at: datetime | None) -> None:
    """A message has not arrived, and is perhaps given up.

    Raises:
        JournalError: The journal cannot be written.
    """
    with journal.transaction() as execute:
        execute(
            "UPDATE notifications SET tries = tries + 1, error = ?, given_up_at = ? WHERE number = ?",
            (error, format_time(given_up_at), number),
        )


def give_up_others(execute: Execute, channels: Collection[str], now: datetime) -> None:
    """Gives up what waits for channels that are no longer in the configuration."""
    marks = ", ".join("?" * len(channels))
    execute(
        f"UPDATE notifications SET given_up_at = ?, error = 'the channel is no longer in the configuration' "  # noqa: S608
        f"WHERE {_WAITING} AND channel NOT IN ({marks})",
        (format_time(now), *channels),
    )


def prune_notifications(execute: Execute) -> None:
    """Removes the oldest of what has arrived, and of what was given up."""
    for end in ("delivered_at", "given_up_at"):
        execute(
            f"DELETE FROM notifications WHERE number IN (SELECT number FROM notifications WHERE {end} IS NOT NULL "  # noqa: S608
            "ORDER BY number DESC LIMIT -1 OFFSET ?)",
            (_KEPT,),
        )


def resend(path: Path, channels: Collection[str], now: datetime) -> int:
    """Puts messages that were given up into the queues again, of channels that are there.

    Returns:
        How many.

    Raises:
        JournalError: There is no journal, or it cannot be written.
    """
    marks = ", ".join("?" * len(channels))
    with opened(path, to_write=True) as (connection, version):
        if version < ALERTS_SINCE:
            raise JournalError(
                f"the journal {path} is of an older version, which knows no alerts; `offline-observer run` brings it up to date"
            )
        return connection.execute(
            f"UPDATE notifications SET given_up_at = NULL, error = NULL, tries = 0, queued_at = ? "  # noqa: S608
            f"WHERE given_up_at IS NOT NULL AND channel IN ({marks})",
            (format_time(now), *channels),
        ).rowcount
