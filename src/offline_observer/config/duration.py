"""Durations as people write them: `500ms`, `10s`, `5m`, `1h`, `2d`, `1m30s`."""

import re
from datetime import timedelta

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
"""From the longest to the shortest, which is also the order in which a text may hold them."""

# [0-9] and not \d, which matches the digits of every script. Twelve digits are more than any duration
# needs, and keep int() away from texts of any length.
_DURATION = re.compile("".join(f"(?:([0-9]{{1,12}}){unit})?" for unit in _UNITS))

EXPECTED_DURATION = "expected a duration with its unit, such as 500ms, 10s, 5m, 1h, 2d or 1m30s"


def parse_duration(text: str) -> timedelta:
    """Reads a duration.

    Args:
        text: Whole numbers, each with its unit (`d`, `h`, `m`, `s`, `ms`), the longest unit first,
            each unit at most once. White space around the text is allowed, inside it is not.

    Returns:
        The duration, above zero.

    Raises:
        ValueError: The text is something else (a plain number, for instance, whose unit nobody can
            know), or zero, or longer than a timedelta can be. The message says what was expected and
            does not repeat the text.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ValueError(EXPECTED_DURATION)
    total = timedelta()
    try:
        for number, unit in zip(match.groups(), _UNITS.values(), strict=True):
            total += int(number or 0) * unit
    except OverflowError:
        raise ValueError("expected a duration of at most 999999999d") from None
    if not total:
        raise ValueError("expected a duration above zero")
    return total


def format_duration(duration: timedelta) -> str:
    """Writes a duration so that `parse_duration` reads the same again: `1m30s`.

    Args:
        duration: Not negative. Parts below a millisecond are dropped.

    Returns:
        The text; `0s` for less than a millisecond.

    Raises:
        ValueError: The duration is negative.
    """
    if duration < timedelta():
        raise ValueError("expected a duration that is not negative")
    parts = []
    for unit, length in _UNITS.items():
        number, duration = divmod(duration, length)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
