"""The option that hands options on to a checkpoint's filesystem."""

import os
from typing import Annotated, Any

import typer

from offline_observer.checkpoint.location import is_local
from offline_observer.config.storage import parse_storage
from offline_observer.errors import ConfigError

StorageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--storage",
        help="An option for the filesystem of a URL; repeat for more. Dots in KEY nest; '${NAME}' as VALUE is taken "
        "from the environment.",
        metavar="KEY=VALUE",
    ),
]


def storage_option(checkpoint: str, pairs: list[str] | None) -> dict[str, Any]:
    """The values of `--storage` for a checkpoint.

    Raises:
        ConfigError: One is no option, or the checkpoint takes none. The message holds no value.
    """
    try:
        options = parse_storage(pairs or (), os.environ)
    except ValueError as error:
        raise ConfigError(f"--storage: {error}") from None
    if options and is_local(checkpoint):
        raise ConfigError("--storage: a checkpoint on a local disk takes no options; they are for URLs")
    return options
