"""Options of the commands that read a past range of a topic."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.errors import ConfigError
from offline_observer.reports.make_desk import LIBRARY

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration.", metavar="FILE", show_default=False)
]

PipelineOption = Annotated[
    str | None,
    typer.Option(
        help="The pipeline of the dataset, where there are several.", metavar="NAME", show_default=False
    ),
]

TopicOption = Annotated[
    str | None,
    typer.Option(
        help="A topic; one that is no dataset is read as JSON, with the fields that are found in it.",
        metavar="TOPIC",
        show_default=False,
    ),
]

FromOption = Annotated[
    str,
    typer.Option(
        "--from",
        help="Where to begin: a time (2026-01-01T00:00:00Z), how long ago (2h), an offset in each partition, or earliest.",
        metavar="TIME|OFFSET",
    ),
]

ToOption = Annotated[
    str,
    typer.Option("--to", help="Where to end, before it: likewise; or latest.", metavar="TIME|OFFSET"),
]

OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]


def require_libraries() -> None:
    """Says what is missing, before anything is done.

    Raises:
        ConfigError: The extra `profile` is not installed.
    """
    if any(find_spec(name) is None for name in (LIBRARY, "datasketches")):
        raise ConfigError("a profile needs libraries: pip install 'offline-observer[profile]'")
