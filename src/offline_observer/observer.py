"""The observer: builds the parts from a configuration and runs the tick loop."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from offline_observer.clock import Clock
from offline_observer.config.dashboard import Dashboard
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError, JournalError, WebError
from offline_observer.export.exports import Exports, make_exports
from offline_observer.export.health import ExportHealth, health_part
from offline_observer.journal.journal import Journal
from offline_observer.journal.retention import Retention
from offline_observer.notify.alerting import Alerting
from offline_observer.observation import Document
from offline_observer.pipeline import PipelineObserver
from offline_observer.reports.make_desk import make_desk
from offline_observer.schedule import lag_seconds, next_tick
from offline_observer.stop import Stop
from offline_observer.time_text import span
from offline_observer.web.observer_site import serve_observer

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_desk import ReportDesk
    from offline_observer.web.server import WebServer

# Share of `every`, after the lag's. What is left is for the journal and for being on time.
_READ_SHARE = 0.5
# A read that has used up its time still has to hand over what it has.
_READ_GRACE_SECONDS = 2.0
_LOOK_SECONDS = 0.1
# After so many ticks, and so long besides, without one that is written the observer is not well.
_SILENT_TICKS = 3
_SILENT_SECONDS = 30.0
# What ends by itself sends what it has written; what is stopped does if that takes no longer than a moment.
_SEND_SECONDS = 30.0
_SEND_AFTER_STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One tick, as it is shown.

    Attributes:
        timestamp: When it began.
        documents: The document of each pipeline's observation.
        seconds: How long it took.
        errors: Per pipeline that could not be written into the journal, why.
        exports: How each exporter is doing.
    """

    timestamp: datetime
    documents: tuple[Document, ...]
    seconds: float
    errors: tuple[str, ...]
    exports: tuple[ExportHealth, ...] = ()


