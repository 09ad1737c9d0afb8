"""`offline-observer run`: observes until it is stopped."""

import os
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.options import duration_option
from offline_observer.cli.view import show
from offline_observer.clock import SystemClock
from offline_observer.config.load import load_config
from offline_observer.errors import JournalError
from offline_observer.journal.upgrade import say_if_it_takes_long
from offline_observer.observer import Observer
from offline_observer.stop import stop_on_signals


def run(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The configuration.", metavar="FILE", show_default=False)
    ],
    once: Annotated[
        bool,
        typer.Option("--once", help="One observation, which reads for half of `every` at most, then exit."),
    ] = False,
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop after this long: 60s, 5m, 1h30m.", metavar="DURATION")
    ] = None,
) -> None:
    """Observe the pipelines of a configuration until stopped (Ctrl-C or SIGTERM).

    A broker, a checkpoint or a topic that cannot be read is a status in the observations, never an end.
    """
    loaded = load_config(config, os.environ)
    length = duration_option(duration)
    say_if_it_takes_long(loaded.journal, lambda text: typer.echo(text, err=True))
    with stop_on_signals() as stop:
        observer = Observer(loaded, SystemClock(), page=not once)
        try:
            with show(loaded) as view:
                if observer.url:
                    view.note(f"page at {observer.url}")
                elif observer.no_page:
                    view.note(observer.no_page)
                last = observer.run(stop, view.on_tick, once=once, duration=length)
        finally:
            observer.close()
        view.print_summary()
    if once and last is not None and last.errors:
        raise JournalError(last.errors[0])
