"""The reports of one dataset, made beside the observing."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from offline_observer.engine.fetch import Answer, Offset, fetch
from offline_observer.errors import ObserverError
from offline_observer.formats.format import FormatSettings
from offline_observer.observation import ReportNews
from offline_observer.part import Part
from offline_observer.profile.sample import Sample
from offline_observer.profile.window import Window
from offline_observer.reports.report_folder import ReportFolder
from offline_observer.reports.report_task import ReportFacts, ReportTask
from offline_observer.reports.report_worker import ReportWorker
from offline_observer.reports.sample_values import sample_values
from offline_observer.stop import Stop

# To read a sample's records again may take much longer than to read them in one go: they stand far apart.
_FETCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What the reports of a dataset are made with.

    Attributes:
        topic: The topic.
        properties: librdkafka properties of its cluster. They may hold passwords.
        isolation_level: Which records are read.
        format: How they are to be read.
        mask: Paths of what is hidden.
        left_out: Fields that are not looked at.
        time_limit: Seconds that a report may take.
    """

    topic: str
    properties: Mapping[str, str] = field(repr=False)
    isolation_level: str
    format: FormatSettings = field(repr=False)
    mask: Collection[str] = ()
    left_out: Sequence[str] = ()
    time_limit: float = 60.0


class ReportMaker:
    """Makes the reports of one dataset, one at a time, in the background.

    Args:
        settings: What they are made with.
        folder: Where they go.
        worker: Makes the pages. It may be shared.
    """

    def __init__(self, settings: ReportSettings, folder: ReportFolder, worker: ReportWorker) -> None:
        self._settings = settings
        self._folder = folder
        self._worker = worker
        self._part: Part[Path] = Part("making the report")
        self._stop = Stop()
        self._is_awaited = False
        self._passed_over: ReportNews | None = None

    def start(self, window: Window) -> None:
        """Begins the report of a window that is over. One that comes while the last is not done is passed over."""
        if self._part.busy:
            self._passed_over = ReportNews(name=None, error="the report before it is still being made")
            return
        self._part.start(lambda: self.make(window))
        self._is_awaited = True

    def make(self, window: Window) -> Path:
        """Makes the report of a window, here and now.

        Raises:
            ObserverError: It cannot be made.
        """
        made = self._worker.make(
            report_task(window, self._settings, self._stop), self._settings.time_limit, self._stop
        )
        return self._folder.write(window.start, made.html, made.kept)

    @property
    def busy(self) -> bool:
        """Whether a report is being made."""
        return self._part.busy

    def news(self) -> ReportNews | None:
        """What became of the last report, once it is known: each is told once."""
        if self._passed_over is not None:
            news, self._passed_over = self._passed_over, None
            return news
        if not self._is_awaited or self._part.busy:
            return None
        self._is_awaited = False
        try:
            return ReportNews(name=self._part.result(0.0, self._stop).name, error=None)
        except ObserverError as error:
            return ReportNews(name=None, error=str(error))
        except Exception as error:  # noqa: BLE001 - one part's fault must not stop the others
            return ReportNews(name=None, error=f"fault in this program: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Gives up what is being made."""
        self._stop.set()


def report_task(window: Window, settings: ReportSettings, stop: Stop) -> ReportTask:
    """What the report of a window is made of.

    Raises:
        BrokerError: Kafka cannot be reached, and the sample's records are not all in memory.
        ConfigError: librdkafka refuses a property.
    """
    last = time.monotonic() + _FETCH_SECONDS

    def time_left() -> float:
        return 0.0 if stop.is_set() else last - time.monotonic()

    def fetched(places: Collection[Offset]) -> Mapping[Offset, Answer]:
        return fetch(settings.properties, settings.topic, settings.isolation_level, places, time_left)

    sample = window.profile.sample
    values = sample_values(sample, fetched, time_left)
    return ReportTask(
        facts=ReportFacts(
            dataset=settings.topic,
            start=window.start,
            end=window.end,
            records=window.records,
            ranges=window.ranges,
            sampled=len(sample.records),
            shown=len(values),
            masked=tuple(settings.mask),
            left_out=tuple(settings.left_out),
        ),
        profile=replace(window.profile, sample=Sample(0)),
        values=values,
        format=settings.format,
        mask=settings.mask,
    )
