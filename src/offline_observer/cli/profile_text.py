"""Documents of profiles as text for people: the cells of a table."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from offline_observer.cli.document_text import UNKNOWN, text
from offline_observer.observation import Document

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.profile.drift import Drift

COLUMNS = ("window", "dataset", "field", "records", "complete", "distinct", "values", "drift")
"""The headings."""

DRIFT_COLUMNS = ("field", "drift", "completeness", "distance", "new", "vanished")
"""The headings of a comparison."""

_SHOWN = 3
_LONGEST = 24
_HEAD = 8
# A value that fewer of the records have is not among the most frequent ones that are shown.
_NOTABLE = 0.01


def row(document: Document) -> list[str]:
    """The cells of a document of kind `profile`."""
    complete, drift = document.get("completeness"), document.get("drift")
    start, end = str(document.get("window_start")), str(document.get("window_end"))
    return [
        f"{start[:19]}Z to {end[11:19]}Z",
        str(document.get("dataset")),
        str(document.get("field")),
        text(document.get("records")),
        f"{complete:.1%}" if isinstance(complete, float) else UNKNOWN,
        text(document.get("distinct")),
        _values(document),
        f"{drift:.2f}" if isinstance(drift, float) else UNKNOWN,
    ]


def _values(document: Document) -> str:
    """What the values are, in a few words: times and numbers from the least to the greatest, else the most frequent."""
    for first, last in (("earliest", "latest"), ("min", "max")):
        if document.get(first) is not None:
            middle = document.get("p50") if first == "min" else None
            return " ... ".join(
                text(one) for one in (document[first], middle, document[last]) if one is not None
            )
    frequent, records = document.get("frequent"), document.get("records")
    if isinstance(frequent, Sequence) and frequent and isinstance(records, int) and records:
        shown = [
            f"{_short(one['value'])} {one['count'] / records:.0%}"
            for one in frequent
            if isinstance(one, Mapping) and str(one["value"]).strip() and one["count"] / records >= _NOTABLE
        ]
        if shown:
            return ", ".join(shown[:_SHOWN])
    first_text, last_text = document.get("first"), document.get("last")
    return "" if first_text is None else f"{_short(first_text)} ... {_short(last_text)}"


def _short(value: object) -> str:
    printable = "".join(character if character.isprintable() else "?" for character in str(value))
    if not printable.strip():
        return json.dumps(printable)
    # What texts that begin alike differ by is at their ends.
    return (
        printable
        if len(printable) <= _LONGEST
        else f"{printable[:_HEAD]}…{printable[_HEAD + 1 - _LONGEST :]}"
    )


def drift_row(field: str, drift: "Drift") -> list[str]:
    """The cells of a field in a comparison."""
    return [
        field,
        UNKNOWN if drift.drift is None else f"{drift.drift:.2f}",
        UNKNOWN if drift.completeness is None else f"{drift.completeness:+.1%}",
        UNKNOWN if drift.distance is None else f"{drift.distance:.2f}",
        ", ".join(map(_short, drift.new[:_SHOWN])),
        ", ".join(map(_short, drift.vanished[:_SHOWN])),
    ]


def drift_json(drift: "Drift") -> Document:
    """The numbers of a field in a comparison, by the names that documents have for them."""
    return {
        "drift": drift.drift,
        "drift_completeness": drift.completeness,
        "drift_distance": drift.distance,
        "new_values": list(drift.new),
        "vanished_values": list(drift.vanished),
    }
