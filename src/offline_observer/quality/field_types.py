"""The types that a field can be declared with (pure)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET

from offline_observer.quality.times import read_time

FieldType = Literal["string", "integer", "number", "boolean", "timestamp", "object", "array"]

_NOTHING = (type(None), type(UNSET))

PYTHON_TYPES: dict[str, frozenset[type]] = {
    # Avro has bytes beside texts, and its texts of the logical type uuid are decoded to one.
    "string": frozenset((str, bytes, UUID, *_NOTHING)),
    "integer": frozenset((int, *_NOTHING)),
    "number": frozenset((int, float, Decimal, *_NOTHING)),
    "boolean": frozenset((bool, *_NOTHING)),
    # As a text or, from Avro, as a time; numbers are epochs.
    "timestamp": frozenset((str, datetime, date, int, float, *_NOTHING)),
    "object": frozenset((dict, *_NOTHING)),
    "array": frozenset((list, *_NOTHING)),
}
"""The Python types that decoded values of each declared type have; missing and null are of every type."""


def is_of_type(value: object, expected: str) -> bool:
    """Whether a decoded value is of a type; a text is a timestamp if it can be read as one."""
    if isinstance(value, msgspec.Struct):  # an object of which only some fields were decoded
        return expected == "object"
    if expected == "timestamp":
        return read_time(value) is not None
    return type(value) in PYTHON_TYPES[expected]
