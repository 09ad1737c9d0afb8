"""The program's commands, each imported when it is called: a command does not wait for the others' libraries."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperGroup

from offline_observer.interrupts import HeldInterrupts

COMMANDS = (
    "run",
    "serve",
    "lag",
    "checkpoint",
    "observations",
    "acknowledge",
    "records",
    "rules",
    "suggest",
    "export",
    "prometheus",
    "grafana",
    "profile",
    "alerts",
    "demo",
)
"""In the order in which the help shows them. Each is a module beside this one, with a function of that name or, where
it has commands of its own, a group `app`."""


def _load(name: str) -> Any:  # noqa: ANN401 - the library does not name the type of its commands
    with HeldInterrupts():
        module = import_module(f"offline_observer.cli.{name}")
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode=None)
        group.command(name)(getattr(module, name))
    return typer.main.get_command(group)


class _Commands(MutableMapping[str, Any]):
    """Commands by their names. One that is asked for is loaded; the names are known without."""

    def __init__(self) -> None:
        self._commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if self._commands[name] is None:
            self._commands[name] = _load(name)
        return self._commands[name]

    def __setitem__(self, name: str, command: Any) -> None:  # noqa: ANN401
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)


class LazyGroup(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(**settings)
        self.commands = _Commands()
