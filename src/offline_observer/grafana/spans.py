"""Lengths of time as Grafana's panels and queries take them (pure): a whole number of one unit."""

from datetime import timedelta

_UNITS = {
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}


def span(length: timedelta) -> str:
    """A length of time: `10s`, `90m`. Grafana takes no `1h30m` for an interval.

    Raises:
        ValueError: It is not above zero, or no whole number of milliseconds.
    """
    for unit, one in _UNITS.items():
        if length > timedelta() and not length % one:
            return f"{length // one}{unit}"
    raise ValueError("expected a whole number of milliseconds above zero")
