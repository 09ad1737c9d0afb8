"""The profiles of a dataset, window after window. Needs the extra `profile`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from offline_observer.observation import Document
from offline_observer.profile.documents import profile_documents
from offline_observer.profile.profile import Profile
from offline_observer.profile.window import Length, Range, Seen, Window, Windows
from offline_observer.profile.window_bytes import from_bytes, to_bytes
from offline_observer.quality.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a tick makes of the windows. It counts once it is in the journal.

    Attributes:
        windows: The windows after it.
        content: They, as the journal keeps them; None when they have not changed.
        over: The window that is over, with its sample; None when none is.
        documents: Its documents; none when none is over.
        drift_max: The largest drift of a field in the last window that is over; None when it is not known.
        drift_field: Of which field.
    """

    windows: Windows
    content: bytes | None
    over: Window | None
    documents: Sequence[Document]
    drift_max: float | None
    drift_field: str | None


class DatasetProfiles:
    """The windows of one dataset.

    Args:
        observer: The observer's name.
        pipeline: The pipeline's name.
        dataset: The dataset's topic.
        every: How long a window is.
        content: The windows as the journal has them; None when it has none.
    """

    def __init__(
        self, *, observer: str, pipeline: str, dataset: str, every: Length, content: bytes | None
    ) -> None:
        self._observer = observer
        self._pipeline = pipeline
        self._dataset = dataset
        self._every = every
        self._windows = from_bytes(content)

    def step(
        self,
        at: datetime,
        summary: Summary | None,
        topic_id: str,
        ranges: Mapping[int, Range],
        baseline: Callable[[], bytes | None] = lambda: None,
    ) -> Step:
        """What a tick makes of the windows.

        Args:
            at: When it began.
            summary: Of what was read; None when the dataset could not be read.
            topic_id: Kafka's id of the topic.
            ranges: Per partition what was read.
            baseline: The windows as `pinned` has them; None: a window is compared with the one before it.
        """
        seen: Seen | None = None
        if summary is not None:
            profile = summary.profile if isinstance(summary.profile, Profile) else Profile()
            seen = Seen(at=at, records=summary.all_events, topic_id=topic_id, ranges=ranges, profile=profile)
        windows, over = self._windows.after(seen, at, self._every)
        documents: Sequence[Document] = ()
        if over is not None:
            pinned = from_bytes(baseline()).reference
            documents = profile_documents(
                over,
                pinned or self._windows.reference,
                is_pinned=pinned is not None,
                observer=self._observer,
                pipeline=self._pipeline,
                dataset=self._dataset,
            )
            drifts = {
                str(one["field"]): drift for one in documents if isinstance(drift := one["drift"], float)
            }
            largest = max(drifts, key=lambda path: drifts[path], default=None)
            windows = replace(
                windows, drift_max=None if largest is None else drifts[largest], drift_field=largest
            )
        return Step(
            windows=windows,
            content=None if windows is self._windows else to_bytes(windows),
            over=over,
            documents=documents,
            drift_max=windows.drift_max,
            drift_field=windows.drift_field,
        )

    @property
    def drift(self) -> tuple[float | None, str | None]:
        """The largest drift of a field in the last window that is over, and of which field; None: not known."""
        return self._windows.drift_max, self._windows.drift_field

    def take(self, step: Step) -> None:
        """It is in the journal."""
        self._windows = step.windows


def pinned(window: Window) -> bytes:
    """A window as the baseline that others are compared with, for the journal."""
    return to_bytes(Windows(reference=window.without_sample()))
