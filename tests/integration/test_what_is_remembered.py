"""What an observer has seen outlives the look that saw it, and the observer."""

import json
import shutil
from pathlib import Path
from typing import Any

from support.kafka import Cluster
from support.observing import write_config
from support.program import journal_documents, run_program
from support.written_checkpoint import WrittenCheckpoint


def observe(config: Path) -> dict[str, Any]:
    """One tick by an observer that is started for it: all that it knows of before is in the journal."""
    done = run_program("run", "-c", str(config), "--once")
    assert done.returncode == 0, done.stderr
    return journal_documents(config.parent / "observations.db")[-1]


def lag(config: Path) -> tuple[int, dict[str, Any]]:
    done = run_program("lag", "-c", str(config), "--json")
    assert not done.stderr
    (job,) = json.loads(done.stdout)["jobs"]
    return done.returncode, job


def test_a_loss_is_shown_until_it_is_acknowledged(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 50)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 10}})
    config = write_config(tmp_path, cluster, checkpoint=checkpoint.folder)
    assert observe(config)["job_status"] == "ok"

    cluster.delete_records(topic, 0, before=30)
    seen = observe(config)
    assert (seen["job_status"], seen["expired_records"], seen["total_lag"]) == ("data_loss", 20, 20)

    # As Spark does with failOnDataLoss=false: it goes on behind the gap.
    checkpoint.batch(1, {topic: {0: 50}})
    seen = observe(config)
    assert (seen["job_status"], seen["expired_records"], seen["total_lag"]) == ("data_loss", 0, 0)
    assert f"{topic}-0: 20 records expired before the job read them, seen at" in seen["reason"]
    code, job = lag(config)
    assert (code, job["status"], job["partitions"][0]["status"]) == (1, "data_loss", "data_loss")

    done = run_program("acknowledge", "-c", str(config), "passthrough")
    assert done.stdout.startswith(f"passthrough: acknowledged: {topic}-0: 20 records expired")
    assert observe(config)["job_status"] == "ok"
    code, job = lag(config)
    assert (code, job["status"]) == (0, "ok")


def test_a_topic_made_anew_while_no_observer_runs(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 10)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 10}})
    config = write_config(tmp_path, cluster, checkpoint=checkpoint.folder)
    assert observe(config)["job_status"] == "ok"

    cluster.delete_topic(topic)
    cluster.topic(1, name=topic)
    cluster.produce(topic, [b"{}"] * 25)
    for _ in range(2):
        seen = observe(config)
        assert (seen["job_status"], seen["total_lag"]) == ("rewound", 15)
        assert "the topic was made anew" in seen["reason"]


def test_a_checkpoint_made_anew_while_no_observer_runs(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 10)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    checkpoint.batch(0, {topic: {0: 10}})
    config = write_config(tmp_path, cluster, checkpoint=checkpoint.folder)
    assert observe(config)["job_status"] == "ok"

    shutil.rmtree(checkpoint.folder)
    WrittenCheckpoint(checkpoint.folder, "query-2").batch(0, {topic: {0: 10}})
    seen = observe(config)
    assert seen["job_status"] == "rewound"
    assert "another query (query-2) writes it" in seen["reason"]
