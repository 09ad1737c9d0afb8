"""`offline-observer alerts`: how they are, and what became of the messages."""

import json as json_module
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from offline_observer.cli.alerts_silence import silence
from offline_observer.cli.alerts_test import test
from offline_observer.cli.console import make_console
from offline_observer.cli.options import config_and_journal
from offline_observer.cli.range_options import ConfigOption
from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError
from offline_observer.journal import alert_text
from offline_observer.journal.alerts import AlertChange, AlertStateRow, read_alert_history, read_alert_states
from offline_observer.journal.notifications import Notification, read_undelivered
from offline_observer.journal.notifications import resend as put_back

app = typer.Typer(
    name="alerts",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.command()(test)
app.command()(silence)

_STYLES = {"firing": "bold red", "recovering": "yellow", "pending": "yellow", "no_data": "magenta"}
# So much is shown to people; --json brings all of the states.
_STATES, _CHANGES, _MESSAGES = 50, 10, 20
_NOBODY = "there is no channel (notify in the configuration): nobody is told"


@app.callback()
def alerts(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="The configuration that names the journal.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="The journal itself.", metavar="FILE", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for each line.")] = False,
) -> None:
    """Show the alerts that the observer evaluates: those that fire first, then what changed last, and what is not delivered.

    `alerts test`, `alerts silence` and `alerts resend` are for the messages: offline-observer alerts test --help.
    """
    if context.invoked_subcommand is not None:
        return
    loaded, path = config_and_journal(config, journal)
    states = read_alert_states(path)
    changes = read_alert_history(path, _CHANGES)
    undelivered = read_undelivered(path, _MESSAGES)
    if json or not sys.stdout.isatty():
        for line in (
            *map(alert_text.state_json, states),
            *map(alert_text.change_json, changes),
            *map(alert_text.notification_json, undelivered),
        ):
            typer.echo(json_module.dumps(line, separators=(",", ":")))
    else:
        _show(states, changes, undelivered)
    if loaded is not None and not loaded.notify:
        typer.echo(_NOBODY, err=True)


def _show(states: list[AlertStateRow], changes: list[AlertChange], undelivered: list[Notification]) -> None:
    console = make_console()
    if not states:
        console.print("no alert has been evaluated yet; `offline-observer run` does")
        return
    table = _table(alert_text.STATE_COLUMNS)
    for row in states[:_STATES]:
        first, *cells = alert_text.state_row(row)
        table.add_row(Text(first, style=_STYLES.get(row.state, "")), *cells)
    console.print_whole(table)
    if len(states) > _STATES:
        console.print(f"and {len(states) - _STATES:,} more (--json shows all)")
    for line in alert_text.silence_lines(states):
        console.print(line)
    if changes:
        console.print()
        table = _table(alert_text.CHANGE_COLUMNS)
        for change in changes:
            table.add_row(*alert_text.change_row(change))
        console.print_whole(table)
    if undelivered:
        console.print()
        for line in alert_text.undelivered_lines(undelivered):
            console.print(line)


def _table(columns: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


@app.command()
def resend(config: ConfigOption) -> None:
    """Put the messages that were given up back into the queue. An observer that is running delivers them at once."""
    loaded = load_config(config, os.environ)
    if not loaded.notify:
        raise ConfigError(f"{config} has no channel; add one: notify: {{team: {{url: …}}}}")
    count = put_back(loaded.journal, list(loaded.notify), datetime.now(UTC))
    typer.echo(f"{count:,} {'message is' if count == 1 else 'messages are'} in the queue again")
