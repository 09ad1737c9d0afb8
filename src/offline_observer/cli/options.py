"""What many commands share: options, and how a path is shown."""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from offline_observer.config.duration import parse_duration
from offline_observer.errors import ConfigError

if TYPE_CHECKING:  # what names only the journal does without
    from offline_observer.config.model import Config


def duration_option(text: str | None, option: str = "--for") -> timedelta | None:
    """The value of an option that is a length of time; None when it was not given.

    Raises:
        ConfigError: It is not a length of time.
    """
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def config_and_journal(config: Path | None, journal: Path | None) -> "tuple[Config | None, Path]":
    """The configuration, where it is what names the journal, and the journal.

    Raises:
        ConfigError: Neither or both are named, or the configuration is none.
    """
    if config is not None and journal is None:
        from offline_observer.config.load import load_config

        loaded = load_config(config, os.environ)
        return loaded, loaded.journal
    if journal is not None and config is None:
        return None, journal
    raise ConfigError("name the journal by one of -c FILE (a configuration) and --journal FILE")


def short_path(path: Path) -> str:
    """A path as one would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
