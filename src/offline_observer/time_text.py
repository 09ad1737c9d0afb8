"""Times and numbers of records as text (pure)."""

from datetime import UTC, datetime
from typing import overload

UNKNOWN = "?"
"""What stands for a number that is not known."""


@overload
def format_time(time: datetime) -> str: ...
@overload
def format_time(time: None) -> None: ...
def format_time(time: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: `2026-11-25T01:02:03.456Z`. None stays None."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(seconds: float) -> str:
    """A length of time for people: `12 s`, `5 min`, `3.2 h`."""
    minute, hour, day = 60, 3600, 86400
    if seconds < 2 * minute:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"  # noqa: PLR2004 - two digits are enough
    if seconds < 2 * hour:
        return f"{seconds / minute:.0f} min"
    return f"{seconds / hour:.1f} h" if seconds < 2 * day else f"{seconds / day:.1f} d"


def records_text(records: int) -> str:
    """A number of records for people: `1 record`, `12 records`."""
    return f"{records} records" if records != 1 else "1 record"


def value_text(value: object) -> str:
    """A value of a document; `?` when it is unknown."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
