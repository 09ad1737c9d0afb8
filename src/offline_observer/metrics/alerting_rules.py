"""Alerts as Prometheus's alerting rules (pure).

https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from offline_observer.alert.condition import Condition, number_text
from offline_observer.alert.measure import NoData, Shape, Subject
from offline_observer.alert.rule import AlertRule, Take
from offline_observer.config.duration import format_duration
from offline_observer.metrics.state import PREFIX

# By the measure the metric that holds its readings.
_READINGS = {
    "lag": "lag",
    "max_lag": "job_lag_max",
    "seconds_behind": "job_lag_seconds",
    "expired_records": "expired_records",
    "retention_left": "retention_left_seconds",
    "drift": "drift",
    "export_backlog": "export_backlog_documents",
}
_STATUSES = {"status": "job_status", "dataset_status": "dataset_status"}
_LAST = f"{PREFIX}last_observation_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Which pipelines a job's, and which a dataset's name stands for.

    Attributes:
        jobs: The pipeline of each job.
        datasets: The pipelines of each dataset's topic.
    """

    jobs: Mapping[str, str]
    datasets: Mapping[str, Sequence[str]]

    def of(self, rule: AlertRule) -> list[str]:
        """The pipelines that an alert is about."""
        jobs, datasets = rule.jobs or tuple(self.jobs), rule.datasets or tuple(self.datasets)
        of_jobs = [self.jobs[name] for name in jobs if name in self.jobs]
        of_datasets = [one for name in datasets for one in self.datasets.get(name, ())]
        subject = rule.condition.measure.subject
        if subject is Subject.OBSERVER:
            return list(dict.fromkeys((*of_jobs, *of_datasets)))
        return of_datasets if subject is Subject.DATASET else of_jobs


def alerting_rules(observer: str, rules: Sequence[AlertRule], pipelines: Pipelines) -> dict[str, object]:
    """The file of the alerting rules, a group for each interval at which rules are looked at.

    Args:
        observer: The observer's name.
        rules: The alerts.
        pipelines: What the names in them stand for.
    """
    groups: dict[timedelta, list[dict[str, object]]] = {}
    for rule in rules:
        made = _rule(observer, rule, pipelines.of(rule))
        groups.setdefault(rule.every, []).append(made)
    return {
        "groups": [
            {
                "name": f"{observer} every {format_duration(every)}",
                "interval": format_duration(every),
                "rules": made,
            }
            for every, made in sorted(groups.items())
        ]
    }


def _rule(observer: str, rule: AlertRule, pipelines: Sequence[str]) -> dict[str, object]:
    made: dict[str, object] = {"alert": rule.name, "expr": expression(rule, pipelines)}
    if rule.stays:
        made["for"] = format_duration(rule.stays)
    if rule.keep_firing_for:
        made["keep_firing_for"] = format_duration(rule.keep_firing_for)
    labels = {key: _escaped(value) for key, value in rule.labels.items()}
    made["labels"] = {"severity": rule.severity.value, "observer": observer, **labels}
    made["annotations"] = {"summary": _summary(rule)}
    return made


def expression(rule: AlertRule, pipelines: Sequence[str]) -> str:
    """What Prometheus is to look at: it holds for whatever it gives."""
    condition = rule.condition
    of_pipelines = (
        f'pipeline=~"{"|".join(re.escape(name).replace(chr(92), chr(92) * 2) for name in pipelines)}"'
    )
    over = format_duration(rule.over)
    match condition.measure.shape:
        case Shape.READING:
            found = _compared(_reading(rule, of_pipelines, over), condition)
        case Shape.SUM:
            found = _compared(_increase(condition.measure.name, of_pipelines, over), condition)
        case Shape.SHARE:
            found = _compared(_share(condition, of_pipelines, over), condition)
        case Shape.STATUS:
            statuses = "|".join(condition.statuses)
            metric = f"{PREFIX}{_STATUSES[condition.measure.name]}"
            return f'{metric}{{{of_pipelines},status=~"{statuses}"}} == 1'
        case Shape.ABSENCE:
            seconds = number_text(rule.over.total_seconds())
            # An observer that is not there has no samples any more: what it said last counts for a day.
            last = f"{_LAST}{{{of_pipelines}}}[1d]"
            return f"time() - max_over_time({last}) > {seconds} or absent_over_time({last})"
    is_of_job = condition.measure.subject in (Subject.JOB, Subject.PARTITION)
    if rule.no_data is NoData.ALERTING and is_of_job:
        unknown = f'{PREFIX}job_status{{{of_pipelines},status="unknown"}} == 1'
        return f"{found} or on (pipeline) {unknown}"
    return found


def _reading(rule: AlertRule, of_pipelines: str, over: str) -> str:
    condition = rule.condition
    if condition.measure.subject is Subject.OBSERVER:
        series = f"{PREFIX}{_READINGS[condition.measure.name]}"
    elif condition.field is not None:
        series = f'{PREFIX}field_drift{{{of_pipelines},field="{_quoted(condition.field)}"}}'
    else:
        series = f"{PREFIX}{_READINGS[condition.measure.name]}{{{of_pipelines}}}"
    return f"max_over_time({series}[{over}])" if rule.take is Take.MAX else series


def _share(condition: Condition, of_pipelines: str, over: str) -> str:
    def more(name: str) -> str:
        return _increase(name, of_pipelines, over)

    if condition.measure.name == "unparseable_ratio":
        return f"{more('unparseable')} / {more('records')}"
    parsed = f"({more('records')} - {more('unparseable')} - {more('tombstones')})"
    if condition.field is None:
        return f"{more('invalid_records')} / {parsed}"
    of_field = f'{of_pipelines},field="{_quoted(condition.field)}"'
    return f"{_increase('field_invalid_records', of_field, over)} / ignoring (field) {parsed}"


def _increase(name: str, selector: str, over: str) -> str:
    return f"increase({PREFIX}{name}_total{{{selector}}}[{over}])"


def _compared(series: str, condition: Condition) -> str:
    return f"{series} {condition.operator} {number_text(condition.value)}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escaped(text: str) -> str:
    """A text in which Prometheus's templates expand nothing."""
    return re.sub(r"\{\{", '{{ "{{" }}', text)


def _summary(rule: AlertRule) -> str:
    condition = rule.condition
    match condition.measure.subject:
        case Subject.PARTITION:
            who = "{{ $labels.pipeline }}: {{ $labels.topic }}-{{ $labels.partition }}"
        case Subject.OBSERVER:
            who = "the observer"
        case _:
            who = "{{ $labels.pipeline }}"
    return f"{who}: {_escaped(str(condition))}"
