"""Times as text (pure)."""

from datetime import UTC, datetime
from typing import overload


@overload
def format_time(time: datetime) -> str: ...
@overload
def format_time(time: None) -> None: ...
def format_time(time: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: `2026-11-25T01:02:03.456Z`. None stays None."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
