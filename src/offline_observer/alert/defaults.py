"""The alerts of a configuration that names none (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from offline_observer.alert.condition import Condition
from offline_observer.alert.measure import MEASURES, Shape
from offline_observer.alert.rule import AlertRule, Severity
from offline_observer.alert.watched import Watched

EVERY = timedelta(minutes=1)
"""How often an alert is looked at that does not say it."""


def default_alerts(watched: Watched) -> tuple[AlertRule, ...]:
    """The alerts for what is watched: those on jobs when there are jobs, and so on.

    The lag counts for each partition by itself, and has to stay: one batch that is long makes one high reading, and no alert.
    """
    return tuple(
        made_rule(name, condition, severity, watched) for name, condition, severity in _conditions(watched)
    )


def observer_stopped(watched: Watched) -> AlertRule:
    """The alert that the observer itself is not heard of."""
    return made_rule("observer stopped", Condition(MEASURES["no_data"]), Severity.CRITICAL, watched)


def with_observer_stopped(rules: Sequence[AlertRule], watched: Watched) -> tuple[AlertRule, ...]:
    """Alerts, and one that the observer has stopped where none of them says so: for whoever watches from outside."""
    if any(rule.condition.measure.shape is Shape.ABSENCE for rule in rules):
        return tuple(rules)
    stopped = observer_stopped(watched)
    if any(rule.name.casefold() == stopped.name for rule in rules):
        stopped = replace(stopped, name=f"{stopped.name}: no observations")
    return (*rules, stopped)


def made_rule(name: str, condition: Condition, severity: Severity, watched: Watched) -> AlertRule:
    """An alert of which nothing else is said."""
    measure = condition.measure
    return AlertRule(
        name=name,
        condition=condition,
        stays=measure.stays,
        every=EVERY,
        severity=severity,
        no_data=measure.no_data,
        over=watched.over(condition),
    )


def _conditions(watched: Watched) -> Iterator[tuple[str, Condition, Severity]]:
    if watched.jobs:
        yield "partition lag", Condition(MEASURES["lag"], None, ">", 15), Severity.WARN
        yield "job stalled", Condition(MEASURES["status"], statuses=("stalled",)), Severity.CRITICAL
        yield "data loss", Condition(MEASURES["status"], statuses=("data_loss",)), Severity.CRITICAL
        retention = Condition(MEASURES["retention_left"], None, "<", 3600)
        yield "retention nearly used up", retention, Severity.CRITICAL
    if any(dataset.is_checked for dataset in watched.datasets):
        yield "invalid records", Condition(MEASURES["invalid_ratio"], None, ">", 0.2), Severity.WARN
    if watched.datasets:
        unparseable = Condition(MEASURES["unparseable_ratio"], None, ">", 0.05)
        yield "unparseable records", unparseable, Severity.WARN
    if watched.profiled():
        yield "drift", Condition(MEASURES["drift"], None, ">", 0.2), Severity.INFO
    stopped = observer_stopped(watched)
    yield stopped.name, stopped.condition, stopped.severity
