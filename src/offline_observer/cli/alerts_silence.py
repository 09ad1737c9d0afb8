"""`offline-observer alerts silence`: nobody is told of an alert for a while."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from offline_observer.cli.options import duration_option
from offline_observer.cli.range_options import ConfigOption
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.config.yaml_messages import did_you_mean, shown
from offline_observer.errors import ConfigError
from offline_observer.journal.alerts import silence as write_silence

_LONGEST = timedelta(days=30)

NameArgument = Annotated[
    str, typer.Argument(help="The alert, as the configuration names it.", metavar="NAME", show_default=False)
]
"""The argument that names an alert."""


def silence(
    name: NameArgument,
    config: ConfigOption,
    duration: Annotated[
        str | None,
        typer.Option(
            "--for", help="For how long: 30m, 2h; 30d at most.", metavar="DURATION", show_default=False
        ),
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End its silence.")] = False,
) -> None:
    """Tell nobody of an alert for a while, as during a maintenance. Its state goes on, and is shown.

    When it still fires at the end, its message is sent then. An observer that is running takes it up with its next look.
    """
    loaded = load_config(config, os.environ)
    check_name(loaded, name)
    length = duration_option(duration)
    if (length is None) != end:
        raise ConfigError("give one of --for DURATION and --end")
    if length is None:
        write_silence(loaded.journal, name, None)
        typer.echo(f"{name}: the silence has ended")
        return
    if length > _LONGEST:
        raise ConfigError(
            "--for: an alert is silenced for 30d at most; one that is of no use is better removed"
        )
    until = datetime.now(UTC) + length
    write_silence(loaded.journal, name, until)
    typer.echo(f"{name}: silenced until {until:%Y-%m-%d %H:%M:%S} UTC")


def check_name(config: Config, name: str) -> None:
    """Refuses the name of an alert that is not there.

    Raises:
        ConfigError: It is not there.
    """
    names = [rule.name for rule in config.alert_rules()]
    if name not in names:
        raise ConfigError(f"there is no alert {shown(name)}; {did_you_mean(name, names)}")
