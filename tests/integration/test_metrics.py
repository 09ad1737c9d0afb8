"""The metrics of an observer that runs, as Prometheus's own tool judges them, and its alerts over recorded series."""

import re
import signal
from pathlib import Path

import requests
import yaml

from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import start_program
from support.promtool import run_promtool

EXAMPLE = Path(__file__).parents[2] / "examples" / "visits" / "prometheus" / "alerts.yaml"


def value(text: str, name: str, **labels: str) -> float | None:
    """A sample; its labels stand in the order of their names."""
    shown = ",".join(f'{key}="{one}"' for key, one in sorted(labels.items()))
    match = re.search(rf"^offline_observer_{name}{re.escape('{' + shown + '}')} (\S+)$", text, re.MULTILINE)
    return float(match[1]) if match else None


def test_what_an_observer_says(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2)
    config = write_config(tmp_path, cluster, dataset=topic)
    content = yaml.safe_load(config.read_text())
    content["dashboard"] = {"port": 0, "token": "hunter2"}
    config.write_text(yaml.safe_dump(content))
    log = tmp_path / "log"
    observer = start_program("run", "-c", str(config), log=log)
    try:
        eventually(lambda: "page at" in (log.read_text() if log.exists() else ""), 60)
        address = re.search(r"page at (\S+)", log.read_text())
        assert address is not None
        url = address[1]

        def metrics(accept: str = "text/plain") -> str:
            headers = {"authorization": "Bearer hunter2", "accept": accept}
            answer = requests.get(f"{url}/metrics", headers=headers, timeout=10)
            assert answer.status_code == 200, answer.text
            return answer.text

        metrics()
        cluster.produce(topic, [b'{"user_id":"u"}'] * 5 + [b"{}", b"{"])
        eventually(lambda: value(metrics(), "records_total", pipeline="visits") == 7.0, 30)
        text = metrics()
        visits = {"pipeline": "visits"}
        assert value(text, "unparseable_total", **visits) == 1.0
        rule = {"field": "user_id", "rule": "user_id.not_empty", "severity": "error"}
        assert value(text, "invalid_total", **visits, **rule) == 1.0
        assert value(text, "field_invalid_records_total", **visits, field="user_id") == 1.0
        statuses = {
            one: value(text, "dataset_status", **visits, dataset=topic, status=one) for one in ("ok", "error")
        }
        assert set(statuses.values()) == {0.0, 1.0}
        run_promtool("check", "metrics", text=text)
        assert metrics("application/openmetrics-text; version=1.0.0").endswith("# EOF\n")
        assert requests.get(f"{url}/metrics", timeout=10).status_code == 401
        assert requests.get(f"{url}/healthz", timeout=10).text == "ok\n"
        port = url.rpartition(":")[2]
        foreign = {"host": f"evil.example:{port}"}
        assert requests.get(f"{url}/healthz", headers=foreign, timeout=10).status_code == 421
    finally:
        observer.send_signal(signal.SIGTERM)
        assert observer.wait(20) == 0
    assert "Traceback" not in log.read_text()
    assert "hunter2" not in log.read_text()


def test_a_port_that_is_taken_is_said(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1))
    content = yaml.safe_load(config.read_text())
    content["dashboard"] = {"port": int(cluster.servers.rpartition(":")[2])}
    config.write_text(yaml.safe_dump(content))
    log = tmp_path / "log"
    observer = start_program("run", "-c", str(config), log=log)
    assert observer.wait(30) == 3
    assert "cannot listen on 127.0.0.1" in log.read_text()
    assert "Traceback" not in log.read_text()


def series(name: str, values: str, labels: str) -> dict[str, str]:
    return {"series": f'offline_observer_{name}{{pipeline="visits",{labels}}}', "values": values}


def test_the_scenarios_alerts_over_recorded_series(tmp_path: Path) -> None:
    # A look each 30 s. The second partition lags from 5:00 to 15:00; the first has one high reading at 20:00.
    high = "5x9 30x19 5x60"
    once = "2x39 40 2x50"
    partition = 'topic="visits",partition="{}"'
    lags = [
        series("lag", once, partition.format(0)),
        series("lag", high, partition.format(1)),
        series("last_observation_timestamp_seconds", "0+30x60 _x100", ""),
        series("job_status", "0x39 1x3 0x60", 'job="copy",status="stalled"'),
        series("job_status", "0x100", 'job="copy",status="unknown"'),
        series("records_total", "0+30x100", ""),
        series("unparseable_total", "0+0x100", ""),
        series("tombstones_total", "0+0x100", ""),
        series("invalid_records_total", "0+1x20 20+20x40", ""),
    ]
    for one in lags:
        one["series"] = one["series"].replace(",}", "}")

    def firing(at: str, alert: str, *labels: dict[str, str]) -> dict[str, object]:
        return {"eval_time": at, "alertname": alert, "exp_alerts": [{"exp_labels": one} for one in labels]}

    common = {"pipeline": "visits", "observer": "visits"}
    second = {**common, "topic": "visits", "partition": "1"}
    tests = {
        "rule_files": [str(EXAMPLE)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "30s",
                "input_series": lags,
                "alert_rule_test": [
                    firing("9m", "partition lag"),
                    firing("11m", "partition lag", {**second, "severity": "warn"}),
                    firing("16m", "partition lag"),
                    # One high reading never stays; the scenario's form, the largest of ten minutes, is raised by it.
                    firing("26m", "partition lag"),
                    firing("26m", "job lag", {**second, "severity": "info", "partition": "0"}),
                    firing("19m", "job in trouble"),
                    firing(
                        "21m",
                        "job in trouble",
                        {**common, "severity": "critical", "job": "copy", "status": "stalled"},
                    ),
                    firing("23m", "job in trouble"),
                    firing("9m", "invalid records"),
                    firing("18m", "invalid records", {**common, "severity": "warn"}),
                    firing("29m", "observer stopped"),
                    firing("36m", "observer stopped", {**common, "severity": "critical"}),
                ],
            }
        ],
    }
    for one in tests["tests"][0]["alert_rule_test"]:  # type: ignore[index]
        for alert in one["exp_alerts"]:
            alert["exp_annotations"] = {"summary": summary(one["alertname"], alert["exp_labels"])}
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump(tests, sort_keys=False))
    assert "SUCCESS" in run_promtool("test", "rules", str(path))
    assert "8 rules found" in run_promtool("check", "rules", str(EXAMPLE))


def summary(alert: str, labels: dict[str, str]) -> str:
    rules = yaml.safe_load(EXAMPLE.read_text())["groups"][0]["rules"]
    (text,) = [str(rule["annotations"]["summary"]) for rule in rules if rule["alert"] == alert]
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: labels[match[1]], text)
