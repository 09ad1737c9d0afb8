"""The rule `length` (pure)."""

from offline_observer.quality.rules.registry import Holds, field_rule


@field_rule("length")
def length(*, min: int = 0, max: int | None = None) -> Holds:  # noqa: A002 - as it is configured
    """A text has from `min` to `max` characters, an array so many elements, an object so many fields.

    Characters are Unicode code points, blanks included. What has no length (a number, `true`) breaks the rule.
    Missing and null hold.

    Example:
        rules:
          - length: {page: {min: 1, max: 200}, items: {max: 50}}
    """
    if min < 0 or (max is not None and max < 0):
        raise ValueError("expected lengths of 0 or more")
    if min == 0 and max is None:
        raise ValueError("expected min, max or both")
    if max is not None and min > max:
        raise ValueError(f"expected a min that is not above max ({min} is above {max})")
    high = float("inf") if max is None else max

    def holds(value: object) -> bool:
        return isinstance(value, str | list | dict | bytes) and min <= len(value) <= high

    return holds
