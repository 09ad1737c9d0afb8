"""The clock, passed in wherever time matters, so that tests can set it."""

import time
from datetime import UTC, datetime
from typing import Protocol

from offline_observer.stop import Stop


class Clock(Protocol):
    """What the program asks of time."""

    def now(self) -> datetime:
        """The present time in UTC. It can step back."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin. Never steps back."""

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until the event is set (True) or the seconds are over (False)."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin."""
        return time.monotonic()

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until the event is set (True) or the seconds are over (False)."""
        return stop.wait(max(0.0, seconds))
