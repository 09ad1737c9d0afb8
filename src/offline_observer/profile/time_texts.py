"""Texts as times, many at once (pure)."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.times import EPOCH, read_iso

# Texts of so many digits of a second, the usual forms of RFC 3339 in UTC: 2024-01-01T00:00:00Z.
_FRACTIONS = {20: 0, 24: 3, 27: 6}
_SEPARATORS = ((4, "-"), (7, "-"), (13, ":"), (16, ":"))
_LONGEST = 40
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)


def seconds_of(texts: Collection[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Texts as seconds since 1970.

    Args:
        texts: The texts.

    Returns:
        The seconds, 0 for a text that is no time; and which are times, as `read_iso` has it.
    """
    lengths = set(map(len, texts))
    if len(lengths) == 1 and (length := lengths.pop()) in _FRACTIONS:
        joined = "".join(texts)
        if joined.isascii():
            characters = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(len(texts), length)
            seconds, is_time = _parse(characters, _FRACTIONS[length])
            if is_time.all():
                return seconds, is_time
    return _one_by_one(list(texts))


def _one_by_one(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    times = [read_iso(text) if len(text) <= _LONGEST else None for text in texts]
    seconds = np.array([0.0 if time is None else (time - EPOCH).total_seconds() for time in times])
    return seconds, np.array([time is not None for time in times], dtype=bool)


def _parse(c: NDArray[np.uint8], fraction: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rows of characters as seconds; one that is not of the form may be a time in another one."""
    places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, *range(20, 20 + fraction)]
    digits = c[:, places] - np.uint8(ord("0"))  # below "0" wraps around to more than 9
    is_time = (digits <= 9).all(axis=1)  # noqa: PLR2004 - a digit
    for place, character in _SEPARATORS:
        is_time &= c[:, place] == ord(character)
    is_time &= (c[:, 10] == ord("T")) & (c[:, -1] == ord("Z"))
    if fraction:
        is_time &= c[:, 19] == ord(".")
    d = digits.astype(np.int64)
    year = ((d[:, 0] * 10 + d[:, 1]) * 10 + d[:, 2]) * 10 + d[:, 3]
    month, day = d[:, 4] * 10 + d[:, 5], d[:, 6] * 10 + d[:, 7]
    hour, minute, second = d[:, 8] * 10 + d[:, 9], d[:, 10] * 10 + d[:, 11], d[:, 12] * 10 + d[:, 13]
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days = _DAYS[np.clip(month, 0, 12)] + ((month == 2) & is_leap)  # noqa: PLR2004 - February
    is_time &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= days)  # noqa: PLR2004
    is_time &= (hour <= 23) & (minute <= 59) & (second <= 59)  # noqa: PLR2004
    # The days since 1970: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    shifted = year - (month <= 2)  # noqa: PLR2004
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1  # noqa: PLR2004
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    whole = (era * 146_097 + day_of_era - 719_468) * 86_400 + hour * 3600 + minute * 60 + second
    seconds = whole.astype(np.float64)
    if fraction:
        powers = 10 ** np.arange(fraction - 1, -1, -1, dtype=np.int64)
        seconds += (d[:, 14:] @ powers) / 10**fraction
    return np.where(is_time, seconds, 0.0), is_time
