"""The rules, one small pure function each. A function's docstring is the rule's documentation.

To add a rule: write the function under `@register_rule("name")`. Nothing else changes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import UNSET

FieldRule = Callable[[object], bool]
"""Takes a field's decoded value (`UNSET` when it is missing); True when the rule holds."""

RULES: dict[str, FieldRule] = {}


def register_rule(name: str) -> Callable[[FieldRule], FieldRule]:
    """Puts a rule's function into the registry under the name that the configuration uses."""

    def register(function: FieldRule) -> FieldRule:
        RULES[name] = function
        return function

    return register


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on one field.

    Attributes:
        name: The rule's name in the registry, `not_empty` for instance.
        field: The field's path, its parts joined by dots: `context.user.ip`.
    """

    name: str
    field: str


@register_rule("not_empty")
def not_empty(value: object) -> bool:
    """The field is there, is not null, and is not a blank string.

    A string of white space only is blank. A nested field whose parent is missing, null or not an
    object is missing. `0`, `false`, `{}` and `[]` are values, not emptiness.
    """
    if value is None or value is UNSET:
        return False
    return not isinstance(value, str) or bool(value.strip())
