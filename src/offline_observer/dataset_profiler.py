"""The profile of a dataset from one observation to the next: its windows in the journal, their reports beside it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from offline_observer.config.model import Config, Pipeline
from offline_observer.errors import ConfigError, JournalError
from offline_observer.journal.journal import Journal
from offline_observer.observation import Document, ReportNews, profile_part
from offline_observer.quality.summary import Summary

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.profile.window import Length, Range
    from offline_observer.profiling import DatasetProfiles, Step
    from offline_observer.reports.report_maker import ReportMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEntry:
    """What goes into the journal with an observation.

    Attributes:
        part: What the observation's document says of the profile.
        windows: The windows, as bytes; None when they have not changed.
        windows_of: The key that they are kept under.
        documents: The documents of the window that is over; none when none is.
    """

    part: Document
    windows: bytes | None = None
    windows_of: str = ""
    documents: Sequence[Document] = ()


class DatasetProfiler:
    """The profile of one dataset. Threads may share it: they take turns.

    Args:
        journal: Where the windows are.
        observer: The observer's name.
        pipeline: The pipeline's name.
        dataset: The dataset's topic.
        every: How long a window is.
        baseline_of: The key of the pinned window that others are compared with.
        reports: Makes the reports of windows; None: none are made.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        observer: str,
        pipeline: str,
        dataset: str,
        every: "Length",
        baseline_of: str,
        reports: "ReportMaker | None",
    ) -> None:
        self._journal = journal
        self._observer = observer
        self._pipeline = pipeline
        self._dataset = dataset
        self._every = every
        self._baseline_of = baseline_of
        self._reports = reports
        self._turn = Lock()
        self._profiles: DatasetProfiles | None = None
        self._key = ""
        self._news: ReportNews | None = None

    @contextmanager
    def step(
        self,
        key: str,
        at: datetime,
        summary: Summary | None = None,
        topic_id: str = "",
        ranges: "Mapping[int, Range] | None" = None,
    ) -> Iterator[ProfileEntry]:
        """What an observation makes of the windows. It counts when the block ends without an error.

        The block is to bring what it is given into the journal. Only then is the report of a window that is over begun.

        Args:
            key: What the windows are kept under. They are taken up from there at first, and when it is another one.
            at: When the observation began.
            summary: Of what was read; None when nothing was.
            topic_id: Kafka's id of the topic.
            ranges: Per partition what was read.

        Raises:
            JournalError: The windows cannot be read.
        """
        with self._turn:
            step: Step | None = None
            lost: str | None = None
            try:
                step = self._recalled(key).step(at, summary, topic_id, ranges or {}, self._baseline)
            except JournalError:
                raise
            except Exception as error:  # noqa: BLE001 - one part's fault must not stop the others
                # What is known of the window would bring the same fault again.
                lost = f"fault in this program: {type(error).__name__}: {error}"
            drift = (step.drift_max, step.drift_field) if step else (None, None)
            yield ProfileEntry(
                part=profile_part(*drift, self._latest_news(), lost),
                windows=step.content if step else b"",
                windows_of=key,
                documents=step.documents if step else (),
            )
            self._news = None
            if step is None or self._profiles is None:
                self._profiles = None
                return
            self._profiles.take(step)
            if step.over is not None and self._reports is not None:
                self._reports.start(step.over)

    @contextmanager
    def news(self) -> Iterator[ProfileEntry]:
        """What there is to tell while the windows stay as they are. It is told when the block ends without an error."""
        with self._turn:
            drift = self._profiles.drift if self._profiles else (None, None)
            yield ProfileEntry(part=profile_part(*drift, self._latest_news(), None))
            self._news = None

    def _recalled(self, key: str) -> "DatasetProfiles":
        if self._profiles is None or key != self._key:
            from offline_observer.profiling import DatasetProfiles

            self._profiles = DatasetProfiles(
                observer=self._observer,
                pipeline=self._pipeline,
                dataset=self._dataset,
                every=self._every,
                content=self._journal.windows(key),
            )
            self._key = key
        return self._profiles

    def _baseline(self) -> bytes | None:
        return self._journal.baseline(self._baseline_of)

    def _latest_news(self) -> ReportNews | None:
        """What became of the last report. What is not written into the journal is told again."""
        if self._reports is not None:
            self._news = self._reports.news() or self._news
        return self._news

    @property
    def is_reporting(self) -> bool:
        """Whether a report is being made."""
        return self._reports is not None and self._reports.busy

    def close(self) -> None:
        """Gives up the report that is being made."""
        if self._reports is not None:
            self._reports.close()


def make_profiler(
    config: Config, pipeline: Pipeline, journal: Journal, reports: "ReportMaker | None"
) -> DatasetProfiler | None:
    """What makes the profile of a pipeline's dataset; None when there is to be none.

    Args:
        config: The whole configuration.
        pipeline: The pipeline.
        journal: Where the windows are.
        reports: Makes the reports of windows; None: none are made.

    Raises:
        ConfigError: A library is missing.
    """
    dataset = pipeline.dataset
    if dataset is None or dataset.profile is None:
        return None
    try:
        import offline_observer.profiling  # noqa: F401 - better now than with the first records
    except ImportError:
        raise ConfigError("a profile needs libraries: pip install 'offline-observer[profile]'") from None
    return DatasetProfiler(
        journal,
        observer=config.name,
        pipeline=pipeline.name,
        dataset=dataset.topic,
        every=dataset.profile.every,
        baseline_of=config.key_of_dataset(pipeline),
        reports=reports,
    )
