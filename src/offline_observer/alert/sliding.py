"""Readings of the time that is looked back on, in little memory (pure).

Times come in the order in which the readings arrived. One that is earlier than the newest, as after a clock has stepped back,
counts as of the newest's time: what is kept stays in order.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from offline_observer.quality.times import EPOCH

STEPS = 60
"""The largest reading is kept for each of so many steps of the time looked back on."""


class LastReading:
    """The newest reading."""

    __slots__ = ("_at", "_value")

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._value = 0.0

    def add(self, at: datetime, value: float) -> None:
        """Takes a reading."""
        self._at, self._value = at, value

    def value(self, now: datetime, over: timedelta) -> float | None:
        """The reading; None when it is older than what is looked back on, or there is none."""
        return None if self._at is None or self._at < now - over else self._value

    def shift(self, by: timedelta) -> None:
        """Moves all times, for a clock that was set."""
        if self._at is not None:
            self._at += by


class LargestReading:
    """The largest reading of the time looked back on, to a 60th of it: a reading counts until its step is out of sight.

    Args:
        over: How far is looked back.
    """

    __slots__ = ("_kept", "_step")

    def __init__(self, over: timedelta) -> None:
        self._step = over / STEPS
        # From the oldest and largest to the newest and smallest: what is behind a larger one will never be the largest.
        self._kept: deque[tuple[datetime, float]] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, at: datetime, value: float) -> None:
        """Takes a reading."""
        kept = self._kept
        at = step_of(at, self._step)
        if kept:
            at = max(at, kept[-1][0])
        while kept and kept[-1][1] <= value:
            kept.pop()
        if not kept or kept[-1][0] != at:
            kept.append((at, value))

    def value(self, now: datetime, over: timedelta) -> float | None:
        """The largest reading; None when there is none."""
        first = step_of(now - over, self._step)
        while self._kept and self._kept[0][0] < first:
            self._kept.popleft()
        return self._kept[0][1] if self._kept else None

    def shift(self, by: timedelta) -> None:
        """Moves all times, for a clock that was set."""
        self._kept = deque((step_of(at + by, self._step), value) for at, value in self._kept)


def step_of(at: datetime, step: timedelta) -> datetime:
    """The beginning of the step that a time is in."""
    return EPOCH + (at - EPOCH) // step * step


class Sums:
    """Numbers added up over the time looked back on. What replaces an earlier one, by its id, is not counted twice."""

    __slots__ = ("_kept", "_totals")

    def __init__(self, numbers: int) -> None:
        self._kept: OrderedDict[str, tuple[datetime, tuple[float, ...]]] = OrderedDict()
        self._totals = [0.0] * numbers

    def add(self, identity: str, at: datetime, numbers: Iterable[float]) -> None:
        """Takes the numbers of a document."""
        self.take_back(identity)
        if self._kept:
            at = max(at, next(reversed(self._kept.values()))[0])
        found = tuple(numbers)
        self._kept[identity] = (at, found)
        self._count(found, 1)

    def take_back(self, identity: str) -> None:
        """Forgets what was taken of a document."""
        if (before := self._kept.pop(identity, None)) is not None:
            self._count(before[1], -1)

    def totals(self, now: datetime, over: timedelta) -> tuple[float, ...] | None:
        """The sums; None when there is nothing to add up."""
        while self._kept and next(iter(self._kept.values()))[0] < now - over:
            _, (_, numbers) = self._kept.popitem(last=False)
            self._count(numbers, -1)
        return tuple(self._totals) if self._kept else None

    def shift(self, by: timedelta) -> None:
        """Moves all times, for a clock that was set."""
        for identity, (at, numbers) in self._kept.items():
            self._kept[identity] = (at + by, numbers)

    def _count(self, numbers: tuple[float, ...], sign: int) -> None:
        for index, number in enumerate(numbers):
            self._totals[index] += sign * number
