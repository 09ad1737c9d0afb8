"""`offline-observer export`: how far exporters have come, and history sent again."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from offline_observer.cli.console import make_console
from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import ConfigOption
from offline_observer.cli.time_option import time_option
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.errors import ConfigError
from offline_observer.export.exporter import Exporter, ExportError, Item, Refusal
from offline_observer.journal.exports import progress_of, read_refused, read_since, settle_again
from offline_observer.stop import Stop, stop_on_signals

# So many refused documents are shown of each exporter.
_SHOWN = 5
_NUMBERS = ("to be sent", "refused", "lost")


def export(
    config: ConfigOption,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Send everything from here on again: a time (2026-01-01T00:00:00Z), or how long ago (2h).",
            metavar="TIME",
            show_default=False,
        ),
    ] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="Send again what the server had refused.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Only to this exporter.", metavar="NAME", show_default=False),
    ] = None,
) -> None:
    """Show how far each exporter has come; or send history again, to what was lost or is new there.

    Documents have the same ids whenever they are sent, so that none is there twice. An observer may be running meanwhile.
    """
    loaded = load_config(config, os.environ)
    names = _names(loaded, config, to)
    if start is not None and refused:
        raise ConfigError("--from or --refused: one at a time")
    if start is None and not refused:
        _show(loaded, names)
        return
    now = datetime.now(UTC)
    first = time_option(start, "--from", now) if start is not None else None
    from offline_observer.export.registry import make_exporters

    problems: list[str] = []
    with stop_on_signals() as stop, ExitStack() as stack:
        exporters = make_exporters(loaded)
        for exporter in exporters:
            stack.callback(exporter.close)
        for exporter in exporters:
            try:
                if exporter.name in names:
                    _send(loaded, exporter, first, stop)
            except ExportError as error:
                # One that is away keeps nothing from the others.
                problems.append(f"{exporter.name}: {error}")
            if stop.is_set():
                raise KeyboardInterrupt
    if problems:
        raise ExportError("; ".join(problems))


def _names(config: Config, path: Path, to: str | None) -> list[str]:
    names = list(config.export.all())
    if not names:
        raise ConfigError(
            f"{path} has no exporter; add one, for instance export: {{elasticsearch: {{url: 'http://localhost:9200'}}}}"
        )
    if to is not None and to not in names:
        raise ConfigError(f"--to: {path} has no exporter {to!r}; {did_you_mean(to, names)}")
    return names if to is None else [to]


def _show(config: Config, names: Iterable[str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("exporter", "index", "last arrived", "to be sent", "refused", "lost"):
        table.add_column(heading, justify="right" if heading in _NUMBERS else "left")
    remarks: list[str] = []
    for name in names:
        progress, backlog = progress_of(config.journal, name)
        index = config.index_of(config.export.all()[name])
        counts = (f"{number:,}" for number in (backlog, progress.refused, progress.lost))
        table.add_row(name, index, progress.at or "never", *counts)
        remarks.extend(_refusals(config.journal, name))
    console = make_console()
    console.print_whole(table)
    for remark in remarks:
        console.print(remark)


def _refusals(journal: Path, name: str) -> Iterator[str]:
    found = list(read_refused(journal, name))
    for one in found[-_SHOWN:]:
        yield f"{name} refused {one.item.identity} at {one.at}: {one.reason}"
    if len(found) > _SHOWN:
        yield f"{name}: {len(found) - _SHOWN:,} more were refused before"


def _send(config: Config, exporter: Exporter, start: datetime | None, stop: Stop) -> None:
    from offline_observer.export.again import send_again

    items: Iterable[Item]
    if start is None:
        items = (one.item for one in read_refused(config.journal, exporter.name))
    else:
        items = read_since(config.journal, start)
    sent = not_taken = 0
    with _progress(exporter.name) as (progress, task):

        def on_settled(settled: list[Item], refusals: list[Refusal]) -> None:
            nonlocal sent, not_taken
            ids = {refusal.item.identity for refusal in refusals}
            taken = [item for item in settled if item.identity not in ids]
            sent += len(taken)
            not_taken += len(refusals)
            settle_again(config.journal, exporter.name, taken, refusals, datetime.now(UTC))
            progress.update(task, completed=sent)

        send_again(exporter, items, stop, on_settled)
    text = f"{exporter.name}: {sent:,} documents sent"
    if not_taken:
        text += f", {not_taken:,} refused (offline-observer export -c FILE shows why)"
    typer.echo(f"{text}, from {short_path(config.journal)}")


@contextmanager
def _progress(name: str) -> Iterator[tuple[Progress, TaskID]]:
    console = make_console(stderr=True)
    columns = (
        TextColumn("sending to {task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress, progress.add_task(name, total=None)
