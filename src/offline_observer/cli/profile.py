"""`offline-observer profile`: the profile of a past range, now."""

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
from offline_observer.cli.profile_compare import compare
from offline_observer.cli.profile_pin import pin
from offline_observer.cli.range_options import (
    FromOption,
    OpenOption,
    PipelineOption,
    ToOption,
    TopicOption,
    require_libraries,
)
from offline_observer.config.load import load_config
from offline_observer.config.model import Dataset, Pipeline
from offline_observer.errors import ConfigError
from offline_observer.observation import Document
from offline_observer.stop import stop_on_signals

app = typer.Typer(
    name="profile",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.command()(compare)
app.command()(pin)

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
            try:
                report.write(found.window, path, _TIME_LIMIT, stop)
            finally:
                if stop.is_set():
                    raise KeyboardInterrupt
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
