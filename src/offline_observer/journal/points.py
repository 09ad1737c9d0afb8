"""The series of the journal: numbers over time, added up by steps of some lengths as the documents come."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from offline_observer.journal.readings import readings_of
from offline_observer.observation import Document
from offline_observer.quality.times import read_time

Execute = Callable[..., sqlite3.Cursor]
"""Runs a statement with its values."""


@dataclass(frozen=True, slots=True)
class Step:
    """A length of steps, and for how long such steps are kept.

    Attributes:
        seconds: How long one is.
        keep: How long they are kept; None: as long as documents are.
    """

    seconds: int
    keep: timedelta | None


STEPS = (
    Step(10, timedelta(hours=2)),
    Step(60, timedelta(days=2)),
    Step(600, timedelta(days=15)),
    Step(3600, timedelta(days=92)),
    Step(21600, None),
)
"""From the finest on. What is looked at closely is mostly new; of a thousand partitions each step is a thousand rows."""

_SERIES = (
    "INSERT INTO series (pipeline, measure, part) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET part = part "
    "RETURNING series"
)
_KNOWN_SERIES = "SELECT series FROM series WHERE pipeline = ? AND measure = ? AND part = ?"
_LENGTHS = ", ".join(f"({step.seconds})" for step in STEPS)
# One statement for the steps of all lengths.
_ADD = (
    f"WITH lengths (step) AS (VALUES {_LENGTHS}) "  # noqa: S608 - numbers
    "INSERT INTO points (series, step, start, readings, total, most) "
    "SELECT :series, step, :at / step * step, 1, :value, :value FROM lengths WHERE true "
    "ON CONFLICT DO UPDATE SET readings = readings + 1, total = total + excluded.total, "
    "most = max(most, excluded.most)"
)
# The largest one stays: a document that is written anew keeps its lag.
_TAKE_BACK = (
    "UPDATE points SET readings = readings - 1, total = total - :value WHERE series = :series "
    "AND step = :step AND start = :at / :step * :step"
)
_decode = msgspec.json.Decoder(dict[str, object]).decode
_PAGE = (
    "SELECT sequence, pipeline, document FROM observations WHERE sequence > ? ORDER BY sequence LIMIT 2000"
)


def add_points(execute: Execute, pipeline: str, document: Document) -> None:
    """Adds the numbers of a document to the series. It is the caller's transaction."""
    if (at := _seconds(document)) is None:
        return
    for measure, part, value in readings_of(document):
        key = (pipeline, measure, part)
        row = execute(_KNOWN_SERIES, key).fetchone() or execute(_SERIES, key).fetchone()
        execute(_ADD, {"series": row[0], "at": at, "value": value})


def take_back_points(execute: Execute, pipeline: str, document: Document) -> None:
    """Takes the numbers of a document that is replaced out of the series again. It is the caller's transaction."""
    if (at := _seconds(document)) is None:
        return
    for measure, part, value in readings_of(document):
        row = execute(_KNOWN_SERIES, (pipeline, measure, part)).fetchone()
        if row is None:
            continue
        for step in STEPS:
            execute(_TAKE_BACK, {"series": row[0], "at": at, "value": value, "step": step.seconds})


def fill_points(connection: sqlite3.Connection) -> None:
    """The series of all documents of a journal that has none yet. It is the caller's transaction."""
    points: dict[tuple[int, int, int], list[float]] = {}
    series: dict[tuple[str, str, str], int] = {}
    since = _kept_since(connection)
    sequence = 0
    while rows := connection.execute(_PAGE, (sequence,)).fetchall():
        for sequence, pipeline, text in rows:  # noqa: B007 - the last one is where the next page begins
            document = _decoded(text)
            if (at := _seconds(document)) is None:
                continue
            steps = [step for step, first in since if at >= first]
            for measure, part, value in readings_of(document):
                number = series.setdefault((pipeline, measure, part), len(series) + 1)
                for step in steps:
                    point = points.setdefault((number, step, at - at % step), [0, 0.0, value])
                    point[0] += 1
                    point[1] += value
                    point[2] = max(point[2], value)
    connection.executemany(
        "INSERT INTO series VALUES (?, ?, ?, ?)", [(number, *key) for key, number in series.items()]
    )
    connection.executemany(
        "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)", ((*key, *points[key]) for key in sorted(points))
    )


def _decoded(text: str) -> Document:
    try:
        return _decode(text)
    except msgspec.DecodeError:  # an infinite number, for instance
        document: Document = json.loads(text)
        return document


def _kept_since(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """The lengths of steps, each with the time since when such steps are kept, by the newest document."""
    row = connection.execute("SELECT document FROM observations ORDER BY sequence DESC LIMIT 1").fetchone()
    newest = (_seconds(json.loads(row[0])) if row else None) or 0
    kept = ((step.seconds, step.keep) for step in STEPS)
    return [(seconds, 0 if keep is None else newest - int(keep.total_seconds())) for seconds, keep in kept]


def drop_points(execute: Execute, now: datetime, keep: timedelta | None) -> None:
    """Drops the steps that are older than steps of their length are kept, or than anything is. It is the caller's transaction."""
    series = [row[0] for row in execute("SELECT series FROM series").fetchall()]
    for step in STEPS:
        kept = [length for length in (step.keep, keep) if length is not None]
        if kept:
            _drop(execute, series, step, int((now - min(kept)).timestamp()))


def drop_points_before(execute: Execute, start: datetime) -> None:
    """Drops what is older than a time. It is the caller's transaction."""
    series = [row[0] for row in execute("SELECT series FROM series").fetchall()]
    for step in STEPS:
        _drop(execute, series, step, int(start.timestamp()) - step.seconds)


def _drop(execute: Execute, series: Iterable[int], step: Step, before: int) -> None:
    for number in series:
        execute(
            "DELETE FROM points WHERE series = ? AND step = ? AND start < ?", (number, step.seconds, before)
        )


def _seconds(document: Document) -> int | None:
    """A document's time, in seconds since 1970."""
    time = read_time(document.get("@timestamp"))
    return None if time is None else int(time.timestamp())
