"""What one look at a real broker tells of a job's last minutes: nobody has looked before."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from support.kafka import Cluster
from support.program import run_program
from support.written_checkpoint import WrittenCheckpoint


def write_at(cluster: Cluster, topic: str, times: Sequence[float]) -> None:
    producer = Producer({"bootstrap.servers": cluster.servers})
    for one in times:
        producer.produce(topic, b"{}", partition=0, timestamp=int(one * 1000))
    assert producer.flush(30) == 0


def lag(cluster: Cluster, checkpoint: WrittenCheckpoint) -> dict[str, Any]:
    arguments = ("--checkpoint", str(checkpoint.folder), "--bootstrap-servers", cluster.servers, "--json")
    result: dict[str, Any] = json.loads(run_program("lag", *arguments).stdout)
    return result


@pytest.mark.parametrize(
    ("finished", "status", "in_flight"),
    [(10, "lagging", False), (10, "lagging", True), (20, "ok", False)],
    ids=["more comes than it finishes", "and the next batch is in flight", "it keeps up"],
)
def test_lagging_and_rates(
    cluster: Cluster, tmp_path: Path, finished: int, status: str, in_flight: bool
) -> None:
    # Twenty records come in each ten seconds, for two and a half minutes.
    topic = cluster.topic(1)
    now = time.time()
    write_at(cluster, topic, [now - 150 + n / 2 for n in range(300)])
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    for batch in range(15):
        end = finished * (batch + 1)
        checkpoint.batch(batch, {topic: {0: end}}, now - 140 + 10 * batch)
    if in_flight:
        checkpoint.plan(15, {topic: {0: finished * 16}}, now)
    found = lag(cluster, checkpoint)
    assert found["status"] == status, found["reason"]
    assert found["total_lag"] == 300 - finished * 15
    assert found["input_rate"] == pytest.approx(2.0, rel=0.1)
    assert found["processing_rate"] == pytest.approx(finished / 10, rel=0.1)
    if status == "lagging":
        assert found["seconds_to_catch_up"] is None
        assert "while batches are committed" in found["reason"]
    else:
        assert found["seconds_to_catch_up"] == 0.0


def test_the_time_to_catch_up(cluster: Cluster, tmp_path: Path) -> None:
    # A thousand records were there; one comes each second, and the job finishes three.
    topic = cluster.topic(1)
    now = time.time()
    write_at(cluster, topic, [now - 3600] * 1000 + [now - 120 + n for n in range(120)])
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    for batch in range(13):
        checkpoint.batch(batch, {topic: {0: 30 * (batch + 1)}}, now - 120 + 10 * batch)
    found = lag(cluster, checkpoint)
    assert (found["status"], found["total_lag"]) == ("ok", 730)
    assert found["input_rate"] == pytest.approx(1.0, rel=0.15)
    assert found["processing_rate"] == pytest.approx(3.0, rel=0.1)
    assert found["seconds_to_catch_up"] == pytest.approx(365, rel=0.25)


def test_a_checkpoint_whose_past_cannot_be_read(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    write_at(cluster, topic, [time.time()] * 5)
    checkpoint = WrittenCheckpoint(tmp_path / "checkpoint")
    for batch in range(3):
        checkpoint.batch(batch, {topic: {0: batch}})
    (checkpoint.folder / "offsets" / "0").write_text("torn")
    found = lag(cluster, checkpoint)
    assert (found["status"], found["total_lag"], found["input_rate"]) == ("ok", 3, None)
    assert found["warnings"] == []
