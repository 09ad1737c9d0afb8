"""All exporters of an observer."""

from collections.abc import Sequence
from datetime import timedelta

from offline_observer.clock import Clock
from offline_observer.config.model import Config
from offline_observer.export.exporter import Exporter, ExportError
from offline_observer.export.health import ExportHealth
from offline_observer.journal.exports import keep_only, last_sequence
from offline_observer.journal.journal import Journal
from offline_observer.journal.reading import opened
from offline_observer.stop import Stop

_LOOK_SECONDS = 0.05
_LONG_SECONDS = 3600.0
# A request under way when the observer is stopped may still bring its answer.
_CLOSE_SECONDS = 1.0


class Exports:
    """The threads that send what comes into the journal, one for each exporter.

    Args:
        exporters: The exporters.
        journal: The journal.
        clock: The clock.
        keep: What is older is dropped where it was sent; None: nothing is.

    Raises:
        JournalError: The journal cannot be written.
    """

    def __init__(
        self, exporters: Sequence[Exporter], journal: Journal, clock: Clock, keep: timedelta | None
    ) -> None:
        self._journal = journal
        self._clock = clock
        keep_only(journal, [one.name for one in exporters])
        self._senders = []
        if exporters:
            # What tries again comes with the exporters' extras.
            from offline_observer.export.sender import Sender

            self._senders = [Sender(one, journal, clock, keep) for one in exporters]
        for sender in self._senders:
            sender.start()

    def health(self) -> list[ExportHealth]:
        """How each is doing."""
        return [sender.health for sender in self._senders]

    def finish(self, seconds: float, stop: Stop) -> bool:
        """Waits until what is in the journal now has arrived, or it is clear that it does not.

        Args:
            seconds: At most so long.
            stop: Ends the waiting.

        Returns:
            Whether it has arrived, at all exporters.

        Raises:
            JournalError: The journal cannot be read.
        """
        if not self._senders:
            return True
        with opened(self._journal.path) as (connection, _):
            newest = last_sequence(connection)
        last = self._clock.monotonic() + seconds
        while waiting := [sender for sender in self._senders if sender.settled < newest]:
            if all(sender.health.error_since for sender in waiting) or self._clock.monotonic() > last:
                return False
            if self._clock.wait(stop, _LOOK_SECONDS):
                return False
        return True

    def wait(self, stop: Stop) -> None:
        """Waits until what is in the journal now has arrived at all exporters, however long that takes.

        Raises:
            ExportError: It was told to stop before.
            JournalError: The journal cannot be read.
        """
        while not self.finish(_LONG_SECONDS, stop):
            if self._clock.wait(stop, _LOOK_SECONDS):
                raise ExportError("stopped before it was sent everywhere")

    def close(self) -> None:
        """Ends the threads. What is not sent stays in the journal."""
        for sender in self._senders:
            sender.close(_CLOSE_SECONDS)


def make_exports(config: Config, journal: Journal, clock: Clock) -> Exports:
    """Starts the exporters of a configuration.

    Raises:
        ConfigError: A library is missing, or a file of certificates cannot be read.
        JournalError: The journal cannot be written.
    """
    exporters: list[Exporter] = []
    if config.export.all():
        from offline_observer.export.registry import make_exporters

        exporters = make_exporters(config)
    return Exports(exporters, journal, clock, config.keep)
