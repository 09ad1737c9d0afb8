"""Alerts beside the observing: what evaluates them, what delivers messages, the heartbeat."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from offline_observer.clock import Clock
from offline_observer.config.model import Config
from offline_observer.config.notify import has_libraries
from offline_observer.errors import ConfigError, JournalError
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import count_waiting
from offline_observer.notify.evaluator import Evaluator
from offline_observer.notify.heartbeat import Heartbeat
from offline_observer.notify.plan import plan_of
from offline_observer.stop import Stop
from offline_observer.time_text import span

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.notify.courier import Courier

_LOOK_SECONDS = 0.1
# What is under way when the observer is stopped may still come to its end.
_CLOSE_SECONDS = 1.0
_FAILING_SECONDS = 60.0


class Alerting:
    """The threads.

    Args:
        config: The configuration.
        journal: The journal.
        clock: The clock.
        by_journal: The heart beats when observations have come into the journal, and `ticked` is not called.

    Raises:
        ConfigError: A library is missing, or Apprise can make nothing of a URL.
    """

    def __init__(self, config: Config, journal: Journal, clock: Clock, *, by_journal: bool = False) -> None:
        self._journal = journal
        self._clock = clock
        self._couriers = _couriers(config, journal, clock)
        self._heartbeat = Heartbeat(config.heartbeat.get_secret_value()) if config.heartbeat else None
        on_observations = self._heartbeat.beat if self._heartbeat and by_journal else None
        self._evaluator = Evaluator(plan_of(config), journal, clock, on_observations)
        for thread in (*self._couriers, self._heartbeat, self._evaluator):
            if thread is not None:
                thread.start()

    @property
    def warnings(self) -> list[str]:
        """What an operator should know, a sentence each."""
        return list(self._warnings())

    def _warnings(self) -> Iterator[str]:
        if problem := self._evaluator.problem:
            yield f"alerts are not evaluated: {problem}"
        now = self._clock.monotonic()
        health = [(courier.name, courier.health) for courier in self._couriers]
        for name, one in health:
            seconds = now - one.error_since
            if one.error and seconds >= _FAILING_SECONDS:
                yield f"the channel {name} has been failing for {span(seconds)}: {one.error}"
        if dead := sum(one.given_up for _, one in health):
            count = "a message" if dead == 1 else f"{dead:,} messages"
            yield f"{count} could not be delivered (`offline-observer alerts` shows which)"
        if self._heartbeat and (problem := self._heartbeat.problem):
            yield problem

    def ticked(self) -> None:
        """A tick was written."""
        if self._heartbeat:
            self._heartbeat.beat()

    def finish(self, seconds: float, stop: Stop) -> None:
        """Evaluates what is in the journal now, and waits until its messages have arrived or it is clear that they do not.

        Args:
            seconds: At most so long.
            stop: Ends the waiting.
        """
        last = self._clock.monotonic() + seconds
        self._evaluator.finish(seconds, stop)
        while self._clock.monotonic() < last and not stop.is_set():
            well = [courier.name for courier in self._couriers if not courier.health.error]
            try:
                if not well or not count_waiting(self._journal.path, well):
                    return
            except JournalError:
                return  # what is not delivered stays there
            self._clock.wait(stop, _LOOK_SECONDS)

    def close(self) -> None:
        """Ends the threads. What is not delivered stays in the journal."""
        self._evaluator.close(_CLOSE_SECONDS)
        for courier in self._couriers:
            courier.stop()
        last = self._clock.monotonic() + _CLOSE_SECONDS
        for courier in self._couriers:
            courier.close(max(0.0, last - self._clock.monotonic()))
        if self._heartbeat:
            self._heartbeat.close(max(0.0, last - self._clock.monotonic()))


def _couriers(config: Config, journal: Journal, clock: Clock) -> "list[Courier]":
    if not config.notify:
        return []
    if not has_libraries():
        raise ConfigError("notify needs libraries: pip install 'offline-observer[notify]'")
    from offline_observer.notify.channel import Channel
    from offline_observer.notify.courier import Courier

    made = []
    for name, one in config.notify.items():
        try:
            channel = Channel(name, one.url.get_secret_value())
        except ValueError as error:
            raise ConfigError(f"notify.{name}.url: {error}") from None
        made.append(Courier(channel, journal, clock, one.give_up_after))
    return made
