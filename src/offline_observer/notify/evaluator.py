"""Evaluates the alerts over what comes into the journal, in a thread of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock, Thread

from offline_observer.alert.look import look_at
from offline_observer.alert.sight import Seen
from offline_observer.alert.watch import Watch
from offline_observer.clock import Clock
from offline_observer.errors import ObserverError
from offline_observer.journal.alerts import prune_history, read_silences, write_look
from offline_observer.journal.documents import Row, documents_after, documents_between
from offline_observer.journal.exports import last_sequence
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import prune_notifications
from offline_observer.journal.reading import opened
from offline_observer.notify.plan import Plan
from offline_observer.notify.start import begin
from offline_observer.observation import Document
from offline_observer.quality.times import read_time
from offline_observer.stop import Stop

_LOOK_SECONDS = 0.25
_AGAIN_SECONDS = 1.0
# So much time's documents are taken up in one piece at the start.
_PIECE = timedelta(minutes=5)
# A clock that went back, or on, by more than this beside the monotonic one was set, or the machine has slept.
_SET_BACK, _SET_ON = timedelta(seconds=-1), timedelta(seconds=30)


class Evaluator:
    """Looks at each alert each `every`, by its own clock: also while nothing is observed. No tick waits for it.

    What a look came to is remembered only once it is written: when the journal cannot be written it is looked at again.

    Args:
        plan: What is evaluated and who is told.
        journal: Where the documents are, and where states and messages go.
        clock: The clock.
        on_observations: Called when observations have come.

    Raises:
        JournalError: The journal cannot be read.
    """

    def __init__(
        self, plan: Plan, journal: Journal, clock: Clock, on_observations: Callable[[], None] | None = None
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._clock = clock
        self._on_observations = on_observations
        self._stop = Stop()
        self._lock = Lock()
        self._problem: str | None = None
        self._is_last = False
        self._is_done = False
        self._watches = [Watch(rule, plan.targets, plan.tick) for rule in plan.rules]
        self._due = dict.fromkeys(range(len(self._watches)), 0.0)
        self._jobs = {one.pipeline: one.job for one in plan.targets if one.job}
        self._heard_of: set[str] = set()
        # What comes after this is new: an observation of this observer.
        with opened(journal.path) as (connection, _):
            self._sequence = last_sequence(connection)
        self._is_begun = False
        self._started = clock.monotonic()
        self._before = (clock.now(), self._started)
        self._thread = Thread(target=self._run, name="alerts", daemon=True)

    @property
    def problem(self) -> str | None:
        """Why alerts are not evaluated now; None when they are."""
        with self._lock:
            return self._problem

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def finish(self, seconds: float, stop: Stop) -> None:
        """Looks at everything once more, now that no observation will come; waits for that, at most so long."""
        self._is_last = True
        last = self._clock.monotonic() + seconds
        while not self._is_done and self._thread.is_alive() and self._clock.monotonic() < last:
            if self._clock.wait(stop, _LOOK_SECONDS / 5):
                return

    def close(self, seconds: float) -> None:
        """Ends it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            pause, problem = _LOOK_SECONDS, None
            is_last = self._is_last
            try:
                self.step(is_last=is_last)
                self._is_done = is_last
            except ObserverError as error:
                pause, problem = _AGAIN_SECONDS, str(error)
            except Exception as error:  # noqa: BLE001 - one look's fault must not end the looking
                pause, problem = _AGAIN_SECONDS, f"fault in this program: {type(error).__name__}: {error}"
            with self._lock:
                self._problem = problem
            self._clock.wait(self._stop, pause)

    def step(self, *, is_last: bool = False) -> None:
        """Takes up what has come, and looks at the alerts that are due.

        Args:
            is_last: All of them are due.

        Raises:
            JournalError: The journal cannot be read or written; what is due stays due.
        """
        now = self._now()
        if not self._is_begun:
            self._begin(now)
        if not self._is_begun:
            return  # it is being ended: half of the time looked back on is nothing to judge by
        self._take_new(now)
        monotonic = self._clock.monotonic()
        due = [index for index, at in self._due.items() if is_last or monotonic >= at]
        if not due:
            return
        with opened(self._journal.path) as (connection, _):
            silences = read_silences(connection, now)
        fault: Exception | None = None
        for index in due:
            watch = self._watches[index]
            try:
                self._look(watch, now, silences)
            except ObserverError:
                raise  # of the journal: the others could not be written either
            except Exception as error:  # noqa: BLE001 - one alert's fault must not keep the others from being looked at
                fault = fault or error
                continue
            self._due[index] = monotonic + watch.rule.every.total_seconds()
        if fault is not None:
            raise fault

    def _now(self) -> datetime:
        """The time. When the clock has been set, so is everything that is remembered: no wait begins anew, or is over early."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        before, monotonic_before = self._before
        self._before = (now, monotonic)
        went = (now - before) - timedelta(seconds=monotonic - monotonic_before)
        if not _SET_BACK <= went <= _SET_ON:
            for watch in self._watches:
                watch.shift(went)
        return now

    def _look(self, watch: Watch, now: datetime, silences: dict[str, datetime]) -> None:
        rule = watch.rule
        since_start = timedelta(seconds=self._clock.monotonic() - self._started)
        look = look_at(
            rule,
            watch.instances,
            watch.outcomes(now, self._heard_of, since_start),
            self._plan.told(rule, is_silenced=rule.name in silences),
            self._plan.subjects(),
            now,
        )
        if look.changed or look.transitions or look.messages:
            with self._journal.transaction() as execute:
                write_look(execute, rule.name, look, self._jobs, now)
                if look.transitions:
                    prune_history(execute, now, self._plan.keep)
                if look.messages:
                    prune_notifications(execute)
        watch.instances = look.instances

    def _take_new(self, now: datetime) -> None:
        has_observations = False
        with opened(self._journal.path) as (connection, _):
            for row in documents_after(connection, self._sequence):
                if row.kind == "observation":
                    has_observations = True
                    self._heard_of.add(row.pipeline)
                self._take(row, now)
                self._sequence = row.sequence
        if has_observations and self._on_observations:
            self._on_observations()

    def _take(self, row: Row, now: datetime) -> None:
        watches = [one for one in self._watches if row.kind in one.kinds and row.pipeline in one.targets]
        if not watches or (document := row.document()) is None:
            return
        seen = Seen(row.identity, _made_at(document, now), row.pipeline, document)
        for watch in watches:
            watch.take(row.kind, seen)

    def _begin(self, now: datetime) -> None:
        """Takes up the states, and the documents of the time that is looked back on."""
        begin(self._plan, self._watches, self._journal, now)
        with opened(self._journal.path) as (connection, _):
            for kind in ("observation", "partition", "profile"):
                watches = [one for one in self._watches if kind in one.kinds]
                over = max((one.rule.over for one in watches), default=timedelta())
                start = now - over
                names = {name for one in watches for name in one.targets}
                while start <= now and not self._stop.is_set():
                    # In pieces: the documents of a day are many, and ticks want their turn.
                    end = start + _PIECE
                    for name in sorted(names):
                        until = end if end <= now else None
                        for row in documents_between(connection, name, kind, start, until, self._sequence):
                            self._take_kept(row, watches, now)
                    start = end
        self._is_begun = not self._stop.is_set()

    def _take_kept(self, row: Row, watches: list[Watch], now: datetime) -> None:
        if (document := row.document()) is not None:
            seen = Seen(row.identity, _made_at(document, now), row.pipeline, document)
            for watch in watches:
                watch.take(row.kind, seen)


def _made_at(document: Document, now: datetime) -> datetime:
    """When a document was made. One from the time to come is from before the clock was set: it counts as of now."""
    time = read_time(document.get("@timestamp"))
    return now if time is None else min(time, now)
