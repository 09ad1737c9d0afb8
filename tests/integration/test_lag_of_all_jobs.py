"""`lag -c`: every job of a configuration, whatever is the matter with one of them."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import yaml

from support.kafka import Cluster, eventually
from support.program import json_lines, run_program, start_program


def checkpoint(folder: Path, offsets: dict[str, dict[str, int]]) -> str:
    """A checkpoint with one committed batch over one source."""
    files = {
        "metadata": json.dumps({"id": folder.name}),
        "offsets/0": 'v1\n{"batchWatermarkMs":0,"batchTimestampMs":1}\n' + json.dumps(offsets),
        "commits/0": 'v1\n{"nextBatchWatermarkMs":0}',
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


def write(folder: Path, cluster: Cluster, *jobs: dict[str, object]) -> Path:
    pipelines = [{"name": f"p{number}", "job": job} for number, job in enumerate(jobs)]
    config = {
        "name": "test",
        "kafka": {"bootstrap.servers": cluster.servers},
        "journal": "./observations.db",
        "pipelines": pipelines,
    }
    path = folder / "observer.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def test_each_job_has_a_status_of_its_own(cluster: Cluster, tmp_path: Path) -> None:
    first, second, gone = cluster.topic(1), cluster.topic(2), cluster.topic(1)
    cluster.produce(first, [b"{}"] * 5)
    cluster.produce(second, [b"{}"] * 3, partition=1)
    cluster.delete_topic(gone)
    config = write(
        tmp_path,
        cluster,
        # One source over two topics.
        {
            "name": "fine",
            "checkpoint": checkpoint(tmp_path / "a", {first: {"0": 4}, second: {"0": 0, "1": 3}}),
        },
        {"name": "no checkpoint", "checkpoint": str(tmp_path / "none")},
        {"name": "no topic", "checkpoint": checkpoint(tmp_path / "b", {gone: {"0": 1}})},
        {
            "name": "no broker",
            "checkpoint": checkpoint(tmp_path / "c", {first: {"0": 4}}),
            "kafka": {"bootstrap.servers": "127.0.0.1:1"},
        },
    )
    began = time.monotonic()
    done = run_program("lag", "-c", str(config), "--json", "--timeout", "2")
    assert time.monotonic() - began < 10
    assert (done.returncode, done.stderr) == (1, "")
    jobs = {job["job"]: job for job in json.loads(done.stdout)["jobs"]}
    assert [job["pipeline"] for job in jobs.values()] == ["p0", "p1", "p2", "p3"]
    assert {name: job["status"] for name, job in jobs.items()} == {
        "fine": "ok",
        "no checkpoint": "unknown",
        "no topic": "unknown",
        "no broker": "unknown",
    }
    assert (jobs["fine"]["total_lag"], len(jobs["fine"]["partitions"])) == (1, 3)
    assert jobs["fine"]["seconds_behind"] < 60
    assert str(tmp_path / "none") in jobs["no checkpoint"]["reason"]
    assert jobs["no topic"]["reason"] == f"topic {gone}: the broker has no such topic"
    assert "127.0.0.1:1" in jobs["no broker"]["reason"]
    assert jobs["no broker"]["partitions"][0]["committed_offset"] == 4, "what the checkpoint says is kept"

    table = run_program("lag", "-c", str(config), "--timeout", "2")
    assert table.returncode == 1
    assert all(name in table.stdout for name in jobs)


def test_all_fine_exits_with_0(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    config = write(
        tmp_path, cluster, {"name": "a", "checkpoint": checkpoint(tmp_path / "a", {topic: {"0": 0}})}
    )
    assert run_program("lag", "-c", str(config)).returncode == 0


def test_a_configuration_without_jobs(cluster: Cluster, tmp_path: Path) -> None:
    config = write(tmp_path, cluster)
    config.write_text(
        config.read_text().replace("pipelines: []", "pipelines: [{name: d, dataset: {topic: some-topic}}]")
    )
    done = run_program("lag", "-c", str(config))
    assert done.returncode == 2
    assert "has no job" in done.stderr


def test_watching_sees_what_changes_and_stops_in_order(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 2)
    job: dict[str, object] = {
        "name": "a",
        "checkpoint": checkpoint(tmp_path / "a", {topic: {"0": 2}}),
        "stalled_after": "2s",
    }
    config = write(tmp_path, cluster, job)
    log = tmp_path / "log"
    watching = start_program("lag", "-c", str(config), "--watch", "--every", "1s", "--json", log=log)

    def newest() -> dict[str, object]:
        lines = json_lines(log.read_text())
        found: dict[str, object] = lines[-1]["jobs"][0] if lines else {}
        return found

    try:
        eventually(lambda: newest().get("status") == "ok", 20, "the first look")
        cluster.produce(topic, [b"{}"] * 5)
        eventually(lambda: newest().get("total_lag") == 5, 20, "the lag")
        eventually(lambda: newest().get("status") == "stalled", 20, "that nothing is committed")
        checkpoint(tmp_path / "a", {topic: {"0": 7}})
        eventually(lambda: newest().get("status") == "ok", 20, "the recovery")
    finally:
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 0


def test_records_that_will_expire_before_the_job_reads_them_are_said(
    cluster: Cluster, tmp_path: Path
) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 100)
    cluster.delete_records(topic, 0, 10)
    job: dict[str, object] = {"name": "a", "checkpoint": checkpoint(tmp_path / "a", {topic: {"0": 60}})}
    config = write(tmp_path, cluster, job)
    log = tmp_path / "log"
    watching = start_program("lag", "-c", str(config), "--watch", "--every", "1s", "--json", log=log)
    found: dict[str, Any] = {}

    def is_foreseen() -> bool:
        cluster.produce(topic, [b"{}"] * 20)
        lines = json_lines(log.read_text())
        found.update(lines[-1]["jobs"][0] if lines else {})
        return found.get("retention_left") is not None

    try:
        eventually(is_foreseen, 30, "the expiry to be foreseen")
    finally:
        watching.terminate()
        assert watching.wait(10) == 0
    assert found["status"] != "data_loss"
    assert 0 < found["retention_left"] < 60
    assert found["input_rate"] > 0
    assert (found["processing_rate"], found["seconds_to_catch_up"]) == (0.0, None)
    assert any("the first record that the job has not read expires in about" in w for w in found["warnings"])
