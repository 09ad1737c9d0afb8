"""What stands above a report: of what it is (pure)."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from offline_observer.profile.drift import Drift
from offline_observer.profile.field_summary import FieldSummary
from offline_observer.reports.report_task import LONGEST_SHOWN, ReportFacts
from offline_observer.time_text import format_time

# So many partitions are named.
_PARTITIONS = 20
# Where the library's page has its content begin.
_CONTENT = ("<div class=content>", '<div class="content">')
_BODY = "<body>"


def title_of(facts: ReportFacts) -> str:
    """The report's title."""
    return f"{facts.dataset}, {_moment(facts.start)}"


def _moment(time: datetime) -> str:
    return str(format_time(time)).replace(".000Z", "Z")


def with_heading(page: str, windows: Sequence[ReportFacts]) -> str:
    """A page with what it is of, on top.

    Args:
        page: The library's page.
        windows: The window, or the two that are compared.
    """
    letters = [""] if len(windows) == 1 else ["A", "B"]
    tables = "".join(map(_table, windows, letters))
    heading = f'<div class="container">{tables}</div>'
    for mark in (*_CONTENT, _BODY):
        before, found, after = page.partition(mark)
        if found:
            return f"{before}{found}{heading}{after}"
    return heading + page


def _table(facts: ReportFacts, letter: str) -> str:
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{text}</td></tr>' for name, text in _lines(facts)
    )
    caption = f'<caption class="caption-top">{letter}</caption>' if letter else ""
    return f'<table class="table table-striped mt-4">{caption}{lines}</table>'


def _lines(facts: ReportFacts) -> list[tuple[str, str]]:
    lines = [
        ("Dataset", escape(facts.dataset)),
        ("Window", f"{_moment(facts.start)} to {_moment(facts.end)}"),
        ("Records in the window", f"{facts.records:,}"),
        ("Records in this report", _sample(facts)),
        ("Offsets", escape(_offsets(facts))),
    ]
    if facts.masked:
        lines.append(("Masked fields", escape(", ".join(facts.masked))))
    if facts.left_out:
        lines.append(("Fields left out", escape(", ".join(facts.left_out))))
    return lines


def _sample(facts: ReportFacts) -> str:
    text = f"{facts.shown:,}, a uniform sample of the parsed ones"
    if facts.shown < facts.sampled:
        text += f"; {facts.sampled - facts.shown:,} more of the sample could not be had from Kafka any more"
    return f"{text}. Texts longer than {LONGEST_SHOWN} characters are cut."


def _offsets(facts: ReportFacts) -> str:
    named = [f"{p}: {first} to {end - 1}" for p, (first, end) in sorted(facts.ranges.items()) if first < end]
    more = len(named) - _PARTITIONS
    return "; ".join(named[:_PARTITIONS]) + (f"; and {more} partitions more" if more > 0 else "")


def field_note(field: FieldSummary) -> str:
    """What is known of a field over all the window's records, in a sentence."""
    if not field.records:
        return "No record of the window could be parsed."
    return (
        f"In all {field.records:,} parsed records of the window: {field.completeness:.1%} complete, "
        f"about {round(field.distinct.estimate):,} distinct values."
    )


def drift_note(drift: Drift) -> str:
    """How a field differs between two windows, over all their records, in a sentence."""
    if drift.drift is None:
        return "In one of the windows there is no record to compare."
    parts = [f"Drift over all records: {drift.drift:.2f}"]
    if drift.completeness:
        parts.append(f"completeness {drift.completeness:+.1%}")
    if drift.new:
        parts.append(f"new: {_named(drift.new)}")
    if drift.vanished:
        parts.append(f"vanished: {_named(drift.vanished)}")
    return "; ".join(parts) + "."


def _named(values: Sequence[str]) -> str:
    return ", ".join(value.encode(errors="backslashreplace").decode() for value in values)
