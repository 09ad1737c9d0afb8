"""One alert as it is watched: what it sees, and the states that it has (pure)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from offline_observer.alert.instance import Instance, Key, Outcome
from offline_observer.alert.look import Instances
from offline_observer.alert.measure import Subject
from offline_observer.alert.rule import AlertRule
from offline_observer.alert.sight import Seen, Sight, Target, kinds_of, make_sight, targets_of


class Watch:
    """An alert.

    Args:
        rule: The alert.
        targets: All pipelines of the observer.
        tick: The time from one observation to the next.

    Attributes:
        instances: Its instances that are not plainly normal.
        kinds: The kinds of documents that it has to see.
        targets: The pipelines that it is about.
    """

    def __init__(self, rule: AlertRule, targets: Iterable[Target], tick: timedelta) -> None:
        self.rule = rule
        self.targets = targets_of(rule, targets)
        self.kinds = kinds_of(rule)
        self.instances: Instances = {}
        self._sight: Sight = make_sight(rule, self.targets.values(), tick)

    def keys_elsewhere(self, moved: Collection[str]) -> list[Key]:
        """The instances of what it is not about any more.

        Args:
            moved: The pipelines that have another job than they had.
        """
        is_of_job = self.rule.condition.measure.subject in (Subject.JOB, Subject.PARTITION)
        return [
            key
            for key in self.instances
            if (key.pipeline and key.pipeline not in self.targets) or (is_of_job and key.pipeline in moved)
        ]

    def take(self, kind: str, seen: Seen) -> None:
        """Takes a document."""
        if kind in self.kinds and seen.pipeline in self.targets:
            self._sight.take(seen)

    def outcomes(
        self, now: datetime, heard_of: Collection[str], since_start: timedelta
    ) -> Iterator[tuple[Key, Outcome]]:
        """What the condition comes to.

        After a start nothing is said of a pipeline before it was observed again: that there is no data is the observer's own
        doing then. When that does not come, it is said after the time that is looked back on.

        Args:
            now: The time.
            heard_of: The pipelines that were observed since the start.
            since_start: How long ago that is.
        """
        is_late = since_start >= self.rule.over
        for key, outcome in self._sight.outcomes(now, self.instances.keys()):
            if is_late or key.pipeline in heard_of or (not key.pipeline and heard_of):
                yield key, outcome

    def shift(self, by: timedelta) -> None:
        """Moves all times, for a clock that was set."""
        self._sight.shift(by)
        self.instances = {key: one.shifted(by) for key, one in self.instances.items()}

    def begin(self, instances: dict[Key, Instance]) -> None:
        """Goes on from states that were kept."""
        self.instances = instances
