"""Alerts with a clock that a test sets: documents in, states and messages out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from offline_observer.alert.instance import Instance, Key, State
from offline_observer.alert.look import Channel, Look, Told, channels_of, look_at
from offline_observer.alert.message import Message, Subjects
from offline_observer.alert.rule import AlertRule, Severity
from offline_observer.alert.sight import Seen, Target
from offline_observer.alert.watch import Watch
from offline_observer.alert.watched import Watched, WatchedDataset
from offline_observer.config.alerts import Alert
from offline_observer.observation import Document
from offline_observer.time_text import format_time

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TARGETS = (Target("visits", "copy", "processed_visits"), Target("clicks", "count", None))
TICK = timedelta(seconds=10)
ALL = frozenset(Severity)


def rule_of(**settings: Any) -> AlertRule:
    """An alert as a configuration has it."""
    watched = Watched(
        tick=TICK,
        jobs=("copy", "count"),
        datasets=(WatchedDataset(topic="processed_visits", profiled=("user_id",)),),
    )
    return Alert.model_validate({"name": "a", **settings}).rule(watched)


def observation(at: datetime, pipeline: str = "visits", **more: object) -> Document:
    job = {"visits": "copy", "clicks": "count"}[pipeline]
    return {
        "@timestamp": format_time(at),
        "kind": "observation",
        "observer": "test",
        "pipeline": pipeline,
        "job": job,
        "job_status": "ok",
        "reason": "the reason",
        **more,
    }


def partition(at: datetime, number: int, lag: int | None, pipeline: str = "visits") -> Document:
    return {
        "@timestamp": format_time(at),
        "kind": "partition",
        "observer": "test",
        "pipeline": pipeline,
        "topic": "visits",
        "partition": number,
        "lag": lag,
        "reason": f"lag of {number}",
    }


class World:
    """One alert, and the time."""

    def __init__(self, rule: AlertRule, channels: tuple[Channel, ...] = (Channel("team", ALL),)) -> None:
        self.rule = rule
        self.channels = channels
        self.now = START
        self.is_silenced = False
        self.heard_of: set[str] = {"visits", "clicks"}
        self.started = START
        self.watch = Watch(rule, TARGETS, TICK)
        self.documents = 0
        self.last = Look()

    def see(self, document: Document, identity: str | None = None) -> None:
        self.documents += 1
        seen = Seen(identity or str(self.documents), self.now, str(document["pipeline"]), document)
        self.watch.take(str(document["kind"]), seen)

    def observe(self, pipeline: str = "visits", **more: object) -> None:
        self.see(observation(self.now, pipeline, **more))

    def look(self, seconds: float = 0) -> list[Message]:
        """A look, so much later; what is told."""
        self.now += timedelta(seconds=seconds)
        told = Told(
            channels_of(self.rule, self.channels),
            frozenset(one.name for one in self.channels),
            is_silenced=self.is_silenced,
        )
        outcomes = self.watch.outcomes(self.now, self.heard_of, self.now - self.started)
        subjects = Subjects("test", {one.pipeline: one for one in TARGETS})
        self.last = look_at(self.rule, self.watch.instances, outcomes, told, subjects, self.now)
        self.watch.instances = self.last.instances
        return self.last.messages

    def state(self, pipeline: str = "visits", part: str = "") -> State:
        one = self.watch.instances.get(Key(pipeline, part))
        return one.state if one else State.NORMAL

    def restart(self, rule: AlertRule | None = None) -> None:
        """The observer is started again: only the states are kept."""
        kept: dict[Key, Instance] = dict(self.watch.instances)
        self.rule = rule or self.rule
        self.watch = Watch(self.rule, TARGETS, TICK)
        self.watch.begin(kept)
        self.heard_of = set()
        self.started = self.now


def kinds(messages: list[Message]) -> list[str]:
    return [str(one.kind) for one in messages]
