"""Records of Avro as JSON has them (pure)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID


def as_json(value: object) -> object:
    """A value with what JSON does not have written in the usual way.

    Times and dates as ISO 8601 has them, decimals as numbers, UUIDs as texts; bytes as texts with a character for each
    byte, as Avro's specification encodes them in JSON.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if isinstance(value, Mapping):
        return {key: as_json(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [as_json(inside) for inside in value]
    written = _WRITTEN.get(type(value))
    return value if written is None else written(value)


def _number(value: Decimal) -> float:
    return int(value) if value == value.to_integral_value() else float(value)


_WRITTEN: Mapping[type, Callable[[Any], object]] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    Decimal: _number,
    bytes: lambda value: value.decode("latin-1"),
    UUID: str,
}
