"""What is read off a document for the series of the journal (pure)."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from offline_observer.observation import Document

OF_FIELDS = "invalid_"
"""What the measure of a field's invalid records begins with in a document; the rest of it names the field."""

_NUMBERS = (
    "all_events",
    "unparseable",
    "tombstones",
    "invalid",
    "max_lag",
    "total_lag",
    "seconds_behind",
    "expired_records",
    "dataset_behind",
    "tick_seconds",
    "export_backlog",
)
_STATUSES = ("job_status", "dataset_status")
_OF_A_WINDOW = ("completeness", "drift")


class Reading(NamedTuple):
    """One number of a document.

    Attributes:
        measure: What it is a number of: the document's own word, `invalid_field` for the fields' invalid records.
        part: Of which field, partition (topic/number) or status; empty for all of the pipeline.
        value: The number; 1 for a status.
    """

    measure: str
    part: str
    value: float


def readings_of(document: Document) -> Iterator[Reading]:
    """The numbers of a document that are kept as series. What is not known is none."""
    kind = document.get("kind")
    if kind == "partition":
        if (lag := _number(document.get("lag"))) is not None:
            yield Reading("lag", f"{document.get('topic')}/{document.get('partition')}", lag)
    elif kind == "profile":
        for measure in _OF_A_WINDOW:
            if (value := _number(document.get(measure))) is not None:
                yield Reading(measure, str(document.get("field")), value)
    elif kind == "observation":
        yield from _of_observation(document)


def _of_observation(document: Document) -> Iterator[Reading]:
    for measure in _NUMBERS:
        if (value := _number(document.get(measure))) is not None:
            yield Reading(measure, "", value)
    for key, count in document.items():
        if key.startswith(OF_FIELDS) and (value := _number(count)) is not None:
            yield Reading("invalid_field", key.removeprefix(OF_FIELDS), value)
    for measure in _STATUSES:
        if isinstance(status := document.get(measure), str):
            yield Reading(measure, status, 1.0)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    # What is no number, or infinite, cannot be added up: SQLite has no place for it, and the whole tick would be lost.
    return float(value) if math.isfinite(value) else None
