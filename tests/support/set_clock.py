"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta

from offline_observer.stop import Stop


class SetClock:
    """Time passes when the test says so; a wait is over at once."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
        self.seconds = 1000.0

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, stop: Stop, seconds: float) -> bool:
        del seconds
        return stop.is_set()
