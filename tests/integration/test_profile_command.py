"""A past range profiled, windows compared and pinned, rules suggested: by the commands, on a real Kafka."""

import json
from pathlib import Path
from typing import Any

import yaml

from support.kafka import Cluster
from support.observing import LONG, write_config
from support.program import journal_documents, json_lines, run_program
from support.reports import Page

FIELDS = {"user_id": "string", "device": "string", "event_time": "timestamp", "n": "integer"}


def visits(first: int, count: int, devices: str = "PC Tablet Phone", bare: int = 0) -> list[bytes]:
    kinds = devices.split()
    rows = [
        {
            "user_id": None if bare and number % bare == 0 else f"user_{number % 50}",
            "device": kinds[number % len(kinds)],
            "event_time": f"2024-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
            "n": number,
        }
        for number in range(first, first + count)
    ]
    return [json.dumps(row).encode() for row in rows]


def written_config(tmp_path: Path, cluster: Cluster, topic: str, **profile: object) -> str:
    config = write_config(tmp_path, cluster, dataset=topic, every=LONG)
    content = yaml.safe_load(config.read_text())
    dataset = content["pipelines"][0]["dataset"]
    dataset |= {"fields": FIELDS, "mask": ["user_id"], "profile": {"folder": "./reports", **profile}}
    config.write_text(yaml.safe_dump(content))
    return str(config)


def by_field(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(one["field"]): one for one in documents}


def test_a_past_range_by_offsets_and_a_topic_that_is_no_dataset(cluster: Cluster, tmp_path: Path) -> None:
    topic, other = cluster.topic(2), cluster.topic(1)
    for partition in (0, 1):
        cluster.produce(topic, visits(0, 500), partition=partition)
    cluster.produce(topic, [b"no json"], partition=1)
    cluster.produce(other, [b'{"a": {"b": 1, "c": [2]}, "user_id": "secret"}'] * 30)
    config = written_config(tmp_path, cluster, topic)

    done = run_program("profile", "-c", config, "--from", "100", "--json", seconds=150)
    assert done.returncode == 0, done.stderr
    found = by_field(json_lines(done.stdout))
    assert set(found) == set(FIELDS)
    assert {one["window_records"] for one in found.values()} == {801}
    assert (found["n"]["min"], found["n"]["max"], found["n"]["records"]) == (100, 499, 800)
    assert found["user_id"]["frequent"] == [], "it is masked"
    (page,) = (tmp_path / "reports").glob("*.html")
    assert f"report: {page.name}" in done.stderr.replace(f"{tmp_path}/reports/", "")
    shown = Page(page.read_bytes())
    assert (shown.line("Offsets"), shown.observations) == ("0: 100 to 499; 1: 100 to 500", 800)

    out = tmp_path / "other.html"
    done = run_program(
        "profile", "-c", config, "--topic", other, "--from", "earliest", "--out", str(out), seconds=150
    )
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    assert list(by_field([json.loads(line) for line in lines])) == ["a.b", "a.c", "user_id"]
    assert last == f"report: {out}"
    assert Page(out.read_bytes()).observations == 30
    assert b"secret" not in out.read_bytes(), "what a dataset masks is masked in every topic"
    assert not (tmp_path / "observations.db").exists(), "no observer's journal was touched"


def test_what_cannot_be_profiled_is_said(cluster: Cluster, tmp_path: Path) -> None:
    topic, binary = cluster.topic(1), cluster.topic(1)
    config = written_config(tmp_path, cluster, topic)
    cluster.produce(binary, [b"\xff"] * 10)
    for arguments, message in (
        (["--from", "yesterday"], "--from: expected a time such as 2026-01-01T00:00:00Z, how long ago"),
        (["--from", "2024-01-01T00:00:00"], "--from: give the time a zone"),
        (["--to", "earliest"], "--to: expected a time"),
        (["--from", "earliest"], f"topic {topic} has no records from earliest to latest"),
        (["--topic", "none"], "topic none: the broker has no such topic"),
        (["--topic", binary, "--from", "earliest"], "none of the first 10 records of"),
        (["--pipeline", "none"], "has no pipeline 'none' with a dataset"),
    ):
        done = run_program("profile", "-c", config, *arguments)
        assert done.returncode in (2, 3), arguments
        assert message in done.stderr, arguments
        assert "Traceback" not in done.stderr
    done = run_program("profile")
    assert (done.returncode, done.stderr) == (2, "error: name the configuration: -c FILE\n")


