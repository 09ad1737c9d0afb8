"""Documents of profiles as text for people: the cells of a table."""

from typing import TYPE_CHECKING

from offline_observer.observation import Document
from offline_observer.profile.values_text import SHOWN, short, values_text
from offline_observer.time_text import UNKNOWN, value_text

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.profile.drift import Drift

COLUMNS = ("window", "dataset", "field", "records", "complete", "distinct", "values", "drift")
"""The headings."""

DRIFT_COLUMNS = ("field", "drift", "completeness", "distance", "new", "vanished")
"""The headings of a comparison."""


def row(document: Document) -> list[str]:
    """The cells of a document of kind `profile`."""
    complete, drift = document.get("completeness"), document.get("drift")
    start, end = str(document.get("window_start")), str(document.get("window_end"))
    return [
        f"{start[:19]}Z to {end[11:19]}Z",
        str(document.get("dataset")),
        str(document.get("field")),
        value_text(document.get("records")),
        f"{complete:.1%}" if isinstance(complete, float) else UNKNOWN,
        value_text(document.get("distinct")),
        values_text(document),
        f"{drift:.2f}" if isinstance(drift, float) else UNKNOWN,
    ]


def drift_row(field: str, drift: "Drift") -> list[str]:
    """The cells of a field in a comparison."""
    return [
        field,
        UNKNOWN if drift.drift is None else f"{drift.drift:.2f}",
        UNKNOWN if drift.completeness is None else f"{drift.completeness:+.1%}",
        UNKNOWN if drift.distance is None else f"{drift.distance:.2f}",
        ", ".join(map(short, drift.new[:SHOWN])),
        ", ".join(map(short, drift.vanished[:SHOWN])),
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
