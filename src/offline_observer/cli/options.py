"""Options that several commands share."""

from datetime import timedelta

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
