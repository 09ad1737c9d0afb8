"""`offline-observer demo generate`: writes visits to Kafka."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.options import duration_option
from offline_observer.demo.generator import GeneratorOptions, Progress
from offline_observer.demo.generator import generate as generate_visits
from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.visits import GenerationReport
from offline_observer.errors import ConfigError
from offline_observer.stop import stop_on_signals


def _show_progress(progress: Progress) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    failed = f", {progress.failed:,} failed" if progress.failed else ""
    typer.echo(f"{now}  {progress.sent:,} records sent, {progress.acknowledged:,} acknowledged{failed}")


def _show_summary(report: GenerationReport, topic: str, broker: str) -> None:
    typer.echo(f"Wrote {report.all_events:,} records to topic {topic} at {broker}.")
    for name, count in report.to_json().items():
        if name != "all_events":
            typer.echo(f"  {name:<20}{count:>12,}")


def generate(
    *,
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="The generator's configuration.")
    ],
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same records.")] = None,
    rate: Annotated[
        float | None,
        typer.Option(metavar="R", help="Records per second, evenly, in place of bursts and pauses."),
    ] = None,
    records: Annotated[int | None, typer.Option(min=1, help="Stop after this many records.")] = None,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="Stop after this time: 60s.")
    ] = None,
    bootstrap_servers: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Another broker than the configuration's."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but the report, as JSON.")] = False,
) -> None:
    """Write visits to Kafka until stopped: records of a blogging platform, some of them faulty on purpose.

    Ctrl-C or SIGTERM ends it in order: what is queued is sent, and the report says what was written.
    """
    if rate is not None and not 0 < rate < float("inf"):
        raise ConfigError("--rate: must be more than 0 records per second.")
    length = duration_option(duration)
    options = GeneratorOptions(
        rate=rate, records=records, duration=None if length is None else length.total_seconds(), seed=seed
    )
    generation = load_generation_config(config, os.environ)
    if bootstrap_servers is not None:
        generation = generation.with_broker(bootstrap_servers)
    with stop_on_signals() as stop:
        report = generate_visits(generation, options, stop, (lambda _: None) if as_json else _show_progress)
    if as_json:
        typer.echo(json.dumps(report.to_json()))
    else:
        _show_summary(report, generation.kafka.output_topic, generation.kafka.broker)
