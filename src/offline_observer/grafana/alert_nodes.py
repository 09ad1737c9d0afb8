"""The queries and expressions of an alert rule (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from offline_observer.alert.condition import Condition
from offline_observer.alert.measure import Shape, Subject
from offline_observer.alert.rule import AlertRule, Take
from offline_observer.grafana.as_json import as_json
from offline_observer.grafana.data_sources import Source
from offline_observer.grafana.expressions import (
    Reducer,
    calculated,
    classic,
    compared,
    has_threshold,
    reduced,
    share,
)
from offline_observer.grafana.observed import Json, Observed
from offline_observer.grafana.queries import COUNT, Metric, any_of, series
from offline_observer.grafana.spans import span
from offline_observer.observation import invalid_name

# `__expr__` sent two alerts of no data in Grafana 9.4.
_EXPRESSIONS_UID = "-100"
_INTERVALS = tuple(timedelta(seconds=n) for n in (10, 30, 60, 300, 600, 1800, 3600))
# Buckets of each series: with the 500 values that a group may have, and two such groups, below Elasticsearch's 65,536.
_MOST_BUCKETS = 60
_GROUPS = {
    Subject.JOB: ("job",),
    Subject.PARTITION: ("job", "topic", "partition"),
    Subject.DATASET: ("dataset",),
    Subject.OBSERVER: (),
}
_READINGS = {"drift": "drift_max"}


@dataclass(frozen=True, slots=True)
class Nodes:
    """The queries and expressions of a rule.

    Attributes:
        data: Each as the file has it.
        condition: The letter of the one that says whether the condition holds.
        value: The letter of the one whose value is worth telling; None when it has no labels.
    """

    data: tuple[Json, ...]
    condition: str
    value: str | None


def nodes(observed: Observed, rule: AlertRule) -> Nodes:
    """What asks for the numbers of a rule, and decides."""
    condition = rule.condition
    match condition.measure.shape:
        case Shape.READING:
            return _of_reading(observed, rule)
        case Shape.SUM:
            made = [_query(observed, rule, "A", Metric("sum", condition.measure.name))]
            return _decided(rule, made, [_reduced(rule, "B", "A", "sum")], "B", condition)
        case Shape.SHARE:
            return _of_share(observed, rule)
        case Shape.STATUS:
            statuses = (" or ".join(condition.statuses), any_of(_status_field(condition), condition.statuses))
            query = _query(observed, rule, "A", COUNT, statuses)
            more = Condition(condition.measure, None, ">", 0)
            return _decided(rule, [query], [_reduced(rule, "B", "A", "sum")], "B", more)
        case Shape.ABSENCE:
            # Without a group the count of nothing is 0, and not "no data".
            less = Condition(condition.measure, None, "<", 1)
            query = _query(observed, rule, "A", COUNT)
            return _decided(rule, [query], [_reduced(rule, "B", "A", "sum")], "B", less)


def _of_reading(observed: Observed, rule: AlertRule) -> Nodes:
    condition = rule.condition
    name = condition.measure.name
    # Of several readings in a bucket the worse one counts.
    kind = "min" if condition.operator in ("<", "<=") else "max"
    reading = "drift" if condition.field else _READINGS.get(name, name)
    query = _query(observed, rule, "A", Metric(kind, reading))
    if rule.take is Take.MAX and has_threshold(condition.operator or ""):
        model = classic("B", "A", condition.operator or "", condition.value or 0, "max")
        return Nodes((query, _node(rule, "B", _EXPRESSIONS_UID, model)), "B", None)
    reducer: Reducer = "max" if rule.take is Take.MAX else "last"
    return _decided(rule, [query], [_reduced(rule, "B", "A", reducer)], "B", condition)


def _of_share(observed: Observed, rule: AlertRule) -> Nodes:
    condition = rule.condition
    whole = "$REvents"
    if condition.measure.name == "unparseable_ratio":
        counted = "unparseable"
        sums = {"Count": counted, "Events": "all_events"}
    else:
        counted = "invalid" if condition.field is None else invalid_name(condition.field)
        sums = {
            "Count": counted,
            "Events": "all_events",
            "Unparseable": "unparseable",
            "Tombstones": "tombstones",
        }
        whole = "$REvents - $RUnparseable - $RTombstones"
    queries = [_query(observed, rule, ref, Metric("sum", name)) for ref, name in sums.items()]
    between = [_reduced(rule, f"R{ref}", ref, "sum") for ref in sums]
    between.append(
        _node(rule, "Share", _EXPRESSIONS_UID, as_json(calculated("Share", share("$RCount", whole))))
    )
    return _decided(rule, queries, between, "Share", condition)


def _decided(
    rule: AlertRule, queries: Sequence[Json], between: Sequence[Json], value: str, condition: Condition
) -> Nodes:
    model = as_json(compared("Decision", value, condition.operator or "", condition.value or 0))
    decision = _node(rule, "Decision", _EXPRESSIONS_UID, model)
    return Nodes((*queries, *between, decision), "Decision", value)


def _query(
    observed: Observed, rule: AlertRule, ref: str, metric: Metric, having: tuple[str, str] | None = None
) -> Json:
    condition = rule.condition
    groups = _GROUPS[condition.measure.subject]
    source = _source(condition)
    asked = [any_of("observer", [observed.name])]
    asked += [any_of("job", rule.jobs)] if rule.jobs else []
    asked += [any_of("dataset", rule.datasets)] if rule.datasets else []
    asked += [any_of("field", [condition.field])] if source is Source.PROFILES and condition.field else []
    interval = interval_of(rule.over)
    model = as_json(
        series(
            observed,
            source,
            [metric],
            query=" AND ".join(asked),
            groups=groups,
            having=having,
            interval=span(interval),
            ref=ref,
        )
    )
    model |= {"intervalMs": int(interval / timedelta(milliseconds=1)), "maxDataPoints": 43200}
    return _node(rule, ref, source.uid(observed), model)


def interval_of(over: timedelta) -> timedelta:
    """The length of a bucket of a query that looks back so far."""
    fitting = (length for length in _INTERVALS if over <= _MOST_BUCKETS * length)
    return next(fitting, _INTERVALS[-1])


def _source(condition: Condition) -> Source:
    if condition.measure.subject is Subject.PARTITION:
        return Source.PARTITIONS
    is_of_field = condition.measure.name == "drift" and condition.field is not None
    return Source.PROFILES if is_of_field else Source.OBSERVATIONS


def _status_field(condition: Condition) -> str:
    return "job_status" if condition.measure.subject is Subject.JOB else "dataset_status"


def _reduced(rule: AlertRule, ref: str, source: str, reducer: Reducer) -> Json:
    return _node(rule, ref, _EXPRESSIONS_UID, as_json(reduced(ref, source, reducer)))


def _node(rule: AlertRule, ref: str, source: str, model: Json) -> Json:
    seconds = int(rule.over.total_seconds())
    return {
        "refId": ref,
        "relativeTimeRange": {"from": seconds, "to": 0},
        "datasourceUid": source,
        "model": model,
    }
