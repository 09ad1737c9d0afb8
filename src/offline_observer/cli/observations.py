"""`offline-observer observations`: what the journal holds."""

import json as json_module
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from offline_observer.cli import document_text, profile_text
from offline_observer.cli.console import make_console
from offline_observer.cli.options import config_and_journal
from offline_observer.journal.reading import read_documents


class Kind(StrEnum):
    """Kinds of documents."""

    OBSERVATION = "observation"
    PARTITION = "partition"
    PROFILE = "profile"


def observations(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration that names the journal.", metavar="FILE"),
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="The journal itself.", metavar="FILE")] = None,
    kind: Annotated[Kind, typer.Option(help="Which documents.")] = Kind.OBSERVATION,
    last: Annotated[
        int | None, typer.Option(help="Only the newest N.", min=1, max=10**12, metavar="N")
    ] = None,
    json: Annotated[
        bool,
        typer.Option("--json", help="One JSON object per line; so it is anyway where there is no terminal."),
    ] = False,
) -> None:
    """Print the documents of the journal, oldest first. An observer may be running meanwhile."""
    _, path = config_and_journal(config, journal)
    documents = (document for _, document in read_documents(path, kind.value, last))
    if json or not sys.stdout.isatty():
        for document in documents:
            typer.echo(json_module.dumps(document, separators=(",", ":")))
        return
    rows = list(documents)
    table = Table(box=None, pad_edge=False, header_style="bold")
    if kind is Kind.OBSERVATION:
        columns = document_text.columns(rows)
        cells = [document_text.row(row, columns) for row in rows]
    elif kind is Kind.PROFILE:
        columns = list(profile_text.COLUMNS)
        cells = [profile_text.row(row) for row in rows]
    else:
        columns = list(dict.fromkeys(key for row in rows for key in row if key not in ("kind", "observer")))
        cells = [["" if row.get(key) is None else str(row[key]) for key in columns] for row in rows]
    for column in columns:
        table.add_column(column)
    for row_cells in cells:
        table.add_row(*row_cells)
    make_console().print_whole(table)
