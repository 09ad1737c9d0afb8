"""What a configuration watches, as far as alerts are about it (pure)."""

from dataclasses import dataclass
from datetime import timedelta

from offline_observer.alert.condition import Condition
from offline_observer.alert.measure import Subject

# A condition that looks back less than this many ticks would miss some.
_TICKS = 3
# A reading of a profile is as old as a window; the one before may have been the last with records.
_WINDOWS = 3
# How long a window is whose length is a number of records, nobody knows.
_UNKNOWN_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedDataset:
    """A dataset.

    Attributes:
        topic: Its topic.
        checked: The fields that rules of severity `error` look at, in the order of the rules.
        is_checked: There are such rules, on fields or on whole records.
        profiled: The fields that its profile is of; empty without one.
        window: How long a window of the profile is; None for a number of records, or without a profile.
    """

    topic: str
    checked: tuple[str, ...] = ()
    is_checked: bool = False
    profiled: tuple[str, ...] = ()
    window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched.

    Attributes:
        tick: The time from one observation to the next.
        jobs: The jobs' names, in the order of the file.
        datasets: The datasets.
    """

    tick: timedelta
    jobs: tuple[str, ...] = ()
    datasets: tuple[WatchedDataset, ...] = ()

    def checked(self) -> tuple[str, ...]:
        """The fields that rules of severity `error` look at, of all datasets."""
        return tuple(dict.fromkeys(path for one in self.datasets for path in one.checked))

    def profiled(self) -> tuple[str, ...]:
        """The fields that profiles are of."""
        return tuple(dict.fromkeys(path for one in self.datasets for path in one.profiled))

    def over(self, condition: Condition) -> timedelta:
        """How far a condition looks back that does not say it: the measure's own time, but a few ticks at the least."""
        least = max(condition.measure.over, _TICKS * self.tick)
        if condition.measure.name != "drift" or condition.field is None:
            return least
        windows = [one.window or _UNKNOWN_WINDOW for one in self.datasets if condition.field in one.profiled]
        return max([least, *(_WINDOWS * window for window in windows)])


def is_of_a_job(condition: Condition) -> bool:
    """Whether a condition is about jobs."""
    return condition.measure.subject in (Subject.JOB, Subject.PARTITION)


def is_of_a_dataset(condition: Condition) -> bool:
    """Whether a condition is about datasets."""
    return condition.measure.subject is Subject.DATASET
