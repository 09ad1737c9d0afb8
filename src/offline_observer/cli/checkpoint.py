"""`offline-observer checkpoint`: shows what a checkpoint says about its job."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.progress import EARLIEST_MARK, LATEST_MARK, JobProgress, Offsets
from offline_observer.cli.console import make_console
from offline_observer.cli.storage_option import StorageOption, storage_option

_MARKS = {EARLIEST_MARK: "earliest", LATEST_MARK: "latest"}


def checkpoint(
    directory: Annotated[
        str,
        typer.Argument(
            metavar="DIR",
            help="The query's checkpointLocation: a local folder, or a URL such as s3://bucket/folder.",
        ),
    ],
    storage: StorageOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Show how far a Spark Structured Streaming query is, from its checkpoint alone.

    Prints the query's id, its newest committed batch and, per partition, three
    offsets: where the query began, where the newest committed batch ends, and
    where the newest planned batch ends. An offset is the next one to read.

    The folder is only read, never written. Neither Spark nor Kafka is needed.
    """
    progress = CheckpointFolder(directory, storage_option(directory, storage)).read(with_initial=True)
    if json:
        typer.echo(msgspec.json.encode(progress.to_json()).decode())
    else:
        _print(progress)


def _print(progress: JobProgress) -> None:
    # Names from the folder are data: "[red]" or ":tada:" in one stands for itself.
    console = make_console()
    for line in _summary(progress):
        console.print(line, soft_wrap=True)
    if progress.initial or progress.committed or progress.planned:
        console.print()
        console.print(_table(progress))
    for warning in progress.warnings:
        console.print(f"Warning: {warning}", style="yellow", soft_wrap=True)


def _summary(progress: JobProgress) -> list[str]:
    version = "nothing readable yet" if progress.log_version is None else f"version {progress.log_version}"
    return [
        f"Query id          {progress.query_id or 'unknown'}",
        f"Offset log        {version}",
        f"Committed batch   {_committed_text(progress)}",
        f"Planned batch     {_planned_text(progress)}",
    ]


def _committed_text(progress: JobProgress) -> str:
    if progress.batch_id is None:
        return "none yet"
    if progress.committed_at is None:
        return f"{progress.batch_id}"
    return f"{progress.batch_id}, at {progress.committed_at:%Y-%m-%d %H:%M:%S} UTC"


def _planned_text(progress: JobProgress) -> str:
    batch = "none" if progress.planned_batch_id is None else str(progress.planned_batch_id)
    if progress.in_flight:
        return f"{batch}, in flight: a batch is running, stuck or was cut short"
    return f"{batch}, nothing in flight"


def _table(progress: JobProgress) -> Table:
    table = Table("topic", box=None, pad_edge=False, header_style="bold")
    table.columns[0].overflow = "fold"
    for heading in ("partition", "initial", "committed", "planned"):
        table.add_column(heading, justify="right")
    columns = (progress.initial, progress.committed, progress.planned)
    rows = {(topic, number) for offsets in columns for topic in offsets for number in offsets[topic]}
    for topic, number in sorted(rows):
        table.add_row(topic, str(number), *(_cell(offsets, topic, number) for offsets in columns))
    return table


def _cell(offsets: Offsets, topic: str, number: int) -> str:
    offset = offsets.get(topic, {}).get(number)
    return "-" if offset is None else _MARKS.get(offset, str(offset))
