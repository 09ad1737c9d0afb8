"""One look at an alert: what becomes of its instances, and who is told (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from offline_observer.alert.instance import RAISED, Instance, Key, Outcome, State, Value, advance
from offline_observer.alert.message import Kind, Message, Subjects, message
from offline_observer.alert.rule import AlertRule, Severity

GONE = "the partition is gone"
UNWATCHED = "no longer watched"
CHANGED = "the condition was changed"

# More of them are not written for their values alone: 10,000 partitions would be written anew with each look.
_VALUES = 200

Instances = Mapping[Key, Instance]


@dataclass(frozen=True, slots=True)
class Transition:
    """An instance that went from one state to another."""

    key: Key
    before: State
    after: State
    value: Value = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look came to.

    Attributes:
        instances: Those that are not plainly normal, afterwards.
        changed: Those that are to be written; None for one that is plainly normal now.
        transitions: Which went from one state to another.
        messages: What is to be told.
    """

    instances: dict[Key, Instance] = field(default_factory=dict)
    changed: dict[Key, Instance | None] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, as alerts know it.

    Attributes:
        name: Its name.
        severities: It is told of these only.
    """

    name: str
    severities: frozenset[Severity]


def channels_of(rule: AlertRule, channels: Iterable[Channel]) -> tuple[str, ...]:
    """Who is told of an alert."""
    return tuple(
        one.name
        for one in channels
        if rule.severity in one.severities and (rule.notify is None or one.name in rule.notify)
    )


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told, and whether now.

    Attributes:
        channels: Those that are told of this alert.
        there: All that there are: who was told that it fires is told that it is over.
        is_silenced: No message begins now.
    """

    channels: tuple[str, ...]
    there: frozenset[str]
    is_silenced: bool = False


def look_at(
    rule: AlertRule,
    before: Instances,
    outcomes: Iterable[tuple[Key, Outcome]],
    told: Told,
    subjects: Subjects,
    now: datetime,
) -> Look:
    """A look.

    Args:
        rule: The alert.
        before: Its instances that are not plainly normal.
        outcomes: What the condition comes to for each one; those that are missing stay as they are.
        told: Who is told.
        subjects: The observer and what it watches, for the messages.
        now: The time.
    """
    after = dict(before)
    over: dict[Key, tuple[Instance, str]] = {}
    for key, outcome in outcomes:
        one = before.get(key)
        if one is None and (outcome.is_gone or outcome.holds is False):
            continue
        new = Instance(State.NORMAL, now) if outcome.is_gone else advance(rule, one, outcome, now)
        if one is not None and one.told and new.state is State.NORMAL:
            over[key] = (replace(one, value=outcome.value), GONE if outcome.is_gone else "")
            new = replace(new, told=(), told_at=None)
        after[key] = new
    messages = [
        *_begun(rule, after, told, subjects, now),
        *_over(rule, over, told, subjects, now),
        *_reminders(rule, after, told, subjects, now),
    ]
    return _compared(before, after, messages)


def end(
    rule: AlertRule,
    before: Instances,
    keys: Iterable[Key],
    note: str,
    told: Told,
    subjects: Subjects,
    now: datetime,
) -> Look:
    """Ends instances that are watched no more. Who was told of one is told so."""
    ended = set(keys)
    over = {key: (before[key], note) for key in before if key in ended and before[key].told}
    after = {key: Instance(State.NORMAL, now) if key in ended else one for key, one in before.items()}
    return _compared(before, after, _over(rule, over, told, subjects, now))


def _compared(before: Instances, after: Instances, messages: Sequence[Message]) -> Look:
    look = Look(messages=list(messages))
    values = 0
    for key, one in after.items():
        first = before.get(key)
        state = first.state if first else State.NORMAL
        if one.state is not state:
            look.transitions.append(Transition(key, state, one.state, one.value))
        if not one.is_plain:
            look.instances[key] = one
        if first is None:
            if not one.is_plain:
                look.changed[key] = one
        elif first != one:
            is_value_only = replace(first, value=one.value, reason=one.reason) == one
            values += is_value_only
            if not is_value_only or values <= _VALUES:
                look.changed[key] = None if one.is_plain else one
    return look


def _begun(
    rule: AlertRule, after: dict[Key, Instance], told: Told, subjects: Subjects, now: datetime
) -> list[Message]:
    """The message on those that fire and of which nobody has been told; they are marked as told."""
    if told.is_silenced or not told.channels:
        return []
    found = {key: (one, "") for key, one in after.items() if one.state is State.FIRING and not one.told}
    if not found:
        return []
    for key, (one, _) in found.items():
        after[key] = replace(one, told=told.channels, told_at=now)
    return [message(subjects, rule, Kind.FIRING, found, told.channels, now)]


def _over(
    rule: AlertRule,
    over: Mapping[Key, tuple[Instance, str]],
    told: Told,
    subjects: Subjects,
    now: datetime,
) -> list[Message]:
    """The messages on those that are over: to those who were told that they fire."""
    groups: dict[tuple[str, ...], dict[Key, tuple[Instance, str]]] = {}
    for key, found in over.items():
        channels = tuple(name for name in found[0].told if name in told.there)
        if channels:
            groups.setdefault(channels, {})[key] = found
    return [
        message(subjects, rule, Kind.RESOLVED, found, channels, now) for channels, found in groups.items()
    ]


def _reminders(
    rule: AlertRule, after: dict[Key, Instance], told: Told, subjects: Subjects, now: datetime
) -> list[Message]:
    """The message on all that are still raised, when it is time for one of them."""
    if rule.remind is None or told.is_silenced or not told.channels:
        return []
    raised = {key: (one, "") for key, one in after.items() if one.state in RAISED and one.told}
    due = rule.remind
    if not any(one.told_at and (now - one.told_at >= due) for one, _ in raised.values()):
        return []
    for key, (one, _) in raised.items():
        # A channel that came later knows of it from now on, and is told when it is over.
        after[key] = replace(one, told=tuple(dict.fromkeys((*one.told, *told.channels))), told_at=now)
    return [message(subjects, rule, Kind.REMINDER, raised, told.channels, now)]
