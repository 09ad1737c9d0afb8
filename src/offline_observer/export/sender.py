"""Sends what comes into the journal to one exporter, in a thread of its own, whatever becomes of the server."""

import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Lock, Thread

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from offline_observer.clock import Clock
from offline_observer.errors import ObserverError
from offline_observer.export.exporter import Exporter, ExportError
from offline_observer.export.health import ExportHealth
from offline_observer.journal.exports import (
    backlog_after,
    last_sequence,
    move_to,
    next_items,
    read_backlog,
    read_progress,
    settle_through,
)
from offline_observer.journal.journal import Journal
from offline_observer.journal.reading import opened
from offline_observer.stop import Stop

_LOOK_SECONDS = 0.25
# The pauses between two tries are by chance, up to twice as long each time: many observers do not come back all at once.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_DROP_EVERY_SECONDS = 3600.0


class Sender:
    """One exporter's thread. It has its own place in the journal, and no tick waits for it.

    Args:
        exporter: Where to.
        journal: Where from.
        clock: The clock.
        keep: What is older is dropped there; None: nothing is.
    """

    def __init__(
        self, exporter: Exporter, journal: Journal, clock: Clock, keep: timedelta | None = None
    ) -> None:
        self.name = exporter.name
        self._exporter = exporter
        self._journal = journal
        self._clock = clock
        self._keep = keep
        self._stop = Stop()
        self._lock = Lock()
        self._health = ExportHealth(name=exporter.name)
        self._settled = 0
        self._is_prepared = False
        self._drop_due = 0.0
        self._drop_problem: str | None = None
        self._retrying = Retrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
            sleep=self._pause,
            before_sleep=self._failed,
            stop=lambda _: self._stop.is_set(),
            retry_error_callback=lambda _: False,
        )
        # A daemon: a request that hangs does not keep the process alive.
        self._thread = Thread(target=self._run, name=f"export {exporter.name}", daemon=True)

    @property
    def health(self) -> ExportHealth:
        """How it is doing."""
        with self._lock:
            return self._health

    @property
    def settled(self) -> int:
        """Everything in the journal up to this sequence has arrived or was refused."""
        with self._lock:
            return self._settled

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def close(self, seconds: float) -> None:
        """Ends it. A request that is under way has so long to come to its end; what is not sent stays in the journal."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if not self._retrying(self._step):
                    self._pause(_LOOK_SECONDS)
        finally:
            self._exporter.close()

    def _pause(self, seconds: float) -> None:
        self._clock.wait(self._stop, seconds)

    def _step(self) -> bool:
        """Sends what comes next, as much as goes at a time; whether there was anything.

        Raises:
            ObserverError: It has not all arrived.
        """
        exporter = self._exporter
        if not self._is_prepared:
            move_to(self._journal, exporter.name, exporter.prepare())
            self._is_prepared = True
        self._drop_older()
        with opened(self._journal.path) as (connection, _):
            progress = read_progress(connection, exporter.name)
            waiting = backlog_after(connection, progress.sequence)
            newest = last_sequence(connection)
            items = next_items(connection, progress.sequence, exporter.most_documents, exporter.most_bytes)
        settled, problem = progress.sequence, None
        refused = progress.refused
        if items:
            try:
                sent = exporter.send(items)
            except ExportError:
                self._is_prepared = False
                raise
            if sent.settled:
                settled = items[sent.settled - 1].sequence
                settle_through(self._journal, exporter.name, settled, sent.refused, self._clock.now())
            problem = sent.problem
            refused += len(sent.refused)
        self._went(
            settled,
            backlog=min(waiting, max(0, newest - settled)),
            refused=refused,
            lost=progress.lost,
            has_arrived=settled > progress.sequence,
            is_well=problem is None,
        )
        if problem is not None:
            self._is_prepared = False
            raise ExportError(problem)
        return bool(items)

    def _went(
        self, settled: int, *, backlog: int, refused: int, lost: int, has_arrived: bool, is_well: bool
    ) -> None:
        with self._lock:
            self._settled = settled
            self._health = replace(
                self._health,
                backlog=backlog,
                refused=refused,
                lost=lost,
                last_success=self._clock.now() if has_arrived else self._health.last_success,
                error=self._drop_problem if is_well else self._health.error,
                error_since=None if is_well else self._health.error_since,
            )

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        text = str(error) if isinstance(error, ObserverError) else _fault(error)
        # First: whoever sees the error sees what waits as well.
        self._count()
        with self._lock:
            self._health = replace(
                self._health, error=text, error_since=self._health.error_since or self._clock.now()
            )

    def _count(self) -> None:
        """What waits while nothing arrives."""
        try:
            with opened(self._journal.path) as (connection, _):
                progress, backlog = read_backlog(connection, self.name)
        except ObserverError:
            return  # the ticks say that the journal cannot be read
        with self._lock:
            self._health = replace(
                self._health,
                backlog=backlog,
                refused=progress.refused,
                lost=progress.lost,
            )

    def _drop_older(self) -> None:
        """Drops what is older than what is kept, once an hour. When that cannot be done the documents come first."""
        now = self._clock.monotonic()
        if self._keep is None or now < self._drop_due:
            return
        self._drop_due = now + _DROP_EVERY_SECONDS
        try:
            self._exporter.drop_older(self._clock.now(), self._keep)
            self._drop_problem = None
        except ExportError as error:
            self._drop_problem = str(error)


def _fault(error: BaseException | None) -> str:
    """An error of this program's, without its own words: those of a library may hold what was sent, credentials too."""
    places = traceback.extract_tb(error.__traceback__) if error else []
    where = f" ({Path(places[-1].filename).name}, line {places[-1].lineno})" if places else ""
    return f"fault in this program: {type(error).__name__}{where}"
