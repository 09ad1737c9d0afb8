"""`offline-observer profile`: the profile of a past range, now; windows compared; a window pinned."""

import json as json_module
import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from offline_observer.cli import profile_text
from offline_observer.cli.console import make_console
from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import (
    ConfigOption,
    FromOption,
    OpenOption,
    PipelineOption,
    ToOption,
    TopicOption,
    require_libraries,
)
from offline_observer.config.load import load_config
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.errors import ConfigError
from offline_observer.observation import Document
from offline_observer.stop import stop_on_signals

app = typer.Typer(
    name="profile",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

_TIME_LIMIT = 300.0


@app.callback()
def profile(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration.", metavar="FILE", show_default=False),
    ] = None,
    pipeline: PipelineOption = None,
    topic: TopicOption = None,
    start: FromOption = "1h",
    end: ToOption = "latest",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page; else one that is named by dataset and range, in the folder of the dataset's reports or here.",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    show: OpenOption = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON, a line for each field.")
    ] = False,
) -> None:
    """Profile a past range of a topic now: an HTML report, and the numbers of all its records.

    An observer that is running meanwhile is not affected. `profile compare` and `profile pin` are for the windows that
    an observer has kept: offline-observer profile compare --help.
    """
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise ConfigError("name the configuration: -c FILE")
    require_libraries()
    from offline_observer.cli.past import chosen_dataset, past_dataset, read_with_progress
    from offline_observer.profile.documents import profile_documents
    from offline_observer.reports.past_report import PastReport, page_path

    loaded = load_config(config, os.environ)
    chosen = chosen_dataset(loaded, config, pipeline, topic)
    dataset = past_dataset(loaded, chosen, topic)
    # Its libraries load while the records are read.
    with PastReport(dataset) as report:
        found = read_with_progress(dataset, start, end, quiet=json)
        path = out or page_path(_folder(chosen), found.window, dataset.topic)
        with stop_on_signals() as stop, make_console(stderr=True).status("making the report") as status:
            if json:
                status.stop()
            report.write(found.window, path, _TIME_LIMIT, stop)
    documents = profile_documents(
        found.window,
        None,
        observer=loaded.name,
        pipeline=chosen[0].name if chosen else "",
        dataset=dataset.topic,
    )
    _print(documents, json=json)
    typer.echo(f"report: {short_path(path.absolute())}", err=json)
    for problem in found.problems:
        typer.echo(f"not all was read: {problem}", err=True)
    if show:
        webbrowser.open(path.absolute().as_uri())


@app.command()
def compare(
    before: Annotated[
        str, typer.Argument(metavar="A", help="The earlier window: its name, or a time within it.")
    ],
    after: Annotated[
        str, typer.Argument(metavar="B", help="The later one: likewise; latest is the newest.")
    ] = "latest",
    config: ConfigOption = ...,  # type: ignore[assignment]
    pipeline: PipelineOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page; else one in the folder of reports.",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    show: OpenOption = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the drift as JSON, a line for each field.")
    ] = False,
) -> None:
    """Compare two windows on one page, and say how far each field has drifted.

    The windows are those that have a report in the dataset's folder, or files of that folder by their paths.
    """
    require_libraries()
    from offline_observer.reports.report_folder import HTML, write_page
    from offline_observer.reports.window_choice import chosen_window

    dataset = _dataset(load_config(config, os.environ), config, pipeline)[1]
    one, other = (chosen_window(dataset, text) for text in (before, after))
    with make_console(stderr=True).status("comparing") as status:
        if json:
            status.stop()
        from offline_observer.reports.comparison import comparison_page, drifts

        page = comparison_page(one.window, other.window)
    path = out or one.folder / f"{one.name}_vs_{other.name.removeprefix(f'{dataset.topic}_')}{HTML}"
    write_page(path, page)
    found = drifts(one.window, other.window)
    if json:
        for field, drift in found.items():
            typer.echo(json_module.dumps({"field": field, **profile_text.drift_json(drift)}))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in profile_text.DRIFT_COLUMNS:
            table.add_column(heading)
        for field, drift in sorted(found.items(), key=lambda item: -(item[1].drift or 0.0)):
            table.add_row(*profile_text.drift_row(field, drift))
        make_console().print_whole(table)
    typer.echo(f"page: {short_path(path.absolute())}", err=json)
    if show:
        webbrowser.open(path.absolute().as_uri())


@app.command()
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
    from offline_observer.profile.window import Window
    from offline_observer.profile.window_bytes import from_bytes
    from offline_observer.profiling import pinned
    from offline_observer.reports.window_choice import chosen_window
    from offline_observer.time_text import format_time

    if none and window is not None:
        raise ConfigError("name a window, or --none")
    loaded = load_config(config, os.environ)
    owner, dataset = _dataset(loaded, config, pipeline)
    key = loaded.key_of_dataset(owner)
    from offline_observer.journal.baselines import pin as write_pin
    from offline_observer.journal.baselines import windows_of

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


def _dataset(config: Config, path: Path, pipeline: str | None) -> tuple[Pipeline, Dataset]:
    from offline_observer.cli.past import chosen_dataset

    chosen = chosen_dataset(config, path, pipeline, None)
    if chosen is None:
        raise ConfigError(f"{path} has no dataset")
    return chosen


def _folder(chosen: tuple[Pipeline, Dataset] | None) -> Path:
    profile = chosen[1].profile if chosen else None
    return profile.folder if profile and profile.folder else Path.cwd()


def _print(documents: list[Document], *, json: bool) -> None:
    if json or not sys.stdout.isatty():
        for document in documents:
            typer.echo(json_module.dumps(document, separators=(",", ":")))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [name for name in profile_text.COLUMNS if name not in ("window", "dataset", "drift")]
    for column in columns:
        table.add_column(column)
    for document in documents:
        cells = dict(zip(profile_text.COLUMNS, profile_text.row(document), strict=True))
        table.add_row(*(cells[column] for column in columns))
    make_console().print_whole(table)
