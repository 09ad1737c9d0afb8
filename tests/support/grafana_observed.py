"""Observers for the tests of Grafana's files."""

import dataclasses
from datetime import timedelta
from typing import Any

from offline_observer.alert.condition import parse_condition
from offline_observer.alert.defaults import default_alerts, made_rule
from offline_observer.alert.rule import AlertRule, Severity
from offline_observer.alert.watched import Watched, WatchedDataset
from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.grafana.observed import Observed

DATASET = WatchedDataset(
    topic="t",
    checked=("user_id", "context.ip"),
    is_checked=True,
    profiled=("user_id",),
    window=timedelta(minutes=5),
)


def observed(*rules: AlertRule, **more: Any) -> Observed:
    watched = more.pop("watched", Watched(tick=timedelta(seconds=10), jobs=("j",), datasets=(DATASET,)))
    alerts = rules or default_alerts(watched)
    return Observed(**{"name": "visits", "index": "stats", "watched": watched, "rules": alerts, **more})


def rule(when: str, name: str = "a", **more: Any) -> AlertRule:
    watched = Watched(tick=timedelta(seconds=10), jobs=("j",), datasets=(DATASET,))
    made = made_rule(name, parse_condition(when, did_you_mean), Severity.WARN, watched)
    return dataclasses.replace(made, **more)