class Observer:
    """Observes all pipelines of a configuration.

    Args:
        config: The configuration.
        clock: The clock.
        page: Whether there is a page where the configuration says nothing of it, too.

    Raises:
        ConfigError: librdkafka refuses a property, or a library is missing.
        JournalError: The journal cannot be opened or has another owner.
        WebError: It cannot listen at the address that the configuration names.
    """

    def __init__(self, config: Config, clock: Clock, *, page: bool = False) -> None:
        self._clock = clock
        self._every = config.every.total_seconds()
        self._journal = Journal(config.journal)
        self._pipelines: list[PipelineObserver] = []
        self._reports: ReportDesk | None = None
        self._exports: Exports | None = None
        self._alerting: Alerting | None = None
        self._web: WebServer | None = None
        # Why there is no page where there might be one.
        self.no_page: str | None = None
        self._tick_seconds: float | None = None
        # When the last tick that was written was over, on the monotonic clock.
        self._ticked_at = clock.monotonic()
        self._has_ticked = False
        self._retention = Retention(self._journal, config.keep, config.journal_max_bytes, config.export.all())
        try:
            self._exports = make_exports(config, self._journal, clock)
            self._alerting = Alerting(config, self._journal, clock)
            self._reports = make_desk(config)
            for pipeline in config.pipelines:
                reports = self._reports.of(config, pipeline) if self._reports else None
                self._pipelines.append(
                    PipelineObserver(config, pipeline, self._journal, clock, reports, self._own)
                )
            self._web = self._serve(config, by_default=page)
        except BaseException:
            self.close()
            raise

    def _own(self) -> Document:
        """What a document says of the observer itself."""
        return {
            "tick_seconds": self._tick_seconds,
            **health_part(self._health()),
            "warnings": [*self._retention.warnings, *(self._alerting.warnings if self._alerting else ())],
        }

    def _serve(self, config: Config, *, by_default: bool) -> "WebServer | None":
        """Starts to answer. What nobody asked for must not keep anybody from observing."""
        if config.dashboard is not None:
            return serve_observer(config, config.dashboard, self._clock, self._problem, self._waiting)
        if not by_default or "dashboard" in config.model_fields_set:
            return None
        try:
            # Another observer of this machine may have the usual port.
            for dashboard in (Dashboard(), Dashboard(port=0)):
                with suppress(WebError):
                    return serve_observer(config, dashboard, self._clock, self._problem, self._waiting)
        except ConfigError as error:
            self.no_page = f"no page: {error}"
        return None

    @property
    def url(self) -> str | None:
        """Where it answers; None when it does not."""
        return self._web.url if self._web else None

    def _problem(self) -> str | None:
        """Why it is not well; None when it is."""
        silent = self._clock.monotonic() - self._ticked_at
        if silent > _SILENT_TICKS * self._every + _SILENT_SECONDS:
            return f"no observation was written for {span(silent)}"
        return None

    def _waiting(self) -> str | None:
        """Why it is not ready; None when it is."""
        return None if self._has_ticked else "no observation has been written yet"

    def _health(self) -> list[ExportHealth]:
        return self._exports.health() if self._exports else []

    def run(
        self,
        stop: Stop,
        on_tick: Callable[[Tick], None],
        *,
        once: bool = False,
        duration: timedelta | None = None,
    ) -> Tick | None:
        """Ticks until it is told to stop, on a fixed grid of time.

        Args:
            stop: Set it to stop; the tick under way hands over what it has.
            on_tick: Called after each tick.
            once: One tick only.
            duration: Stop after so long.

        Returns:
            The last tick; None when it was stopped before there was one.
        """
        start = self._clock.monotonic()
        end = None if duration is None else start + duration.total_seconds()
        last: Tick | None = None
        while not stop.is_set():
            tick = self._tick(stop)
            if tick is not None:
                last = tick
                _tell(on_tick, tick)
            if once:
                break
            now = self._clock.monotonic()
            due = next_tick(start, self._every, now)
            if end is not None and due > end:
                self._clock.wait(stop, end - now)
                break
            self._clock.wait(stop, due - now)
        self._finish_reports(stop)
        if self._alerting:
            self._alerting.finish(_SEND_AFTER_STOP_SECONDS if stop.is_set() else _SEND_SECONDS, stop)
        self._finish_exports(stop)
        return last

    def _finish_exports(self, stop: Stop) -> None:
        if self._exports is None:
            return
        with suppress(JournalError):  # what is not sent stays there
            if stop.is_set():
                self._exports.finish(_SEND_AFTER_STOP_SECONDS, Stop())
            else:
                self._exports.finish(_SEND_SECONDS, stop)

    def _finish_reports(self, stop: Stop) -> None:
        """What ends by itself makes the reports that it has begun; each has its own time limit."""
        while any(pipeline.is_reporting for pipeline in self._pipelines):
            if self._clock.wait(stop, _LOOK_SECONDS):
                return

    def _tick(self, stop: Stop) -> Tick | None:
        """One tick; None when it was stopped before it knew anything."""
        timestamp = self._clock.now()
        began = self._clock.monotonic()

        def left(deadline: float) -> float:
            return deadline - self._clock.monotonic()

        for_lag = lag_seconds(self._every)
        for pipeline in self._pipelines:
            pipeline.start_lag(for_lag)
        jobs = [p.finish_lag(left(began + for_lag), stop) for p in self._pipelines]
        if stop.is_set():
            return None  # a lag that was not waited for is not an unknown one

        deadline = self._clock.monotonic() + self._every * _READ_SHARE
        for pipeline in self._pipelines:
            pipeline.start_read(deadline, stop)
        documents: list[Document] = []
        errors: list[str] = []
        for pipeline, job in zip(self._pipelines, jobs, strict=True):
            dataset = pipeline.finish_read(left(deadline) + _READ_GRACE_SECONDS, stop)
            try:
                documents.append(pipeline.record(timestamp, job, dataset))
            except JournalError as error:
                errors.append(f"{pipeline.name}: {error}")
        if not errors:
            self._ticked_at = self._clock.monotonic()
            self._has_ticked = True
            if self._alerting:
                self._alerting.ticked()
            with suppress(JournalError):  # the next tick says so
                self._retention.step_if_due(self._clock.monotonic(), timestamp)
        self._tick_seconds = round(self._clock.monotonic() - began, 3)
        return Tick(
            timestamp=timestamp,
            documents=tuple(documents),
            seconds=self._tick_seconds,
            errors=tuple(errors),
            exports=tuple(self._health()),
        )

    def close(self) -> None:
        """Closes the journal and the connections."""
        for pipeline in self._pipelines:
            pipeline.close()
        if self._reports:
            self._reports.close()
        if self._web:
            self._web.close()
        if self._alerting:
            self._alerting.close()
        if self._exports:
            self._exports.close()
        self._journal.close()


def _tell(on_tick: Callable[[Tick], None], tick: Tick) -> None:
    """Shows a tick. A log on a full disk must not end the observing; a reader that has gone does."""
    try:
        on_tick(tick)
    except BrokenPipeError:
        raise
    except OSError:
        return
