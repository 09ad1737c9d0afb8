"""`offline-observer prometheus`: alerting rules for Prometheus, as a file."""

import os
from pathlib import Path
from typing import Annotated

import typer
import yaml

from offline_observer.alert.defaults import with_observer_stopped
from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import ConfigOption
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.metrics.alerting_rules import Pipelines, alerting_rules

_MARK = "# Made by `offline-observer prometheus`"


def prometheus(
    config: ConfigOption = ...,  # type: ignore[assignment]
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file; one that this command has made before is overwritten. Left out: they are printed.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the configuration's alerts as alerting rules for Prometheus.

    They look at what the observer says at /metrics. Make them again when the configuration has changed.
    """
    text = rules_file(load_config(config, os.environ))
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists() and not out.read_text(errors="replace").startswith(_MARK):
        raise ConfigError(
            f"{out} was not made by this command, and stays as it is; name another file with --out"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    typer.echo(short_path(out.absolute()))


def rules_file(config: Config) -> str:
    """The file's text."""
    rules = with_observer_stopped(config.alert_rules(), config.watched())
    datasets: dict[str, list[str]] = {}
    for pipeline in config.pipelines:
        if pipeline.dataset:
            datasets.setdefault(pipeline.dataset.topic, []).append(pipeline.name)
    jobs = {pipeline.job.name: pipeline.name for pipeline in config.pipelines if pipeline.job}
    made = alerting_rules(config.name, rules, Pipelines(jobs, datasets))
    head = f"{_MARK} for the observer {config.name}. Change the configuration, and make it again.\n"
    return head + yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=200)
