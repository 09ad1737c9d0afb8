"""The registry of rules.

A rule is one function in a file of its own, under one of the decorators here. The function's parameters are what the
configuration gives it, its docstring is the rule's documentation, with an example of a dataset's keys in YAML at its end.
It raises `ValueError` (`ArgumentError`, where it is one argument's fault) for what could not be run as configured, and
returns the check that the kernel calls.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from textwrap import dedent
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec

from offline_observer.config.duration import parse_duration
from offline_observer.quality.rules.words import type_words

Holds = Callable[[object], bool]
"""Takes a field's decoded value; True when the rule holds. Missing and null fields do not come to it."""

HoldsForRecord = Callable[[Mapping[str, object]], bool]
"""Takes a whole record."""


class ArgumentError(ValueError):
    """An argument of a rule is not as it has to be. The message says what was expected.

    Attributes:
        place: The argument's name, and what leads on from it to the fault inside; empty when it is missing.
    """

    def __init__(self, place: tuple[str | int, ...], text: str) -> None:
        super().__init__(text)
        self.place = place


TimeSpan = Annotated[str, "length of time"]
"""An argument such as `5m`."""

FieldPath = Annotated[str, "path of a field"]
"""An argument that names another field."""

_EXAMPLE = "\n\nExample:\n"


class Scope(Enum):
    """What a rule looks at."""

    FIELD = "a field"
    RECORD = "a record"
    DATASET = "the dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What a rule takes.

    Attributes:
        name: Its name in the configuration.
        type: What it has to be, in words.
        is_required: It must be given.
        default: What it is when it is left out.
        is_first: It may be written without its name, when it is the only one.
    """

    name: str
    type: str
    is_required: bool
    default: object
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """A rule that can be configured.

    Attributes:
        name: Its name in the configuration.
        scope: What it looks at.
        make: The function: takes the configured arguments, returns the check.
        arguments: The arguments as a type, for checking them; None when the rule takes none.
        positional: The one argument that is written without its name (`matches: {ip: "…"}`).
        other_field: The argument that names another field, whose value the check gets as well.
        only_kind: The check sees only of which kind an object is, never what is inside.
    """

    name: str
    scope: Scope
    make: Callable[..., Any]
    arguments: type[msgspec.Struct] | None
    positional: str | None
    only_kind: bool = False

    @property
    def documentation(self) -> str:
        """The docstring of the rule's function, without its indentation and without the example."""
        return self._docstring[0].strip()

    @property
    def sentence(self) -> str:
        """The first sentence of the documentation."""
        first = re.match(r".*?\.(?=\s|$)", self.documentation, re.DOTALL)
        return " ".join(first[0].split()) if first else self.documentation

    @property
    def example(self) -> str:
        """Keys of a dataset, as YAML, that use the rule; `""` when there is no example."""
        return dedent(self._docstring[2]).strip()

    @property
    def _docstring(self) -> tuple[str, str, str]:
        return (inspect.getdoc(self.make) or "").partition(_EXAMPLE)

    def listed_arguments(self) -> Iterator[Argument]:
        """What it takes, in the order of its function."""
        hints = get_type_hints(self.make, include_extras=True)
        for name, parameter in inspect.signature(self.make).parameters.items():
            is_required = parameter.default is parameter.empty
            yield Argument(
                name=name,
                type=type_words(hints[name]),
                is_required=is_required,
                default=None if is_required else parameter.default,
                is_first=name == self.positional,
            )


RULES: dict[str, RuleKind] = {}

Function = TypeVar("Function", bound=Callable[..., object])


def field_rule(name: str, *, only_kind: bool = False) -> Callable[[Function], Function]:
    """Registers a rule on a field. Its function returns a `Holds` or what is in `checks.py`."""
    return _register(name, Scope.FIELD, only_kind=only_kind)


def record_rule(name: str) -> Callable[[Function], Function]:
    """Registers a rule on a whole record. Its function returns a `HoldsForRecord`."""
    return _register(name, Scope.RECORD)


def dataset_rule(name: str) -> Callable[[Function], Function]:
    """Registers a rule on what an observation saw of the dataset. Its function returns a `checks.Judge`."""
    return _register(name, Scope.DATASET)


def _register(name: str, scope: Scope, *, only_kind: bool = False) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        parameters = inspect.signature(function).parameters
        hints = get_type_hints(function)
        fields: list[Any] = [
            (key, hints[key]) if one.default is one.empty else (key, hints[key], one.default)
            for key, one in parameters.items()
        ]
        positional = [key for key, one in parameters.items() if one.kind is one.POSITIONAL_ONLY]
        arguments = msgspec.defstruct(name, fields, forbid_unknown_fields=True) if fields else None
        RULES[name] = RuleKind(
            name=name,
            scope=scope,
            make=function,
            arguments=arguments,
            positional=positional[0] if positional else None,
            only_kind=only_kind,
        )
        return function

    return register


def duration_argument(name: str, text: str) -> timedelta:
    """Reads a duration that a rule is given.

    Raises:
        ArgumentError: It is none.
    """
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ArgumentError((name,), str(error)) from None
