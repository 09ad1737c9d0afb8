"""The charts of a snapshot (pure)."""

from collections.abc import Mapping, Sequence
from itertools import chain

from offline_observer.dashboard.charts import Figure, Frame, Points, heat_map, lines, stacked_bars, timeline
from offline_observer.dashboard.series import (
    MOST_LINES,
    cells,
    largest,
    mean,
    most,
    rate,
    share,
    status_spans,
    worst_parts,
)
from offline_observer.dashboard.snapshot import Series, Snapshot
from offline_observer.journal.trends import Bucket
from offline_observer.observation import LARGEST_LAG_MAP

_MINUTE = 60
_NOTHING = Series(length=_MINUTE, parts={})


def frame_of(snapshot: Snapshot, looked_at: str) -> Frame:
    """What all charts of a snapshot have in common."""
    return Frame(start=snapshot.start, end=snapshot.end, looked_at=looked_at)


def errors_per_minute(snapshot: Snapshot, frame: Frame, fields: Mapping[str, str]) -> Figure:
    """Invalid records of each field, and those that could not be parsed, a minute."""
    of_fields = snapshot.series.get("invalid_field", _NOTHING)
    parts = of_fields.parts
    until = int(snapshot.now.timestamp())
    drawn: dict[str, Points] = {
        fields.get(name, name): rate(parts[name], of_fields.length, _MINUTE, until)
        for name in _shown_fields(parts, fields)
    }
    unparseable = snapshot.series.get("unparseable", _NOTHING)
    drawn["unparseable"] = rate(unparseable.buckets, unparseable.length, _MINUTE, until)
    return stacked_bars(frame, drawn, of_fields.length, "a minute")


def offset_lag(snapshot: Snapshot, frame: Frame) -> Figure:
    """The lag of each partition; of many the ten that are worst."""
    names = sorted(worst_parts(snapshot.lag, MOST_LINES, snapshot.lag_length), key=_number)
    one_topic = len({name.rpartition("/")[0] for name in names}) == 1
    drawn = {
        _partition(name, one_topic=one_topic): largest(snapshot.lag[name], snapshot.lag_length)
        for name in names
    }
    return lines(frame, drawn, unit="records")


def has_many_partitions(snapshot: Snapshot) -> bool:
    """Whether there are more partitions than lines can show."""
    return len(snapshot.lag) > MOST_LINES


def lag_map(snapshot: Snapshot, frame: Frame) -> Figure:
    """The lag of all partitions, as a heat map."""
    many = len(snapshot.lag) > LARGEST_LAG_MAP
    return heat_map(frame, *cells(snapshot.lag, snapshot.lag_length, some_unchanged=many))


def seconds_behind(snapshot: Snapshot, frame: Frame) -> Figure:
    """The age of the first record that the job has not finished."""
    series = snapshot.series.get("seconds_behind", _NOTHING)
    return lines(frame, {"": most(series.buckets, series.length)}, unit="s")


def invalid_ratio(snapshot: Snapshot, frame: Frame, fields: Mapping[str, str]) -> Figure:
    """Of the parsed records of each field the share that is invalid."""
    of_fields = snapshot.series.get("invalid_field", _NOTHING)
    parsed: dict[int, float] = {}
    for measure, sign in (("all_events", 1.0), ("unparseable", -1.0), ("tombstones", -1.0)):
        for bucket in snapshot.series.get(measure, _NOTHING).buckets:
            parsed[bucket.start] = parsed.get(bucket.start, 0.0) + sign * bucket.total
    parts = of_fields.parts
    drawn = {
        fields.get(name, name): share(parts[name], parsed, of_fields.length)
        for name in _shown_fields(parts, fields)
    }
    return lines(frame, drawn, share=True)


def records_per_minute(snapshot: Snapshot, frame: Frame) -> Figure:
    """Records of the dataset a minute."""
    series = snapshot.series.get("all_events", _NOTHING)
    until = int(snapshot.now.timestamp())
    return lines(frame, {"": rate(series.buckets, series.length, _MINUTE, until)}, unit="records a minute")


def status_timeline(snapshot: Snapshot, frame: Frame) -> Figure:
    """When the job, or else the dataset, had which status."""
    series = snapshot.series.get("job_status" if snapshot.job else "dataset_status", _NOTHING)
    return timeline(frame, status_spans(chain.from_iterable(series.parts.values()), series.length))


def drift(snapshot: Snapshot, frame: Frame) -> Figure:
    """How far each field has drifted, window by window."""
    series = snapshot.series.get("drift", _NOTHING)
    parts = {
        name: ([one.start for one in of_field], [one.most for one in of_field])
        for name, of_field in series.parts.items()
    }
    names = worst_parts(parts, MOST_LINES, series.length)
    return lines(frame, {name: largest(parts[name], series.length) for name in names})


def tick_seconds(snapshot: Snapshot, frame: Frame) -> Figure:
    """How long the observer's ticks take."""
    series = snapshot.series.get("tick_seconds", _NOTHING)
    return lines(frame, {"": mean(series.buckets, series.length)}, unit="s")


def export_backlog(snapshot: Snapshot, frame: Frame) -> Figure:
    """Documents that wait to be sent."""
    series = snapshot.series.get("export_backlog", _NOTHING)
    return lines(frame, {"": most(series.buckets, series.length)}, unit="documents")


def _shown_fields(parts: Mapping[str, Sequence[Bucket]], fields: Mapping[str, str]) -> list[str]:
    """The fields with the most invalid records, in the configuration's order: so each keeps its colour."""
    worst = sorted(parts, key=lambda name: -sum(one.total for one in parts[name]))[:MOST_LINES]
    places = {name: place for place, name in enumerate(fields)}
    return sorted(worst, key=lambda name: (places.get(name, len(places)), name))


def _partition(name: str, *, one_topic: bool) -> str:
    topic, _, number = name.rpartition("/")
    return f"partition {number}" if one_topic else f"{topic} {number}"


def _number(name: str) -> tuple[str, int]:
    topic, _, number = name.rpartition("/")
    return topic, int(number) if number.isdecimal() else 0
