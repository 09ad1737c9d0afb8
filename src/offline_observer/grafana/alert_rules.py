"""The alert rules: the configuration's alerts, and one on the observer itself, which is always there (pure)."""

from datetime import timedelta

from offline_observer.alert.defaults import with_observer_stopped
from offline_observer.alert.measure import NoData, Shape, Subject
from offline_observer.alert.rule import AlertRule
from offline_observer.config.duration import format_duration
from offline_observer.grafana.alert_nodes import Nodes, nodes
from offline_observer.grafana.observed import Json, Observed
from offline_observer.grafana.panel_ids import dashboard_uid, panel_of
from offline_observer.grafana.uids import distinct_uids

_NO_DATA = {NoData.ALERTING: "Alerting", NoData.OK: "OK", NoData.NO_DATA: "NoData"}
# Grafana looks at rules at whole multiples of this.
_LEAST_EVERY = timedelta(seconds=10)
# The label that is there when there is something to judge by, and whose the number is.
_WHO = {
    Subject.JOB: ("job", "job {{ $labels.job }}"),
    Subject.PARTITION: (
        "partition",
        "partition {{ $labels.topic }}-{{ $labels.partition }} of job {{ $labels.job }}",
    ),
    Subject.DATASET: ("dataset", "dataset {{ $labels.dataset }}"),
}


def alert_rules(observed: Observed) -> Json:
    """The file of the alert rules, a group for each interval at which rules are looked at."""
    rules = with_observer_stopped(observed.rules, observed.watched)
    uids = distinct_uids(observed.name, (rule.name for rule in rules))
    groups: dict[timedelta, list[Json]] = {}
    for rule in rules:
        groups.setdefault(_every(rule), []).append(_rule(observed, rule, uids[rule.name]))
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": f"{observed.name} every {format_duration(every)}",
                "folder": f"{observed.name} alerts",
                "interval": format_duration(every),
                "rules": made,
            }
            for every, made in sorted(groups.items())
        ],
    }


def _every(rule: AlertRule) -> timedelta:
    return -(-rule.every // _LEAST_EVERY) * _LEAST_EVERY


def _rule(observed: Observed, rule: AlertRule, uid: str) -> Json:
    asked = nodes(observed, rule)
    made: dict[str, object] = {
        "uid": uid,
        "title": _expanded(rule.name),
        "condition": asked.condition,
        "for": format_duration(rule.stays),
        "noDataState": _NO_DATA[rule.no_data],
        "execErrState": "Error",
        "data": list(asked.data),
        "annotations": _annotations(observed, rule, asked),
        "labels": {
            "severity": rule.severity.value,
            "observer": observed.name,
            **{key: _expanded(value) for key, value in rule.labels.items()},
        },
    }
    if rule.keep_firing_for:
        made["keepFiringFor"] = format_duration(rule.keep_firing_for)
    return made


def _annotations(observed: Observed, rule: AlertRule, asked: Nodes) -> Json:
    """What a message says. `$values` is empty when an alert is over and when there is no data: a plain `{{ .B }}` would fail."""
    measure = rule.condition.measure
    name = _plain(rule.name)
    who = _WHO.get(measure.subject) if asked.value else None
    label, text = who or ("", "")
    value = "{{ range $values }}{{ .Value }} {{ end }}"
    if asked.value:
        value = f'{{{{ range $ref, $value := $values }}}}{{{{ if eq $ref "{asked.value}" }}}}{{{{ $value }}}}{{{{ end }}}}{{{{ end }}}}'
    return {
        "summary": f"{name}: {{{{ if $labels.{label} }}}}{text}{{{{ else }}}}nothing to judge by{{{{ end }}}}"
        if who
        else name,
        "description": f"{_plain(_sentence(rule))} Value: {value}",
        "condition": _plain(str(rule.condition)),
        # Changes of the alert's state are shown on this panel.
        "__dashboardUid__": dashboard_uid(observed),
        "__panelId__": str(panel_of(rule.condition).value),
    }


def _sentence(rule: AlertRule) -> str:
    measure = rule.condition.measure
    over = format_duration(rule.over)
    how = {
        Shape.READING: f"{'largest' if rule.take == 'max' else 'last'} reading of the last {over}",
        Shape.SUM: f"over the last {over}",
        Shape.SHARE: f"over the last {over}",
        Shape.STATUS: f"observations of the last {over} with such a status",
        Shape.ABSENCE: f"observations of the last {over}",
    }[measure.shape]
    stays = f", for {format_duration(rule.stays)}" if rule.stays else ""
    return f"{rule.condition}{stays} ({measure.sentence}; {how})."


def _plain(text: str) -> str:
    """A text that Grafana takes for no template."""
    return text.replace("{{", "{ {")


def _expanded(text: str) -> str:
    """A text in which Grafana would put variables of its environment, and does not."""
    return text.replace("$", "$$")
