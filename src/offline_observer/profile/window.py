"""The windows of time that a dataset's profiles are of (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offline_observer.profile.profile import Profile
from offline_observer.profile.sample import Sample
from offline_observer.quality.times import EPOCH

Range = tuple[int, int]
"""The first offset, and the one after the last."""

Length = timedelta | int
"""How long a window is: a time, or how many records it has at the least; 1 makes one of each tick that brings some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was observed within a window.

    Attributes:
        start: When it begins.
        end: When it ends; not in it any more.
        records: All records, the unparseable ones and the tombstones as well.
        topic_id: Kafka's id of the topic.
        ranges: Per partition what was read.
        profile: What the parsed ones look like.
    """

    start: datetime
    end: datetime
    records: int = 0
    topic_id: str = ""
    ranges: Mapping[int, Range] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)

    def without_sample(self) -> "Window":
        """The same without its sample: what is needed to compare others with it."""
        return replace(self, profile=replace(self.profile, sample=Sample(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one tick adds.

    Attributes:
        at: When it began.
        records: All records.
        topic_id: Kafka's id of the topic.
        ranges: Per partition what was read.
        profile: What the parsed ones look like.
    """

    at: datetime
    records: int
    topic_id: str
    ranges: Mapping[int, Range]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The window under way, and the last one before it that had records.

    Attributes:
        current: The one under way; None while it has no records.
        reference: What windows are compared with; None when there is none.
        drift_max: The largest drift of a field, in the last window that is over from the one before; None: not known.
        drift_field: Of which field.
    """

    current: Window | None = None
    reference: Window | None = None
    drift_max: float | None = None
    drift_field: str | None = None

    def after(self, seen: Seen | None, at: datetime, every: Length) -> tuple["Windows", Window | None]:
        """These windows after a tick.

        Args:
            seen: What it adds; None when the dataset could not be read.
            at: When the tick began.
            every: How long a window is. One of a time begins at whole multiples of it, in UTC; one of a number of
                records with the tick that brings the first, and it ends with the one that brings the last.

        Returns:
            The windows, and the one that is over now, None when none is. It is to be compared with the reference of these
            windows, not of those that are returned.
        """
        if not isinstance(every, timedelta):
            return self._after_records(seen, at, every)
        windows, over = self, None
        if self.current is not None and _is_over(self.current, at, every):
            over = self.current
            if over.end - over.start != every:  # it was begun with another length
                over = replace(over, end=max(over.start, min(over.end, at)))
            windows = self._without_current(over)
        if seen is not None and seen.records:
            start = EPOCH + (at - EPOCH) // every * every
            current = windows.current or Window(start=start, end=start + every)
            windows = replace(windows, current=_with(current, seen))
        return windows, over

    def _after_records(
        self, seen: Seen | None, at: datetime, records: int
    ) -> tuple["Windows", Window | None]:
        if seen is None or not seen.records:
            return self, None
        current = _with(self.current or Window(start=at, end=at), seen)
        current = replace(current, end=max(current.start, at))
        if current.records < records:
            return replace(self, current=current), None
        return self._without_current(current), current

    def _without_current(self, over: Window) -> "Windows":
        return replace(self, current=None, reference=over.without_sample())


def _is_over(window: Window, at: datetime, every: timedelta) -> bool:
    """Whether a window is over. A clock that steps back a little adds to it; one that was far ahead must not keep it open."""
    return at >= window.end or at < window.start - every or window.end - window.start != every


def _with(window: Window, seen: Seen) -> Window:
    ranges = {partition: span for partition, span in seen.ranges.items() if span[0] < span[1]}
    if seen.topic_id == window.topic_id:
        ranges = {
            partition: _together(window.ranges.get(partition), ranges.get(partition))
            for partition in sorted({*window.ranges, *ranges})
        }
    return replace(
        window,
        records=window.records + seen.records,
        topic_id=seen.topic_id,
        ranges=ranges,
        profile=window.profile.merge(seen.profile),
    )


def _together(one: Range | None, other: Range | None) -> Range:
    known = [span for span in (one, other) if span is not None]
    return min(first for first, _ in known), max(last for _, last in known)
