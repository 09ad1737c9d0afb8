"""The program's commands, each imported when it is called: a command does not wait for the others' libraries."""

from collections import UserDict
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
    loaded = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "app"):
        loaded.add_typer(module.app)
    else:
        loaded.command(name)(getattr(module, name))
    return typer.main.get_group(loaded).commands[name]


class _Commands(UserDict[str, Any]):
    """Commands by their names. One that is asked for is loaded; the names are known without."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if self.data[name] is None:
            self.data[name] = _load(name)
        return self.data[name]


class LazyGroup(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(**settings)
        self.commands = _Commands(dict.fromkeys(COMMANDS))
