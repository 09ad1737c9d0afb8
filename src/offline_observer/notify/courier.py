"""Brings a channel's messages there, in their order, in a thread of its own, whatever becomes of the channel."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from offline_observer.clock import Clock
from offline_observer.errors import ObserverError
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import (
    Waiting,
    count_given_up,
    next_waiting,
    note_delivered,
    note_failed,
)
from offline_observer.journal.reading import opened
from offline_observer.notify.channel import Channel, DeliveryError
from offline_observer.stop import Stop

_LOOK_SECONDS = 0.5
# The pauses between two tries are by chance, up to twice as long each time: many observers do not come back all at once.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
# Nothing is given up by a channel that has failed for less.
_LEAST_TRIED = 60.0


@dataclass(frozen=True, slots=True)
class CourierHealth:
    """How a channel is doing.

    Attributes:
        error: Why nothing arrives now; None when all is well.
        error_since: Since when, on the monotonic clock.
        given_up: How many of its messages were given up.
    """

    error: str | None = None
    error_since: float = 0.0
    given_up: int = 0


class Courier:
    """A channel's thread. Neither a tick nor another channel waits for it.

    What was delivered is noted at once. Killed between the two, the observer delivers that one message again.

    Args:
        channel: Where to.
        journal: Where from.
        clock: The clock.
        give_up_after: For how long a message is tried.
    """

    def __init__(self, channel: Channel, journal: Journal, clock: Clock, give_up_after: timedelta) -> None:
        self.name = channel.name
        self._channel = channel
        self._journal = journal
        self._clock = clock
        self._give_up_after = give_up_after
        self._stop = Stop()
        self._lock = Lock()
        self._health = CourierHealth()
        self._delivered: int | None = None
        self._retrying = Retrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE, min=_FIRST_PAUSE),
            sleep=self._pause,
            before_sleep=self._failed,
            stop=lambda _: self._stop.is_set(),
            retry_error_callback=lambda _: False,
        )
        # A daemon: a channel that hangs does not keep the process alive.
        self._thread = Thread(target=self._run, name=f"channel {channel.name}", daemon=True)

    @property
    def health(self) -> CourierHealth:
        """How it is doing."""
        with self._lock:
            return self._health

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Tells it to end after the message that is under way."""
        self._stop.set()

    def close(self, seconds: float) -> None:
        """Ends it. What is under way has so long to come to its end; what is not delivered stays in the journal."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._retrying(self._step):
                self._pause(_LOOK_SECONDS)

    def _pause(self, seconds: float) -> None:
        self._clock.wait(self._stop, seconds)

    def _step(self) -> bool:
        """Delivers the next message; whether there was any.

        Raises:
            ObserverError: It has not arrived, and is tried again.
        """
        # Woken from a pause to end: what would begin now could not be noted any more, and would come again.
        if self._stop.is_set():
            return False
        with opened(self._journal.path) as (connection, _):
            given_up = count_given_up(connection, self.name)
            waiting = next_waiting(connection, self.name)
        with self._lock:
            # Of a channel that nothing waits for nobody knows whether it works: what failed before is over or given up.
            error = None if waiting is None else self._health.error
            self._health = replace(self._health, error=error, given_up=given_up)
        if waiting is None:
            return False
        # One that has arrived, and of which that could not be noted, does not go out again.
        if waiting.number != self._delivered:
            try:
                self._channel.send(waiting.title, waiting.body, waiting.kind, waiting.severity)
            except DeliveryError as error:
                given_up_at = self._given_up_at(waiting)
                note_failed(self._journal, waiting.number, str(error), given_up_at)
                if given_up_at is not None:
                    self._has_failed(str(error))
                    return True
                raise
            self._delivered = waiting.number
        note_delivered(self._journal, waiting.number, self._clock.now())
        with self._lock:
            self._health = replace(self._health, error=None)
        return True

    def _given_up_at(self, waiting: Waiting) -> datetime | None:
        """Now, when the message has been tried for long enough.

        It may have waited for days while the observer was stopped, or a clock was set: it is tried for a while all the same,
        as by a machine whose network comes up after the observer.
        """
        now, health = self._clock.now(), self.health
        is_old = waiting.queued_at is not None and now - waiting.queued_at >= self._give_up_after
        least = min(_LEAST_TRIED, self._give_up_after.total_seconds())
        is_tried = health.error is not None and self._clock.monotonic() - health.error_since >= least
        return now if is_old and is_tried else None

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        # What another error says may hold the URL.
        self._has_failed(
            str(error)
            if isinstance(error, ObserverError)
            else f"fault in this program: {type(error).__name__}"
        )

    def _has_failed(self, text: str) -> None:
        with self._lock:
            since = self._health.error_since if self._health.error else self._clock.monotonic()
            self._health = replace(self._health, error=text, error_since=since)
