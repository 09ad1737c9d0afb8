"""Times as records write them (pure)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

TimeForm = Literal["iso", "epoch_s", "epoch_ms"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LATEST = datetime.max.replace(tzinfo=UTC)

AHEAD = timedelta(hours=1)
"""How far a record's time may be ahead of the observer's and still tell the minute to which the record belongs.

It is what a Kafka broker allows, unless it is configured otherwise (`message.timestamp.after.max.ms`).
"""


def epoch_time(milliseconds: int) -> datetime | None:
    """A record's time; None when it has none (-1), and for one that is after the year 9999."""
    if milliseconds < 0:
        return None
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def read_iso(text: str) -> datetime | None:
    """An ISO 8601 time or date, as Python's `datetime.fromisoformat` reads it; without a zone it is UTC.

    Texts that it would take and no one means as a time (`20240101`, `2024-W01`) are none here: a time begins as
    `2024-01-01`.
    """
    if text[4:5] != "-" or text[7:8] != "-":
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is UTC:
        return time
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    # Near year 1 and 9999 an offset leads out of what can be compared.
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None


def read_time(value: object) -> datetime | None:
    """A value as a time: an ISO 8601 text, or what Avro's logical types are decoded to."""
    if isinstance(value, str):
        return read_iso(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def time_reader(form: TimeForm) -> Callable[[object], datetime | None]:
    """How values of a form become times; the function returns None for what is none."""
    if form == "iso":
        return read_time
    unit = 1.0 if form == "epoch_s" else 0.001

    def read(value: object) -> datetime | None:
        if isinstance(value, datetime):
            return read_time(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        try:
            return EPOCH + timedelta(seconds=float(value) * unit)
        except (OverflowError, ValueError):  # beyond year 9999, infinite, or not a number
            return None

    return read
