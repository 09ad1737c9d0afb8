"""`offline-observer rules`: the rules that records and datasets can be checked by."""

import json as json_module
from collections.abc import Iterable, Iterator
from shutil import get_terminal_size
from textwrap import wrap
from typing import Annotated

import typer

from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.errors import ConfigError
from offline_observer.quality.rules import RULES, RuleKind, Scope
from offline_observer.quality.rules.registry import Argument

_ON = {Scope.FIELD: "field", Scope.RECORD: "record", Scope.DATASET: "dataset"}
_INDENT = 20
_NARROWEST, _WIDEST = 60, 120


def rules(
    name: Annotated[
        str | None, typer.Argument(help="One rule, with all of its documentation.", show_default=False)
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a list of all rules, or one object.")
    ] = False,
) -> None:
    """List the rules that a dataset can be checked by, or show one with an example."""
    if name is not None and name not in RULES:
        raise ConfigError(f"there is no rule {name!r}; {did_you_mean(name, RULES)}")
    text: Iterable[str]
    if name is not None:
        text = [json_module.dumps(_as_json(RULES[name]))] if json else _page(RULES[name])
    else:
        text = [json_module.dumps(list(map(_as_json, RULES.values())))] if json else _list()
    typer.echo("\n".join(text))


def _list() -> Iterator[str]:
    # Where there is no terminal, lines are as wide as the screen that they are read on some day.
    width = max(_NARROWEST, min(get_terminal_size((_WIDEST, 0)).columns, _WIDEST))
    for scope, word in _ON.items():
        yield f"on a {word}:"
        for kind in RULES.values():
            if kind.scope is scope:
                arguments = "; ".join(_short(one) for one in kind.listed_arguments()) or "no arguments"
                first, *others = [*wrap(kind.sentence, width - _INDENT), *wrap(arguments, width - _INDENT)]
                yield f"  {kind.name:<{_INDENT - 2}}{first}"
                yield from (" " * _INDENT + line for line in others)
        yield ""
    yield "offline-observer rules NAME shows one with an example."


def _short(argument: Argument) -> str:
    """`min: whole number (0)`; without the default where leaving it out means nothing."""
    default = "" if _has_no_default(argument) else f" ({_default(argument)})"
    return f"{argument.name}: {argument.type}{default}"


def _has_no_default(argument: Argument) -> bool:
    return argument.is_required or argument.default in (None, "")


def _default(argument: Argument) -> str:
    return str(argument.default).lower() if isinstance(argument.default, bool) else str(argument.default)


def _page(kind: RuleKind) -> Iterator[str]:
    yield f"{kind.name}, on a {_ON[kind.scope]}"
    yield ""
    yield kind.documentation
    yield ""
    yield "Arguments:"
    arguments = list(kind.listed_arguments())
    for argument in arguments:
        yield f"  {argument.name}: {argument.type}{_ending(argument)}"
    if not arguments:
        yield "  none"
    yield ""
    yield "Beside it may stand `severity: warn` (error when it is left out) and `name: …`."
    yield ""
    yield "Example, keys of a dataset:"
    yield ""
    yield from (f"  {line}" for line in kind.example.splitlines())


def _ending(argument: Argument) -> str:
    if argument.is_required:
        return ", required"
    return "" if _has_no_default(argument) else f", {_default(argument)} when it is left out"


def _as_json(kind: RuleKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "on": _ON[kind.scope],
        "arguments": [
            {
                "name": one.name,
                "type": one.type,
                "required": one.is_required,
                "default": one.default,
                "nameless": one.is_first,
            }
            for one in kind.listed_arguments()
        ],
        "sentence": kind.sentence,
        "documentation": kind.documentation,
        "example": kind.example,
    }
