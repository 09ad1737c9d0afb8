"""The rule `range` (pure)."""

from decimal import Decimal

from offline_observer.quality.rules.registry import Holds, field_rule

Number = int | float


@field_rule("range")
def range_(*, min: Number | None = None, max: Number | None = None) -> Holds:  # noqa: A002 - as it is configured
    """The value is a number from `min` to `max`, both included; one of the two may be left out.

    What is not a number breaks the rule, `true` and the text `"5"` included, and so does NaN. Missing and null hold.

    Example:
        rules:
          - range: {age: {min: 0, max: 150}, price: {min: 0}}
    """
    if min is None and max is None:
        raise ValueError("expected min, max or both")
    if min is not None and max is not None and min > max:
        raise ValueError(f"expected a min that is not above max ({min} is above {max})")
    if min != min or max != max:  # noqa: PLR0124 - NaN is the only number that is not itself
        raise ValueError("expected numbers for min and max, not NaN")
    low = float("-inf") if min is None else min
    high = float("inf") if max is None else max

    def holds(value: object) -> bool:
        if value.__class__ is bool or not isinstance(value, int | float | Decimal):
            return False
        if isinstance(value, Decimal) and value.is_nan():
            return False
        return low <= value <= high

    return holds
