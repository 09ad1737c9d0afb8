"""`offline-observer profile pin`: a window that all later ones are compared with."""

import os
from typing import Annotated

import typer

from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import ConfigOption, PipelineOption, require_libraries
from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError
from offline_observer.journal.baselines import pin as write_pin
from offline_observer.journal.baselines import windows_of
from offline_observer.time_text import format_time


def pin(
    window: Annotated[
        str | None,
        typer.Argument(
            metavar="WINDOW",
            help="Its name, or a time within it; else the last that is over.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = ...,  # type: ignore[assignment]
    pipeline: PipelineOption = None,
    none: Annotated[bool, typer.Option("--none", help="Compare with the window before again.")] = False,
) -> None:
    """Pin a window as the baseline that all later ones are compared with, in place of the window before each.

    An observer that is running takes it up with the next window that is over.
    """
    require_libraries()
    from offline_observer.cli.past import the_dataset
    from offline_observer.profile.window import Window
    from offline_observer.profile.window_bytes import from_bytes
    from offline_observer.profiling import pinned
    from offline_observer.reports.window_choice import chosen_window

    if none and window is not None:
        raise ConfigError("name a window, or --none")
    loaded = load_config(config, os.environ)
    owner, dataset = the_dataset(loaded, config, pipeline)
    key = loaded.key_of_dataset(owner)
    if none:
        write_pin(loaded.journal, key, None)
        typer.echo(f"{dataset.topic}: windows are compared with the one before them again")
        return
    baseline: Window | None
    if window is not None:
        baseline = chosen_window(dataset, window).window.as_window()
    else:
        baseline = from_bytes(windows_of(loaded.journal, key)).reference
    if baseline is None:
        raise ConfigError(
            f"the journal {short_path(loaded.journal)} knows no window of {dataset.topic} that is over; wait for one"
        )
    write_pin(loaded.journal, key, pinned(baseline))
    typer.echo(
        f"{dataset.topic}: pinned the window {format_time(baseline.start)} to {format_time(baseline.end)}, "
        f"{baseline.records} records"
    )
