"""What becomes, at the start, of the states of alerts that the observer before has left."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from offline_observer.alert.condition import Condition, parse_condition
from offline_observer.alert.instance import Instance
from offline_observer.alert.look import CHANGED, UNWATCHED, Look, end
from offline_observer.alert.measure import MEASURES, NoData
from offline_observer.alert.rule import AlertRule, Severity
from offline_observer.alert.watch import Watch
from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.journal.alerts import (
    AlertFacts,
    forget_silences,
    read_alerts,
    read_instances,
    read_jobs_of,
    write_alerts,
    write_jobs_of,
    write_look,
)
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import give_up_others
from offline_observer.journal.reading import opened
from offline_observer.notify.plan import Plan


def begin(plan: Plan, watches: Sequence[Watch], journal: Journal, now: datetime) -> None:
    """Hands the kept states to the alerts that go on. Those of what is not watched any more end, and who was told hears of it.

    Raises:
        JournalError: The journal cannot be read or written; nothing has been written then.
    """
    with opened(journal.path) as (connection, _):
        facts, kept, jobs_before = (
            read_alerts(connection),
            read_instances(connection),
            read_jobs_of(connection),
        )
    jobs = {one.pipeline: one.job or "" for one in plan.targets}
    moved = {name for name, job in jobs_before.items() if name in jobs and jobs[name] != job}
    by_name = {one.rule.name: one for one in watches}
    ended: dict[str, Look] = {}
    for name, instances in kept.items():
        before = facts.get(name, AlertFacts("", Severity.WARN))
        watch = by_name.get(name)
        if watch is None or before.condition != str(watch.rule.condition):
            rule = _rule_before(name, before)
            note = UNWATCHED if watch is None else CHANGED
            keys = list(instances)
        else:
            watch.begin(instances)
            rule, note, keys = watch.rule, UNWATCHED, watch.keys_elsewhere(moved)
        look = end(rule, instances, keys, note, plan.told(rule), plan.subjects(), now)
        if watch is not None:
            there = plan.told(rule).there
            watch.begin({key: _untold(one, there) for key, one in look.instances.items()})
        ended[name] = look
    with journal.transaction() as execute:
        for name, look in ended.items():
            write_look(execute, name, look, jobs, now)
        write_jobs_of(execute, jobs)
        write_alerts(
            execute,
            {
                rule.name: AlertFacts(str(rule.condition), str(rule.severity), plan.told(rule).channels)
                for rule in plan.rules
            },
        )
        forget_silences(execute, now)
        give_up_others(execute, [one.name for one in plan.channels], now)


def _untold(one: Instance, there: Collection[str]) -> Instance:
    """An alert of which none of those was told that there are now, as after the only channel was renamed: they are told."""
    return (
        one
        if not one.told or any(name in there for name in one.told)
        else replace(one, told=(), told_at=None)
    )


def _rule_before(name: str, facts: AlertFacts) -> AlertRule:
    """An alert as it was, as far as a message that it has ended needs it."""
    condition = Condition(MEASURES["no_data"])
    with suppress(ValueError):
        condition = parse_condition(facts.condition, did_you_mean)
    severity = Severity(facts.severity) if facts.severity in list(map(str, Severity)) else Severity.WARN
    return AlertRule(
        name=name,
        condition=condition,
        stays=timedelta(),
        every=timedelta(minutes=1),
        severity=severity,
        no_data=NoData.OK,
        over=timedelta(),
    )