def test_two_windows_are_compared_and_one_is_pinned(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    config = written_config(tmp_path, cluster, topic, every="400 records")
    done = run_program("profile", "compare", "latest", "-c", config)
    assert (done.returncode, "there is no report of" in done.stderr) == (2, True)
    done = run_program("profile", "pin", "-c", config)
    assert (done.returncode, "there is no journal at" in done.stderr) == (3, True)

    parts = [visits(0, 400), visits(400, 400, bare=2, devices="PC Tablet Phone Watch"), visits(800, 400)]
    for part in parts[:2]:
        cluster.produce(topic, part)
        assert run_program("run", "-c", config, "--once", seconds=150).returncode == 0
    first = min(path.stem for path in (tmp_path / "reports").glob(f"{topic}_2*.html"))

    done = run_program("profile", "compare", first, "latest", "-c", config, "--json", seconds=150)
    assert done.returncode == 0, done.stderr
    drifts = by_field(json_lines(done.stdout))
    assert (drifts["device"]["new_values"], drifts["device"]["vanished_values"]) == (["Watch"], [])
    assert drifts["user_id"]["drift_completeness"] == -0.5
    assert min(drifts["device"]["drift"], drifts["user_id"]["drift"]) > 0.2
    assert drifts["event_time"]["drift"] == 0
    (page,) = (tmp_path / "reports").glob("*_vs_*.html")
    assert f"page: {page}" in done.stderr
    shown = Page(page.read_bytes())
    records = [row[1] for row in shown.rows if row and row[0] == "Records in the window"]
    assert records == ["400", "400"]
    assert next(row for row in shown.rows if row[:1] == ["Number of observations"])[1:] == ["400", "400"]

    done = run_program("profile", "pin", first, "-c", config)
    assert (done.returncode, done.stdout.endswith(", 400 records\n")) == (0, True), done.stderr
    # From here on only the numbers are looked at.
    written_config(tmp_path, cluster, topic, every="400 records", folder=None)
    cluster.produce(topic, parts[2])
    assert run_program("run", "-c", config, "--once", seconds=150).returncode == 0
    newest = by_field(journal_documents(tmp_path / "observations.db", "profile")[-len(FIELDS) :])
    assert newest["device"]["reference_pinned"] is True
    assert newest["device"]["vanished_values"] == [], "it is compared with the first, not with the one before"
    assert max(one["drift"] for name, one in newest.items() if name in ("device", "user_id")) == 0

    done = run_program("profile", "pin", "--none", "-c", config)
    assert done.returncode == 0
    cluster.produce(topic, visits(1200, 400))
    assert run_program("run", "-c", config, "--once", seconds=150).returncode == 0
    newest = by_field(journal_documents(tmp_path / "observations.db", "profile")[-len(FIELDS) :])
    assert newest["device"]["reference_pinned"] is False


def test_rules_are_suggested_that_the_observer_takes_and_no_record_breaks(
    cluster: Cluster, tmp_path: Path
) -> None:
    topic = cluster.topic(2)
    for partition in (0, 1):
        cluster.produce(topic, visits(partition * 2000, 2000), partition=partition)
    config = Path(written_config(tmp_path, cluster, topic))
    done = run_program("suggest", "-c", str(config), "--from", "earliest")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  # 4,000 of 4,000 records have a value: none is missing, null or blank\n" in done.stdout
    suggested = yaml.safe_load(done.stdout)["rules"]
    assert {"one_of": {"device": ["PC", "Phone", "Tablet"]}} in [
        {"one_of": {"device": sorted(one["one_of"]["device"])}} for one in suggested if "one_of" in one
    ]
    assert {"timestamp": ["event_time"]} in suggested
    lines = run_program("suggest", "-c", str(config), "--from", "earliest", "--json").stdout
    assert [one["rule"] for one in json_lines(lines)] == suggested

    content = yaml.safe_load(config.read_text())
    content["pipelines"][0]["dataset"]["rules"] += suggested
    del content["pipelines"][0]["dataset"]["profile"]
    config.write_text(yaml.safe_dump(content))
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    (document,) = journal_documents(tmp_path / "observations.db")
    assert (document["all_events"], document["invalid"], document["dataset_status"]) == (4000, 0, "ok")
    done = run_program("suggest", "-c", str(config), "--from", "earliest")
    assert done.stdout.splitlines()[-1] == "# No rule that is not there already."
