"""The program: its commands, and what each error becomes for whoever called it."""

import os
import sys
from typing import Annotated

import click
import typer
from rich.console import Console

from offline_observer import __version__
from offline_observer.cli.checkpoint import checkpoint
from offline_observer.cli.demo import app as demo_app
from offline_observer.cli.lag import lag
from offline_observer.cli.observations import observations
from offline_observer.cli.run import run
from offline_observer.errors import EXIT_INTERRUPTED, EXIT_UNREACHABLE, EXIT_USAGE, ObserverError

app = typer.Typer(
    name="offline-observer",
    help=(
        "Observe Spark Structured Streaming jobs on Kafka from outside: is the job keeping up, is the data good.\n\n"
        "Exit codes: 0 fine; 1 the thing observed is not fine; 2 usage or configuration; 3 something needed cannot be "
        "reached or read; 130 interrupted."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command()(run)
app.command()(lag)
app.command()(checkpoint)
app.command()(observations)
app.add_typer(demo_app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"offline-observer {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the program and exits with a code of the table in `errors.py`."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, standalone_mode=False)
    except ObserverError as error:
        _complain(str(error))
        return error.exit_code
    except click.UsageError as error:
        _complain(error.format_message())
        if error.ctx is not None:
            click.echo(f"Try: {error.ctx.command_path} --help", err=True)
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; Python must not complain about that when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}")
        return EXIT_UNREACHABLE
    return code if isinstance(code, int) else 0


def _complain(message: str) -> None:
    console = Console(stderr=True, soft_wrap=True)
    console.print("error:", style="bold red", end=" ", highlight=False)
    console.print(message, markup=False, highlight=False)
