"""Times on a command line."""

from datetime import datetime

from offline_observer.config.duration import parse_duration
from offline_observer.errors import ConfigError

EXPECTED_TIME = "a time such as 2026-01-01T00:00:00Z, how long ago such as 2h"


def time_option(text: str, option: str, now: datetime, expected: str = EXPECTED_TIME) -> datetime:
    """A time, or how long ago it was.

    Args:
        text: What was written.
        option: Of which option.
        now: The present time.
        expected: What may be written, for the message.

    Raises:
        ConfigError: It is none.
    """
    try:
        return now - parse_duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        time = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        raise ConfigError(f"{option}: expected {expected}, found {text!r}") from None
    if time.tzinfo is None:
        raise ConfigError(f"{option}: give the time a zone, such as 2026-01-01T00:00:00Z, found {text!r}")
    if time.timestamp() < 0:
        raise ConfigError(f"{option}: expected a time from 1970 on, found {text!r}")
    return time
