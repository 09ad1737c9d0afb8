from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline_observer.cli.prometheus import rules_file
from offline_observer.config.duration import format_duration
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from support.program import run_program

ROOT = Path(__file__).parents[3]


def config(*alerts: dict[str, Any]) -> Config:
    dataset = {
        "topic": "t.x",
        "fields": {"user_id": "string"},
        "rules": [{"not_empty": ["user_id"]}],
        "profile": {"every": "1m"},
    }
    pipeline = {"name": "a.b", "job": {"name": "j k", "checkpoint": "/c"}, "dataset": dataset}
    other = {"name": "other", "job": {"name": "o", "checkpoint": "/d"}}
    values = {
        "name": "v",
        "kafka": {"bootstrap.servers": "a"},
        "pipelines": [pipeline, other],
        "alerts": [{"name": f"alert {n}", **one} for n, one in enumerate(alerts)],
    }
    return Config.model_validate(values)


def rules(*alerts: dict[str, Any]) -> list[dict[str, Any]]:
    groups = yaml.safe_load(rules_file(config(*alerts)))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expression(when: str, **more: Any) -> str:
    return str(rules({"when": when, **more})[0]["expr"])


def test_the_examples_file_is_that_of_its_configuration() -> None:
    path = ROOT / "examples" / "visits" / "prometheus" / "alerts.yaml"
    again = "offline-observer prometheus -c examples/visits/observer.yaml --out examples/visits/prometheus/alerts.yaml"
    made = rules_file(load_config(ROOT / "examples" / "visits" / "observer.yaml", {}))
    assert path.read_text() == made, f"it is stale; run: {again}"


BOTH = r'pipeline=~"a\\.b|other"'
LAST = "offline_observer_last_observation_timestamp_seconds"
FIRST = r'pipeline=~"a\\.b"'


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("seconds_behind > 5m", f"offline_observer_job_lag_seconds{{{BOTH}}} > 300 or on (pipeline) "),
        ("retention_left < 1h", f"offline_observer_retention_left_seconds{{{BOTH}}} < 3600"),
        ("unparseable > 0", f"increase(offline_observer_unparseable_total{{{FIRST}}}[5m]) > 0"),
        ("drift(user_id) > 0.2", f'offline_observer_field_drift{{{FIRST},field="user_id"}} > 0.2'),
        ("status in [stalled]", f'offline_observer_job_status{{{BOTH},status=~"stalled"}} == 1'),
        ("dataset_status == error", f'offline_observer_dataset_status{{{FIRST},status=~"error"}} == 1'),
        ("export_backlog > 10", "offline_observer_export_backlog_documents > 10"),
        ("no_data", f"time() - max_over_time({LAST}{{{BOTH}}}[1d]) > 120 or absent_over_time({LAST}{{"),
    ],
)
def test_expressions(when: str, expected: str) -> None:
    assert expression(when).startswith(expected)


def test_what_an_alert_says_of_itself() -> None:
    made = rules(
        {
            "when": "max_lag > 15",
            "for": "90s",
            "every": "30s",
            "keep_firing_for": "2m",
            "severity": "critical",
            "labels": {"team_name": "data {{ x }}"},
            "jobs": ["o"],
            "no_data": "ok",
        }
    )
    first, stopped = made
    assert first["expr"] == 'offline_observer_job_lag_max{pipeline=~"other"} > 15'
    assert (first["for"], first["keep_firing_for"]) == ("1m30s", "2m")
    assert first["labels"]["severity"] == "critical"
    assert "{{ x }}" not in first["labels"]["team_name"]
    assert stopped["alert"] == "observer stopped"


def test_durations() -> None:
    lengths = [timedelta(seconds=90), timedelta(days=1, hours=2), timedelta(milliseconds=1500), timedelta()]
    assert [format_duration(one) for one in lengths] == ["1m30s", "1d2h", "1s500ms", "0s"]


def test_the_command_overwrites_only_what_it_has_made(tmp_path: Path) -> None:
    example = str(ROOT / "examples" / "visits" / "observer.yaml")
    out = tmp_path / "new" / "alerts.yaml"
    for _ in range(2):
        assert run_program("prometheus", "-c", example, "--out", str(out)).returncode == 0
    assert run_program("prometheus", "-c", example).stdout == out.read_text()
    out.write_text("groups: []\n")
    refused = run_program("prometheus", "-c", example, "--out", str(out))
    assert refused.returncode == 2
    assert "stays as it is" in refused.stderr
    assert out.read_text() == "groups: []\n"
