"""The rules `equal_to` and `compare` (pure)."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from offline_observer.quality.rules.checks import Beside
from offline_observer.quality.rules.registry import FieldPath, field_rule
from offline_observer.quality.times import time_reader

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "less_than": operator.lt,
    "at_most": operator.le,
    "greater_than": operator.gt,
    "at_least": operator.ge,
    "not_equal_to": operator.ne,
}


@field_rule("equal_to")
def equal_to(other: FieldPath, /) -> Beside:
    """The value equals that of another field of the same record.

    Numbers are compared by value, everything else must be of the same type: `true` is not `1`. The same goes for what
    is inside arrays and objects; the order of an object's keys is none. Holds when one of the two is missing or null.

    Example:
        rules:
          - equal_to: {total: sum_of_items}
    """
    return Beside(other, _equal)


@field_rule("compare")
def compare(
    *,
    less_than: FieldPath | None = None,
    at_most: FieldPath | None = None,
    greater_than: FieldPath | None = None,
    at_least: FieldPath | None = None,
    not_equal_to: FieldPath | None = None,
    by: Literal["value", "time"] = "value",
) -> Beside:
    """The value stands in a relation to that of another field: `compare: {ended: {at_least: started, by: time}}`.

    The relations are `less_than`, `at_most`, `greater_than`, `at_least` and `not_equal_to`. By value, numbers are
    compared with numbers and texts with texts, character by character; by time, both must be ISO 8601 times. What
    cannot be compared breaks the rule. Holds when one of the two is missing or null.

    Example:
        rules:
          - compare: {ended: {at_least: started, by: time}, price: {less_than: limit}}
    """
    given = {
        name: field
        for name, field in (
            ("less_than", less_than),
            ("at_most", at_most),
            ("greater_than", greater_than),
            ("at_least", at_least),
            ("not_equal_to", not_equal_to),
        )
        if field is not None
    }
    if len(given) != 1:
        raise ValueError(f"expected one of {', '.join(_OPERATORS)}")
    ((name, other),) = given.items()
    relation = _OPERATORS[name]
    if by == "time":
        return Beside(other, _by_time(relation))
    if name == "not_equal_to":
        return Beside(other, lambda value, beside: not _equal(value, beside))
    return Beside(other, lambda value, beside: _comparable(value, beside) and bool(relation(value, beside)))


def _by_time(relation: Callable[[Any, Any], Any]) -> Callable[[object, object], bool]:
    read = time_reader("iso")

    def holds(value: object, beside: object) -> bool:
        one, other = read(value), read(beside)
        return one is not None and other is not None and bool(relation(one, other))

    return holds


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _comparable(value: object, beside: object) -> bool:
    if _is_number(value):
        return _is_number(beside) and not _is_nan(value) and not _is_nan(beside)
    return isinstance(value, str) and isinstance(beside, str)


def _is_nan(value: object) -> bool:
    # A Decimal that is NaN raises where a float that is NaN is just not above, below or equal to anything.
    return value.is_nan() if isinstance(value, Decimal) else value != value  # noqa: PLR0124


def _equal(value: object, beside: object) -> bool:
    # What is nested is compared without recursion: it may be as deep as a parser goes.
    pairs = [(value, beside)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict):
            if not isinstance(other, dict) or one.keys() != other.keys():
                return False
            pairs += [(inner, other[key]) for key, inner in one.items()]
        elif isinstance(one, list):
            if not isinstance(other, list) or len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif _is_number(one):
            if not _comparable(one, other) or one != other:
                return False
        elif type(one) is not type(other) or one != other:
            return False
    return True
