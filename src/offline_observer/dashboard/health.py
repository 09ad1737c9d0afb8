"""Is each job all right, and if not, why: what a few seconds of looking are to tell (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offline_observer.lag.status import FINE
from offline_observer.observation import Document
from offline_observer.quality.times import read_time
from offline_observer.time_text import span

SILENT = "silent"
"""What a pipeline is of which nothing has been written for long: whatever it was last, nobody knows what it is now."""

_OF_JOB = ("max_lag", "total_lag", "seconds_behind", "seconds_to_catch_up", "expired_records")
_OF_DATASET = ("all_events", "invalid", "unparseable", "dataset_behind")
_SAID: Mapping[str, str] = {
    "lagging": "is lagging",
    "unknown": "is unknown",
    "stalled": "is stalled",
    "rewound": "was rewound",
    "data_loss": "has lost data",
    "warn": "has warnings",
    "error": "has bad records",
    SILENT: "is not observed any more",
}
_SILENT_TICKS = 3
_SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a job or a dataset is.

    Attributes:
        pipeline: The pipeline.
        kind: `job` or `dataset`.
        name: Its name.
        status: Its status; `silent` when nothing was written for long.
        reason: Why; None when there is nothing to say.
        since: Since when it has this status; None when that is not known.
        at: When it was looked at last; None when it never was.
        numbers: What there is to say of it, by the names that documents have for it; None where it is not known.
        is_fine: It needs nobody's attention.
    """

    pipeline: str
    kind: str
    name: str
    status: str
    reason: str | None
    since: datetime | None
    at: datetime | None
    numbers: Mapping[str, float | None]
    is_fine: bool


def job_health(newest: Document, changed: Document | None, every: timedelta, now: datetime) -> Health:
    """How a job is, by its newest document and the one from which on it had another status."""
    status = str(newest.get("job_status") or "unknown")
    at = read_time(newest.get("@timestamp"))
    since = read_time(changed.get("@timestamp")) if changed else None
    reason = newest.get("reason")
    if silence := _silence(at, every, now):
        return _of(newest, "job", SILENT, f"{silence}; it was {status} then", at, at, {}, is_fine=False)
    numbers = _numbers(newest, _OF_JOB)
    return _of(newest, "job", status, _text(reason), since, at, numbers, is_fine=status in FINE)


def dataset_health(newest: Document, every: timedelta, now: datetime) -> Health:
    """How a dataset is, by its newest document."""
    status = str(newest.get("dataset_status") or "unknown")
    at = read_time(newest.get("@timestamp"))
    if silence := _silence(at, every, now):
        return _of(newest, "dataset", SILENT, f"{silence}; it was {status} then", at, at, {}, is_fine=False)
    numbers = _numbers(newest, _OF_DATASET)
    reason = _text(newest.get("dataset_error")) or _text(newest.get("dataset_reason"))
    return _of(newest, "dataset", status, reason, None, at, numbers, is_fine=status == "ok")


def headline(healths: list[Health]) -> tuple[str, bool]:
    """One sentence for all of them, and whether all is well."""
    bad = [one for one in healths if not one.is_fine]
    if not healths:
        return "Nothing has been observed yet.", True
    if not bad:
        return ("The job is all right." if len(healths) == 1 else "Everything is all right."), True
    if all(one.status == SILENT for one in healths):
        return "Nothing is observed any more: the observer has stopped.", False
    named = ", ".join(f"{one.name} {_SAID.get(one.status, one.status)}" for one in bad[:3])
    more = f", and {len(bad) - 3} more" if len(bad) > 3 else ""  # noqa: PLR2004 - so many are named
    return f"{named}{more}.", False


def _of(
    document: Document,
    kind: str,
    status: str,
    reason: str | None,
    since: datetime | None,
    at: datetime | None,
    numbers: Mapping[str, float | None],
    *,
    is_fine: bool,
) -> Health:
    return Health(
        pipeline=str(document.get("pipeline")),
        kind=kind,
        name=str(document.get(kind)),
        status=status,
        reason=reason,
        since=since,
        at=at,
        numbers=numbers,
        is_fine=is_fine,
    )


def _silence(at: datetime | None, every: timedelta, now: datetime) -> str | None:
    if at is None or now - at <= _SILENT_TICKS * every + _SILENT_AFTER:
        return None
    return f"the observer has written nothing for {span((now - at).total_seconds())}"


def _numbers(document: Document, names: Sequence[str]) -> dict[str, float | None]:
    values = ((name, document.get(name)) for name in names)
    return {name: value if isinstance(value, int | float) else None for name, value in values}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
