"""The numbers of a journal over time, and its newest documents, for whoever looks at it beside the observer."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import le
from typing import NamedTuple

import msgspec

from offline_observer.journal.points import STEPS
from offline_observer.journal.reading import TIME
from offline_observer.observation import Document
from offline_observer.quality.times import read_time

_CHANGED = "CASE WHEN json_valid(document) THEN json_extract(document, '$.job_status_changed') END = 1"
# So many documents are looked through for records that broke rules.
_MOST_SEARCHED = 500
# So many documents are looked through for the one of a pipeline that was written last.
_MOST_WRITTEN = 10_000

_POINTS = """
SELECT part, start / :bucket * :bucket AS bucket, sum(readings), sum(total), max(most)
FROM series CROSS JOIN points USING (series)
WHERE pipeline = :pipeline AND measure = :measure AND step = :step AND start >= :start AND start < :end AND readings > 0
GROUP BY series, bucket ORDER BY part, bucket
"""
# Where a bucket is a step there is nothing to group, and the rows stand in this order already.
_STEPS = """
SELECT part, start, readings, total, most FROM series CROSS JOIN points USING (series)
WHERE pipeline = :pipeline AND measure = :measure AND step = :step AND start >= :start AND start < :end AND readings > 0
ORDER BY part, start
"""
# A row for each part: so many small rows would take longer to hand over than to read.
_LARGEST = """
SELECT part, json_group_array(bucket), json_group_array(most)
FROM (
    SELECT part, start / :bucket * :bucket AS bucket, max(most) AS most
    FROM series CROSS JOIN points USING (series)
    WHERE pipeline = :pipeline AND measure = :measure AND step = :step AND start >= :start AND start < :end AND readings > 0
    GROUP BY part, bucket ORDER BY part, bucket
) GROUP BY part
"""
_LARGEST_STEPS = """
SELECT part, json_group_array(start), json_group_array(most) FROM series CROSS JOIN points USING (series)
WHERE pipeline = :pipeline AND measure = :measure AND step = :step AND start >= :start AND start < :end AND readings > 0
GROUP BY part
"""
_NEWEST = (
    "SELECT document FROM observations WHERE pipeline = ? AND kind = ? "  # noqa: S608 - a constant
    f"ORDER BY {TIME} DESC, sequence DESC LIMIT 1"
)
# A time that has not come yet: the clock has stepped back since, and what was written last tells how things are.
_LAST_WRITTEN = (
    "SELECT document FROM (SELECT pipeline, document FROM observations WHERE kind = :kind ORDER BY sequence DESC LIMIT :most) "
    "WHERE pipeline = :pipeline LIMIT 1"
)
_OLDEST = (
    "SELECT document FROM observations WHERE pipeline = ? AND kind = 'observation' "  # noqa: S608 - a constant
    f"ORDER BY {TIME}, sequence LIMIT 1"
)
_TIMES = f"SELECT {TIME} AS at FROM observations WHERE pipeline = ? AND kind = ? ORDER BY at DESC LIMIT ?"  # noqa: S608 - a constant
_LAST_CHANGE = (
    "SELECT document FROM observations WHERE pipeline = ? AND "  # noqa: S608 - a constant
    f"{_CHANGED} ORDER BY sequence DESC LIMIT 1"
)
_BETWEEN = (
    "SELECT id, document FROM observations WHERE pipeline = :pipeline AND kind = :kind "  # noqa: S608 - a constant
    f"AND {TIME} >= :start AND {TIME} < :end ORDER BY {TIME} DESC, sequence DESC LIMIT :most"
)
_WINDOWS = (
    f"SELECT DISTINCT {TIME} AS at FROM observations WHERE pipeline = ? AND kind = 'profile' "  # noqa: S608 - a constant
    "ORDER BY at DESC LIMIT ?"
)


_starts = msgspec.json.Decoder(list[int]).decode
_numbers = msgspec.json.Decoder(list[float]).decode


class Bucket(NamedTuple):
    """What there was of a series in some time.

    Attributes:
        part: The field, partition or status; empty for all of the pipeline.
        start: When the time begins, in seconds since 1970.
        readings: How many documents said something.
        total: Their numbers added up.
        most: The largest of them.
    """

    part: str
    start: int
    readings: int
    total: float
    most: float


def step_for(start: int, bucket: int, now: int) -> int:
    """The longest steps that are kept since a time and of which whole ones make up a bucket, in seconds: there are fewest.

    Args:
        start: The time, in seconds since 1970.
        bucket: How long a bucket is to be at the least.
        now: The time now.
    """
    kept = [step.seconds for step in STEPS if step.keep is None or now - start <= step.keep.total_seconds()]
    whole = [seconds for seconds in kept if bucket % seconds == 0]
    return whole[-1] if whole else kept[0]


def read_buckets(
    connection: sqlite3.Connection, pipeline: str, measure: str, span: tuple[int, int], step: int, bucket: int
) -> list[Bucket]:
    """A measure of a pipeline over time, part by part, each from its first bucket to its last.

    Args:
        connection: To the journal.
        pipeline: The pipeline.
        measure: The measure.
        span: From when to when, in seconds since 1970; the end is excluded.
        step: The length of the steps that are read, in seconds.
        bucket: The length of a bucket, in seconds: of whole steps.
    """
    wanted = _wanted(pipeline, measure, span, step, bucket)
    statement = _STEPS if wanted["bucket"] == step else _POINTS
    return list(map(Bucket._make, connection.execute(statement, wanted)))


def _wanted(pipeline: str, measure: str, span: tuple[int, int], step: int, bucket: int) -> dict[str, object]:
    return {
        "pipeline": pipeline,
        "measure": measure,
        "start": span[0],
        "end": span[1],
        "step": step,
        "bucket": max(bucket, step),
    }


def read_largest(
    connection: sqlite3.Connection, pipeline: str, measure: str, span: tuple[int, int], step: int, bucket: int
) -> dict[str, tuple[list[int], list[float]]]:
    """The largest number of each bucket, for a measure that may have thousands of parts.

    The arguments are those of `read_buckets`.

    Returns:
        By part the buckets' beginnings, in seconds since 1970 and in their order, and the numbers.
    """
    wanted = _wanted(pipeline, measure, span, step, bucket)
    statement = _LARGEST_STEPS if wanted["bucket"] == step else _LARGEST
    return {
        part: _in_order(_starts(starts), _numbers(numbers))
        for part, starts, numbers in connection.execute(statement, wanted)
    }


def _in_order(starts: list[int], numbers: list[float]) -> tuple[list[int], list[float]]:
    """Buckets in the order of their time, as SQLite gives them but does not promise."""
    if all(map(le, starts, islice(starts, 1, None))):
        return starts, numbers
    order = sorted(range(len(starts)), key=starts.__getitem__)
    return [starts[place] for place in order], [numbers[place] for place in order]


def count_parts(connection: sqlite3.Connection, pipeline: str, measure: str) -> int:
    """How many parts a measure of a pipeline has, or once had."""
    query = "SELECT count(*) FROM series WHERE pipeline = ? AND measure = ?"
    (count,) = connection.execute(query, (pipeline, measure)).fetchone()
    return int(count)


def read_pipelines(connection: sqlite3.Connection) -> list[str]:
    """The pipelines that a journal has numbers of."""
    return [row[0] for row in connection.execute("SELECT DISTINCT pipeline FROM series ORDER BY pipeline")]


def read_observer(connection: sqlite3.Connection) -> str | None:
    """The name of the observer that wrote the newest document; None when there is none."""
    document = _first(connection.execute("SELECT document FROM observations ORDER BY sequence DESC LIMIT 1"))
    return str(document["observer"]) if document and document.get("observer") else None


def read_newest(
    connection: sqlite3.Connection, pipeline: str, now: datetime, kind: str = "observation"
) -> Document | None:
    """The newest document of a kind of a pipeline; None when there is none.

    Args:
        connection: To the journal.
        pipeline: The pipeline.
        now: The time now. Where there are documents of later times, the newest is the one that was written last.
        kind: The kind.
    """
    newest = _first(connection.execute(_NEWEST, (pipeline, kind)))
    at = read_time(newest.get("@timestamp")) if newest else None
    if at is None or at <= now:
        return newest
    wanted = {"pipeline": pipeline, "kind": kind, "most": _MOST_WRITTEN}
    return _first(connection.execute(_LAST_WRITTEN, wanted)) or newest


def read_oldest(connection: sqlite3.Connection, pipeline: str) -> Document | None:
    """The oldest observation of a pipeline; None when there is none."""
    return _first(connection.execute(_OLDEST, (pipeline,)))


def read_times(connection: sqlite3.Connection, pipeline: str, kind: str, most: int) -> list[str]:
    """The times of the newest documents of a kind of a pipeline, newest first."""
    return [row[0] for row in connection.execute(_TIMES, (pipeline, kind, most)) if row[0]]


def read_last_change(connection: sqlite3.Connection, pipeline: str) -> Document | None:
    """The newest document from which on the pipeline's job had another status; None when there is none."""
    return _first(connection.execute(_LAST_CHANGE, (pipeline,)))


