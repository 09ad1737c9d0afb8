"""What is told of an alert, as plain text (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from offline_observer.alert.condition import number_text
from offline_observer.alert.instance import Instance, Key, Value
from offline_observer.alert.measure import Shape, Unit
from offline_observer.alert.rule import AlertRule
from offline_observer.alert.sight import Target
from offline_observer.config.duration import format_duration
from offline_observer.time_text import span

NAMED = 10
"""So many jobs, partitions or datasets are named in a message."""

_LONGEST_REASON = 300
_TITLED = 3


class Kind(StrEnum):
    """What a message is."""

    FIRING = "firing"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, as it goes to each of some channels.

    Attributes:
        alert: The alert's name.
        severity: How bad it is.
        kind: What is told.
        title: One line.
        body: The text, of several lines.
        channels: Who is told.
    """

    alert: str
    severity: str
    kind: Kind
    title: str
    body: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom a message is about.

    Attributes:
        observer: The observer's name.
        targets: The pipelines by their names.
    """

    observer: str
    targets: Mapping[str, Target]


def message(
    subjects: Subjects,
    rule: AlertRule,
    kind: Kind,
    found: Mapping[Key, tuple[Instance, str]],
    channels: Sequence[str],
    now: datetime,
) -> Message:
    """The message on some instances of an alert.

    Args:
        subjects: The observer and what it watches.
        rule: The alert.
        kind: What is told.
        found: The instances, each with a note on why it is over; empty for none.
        channels: Who is told.
        now: The time.
    """
    ordered = sorted(found, key=lambda key: _badness(rule, found[key][0].value, key))
    title = f"[{kind}] {rule.name} ({rule.severity}): {_titled(subjects, ordered)}"
    lines = [
        f"observer: {subjects.observer}",
        f"condition: {_condition(rule)}",
        *(f"{key}: {value}" for key, value in rule.labels.items()),
        "",
    ]
    for key in ordered[:NAMED]:
        lines += _lines(subjects, rule, kind, key, *found[key], now)
    if len(ordered) > NAMED:
        lines.append(f"and {len(ordered) - NAMED:,} more")
    return Message(
        alert=rule.name,
        severity=str(rule.severity),
        kind=kind,
        title=plain(title),
        body="\n".join(plain(line) for line in lines),
        channels=tuple(channels),
    )


def plain(text: str) -> str:
    """A text on one line, without control characters."""
    return "".join(one if one.isprintable() else " " for one in text)


def value_of(rule: AlertRule, value: Value) -> str:
    """What a look found, for people."""
    measure = rule.condition.measure
    if measure.shape is Shape.ABSENCE:
        return f"no observation for {format_duration(rule.over)}" if value is None else str(value)
    if value is None:
        return "not known"
    if isinstance(value, str):
        return value
    if measure.unit is Unit.SHARE:
        return f"{value:.1%}"
    if measure.unit is Unit.SECONDS:
        return span(value)
    return number_text(round(value, 3))


def _now(rule: AlertRule, value: Value) -> str:
    if rule.condition.measure.shape is Shape.ABSENCE:
        return "observed again"
    return f"now {value_of(rule, value)}"


def _condition(rule: AlertRule) -> str:
    stays = f", for {format_duration(rule.stays)}" if rule.stays else ""
    return f"{rule.condition}{stays}"


def _titled(subjects: Subjects, keys: Iterable[Key]) -> str:
    names = list(dict.fromkeys(key.pipeline or subjects.observer for key in keys))
    text = ", ".join(names[:_TITLED])
    return f"{text} and {len(names) - _TITLED:,} more" if len(names) > _TITLED else text


def _badness(rule: AlertRule, value: Value, key: Key) -> tuple[int, float, Key]:
    """What sorts the worst first; what is not known comes last."""
    if value is None:
        return 1, 0.0, key
    if isinstance(value, str):
        statuses = rule.condition.statuses
        return 0, -float(statuses.index(value)) if value in statuses else 1.0, key
    return 0, value if rule.condition.operator in ("<", "<=") else -value, key


def _lines(
    subjects: Subjects, rule: AlertRule, kind: Kind, key: Key, one: Instance, note: str, now: datetime
) -> Iterator[str]:
    since = one.fired_at or one.since
    who = place_of(key, subjects.targets.get(key.pipeline), subjects.observer)
    if kind is Kind.RESOLVED:
        how = note or _now(rule, one.value)
        yield f"{who}: {how}; it fired at {_time(since)}, {span(max(0.0, (now - since).total_seconds()))} ago"
        return
    yield f"{who}: {value_of(rule, one.value)}, since {_time(since)}"
    if one.reason:
        reason = one.reason
        yield f"  {reason if len(reason) <= _LONGEST_REASON else reason[: _LONGEST_REASON - 1] + '…'}"


def place_of(key: Key, target: Target | None, observer: str) -> str:
    """Whom an instance is about, for people: `job copy, partition visits/0`."""
    if not key.pipeline:
        return f"observer {observer}"
    names = [f"pipeline {key.pipeline}"]
    if target and target.job:
        names.append(f"job {target.job}")
    elif target and target.dataset:
        names.append(f"dataset {target.dataset}")
    if key.part:
        names.append(f"partition {key.part}")
    return ", ".join(names)


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
