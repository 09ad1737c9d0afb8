"""Documents of observations as text for people: a line, or the cells of a table."""

from collections.abc import Iterator, Mapping, Sequence

from offline_observer.observation import Document
from offline_observer.time_text import UNKNOWN, value_text

_PREFIX = "invalid_"
# Less than that is in the documents, and nothing that somebody has to look at.
_NOTABLE_DRIFT = 0.1


def seconds_text(value: object) -> str:
    """Seconds for people; `?` when they are unknown."""
    return f"{value_text(float(value))} s" if isinstance(value, float | int) else UNKNOWN


def invalid_fields(document: Document) -> list[str]:
    """The fields that a document counts invalid records of, by their names in the document."""
    return [key.removeprefix(_PREFIX) for key in document if key.startswith(_PREFIX)]


def lag_text(document: Document) -> str:
    """The lag per partition, or of the worst where there are too many to show: `0:2 1:29`."""
    per_partition = document.get("lag_per_partition")
    shown = 8
    if isinstance(per_partition, Mapping) and 0 < len(per_partition) <= shown:
        return " ".join(f"{partition}:{value_text(lag)}" for partition, lag in per_partition.items())
    return f"max {value_text(document['max_lag'])}" if "max_lag" in document else ""


def remarks(document: Document) -> list[str]:
    """What a person should read besides the numbers; nothing when all is well."""
    found = []
    if document.get("job_status") not in (None, "ok"):
        found.append(f"{document['job_status']}: {document.get('reason')}")
    if document.get("dataset_error"):
        found.append(f"dataset: {document['dataset_error']}")
    broken = document.get("dataset_broken")
    if isinstance(broken, Sequence):
        found.extend(f"dataset: {sentence}" for sentence in broken)
    warnings = document.get("warnings")
    if isinstance(warnings, Sequence):
        found.extend(f"warning: {warning}" for warning in warnings)
    found.extend(_profile_remarks(document))
    behind = document.get("dataset_behind")
    if isinstance(behind, int) and behind > 0:
        found.append(f"dataset: {behind:,} records left for the next ticks")
    return found


def _profile_remarks(document: Document) -> Iterator[str]:
    if document.get("profile_error"):
        yield f"profile failed: {document['profile_error']}"
    if document.get("profile_report"):
        yield f"report: {document['profile_report']}"
    drift = document.get("drift_max")
    if isinstance(drift, float) and drift >= _NOTABLE_DRIFT:
        yield f"drift: {document['drift_field']} {drift:.2f}"


def columns(documents: Sequence[Document]) -> list[str]:
    """Headings for a table of observations; the invalid counts of all of them get a column each."""
    fields = dict.fromkeys(field for document in documents for field in invalid_fields(document))
    invalid = (_invalid_heading(field) for field in fields)
    return [
        "time (UTC)",
        "pipeline",
        "status",
        "records",
        *invalid,
        "unparseable",
        "lag per partition",
        "behind",
    ]


def _invalid_heading(field: str) -> str:
    return f"invalid\n{field}"


def row(document: Document, headings: Sequence[str]) -> list[str]:
    """The cells of one observation under the headings."""
    has_dataset = document.get("dataset") is not None
    cells = {
        "time (UTC)": str(document["@timestamp"])[:19].replace("T", " "),
        "pipeline": str(document["pipeline"]),
        "status": str(document.get("job_status", "")),
        "records": value_text(document.get("all_events")) if has_dataset else "",
        "unparseable": value_text(document.get("unparseable")) if has_dataset else "",
        "lag per partition": lag_text(document),
        "behind": seconds_text(document["seconds_behind"]) if "seconds_behind" in document else "",
    }
    for field in invalid_fields(document):
        cells[_invalid_heading(field)] = value_text(document[_PREFIX + field])
    return [cells.get(heading, "") for heading in headings]


def line(document: Document) -> str:
    """One observation as one plain line."""
    parts = [str(document["@timestamp"]), str(document["pipeline"])]
    if "job_status" in document:
        parts.append(str(document["job_status"]))
    if document.get("dataset") is not None:
        parts.append(f"records={value_text(document['all_events'])}")
        parts.extend(f"invalid_{f}={value_text(document[_PREFIX + f])}" for f in invalid_fields(document))
        parts.append(f"unparseable={value_text(document['unparseable'])}")
    if "max_lag" in document:
        parts.append(f"lag {lag_text(document)}")
        if "seconds_behind" in document:
            parts.append(f"behind {seconds_text(document['seconds_behind'])}")
    return "  ".join([*parts, *(f"({remark})" for remark in remarks(document))])
