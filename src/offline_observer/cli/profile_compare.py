"""`offline-observer profile compare`: two windows on one page."""

import json as json_module
import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from offline_observer.cli import profile_text
from offline_observer.cli.console import make_console
from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import ConfigOption, OpenOption, PipelineOption, require_libraries
from offline_observer.config.load import load_config


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
    from offline_observer.cli.past import the_dataset
    from offline_observer.reports.report_folder import HTML, write_page
    from offline_observer.reports.window_choice import chosen_window

    dataset = the_dataset(load_config(config, os.environ), config, pipeline)[1]
    one, other = (chosen_window(dataset, text) for text in (before, after))
    with make_console(stderr=True).status("comparing") as status:
        if json:
            status.stop()
        from offline_observer.reports.comparison import comparison_page, drifts

        found = drifts(one.window, other.window)
        page = comparison_page(one.window, other.window, found)
    path = out or one.folder / f"{one.name}_vs_{other.name.removeprefix(f'{dataset.topic}_')}{HTML}"
    write_page(path, page)
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
