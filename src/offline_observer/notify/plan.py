"""What is evaluated and who is told, from the configuration."""

from dataclasses import dataclass
from datetime import timedelta

from offline_observer.alert.look import Channel, Told, channels_of
from offline_observer.alert.message import Subjects
from offline_observer.alert.rule import AlertRule
from offline_observer.alert.sight import Target
from offline_observer.config.model import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is evaluated and who is told.

    Attributes:
        observer: The observer's name.
        tick: The time from one observation to the next.
        rules: The alerts.
        targets: The pipelines.
        channels: Who is told.
        keep: How long what is past is kept; None: as long as there is room.
    """

    observer: str
    tick: timedelta
    rules: tuple[AlertRule, ...]
    targets: tuple[Target, ...]
    channels: tuple[Channel, ...]
    keep: timedelta | None = None

    def subjects(self) -> Subjects:
        """Whom messages are about."""
        return Subjects(self.observer, {one.pipeline: one for one in self.targets})

    def told(self, rule: AlertRule, *, is_silenced: bool = False) -> Told:
        """Who is told of an alert."""
        there = frozenset(one.name for one in self.channels)
        return Told(channels_of(rule, self.channels), there, is_silenced)


def plan_of(config: Config) -> Plan:
    """What a configuration says."""
    return Plan(
        observer=config.name,
        tick=config.every,
        rules=config.alert_rules(),
        targets=tuple(
            Target(one.name, one.job.name if one.job else None, one.dataset.topic if one.dataset else None)
            for one in config.pipelines
        ),
        channels=tuple(one.known_as(name) for name, one in (config.notify or {}).items()),
        keep=config.keep,
    )
