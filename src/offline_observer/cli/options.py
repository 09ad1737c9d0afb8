"""What several commands share: options, and how a path is shown."""

from datetime import timedelta
from pathlib import Path

from offline_observer.config.duration import parse_duration
from offline_observer.errors import ConfigError


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


def short_path(path: Path) -> str:
    """A path as one would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
