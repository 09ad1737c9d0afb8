"""The program: its commands, and what each error becomes for whoever called it."""

import os
import sys
from typing import Annotated

import typer
import typer.main

from offline_observer import __version__
from offline_observer.cli.lazy_commands import LazyGroup
from offline_observer.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
    ObserverError,
)

app = typer.Typer(
    name="offline-observer",
    cls=LazyGroup,
    help=(
        "Observe Spark Structured Streaming jobs on Kafka from outside: is the job keeping up, is the data good.\n\n"
        "Exit codes: 0 fine; 1 the thing observed is not fine; 2 usage or configuration; 3 something needed cannot be "
        "reached or read; 130 interrupted."
    ),
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"offline-observer {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run_command(arguments: list[str]) -> int:
    """Runs the program with some arguments.

    Returns:
        The exit code, by the table in `errors.py`.
    """
    command = typer.main.get_command(app)
    # Not through the command's own `main`, whose exit codes are others.
    try:
        with command.make_context("offline-observer", list(arguments)) as context:
            command.invoke(context)
            sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; Python must not complain about that when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ObserverError, typer.TyperException, OSError) as error:
        return _explain(error)
    return EXIT_OK


def _explain(error: Exception) -> int:
    """Prints what went wrong; returns the exit code for it."""
    if isinstance(error, ObserverError):
        _complain(str(error))
        return error.exit_code
    if isinstance(error, OSError):
        where = error.filename or "cannot write what there is to show"
        _complain(f"{where}: {error.strerror or error}")
        return EXIT_UNREACHABLE
    if isinstance(error, typer.TyperException):
        _complain(error.format_message())
        context = getattr(error, "ctx", None)
        if context is not None:
            typer.echo(f"Try: {context.command_path} --help", err=True)
    return EXIT_USAGE


def _complain(message: str) -> None:
    from offline_observer.cli.console import make_console  # what goes well does without

    console = make_console(stderr=True)
    console.print("error:", style="bold red", end=" ")
    console.print(message)
