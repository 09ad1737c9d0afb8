"""What the page shows at one moment, read from the journal in one go."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from offline_observer.dashboard.health import Health, dataset_health, job_health
from offline_observer.dashboard.series import Largest, by_part
from offline_observer.dashboard.view import View
from offline_observer.dashboard.watched import PageOf
from offline_observer.journal.reading import opened
from offline_observer.journal.trends import (
    Bucket,
    count_parts,
    read_between,
    read_buckets,
    read_largest,
    read_last_change,
    read_newest,
    read_offending,
    read_oldest,
    read_pipelines,
    read_times,
    read_windows,
    step_for,
)
from offline_observer.observation import LARGEST_LAG_MAP, UNCHANGED_PARTITION_EVERY, Document
from offline_observer.quality.times import read_time
from offline_observer.time_text import format_time

_EVERY = timedelta(seconds=10)
# So many times that follow each other tell how far apart they are: one long pause among them does not.
_TIMES_LOOKED_AT = 6
# What a chart of some hundred pixels can show, and a heat map of a thousand rows.
_MOST_BUCKETS = 240
_MOST_CELLS = 60_000
_LEAST_COLUMNS = 24
_SHORTEST = timedelta(seconds=10)
_MINUTE = 60
# Lengths that people know.
_LENGTHS = (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 604800)
_BAD_RECORDS = 20
_WINDOWS = 48

_OF_JOB = ("max_lag", "seconds_behind", "job_status")
_OF_DATASET = ("all_events", "unparseable", "tombstones", "invalid", "invalid_field", "dataset_status")
_OF_OBSERVER = ("tick_seconds", "export_backlog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A measure over time.

    Attributes:
        length: How long its buckets are, in seconds.
        parts: The buckets of each part, in the order of time.
    """

    length: int
    parts: Mapping[str, Sequence[Bucket]]

    @property
    def buckets(self) -> Sequence[Bucket]:
        """The buckets of a measure that has no parts."""
        return self.parts.get("", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the page shows.

    Attributes:
        start: Where the time begins that is looked at.
        end: Where it ends.
        now: When it was read: what is later is not known, whatever the end is.
        healths: How each job and each dataset is, the worst first.
        job: The job that is looked at; None when there is none.
        dataset: The dataset that is looked at; None when there is none.
        newest: The newest document of the job's, or else of the dataset's pipeline; None when there is none.
        series: By measure what is drawn.
        lag_length: How long the buckets of the partitions' lag are, in seconds.
        lag: By partition (topic/number) its largest lag of each bucket.
        offending: The newest records that broke a rule, each with the document that names it.
        windows: When the profile's windows ended, newest first.
        window: The documents of the window that is looked at.
        against: Those of the window that it is compared with, when one was chosen.
    """

    start: datetime
    end: datetime
    now: datetime
    healths: Sequence[Health]
    job: Health | None
    dataset: Health | None
    newest: Document | None
    series: Mapping[str, Series]
    lag_length: int
    lag: Mapping[str, Largest]
    offending: Sequence[tuple[Document, Document]]
    windows: Sequence[str]
    window: Sequence[Document]
    against: Sequence[Document]


def read_snapshot(page: PageOf, view: View, now: datetime) -> Snapshot:
    """Reads what a view shows.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    start, end = view.span(now)
    with opened(page.journal) as (connection, _):
        # One transaction: all of it is of the same moment.
        connection.execute("BEGIN")
        healths = read_healths(connection, page, now)
        job = _chosen(healths, "job", view.job)
        dataset = _chosen(healths, "dataset", view.dataset, job)
        ends = (int(start.timestamp()), int(end.timestamp()) + 1)
        series: dict[str, Series] = {}
        lag_length = _MINUTE
        lag: Mapping[str, Largest] = {}
        either = job or dataset
        every = {
            one: page.every or _every(connection, one)
            for one in {health.pipeline for health in (job, dataset) if health}
        }
        for health, measures in ((job, _OF_JOB), (dataset, _OF_DATASET), (either, _OF_OBSERVER)):
            if health:
                for measure in measures:
                    series[measure] = _series(
                        connection, health.pipeline, measure, ends, now, every[health.pipeline]
                    )
        if job:
            lag_length, lag = _lags(connection, job.pipeline, ends, now, every[job.pipeline])
        times = (format_time(start), format_time(end + timedelta(seconds=1)))
        offending: Sequence[tuple[Document, Document]] = ()
        windows: list[str] = []
        window: list[Document] = []
        against: list[Document] = []
        if dataset:
            offending = read_offending(connection, dataset.pipeline, times, _BAD_RECORDS)
            windows = read_windows(connection, dataset.pipeline, _WINDOWS)
            series["drift"] = _series(
                connection, dataset.pipeline, "drift", ends, now, _apart(windows) or _EVERY
            )
            window = _window(connection, dataset.pipeline, view.window or (windows[0] if windows else None))
            against = _window(connection, dataset.pipeline, view.against)
        newest = read_newest(connection, either.pipeline, now) if either else None
    return Snapshot(
        start=start,
        end=end,
        now=now,
        healths=healths,
        job=job,
        dataset=dataset,
        newest=newest,
        series=series,
        lag_length=lag_length,
        lag=lag,
        offending=offending,
        windows=windows,
        window=window,
        against=against,
    )


def read_healths(connection: sqlite3.Connection, page: PageOf, now: datetime) -> list[Health]:
    """How each job and each dataset is: those that are not well come first."""
    found: list[Health] = []
    for pipeline in page.pipelines or read_pipelines(connection):
        newest = read_newest(connection, pipeline, now)
        if newest is None:
            continue
        every = page.every or _every(connection, pipeline)
        if newest.get("job") is not None:
            # A status that never changed is as old as the first observation, at the least.
            changed = read_last_change(connection, pipeline) or read_oldest(connection, pipeline)
            found.append(job_health(newest, changed, every, now))
        if newest.get("dataset") is not None:
            found.append(dataset_health(newest, every, now))
    # Among those that are alike jobs come first, in the order of the file.
    return sorted(found, key=lambda one: (one.is_fine, one.kind != "job"))


def _every(connection: sqlite3.Connection, pipeline: str) -> timedelta:
    """The time from one observation to the next, by the newest ones."""
    return _apart(read_times(connection, pipeline, "observation", _TIMES_LOOKED_AT)) or _EVERY


def _apart(times: Sequence[str]) -> timedelta | None:
    """How far apart times are that come newest first; None when there are not two."""
    read = [time for time in map(read_time, times[:_TIMES_LOOKED_AT]) if time]
    steps = [(later - sooner).total_seconds() for later, sooner in pairwise(read)]
    return timedelta(seconds=median(steps)) if steps else None


def _chosen(
    healths: Sequence[Health], kind: str, name: str | None, beside: Health | None = None
) -> Health | None:
    """The one that was asked for; else the one of the same pipeline; else the one that needs it most."""
    of_kind = [one for one in healths if one.kind == kind]
    named = [one for one in of_kind if one.name == name]
    alike = [one for one in of_kind if beside and one.pipeline == beside.pipeline]
    return next(iter((*named, *alike, *of_kind)), None)


def _series(
    connection: sqlite3.Connection,
    pipeline: str,
    measure: str,
    ends: tuple[int, int],
    now: datetime,
    every: timedelta,
) -> Series:
    # What is counted is told by the minute; what is measured as finely as it can be seen.
    least = (
        10
        if measure in ("max_lag", "seconds_behind", "tick_seconds", "export_backlog", "job_status")
        else _MINUTE
    )
    length = bucket_length(ends, _MOST_BUCKETS, max(least, _seconds(every)))
    span, step, length = _steps(ends, now, length)
    return Series(
        length=length, parts=by_part(read_buckets(connection, pipeline, measure, span, step, length))
    )


def _seconds(every: timedelta) -> int:
    """How long a bucket is at the least, so that each holds an observation: else there would be gaps between all of them."""
    return round(every.total_seconds())


def _lags(
    connection: sqlite3.Connection, pipeline: str, ends: tuple[int, int], now: datetime, every: timedelta
) -> tuple[int, Mapping[str, Largest]]:
    parts = max(1, count_parts(connection, pipeline, "lag"))
    columns = max(_LEAST_COLUMNS, min(_MOST_BUCKETS, _MOST_CELLS // parts))
    # Of many partitions those that did not change are written once a minute.
    least = max(every, UNCHANGED_PARTITION_EVERY if parts > LARGEST_LAG_MAP else _SHORTEST)
    span, step, length = _steps(ends, now, bucket_length(ends, columns, _seconds(least)))
    return length, read_largest(connection, pipeline, "lag", span, step, length)


def _steps(ends: tuple[int, int], now: datetime, length: int) -> tuple[tuple[int, int], int, int]:
    """What is read for buckets of some length at the least: whole ones, of which steps, and their length."""
    step = step_for(ends[0], length, int(now.timestamp()))
    length = max(length, step)
    return (ends[0] // length * length, ends[1]), step, length


def bucket_length(ends: tuple[int, int], most: int, least: int) -> int:
    """How long the buckets of some time are, in seconds, so that they are not too many."""
    # The end is a second after the newest that is looked at.
    wanted = max(least, (ends[1] - ends[0] - 1) / most)
    return next((length for length in _LENGTHS if length >= wanted), _LENGTHS[-1])


def _window(connection: sqlite3.Connection, pipeline: str, end: str | None) -> list[Document]:
    """The documents of the window that ended then, in the order of its fields."""
    if end is None:
        return []
    most = 2000
    documents = read_between(connection, pipeline, "profile", (end, f"{end}~"), most)
    return [document for _, document in documents][::-1]
