"""`offline-observer grafana`: data sources, a dashboard and alert rules for Grafana, as files."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.options import short_path
from offline_observer.cli.range_options import ConfigOption
from offline_observer.config.export import index_name
from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError


def grafana(
    config: ConfigOption = ...,  # type: ignore[assignment]
    out: Annotated[
        Path,
        typer.Option(
            help="The folder for the files. Those that this command has made before are overwritten, no others.",
            metavar="FOLDER",
            file_okay=False,
            show_default=False,
        ),
    ] = ...,  # type: ignore[assignment]
    index: Annotated[
        str | None,
        typer.Option(
            help="What the names of the indices begin with, where the configuration has no export.elasticsearch, or Grafana "
            "sees them under another name.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write what Grafana needs to show this observer: data sources, a dashboard, alert rules.

    The files are made from the configuration: its jobs, datasets, rules and alerts. Make them again when it has changed; the
    same configuration gives the same files.
    """
    if find_spec("grafana_foundation_sdk") is None:
        raise ConfigError("Grafana's files need a library: pip install 'offline-observer[grafana]'")
    from offline_observer.grafana.files import write_files
    from offline_observer.grafana.from_config import observed
    from offline_observer.grafana.provisioning import provisioning_files

    loaded = load_config(config, os.environ)
    files = provisioning_files(observed(loaded, _index(index)))
    for path in write_files(files, out, loaded.name):
        typer.echo(short_path(path.absolute()))
    typer.echo(
        f"Next: start Grafana with GF_PATHS_PROVISIONING={(out / 'provisioning').absolute()}, "
        f"DASHBOARDS_PATH={(out / 'dashboards').absolute()}, ELASTICSEARCH_URL and ALERT_WEBHOOK_URL in its environment.",
        err=True,
    )


def _index(name: str | None) -> str | None:
    try:
        return None if name is None else index_name(name)
    except ValueError as error:
        raise ConfigError(f"--index: {error}") from None
