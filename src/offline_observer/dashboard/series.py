"""Buckets of the journal as what charts draw (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from offline_observer.dashboard.charts import Points
from offline_observer.dashboard.palette import STATUS_COLOURS
from offline_observer.journal.trends import Bucket

MOST_LINES = 10
"""So many lines can be told apart."""

_MOST_ROWS = 1000

Largest = tuple[Sequence[int], Sequence[float]]
"""The beginnings of a part's buckets, in seconds since 1970 and in their order, and the largest number of each."""


def by_part(buckets: Iterable[Bucket]) -> dict[str, list[Bucket]]:
    """Buckets by their part, which they stand together by, each in the order of time."""
    return {part: list(of_part) for part, of_part in groupby(buckets, itemgetter(0))}


def most(buckets: Sequence[Bucket], length: int) -> Points:
    """The largest number of each bucket, with a gap where there was none."""
    return with_gaps([(one.start, one.most) for one in buckets], length)


def mean(buckets: Sequence[Bucket], length: int) -> Points:
    """The mean of each bucket, with a gap where there was none."""
    return with_gaps([(one.start, one.total / one.readings) for one in buckets], length)


def rate(buckets: Sequence[Bucket], length: int, per: int, until: int) -> Points:
    """What there was of it per some seconds; a gap where nothing is known.

    Args:
        buckets: The buckets.
        length: How long they are, in seconds.
        per: Per how many seconds.
        until: Until when it is known, in seconds since 1970.
    """
    points = [(one.start, one.total * per / length) for one in buckets]
    if len(buckets) > 1 and buckets[-1].start + length > until:
        # It goes on: so far it stands for as much time as its observations do, by those of the one before.
        before, last = buckets[-2:]
        part = min(1.0, last.readings / before.readings)
        points[-1] = (last.start, last.total * per / (length * part))
    return with_gaps(points, length)


def share(parts: Sequence[Bucket], wholes: Mapping[int, float], length: int) -> Points:
    """One sum, divided by another of the same bucket; nothing where that is 0."""
    shares = ((one.start, one.total / whole) for one in parts if (whole := wholes.get(one.start, 0.0)) > 0)
    return with_gaps(list(shares), length)


def with_gaps(points: Sequence[tuple[int, float]], length: int) -> Points:
    """Points, and one without a number after each that nothing follows for two buckets."""
    found: list[tuple[int, float | None]] = []
    for at, value in points:
        if found and at - found[-1][0] > 2 * length:
            found.append((found[-1][0] + length, None))
        found.append((at, value))
    return found


def largest(of_part: Largest, length: int) -> Points:
    """The largest number of each bucket, with a gap where there was none."""
    return with_gaps(list(zip(*of_part, strict=True)), length)


def worst_parts(parts: Mapping[str, Largest], number: int, length: int) -> list[str]:
    """The parts that have the largest numbers now, or had them: so many of them.

    The newest bucket goes on: who is not in it yet, but in the one before, is there now.
    """
    newest = max((starts[-1] for starts, _ in parts.values()), default=0)

    def rank(part: str) -> tuple[float, float, str]:
        starts, numbers = parts[part]
        return (-numbers[-1] if starts[-1] >= newest - length else 0.0, -max(numbers), part)

    return sorted(parts, key=rank)[:number]


def cells(
    parts: Mapping[str, Largest], length: int, *, some_unchanged: bool = False
) -> tuple[list[str], list[int], list[list[float | None]]]:
    """Rows, columns and cells of a heat map. Of more than a thousand parts neighbours share a row, with the larger number.

    Args:
        parts: The largest numbers of each part.
        length: How long the buckets are, in seconds.
        some_unchanged: What did not change is not always written: a part has its number for one more bucket.
    """
    names = sorted(parts, key=_in_order)
    times = sorted(set().union(*(starts for starts, _ in parts.values())))
    column = {at: number for number, at in enumerate(times)}
    together = max(1, -(-len(names) // _MOST_ROWS))
    rows: list[str] = []
    found: list[list[float | None]] = []
    for first in range(0, len(names), together):
        group = names[first : first + together]
        rows.append(group[0] if len(group) == 1 else f"{group[0]} to {group[-1]}")
        found.append(
            _row([parts[name] for name in group], times, column, length, some_unchanged=some_unchanged)
        )
    return rows, times, found


def _row(
    group: Sequence[Largest],
    times: list[int],
    column: Mapping[int, int],
    length: int,
    *,
    some_unchanged: bool,
) -> list[float | None]:
    (starts, numbers), *others = group
    # As it is for nearly all: each time has its number.
    if not others and starts == times:
        return list(numbers)
    row: list[float | None] = [None] * len(times)
    for starts, numbers in group:
        told = set(starts)
        for at, number in zip(starts, numbers, strict=True):
            row[column[at]] = max(row[column[at]] or 0.0, number)
            after = column.get(at + length) if some_unchanged and at + length not in told else None
            if after is not None:
                row[after] = max(row[after] or 0.0, number)
    return row


def status_spans(buckets: Iterable[Bucket], length: int) -> list[tuple[str, int, int]]:
    """When there was which status: of each bucket the worst one, and neighbours that are alike as one."""
    rank = {status: number for number, status in enumerate(STATUS_COLOURS)}
    worst: dict[int, str] = {}
    for one in buckets:
        before = worst.get(one.start)
        if before is None or rank.get(one.part, -1) > rank.get(before, -1):
            worst[one.start] = one.part
    found: list[tuple[str, int, int]] = []
    for at in sorted(worst):
        if found and found[-1][0] == worst[at] and at - found[-1][2] <= length:
            found[-1] = (worst[at], found[-1][1], at + length)
        else:
            found.append((worst[at], at, at + length))
    return found


def _in_order(part: str) -> tuple[str, int, str]:
    """Partitions by their topic and number."""
    topic, _, number = part.rpartition("/")
    return (topic, int(number), "") if number.isdecimal() else (topic, 0, number)
