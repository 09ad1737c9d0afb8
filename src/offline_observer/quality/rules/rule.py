"""A configured rule (pure)."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from offline_observer.quality.rules.registry import RULES, RuleKind, Scope

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
        ValueError: One is missing, unknown, or of another type; the message says what was expected.
    """
    if kind.arguments is None:
        if given:
            raise ValueError(f"the rule {kind.name} takes no arguments")
        return {}
    try:
        typed = msgspec.convert(dict(given), kind.arguments)
    except msgspec.ValidationError as error:
        raise ValueError(_plain(str(error))) from None
    return {name: getattr(typed, name) for name in kind.arguments.__struct_fields__}


_TYPES = {
    "`str`": "a text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "a mapping",
    "`null`": "nothing",
}


def _plain(message: str) -> str:
    """The library's message in the words of the configuration's other messages."""
    what, _, place = message.partition(" - at `$")
    key = place.rstrip("`").lstrip(".")
    for theirs, ours in _TYPES.items():
        what = what.replace(theirs, ours)
    if what.startswith("Object missing required field"):
        return f"expected the key {what.split('`')[1]}"
    if what.startswith("Object contains unknown field"):
        return f"unknown key {what.split('`')[1]}"
    # "Expected `int | float | null`, got `str`"
    text = what[:1].lower() + what[1:]
    for theirs, ours in (("int | float", "a number"), ("str", "a text"), ("int", "a whole number")):
        text = text.replace(f"`{theirs} | null`", ours).replace(f"`{theirs}`", ours)
    text = text.replace("`", "").replace(", got", ", found")
    return f"{key}: {text}" if key else text
