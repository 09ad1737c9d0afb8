"""A configured rule (pure)."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from offline_observer.config.duration import EXPECTED_DURATION
from offline_observer.quality.rules.registry import RULES, ArgumentError, RuleKind, Scope

Severity = Literal["warn", "error"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is configured, on one field, on whole records, or on the dataset.

    Attributes:
        name: The rule's name in the registry, `not_empty` for instance.
        field: The field's path, its parts joined by dots (`context.user.ip`); `""` for a rule on no single field.
        arguments: What the configuration gives it.
        severity: What a broken rule means.
        title: The name that the configuration gives to this one; `""` for none.
    """

    name: str
    field: str = ""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    severity: Severity = "error"
    title: str = ""

    @property
    def id(self) -> str:
        """What it is called in counts and on the command line: its title, or else `user_id.not_empty`, `row_count`."""
        return self.title or (f"{self.field}.{self.name}" if self.field else self.name)

    @property
    def kind(self) -> RuleKind:
        """Its entry in the registry. Raises `KeyError` when there is none."""
        return RULES[self.name]

    def check(self) -> object:
        """What its function returns for its arguments.

        Raises:
            KeyError: Its name is not in the registry.
            ValueError: It cannot be run with these arguments; the message says what was expected.
            ConfigError: A library that it needs is not installed.
        """
        kind = self.kind
        arguments = checked_arguments(kind, self.arguments)
        if kind.positional is None:
            return kind.make(**arguments)
        first = arguments.pop(kind.positional)
        return kind.make(first, **arguments)

    def other_field(self) -> str | None:
        """The other field that it looks at."""
        from offline_observer.quality.rules.checks import Beside

        check = self.check() if self.kind.scope is Scope.FIELD else None
        return check.other if isinstance(check, Beside) else None


def checked_arguments(kind: RuleKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a rule, each of the type that its function takes.

    Raises:
        ArgumentError: One is missing, unknown, or of another type; the message says what was expected.
    """
    if kind.arguments is None:
        if given:
            raise ArgumentError((), f"the rule {kind.name} takes no arguments")
        return {}
    names = kind.arguments.__struct_fields__
    if unknown := [name for name in given if name not in names]:
        raise ArgumentError((unknown[0],), f"unknown key; known here: {', '.join(names)}")
    try:
        typed = msgspec.convert(dict(given), kind.arguments)
    except msgspec.ValidationError as error:
        raise _argument_error(kind, str(error), is_empty=not given) from None
    return {name: getattr(typed, name) for name in names}


_OTHER = "the path of another field"
ARGUMENTS = {
    **dict.fromkeys(("less_than", "at_most", "greater_than", "at_least"), _OTHER),
    "below": "a share above 0 and up to 1, such as 0.05",
    "field": "the path of a field",
    "max_age": EXPECTED_DURATION.removeprefix("expected "),
    "not_in_future": "true, or a duration with its unit, such as 5s",
    "not_equal_to": _OTHER,
    "other": _OTHER,
    "pattern": "a regular expression",
    "schema": "a JSON Schema, or the path of its file",
    "values": "a list of values",
}
"""What arguments are, for messages; of one that is not here the type is said."""

_TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "int | float": "a number",
    "bool": "true or false",
    "bool | int | float | str": "a text, a number, true or false",
    "array": "a list",
    "object": "a mapping",
}
EXPECTED_TYPES = tuple(f"expected {text}" for text in {*_TYPES.values(), *ARGUMENTS.values()})
"""How messages begin that are about the type of a value."""


def _argument_error(kind: RuleKind, message: str, *, is_empty: bool) -> ArgumentError:
    """The library's message in the words of the configuration's other messages."""
    what, _, path = message.partition(" - at `$")
    place = tuple(int(index) if index else key for key, index in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", path))
    if what.startswith("Object missing required field"):
        missing = what.split("`")[1]
        text = argument_text(kind, missing) or f"the argument {missing}"
        return ArgumentError((), f"expected {text}" if is_empty else f"expected {missing} as well: {text}")
    if len(place) == 1 and (text := argument_text(kind, str(place[0]))):
        return ArgumentError(place, f"expected {text}")
    # "Expected `int | float | null`, got `str`"
    match = re.match(r"Expected `([^`]*?)(?: \| null)?`", what)
    if match is None:
        return ArgumentError(place, what[:1].lower() + what[1:].replace("`", ""))
    return ArgumentError(place, f"expected {_TYPES.get(match[1], match[1])}")


def argument_text(kind: RuleKind, name: str) -> str:
    """What an argument is, for a message; empty when nothing is to be said but its type."""
    hint = get_type_hints(kind.arguments).get(name) if kind.arguments else None
    if getattr(hint, "__origin__", None) is Literal:
        *options, last = get_args(hint)
        return f"{', '.join(options)} or {last}"
    return ARGUMENTS.get(name, "")