def read_between(
    connection: sqlite3.Connection, pipeline: str, kind: str, times: tuple[str, str], most: int
) -> Iterator[tuple[str, Document]]:
    """The newest documents of a time with their ids, newest first.

    Args:
        connection: To the journal.
        pipeline: The pipeline.
        kind: The kind of the documents.
        times: From when to when, as documents have it; the end is excluded.
        most: At most so many.
    """
    wanted = {"pipeline": pipeline, "kind": kind, "start": times[0], "end": times[1], "most": most}
    for identity, document in connection.execute(_BETWEEN, wanted):
        yield identity, json.loads(document)


def read_offending(
    connection: sqlite3.Connection, pipeline: str, times: tuple[str, str], most: int
) -> Sequence[tuple[Document, Document]]:
    """The newest records that broke rules, by the newest documents of a time: each with the document that names it."""
    wanted = {
        "pipeline": pipeline,
        "kind": "observation",
        "start": times[0],
        "end": times[1],
        "most": _MOST_SEARCHED,
    }
    found: list[tuple[Document, Document]] = []
    for _, text in connection.execute(_BETWEEN, wanted):
        if len(found) >= most:
            break
        # Most documents have none, and to parse a document takes longer than to look.
        if '"offenders"' in text:
            document: Document = json.loads(text)
            offenders = document.get("offenders")
            if isinstance(offenders, list):
                found.extend((one, document) for one in reversed(offenders))
    return found[:most]


def read_windows(connection: sqlite3.Connection, pipeline: str, most: int) -> list[str]:
    """When the windows of a pipeline's profile ended, newest first."""
    return [row[0] for row in connection.execute(_WINDOWS, (pipeline, most)) if row[0]]


def _first(cursor: sqlite3.Cursor) -> Document | None:
    row = cursor.fetchone()
    document: Document | None = json.loads(row[0]) if row else None
    return document
