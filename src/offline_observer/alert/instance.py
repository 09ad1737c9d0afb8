"""One alert of one job, partition or dataset, and how it goes from state to state (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from offline_observer.alert.measure import NoData
from offline_observer.alert.rule import AlertRule


class State(StrEnum):
    """What an alert can be."""

    NORMAL = "normal"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"


RAISED = frozenset({State.FIRING, State.RECOVERING})
"""The states in which it counts as raised."""

Value = float | str | None


class Key(NamedTuple):
    """Which of an alert's instances it is.

    Attributes:
        pipeline: The pipeline; empty for what is the observer's as a whole.
        part: The partition, as topic/number; empty for a job or a dataset.
    """

    pipeline: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look found.

    Attributes:
        holds: Whether the condition holds; None when there is nothing to judge by.
        value: The number or the status; None when it is not known.
        reason: What the job's or the dataset's document says of it.
        is_gone: There is no such partition any more.
    """

    holds: bool | None
    value: Value = None
    reason: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """An alert's state for one job, partition or dataset.

    Attributes:
        state: The state.
        since: Since when it is in it.
        fired_at: When it was raised; None when it is not, and nobody was told that it is.
        value: What the last look found.
        reason: What the document said.
        told: The channels that were told that it fires; empty when nobody was, or when it is over.
        told_at: When they were told last.
    """

    state: State
    since: datetime
    fired_at: datetime | None = None
    value: Value = None
    reason: str = ""
    told: tuple[str, ...] = ()
    told_at: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to remember of it."""
        return self.state is State.NORMAL and not self.told

    def shifted(self, by: timedelta) -> "Instance":
        """The same with all times moved, for a clock that was set."""
        return replace(
            self,
            since=self.since + by,
            fired_at=self.fired_at and self.fired_at + by,
            told_at=self.told_at and self.told_at + by,
        )


def advance(rule: AlertRule, before: Instance | None, outcome: Outcome, now: datetime) -> Instance:
    """The state after a look.

    Args:
        rule: The alert.
        before: The state before; None when it was normal.
        outcome: What the look found.
        now: The time of the look. Where it lies before a time that is remembered, the clock has stepped back, and what has
            been waited for begins anew.
    """
    one = before or Instance(State.NORMAL, now)
    holds = _judged(rule.no_data, outcome)
    one = replace(
        one,
        value=outcome.value,
        reason=outcome.reason,
        since=min(one.since, now),
        # Else nobody would be reminded before the clock is where it was.
        told_at=one.told_at and min(one.told_at, now),
    )
    if holds is None:
        return _without_data(one, now)
    return _holding(rule, one, now) if holds else _ceased(rule, one, now)


def _judged(no_data: NoData, outcome: Outcome) -> bool | None:
    if outcome.holds is not None or no_data is NoData.NO_DATA:
        return outcome.holds
    return no_data is NoData.ALERTING


def _moved(one: Instance, state: State, now: datetime) -> Instance:
    return one if one.state is state else replace(one, state=state, since=now)


def _holding(rule: AlertRule, one: Instance, now: datetime) -> Instance:
    # One that is without data and of which somebody was told was never over.
    if one.state in RAISED or (one.state is State.NO_DATA and one.told):
        return replace(one, state=State.FIRING, since=one.fired_at or one.since)
    pending = _moved(one, State.PENDING, now)
    if now - pending.since < rule.stays:
        return pending
    return replace(pending, state=State.FIRING, since=now, fired_at=now)


def _ceased(rule: AlertRule, one: Instance, now: datetime) -> Instance:
    if one.state in RAISED and rule.keep_firing_for:
        recovering = _moved(one, State.RECOVERING, now)
        if now - recovering.since < rule.keep_firing_for:
            return recovering
    return _moved(replace(one, fired_at=None), State.NORMAL, now)


def _without_data(one: Instance, now: datetime) -> Instance:
    return _moved(one if one.told else replace(one, fired_at=None), State.NO_DATA, now)
