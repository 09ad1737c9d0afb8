"""The rules `one_of` and `not_one_of` (pure)."""

from offline_observer.quality.rules.registry import Holds, field_rule

Scalar = str | int | float | bool


@field_rule("one_of")
def one_of(values: list[Scalar], /) -> Holds:
    """The value is one of a list.

    Texts are compared exactly, letter by letter; numbers by value, so `1` is `1.0`; `true` is not `1`. Missing and
    null hold; an object or an array is never in the list.

    Example:
        rules:
          - one_of: {context.technical.network_type: [LAN, Wi-Fi, 4G, 5G]}
            severity: warn
    """
    return _members(values)


@field_rule("not_one_of")
def not_one_of(values: list[Scalar], /) -> Holds:
    """The value is none of a list. It is compared as in `one_of`; missing and null hold.

    Example:
        rules:
          - not_one_of: {user_id: [test, nobody, "0"]}
    """
    is_one = _members(values)
    return lambda value: not is_one(value)


def _members(values: list[Scalar]) -> Holds:
    if not values:
        raise ValueError("expected a list of one value at least")
    allowed = {_key(value) for value in values}
    texts = frozenset(value for value in values if isinstance(value, str))

    def holds(value: object) -> bool:
        if value.__class__ is str:
            return value in texts
        try:
            return _key(value) in allowed
        except TypeError:  # an object or an array cannot be hashed
            return False

    return holds


def _key(value: object) -> tuple[bool, object]:
    """Python takes true for 1."""
    return isinstance(value, bool), value
