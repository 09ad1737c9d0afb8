"""Texts as times, many at once (pure)."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from offline_observer.quality.times import EPOCH, read_iso

# Texts of so many digits of a second, the usual forms of RFC 3339 in UTC: 2024-01-01T00:00:00Z.
_FRACTIONS = {20: 0, 24: 3, 27: 6}
_SEPARATORS = ((4, "-"), (7, "-"), (13, ":"), (16, ":"))
_LONGEST = 40
# By the month's number; a month that there is not has no days.
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0], dtype=np.int32)


def seconds_of(texts: Collection[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Texts as seconds since 1970.

    Args:
        texts: The texts.

    Returns:
        The seconds, 0 for a text that is no time; and which are times, as `read_iso` has it.
    """
    lengths = set(map(len, texts))
    if len(lengths) == 1 and (length := lengths.pop()) in _FRACTIONS:
        found = _of_one_length(texts, length)
        if found is not None and found[1].all():
            return found
    return _of_any(list(texts))


def _of_one_length(
    texts: Collection[str], length: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """The same for texts of the length of a usual form; one that is none may be a time in another form."""
    joined = "".join(texts)
    if not joined.isascii():
        return None
    characters = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(len(texts), length)
    return _parse(characters, _FRACTIONS[length])


def _of_any(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The same for texts of any lengths and forms."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    seconds = np.zeros(len(texts))
    is_time = np.zeros(len(texts), dtype=bool)
    for length in _FRACTIONS:
        of_length = np.flatnonzero(lengths == length)
        if len(of_length):
            found = _of_one_length([texts[index] for index in of_length.tolist()], length)
            if found is not None:
                seconds[of_length], is_time[of_length] = found
    for index in np.flatnonzero(~is_time & (lengths <= _LONGEST)).tolist():
        time = read_iso(texts[index])
        if time is not None:
            seconds[index], is_time[index] = (time - EPOCH).total_seconds(), True
    return seconds, is_time


def _parse(c: NDArray[np.uint8], fraction: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rows of characters as seconds; one that is not of the form may be a time in another one."""
    # A row for each place of the texts: whatever is computed goes through memory in order.
    t = np.ascontiguousarray(c.T)
    places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, *range(20, 20 + fraction)]
    digits = t[places] - np.uint8(ord("0"))  # below "0" wraps around to more than 9
    is_time: NDArray[np.bool_] = digits.max(axis=0) <= 9  # noqa: PLR2004 - a digit
    for place, character in _SEPARATORS:
        is_time &= t[place] == ord(character)
    is_time &= (t[10] == ord("T")) & (t[-1] == ord("Z"))
    if fraction:
        is_time &= t[19] == ord(".")
    if not is_time.all():
        digits[:, ~is_time] = 0  # what is computed of them is not used, and must not be out of range

    def number(*rows: int) -> NDArray[np.int32]:
        total: NDArray[np.int32] = digits[rows[0]].astype(np.int32)
        for row in rows[1:]:
            total *= 10
            total += digits[row]
        return total

    year, month, day = number(0, 1, 2, 3), number(4, 5), number(6, 7)
    hour, minute, second = number(8, 9), number(10, 11), number(12, 13)
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days = _DAYS[np.minimum(month, 13)] + ((month == 2) & is_leap)  # noqa: PLR2004 - February
    is_time &= (year >= 1) & (day >= 1) & (day <= days)
    is_time &= (hour <= 23) & (minute <= 59) & (second <= 59)  # noqa: PLR2004
    # The days since 1970: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    shifted = year - (month <= 2)  # noqa: PLR2004
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1  # noqa: PLR2004
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    seconds = (era * 146_097 + day_of_era - 719_468).astype(np.float64) * 86_400.0
    seconds += hour * 3600 + minute * 60 + second
    if fraction:
        seconds += number(*range(14, 14 + fraction)) / 10**fraction
    return np.where(is_time, seconds, 0.0), is_time
