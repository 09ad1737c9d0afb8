"""`offline-observer lag`: the lag of a job, from its checkpoint and the broker, with no configuration."""

import json as json_module
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from offline_observer.cli.console import make_console
from offline_observer.cli.options import StorageOption, storage_option
from offline_observer.errors import EXIT_NOT_FINE, ConfigError
from offline_observer.lag.lag import JobLag
from offline_observer.lag.meter import LagMeter
from offline_observer.lag.status import FINE
from offline_observer.part import Part
from offline_observer.stop import Stop

# The checkpoint, the topics, their offsets.
_STEPS = 3


class Isolation(StrEnum):
    """Kafka's isolation levels."""

    READ_UNCOMMITTED = "read_uncommitted"
    READ_COMMITTED = "read_committed"


def lag(
    checkpoint: Annotated[
        str,
        typer.Option(help="The job's checkpoint folder: a path or a URL.", metavar="DIR", show_default=False),
    ],
    bootstrap_servers: Annotated[
        str,
        typer.Option(help="The Kafka cluster that the job reads.", metavar="HOST:PORT", show_default=False),
    ],
    kafka: Annotated[
        list[str] | None,
        typer.Option("--kafka", "-X", help="A librdkafka property; repeat for more.", metavar="KEY=VALUE"),
    ] = None,
    storage: StorageOption = None,
    isolation_level: Annotated[
        Isolation, typer.Option(help="The job's own; Spark reads uncommitted unless told otherwise.")
    ] = Isolation.READ_UNCOMMITTED,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait for the broker.", min=1, max=600, metavar="SECONDS")
    ] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how far a Spark job is behind its Kafka topics.

    Exits with 0 when the status is ok or starting, 1 when it is another, 3 when the checkpoint or the broker
    cannot be read.
    """
    properties = {"bootstrap.servers": bootstrap_servers, **_properties(kafka or [])}
    if not properties["bootstrap.servers"].strip():
        raise ConfigError("--bootstrap-servers: expected HOST:PORT, found nothing")
    meter = LagMeter(checkpoint, properties, isolation_level.value, storage_option(checkpoint, storage))
    part: Part[JobLag] = Part("reading the checkpoint and the broker")
    part.start(lambda: meter.measure(timeout))
    # A storage that hangs must not keep the command: each of the steps has the timeout.
    job = part.result(_STEPS * timeout, Stop())
    if json:
        typer.echo(json_module.dumps(job.to_json()))
    else:
        _show(job)
    if job.status not in FINE:
        raise typer.Exit(EXIT_NOT_FINE)


def _properties(pairs: list[str]) -> dict[str, str]:
    properties = {}
    for pair in pairs:
        key, found, value = pair.partition("=")
        if not found or not key:
            # The value may be a password: only the key is shown.
            raise ConfigError(f"--kafka: expected KEY=VALUE, found no value for '{key}'")
        properties[key] = value
    return properties


def _show(job: JobLag) -> None:
    console = make_console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("topic", "partition"):
        table.add_column(name)
    for name in ("committed", "planned", "end", "earliest", "lag", "expired"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for p in job.partitions:
        numbers = (
            p.committed_offset,
            p.planned_offset,
            p.end_offset,
            p.earliest_offset,
            p.lag,
            p.expired_records,
        )
        table.add_row(p.topic, str(p.partition), *(number(n) for n in numbers), p.status.value)
    if job.partitions:
        console.print(table)
    totals = f"total lag {number(job.total_lag)}, largest {number(job.max_lag)}"
    if job.unknown_partitions:
        totals += f", {job.unknown_partitions} partitions unknown"
    console.print(f"{job.status.value}: {job.reason}")
    console.print(totals)
    for warning in job.warnings:
        console.print(f"warning: {warning}")


def number(value: int | None) -> str:
    """A number for people; `?` when it is unknown."""
    return "?" if value is None else f"{value:,}"
