"""`offline-observer lag`: how far jobs are behind. One job by its checkpoint, or all of a configuration."""

import json as json_module
import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.live import Live

from offline_observer.cli.console import make_console
from offline_observer.cli.lag_text import job_text, jobs_text
from offline_observer.cli.options import duration_option
from offline_observer.cli.storage_option import StorageOption, storage_option
from offline_observer.clock import SystemClock
from offline_observer.config.load import load_config
from offline_observer.errors import EXIT_NOT_FINE, ConfigError, JournalError
from offline_observer.journal.jobs import read_jobs
from offline_observer.lag.lag import JobLag
from offline_observer.lag.meter import LagMeter
from offline_observer.lag.status import FINE, Status
from offline_observer.lag.survey import STEPS, Survey
from offline_observer.part import Part
from offline_observer.stop import Stop, stop_on_signals

_WATCH_EVERY = timedelta(seconds=5)

# What one look brings: the text for people, the value for programs, the worst status.
Answer = tuple[RenderableType, dict[str, object], Status]
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Isolation(StrEnum):
    """Kafka's isolation levels."""

    READ_UNCOMMITTED = "read_uncommitted"
    READ_COMMITTED = "read_committed"


def lag(
    checkpoint: Annotated[
        str | None, typer.Option(help="One job's checkpoint folder: a path or a URL.", metavar="DIR")
    ] = None,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="The Kafka cluster that this job reads.", metavar="HOST:PORT")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="All jobs of a configuration instead.", metavar="FILE"),
    ] = None,
    kafka: Annotated[
        list[str] | None,
        typer.Option(
            "--kafka",
            "-X",
            help="A librdkafka property; repeat for more. A VALUE of ${NAME} is taken from the environment.",
            metavar="KEY=VALUE",
        ),
    ] = None,
    storage: StorageOption = None,
    isolation_level: Annotated[
        Isolation, typer.Option(help="The job's own; Spark reads uncommitted unless told otherwise.")
    ] = Isolation.READ_UNCOMMITTED,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait for the broker.", min=1, max=600, metavar="SECONDS")
    ] = 10,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again until stopped.")] = False,
    every: Annotated[
        str | None, typer.Option(help="Time between two looks of --watch; 5s.", metavar="DURATION")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; with --watch one per look and line.")
    ] = False,
) -> None:
    """Show how far Spark jobs are behind their Kafka topics.

    One job by --checkpoint and --bootstrap-servers, or all jobs of a configuration by -c.

    Exits with 0 when every status is ok or starting, 1 when one is another, 3 when the checkpoint or the broker of
    the one job cannot be read.
    """
    if config is not None:
        if checkpoint or bootstrap_servers or kafka or storage:
            raise ConfigError("-c FILE has the checkpoints and the clusters; leave the other options out")
        look = _all_jobs(config, timeout)
    else:
        look = _one_job(checkpoint, bootstrap_servers, kafka or [], storage, isolation_level, timeout)
    if watch:
        _watch(look, duration_option(every, "--every") or _WATCH_EVERY, json)
        return
    if every is not None:
        raise ConfigError("--every: only with --watch")
    text, value, status = look(Stop())
    if json:
        typer.echo(json_module.dumps(value))
    else:
        make_console().print_whole(text)
    if status not in FINE:
        raise typer.Exit(EXIT_NOT_FINE)


def _one_job(
    checkpoint: str | None,
    servers: str | None,
    kafka: list[str],
    storage: list[str] | None,
    isolation: Isolation,
    timeout: float,
) -> Callable[[Stop], Answer]:
    if checkpoint is None or servers is None:
        missing = "--checkpoint" if checkpoint is None else "--bootstrap-servers"
        raise ConfigError(f"Missing option '{missing}'; or name a configuration with -c FILE")
    properties = {"bootstrap.servers": servers, **_properties(kafka, os.environ)}
    if not properties["bootstrap.servers"].strip():
        raise ConfigError("--bootstrap-servers: expected HOST:PORT, found nothing")
    meter = LagMeter(
        checkpoint, properties, isolation.value, SystemClock(), storage=storage_option(checkpoint, storage)
    )
    part: Part[JobLag] = Part("reading the checkpoint and the broker")

    def look(stop: Stop) -> Answer:
        # A storage that hangs must not keep the command: each of the steps has the timeout.
        part.start(lambda: meter.measure(timeout))
        job = part.result(STEPS * timeout, stop)
        return job_text(job), job.to_json(), job.status

    return look


def _all_jobs(config: Path, timeout: float) -> Callable[[Stop], Answer]:
    loaded = load_config(config, os.environ)
    survey = Survey(loaded, SystemClock())

    def look(stop: Stop) -> Answer:
        # What an observer has seen before is in its journal, where there is one.
        try:
            if loaded.journal.is_file():
                survey.recall(read_jobs(loaded.journal))
        except JournalError as error:
            # The lag itself does not need it.
            typer.echo(f"warning: what was seen before is not known: {error}", err=True)
        jobs = survey.measure(timeout, stop)
        if not jobs:
            raise ConfigError(f"{config} has no job: give a pipeline one")
        found = [{"pipeline": pipeline, "job": name, **job.to_json()} for pipeline, name, job in jobs]
        status = next((job.status for _, _, job in jobs if job.status not in FINE), Status.OK)
        return jobs_text(jobs), {"jobs": found}, status

    return look


def _watch(look: Callable[[Stop], Answer], every: timedelta, json: bool) -> None:
    """Looks again and again. Each look has those before it as its history."""
    console = make_console()
    with stop_on_signals() as stop:
        if json or not console.is_terminal:
            while not stop.is_set():
                text, value, _ = look(stop)
                if stop.is_set():
                    break
                typer.echo(json_module.dumps(value)) if json else console.print_whole(text)
                stop.wait(every.total_seconds())
            return
        with Live(console=console, auto_refresh=False, screen=False) as live:
            while not stop.is_set():
                text, _, _ = look(stop)
                if not stop.is_set():
                    live.update(text, refresh=True)
                stop.wait(every.total_seconds())


def _properties(pairs: list[str], environment: Mapping[str, str]) -> dict[str, str]:
    properties = {}
    for pair in pairs:
        key, found, value = pair.partition("=")
        if not found or not key:
            # The value may be a password: only the key is shown.
            raise ConfigError(f"--kafka: expected KEY=VALUE, found no value for '{key}'")
        if variable := _VARIABLE.fullmatch(value):
            # Every user of the machine sees a command line; the environment is the process's own.
            if variable[1] not in environment:
                raise ConfigError(f"--kafka {key}: the environment variable {variable[1]} is not set")
            value = environment[variable[1]]
        properties[key] = value
    return properties
