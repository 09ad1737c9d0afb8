"""A real Spark job, observed from outside while it starts, runs, dies and comes back."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import journal_documents, run_program, start_program
from support.spark import PassthroughJob

MakeJob = Callable[[str, str], PassthroughJob]


def lag(cluster: Cluster, job: PassthroughJob) -> dict[str, Any]:
    done = run_program(
        "lag", "--checkpoint", str(job.checkpoint), "--bootstrap-servers", cluster.servers, "--json"
    )
    assert done.returncode in (0, 1), done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def lags(result: dict[str, Any]) -> list[int | None]:
    return [partition["lag"] for partition in result["partitions"]]


def test_a_job_that_is_stopped_is_seen_and_that_it_is_back_too(
    cluster: Cluster, make_job: MakeJob, tmp_path: Path
) -> None:
    source, sink = cluster.topic(2), cluster.topic(2)
    job = make_job(source, sink)
    cluster.produce(source, [b'{"user_id":"u"}'] * 20, partition=0)
    job.start()
    eventually((job.checkpoint / "commits" / "0").exists, what="the first batch")
    config = write_config(tmp_path, cluster, checkpoint=job.checkpoint, dataset=sink, stalled_after="3s")
    journal = tmp_path / "observations.db"

    def lag_is(wanted: int) -> Callable[[], bool]:
        return lambda: journal_documents(journal)[-1]["max_lag"] == wanted

    def status_is(wanted: str) -> Callable[[], bool]:
        return lambda: journal_documents(journal)[-1]["job_status"] == wanted

    observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
    try:
        eventually(lambda: journal.exists() and len(journal_documents(journal)) >= 2, 30, "two observations")
        before = journal_documents(journal)
        assert sum(document["all_events"] for document in before) == 20
        assert before[-1]["max_lag"] == 0

        job.stop()
        seen = len(journal_documents(journal))
        for round_number in (1, 2, 3):
            cluster.produce(source, [b"{}"] * 10, partition=1)
            eventually(lag_is(10 * round_number), 20, "the lag to grow")
        while_stopped = journal_documents(journal)[seen:]
        assert len(while_stopped) >= 3
        assert {document["all_events"] for document in while_stopped} == {0}
        eventually(status_is("stalled"), 20, "the stop to be named")
        stalled = journal_documents(journal)[-1]
        assert "30 records wait and no batch has been committed for" in stalled["reason"]
        assert stalled["seconds_behind"] > 3
        growing = [document["max_lag"] for document in while_stopped]
        assert growing == sorted(growing)
        assert while_stopped[-1]["lag_per_partition"] == {"0": 0, "1": 30}

        job.start()
        eventually(lag_is(0), 60, "the job to catch up")
        caught_up = journal_documents(journal)[-1]
        assert (caught_up["job_status"], caught_up["seconds_behind"]) == ("ok", 0.0)
        eventually(lambda: sum(d["all_events"] for d in journal_documents(journal)) == 50, 10, "the rest")
        assert sum(d["invalid_user_id"] for d in journal_documents(journal)) == 30
    finally:
        observer.terminate()
        assert observer.wait(10) == 0
    partitions = journal_documents(journal, "partition")
    assert partitions[-1]["committed_offset"] == partitions[-1]["end_offset"]
    assert "Traceback" not in (tmp_path / "observer.log").read_text()


def test_lag_before_the_first_commit_and_with_a_partition_added_while_running(
    cluster: Cluster, make_job: MakeJob
) -> None:
    source, sink = cluster.topic(2), f"later-{uuid4().hex}"
    cluster.produce(source, [b"{}"] * 7, partition=1)
    job = make_job(source, sink)
    # Its first batch is planned, and waits for a topic that is not there yet.
    job.start()
    eventually((job.checkpoint / "offsets" / "0").exists, what="the first batch to be planned")
    starting = lag(cluster, job)
    assert (starting["status"], lags(starting)) == ("starting", [0, 7])
    assert [p["committed_offset"] for p in starting["partitions"]] == [None, None]
    assert [p["planned_offset"] for p in starting["partitions"]] == [0, 7]

    # A partition that comes before the first commit: Spark will start it at its earliest offset.
    cluster.add_partitions(source, 3)
    cluster.produce(source, [b"{}"] * 5, partition=2)
    assert lags(lag(cluster, job)) == [0, 7, 5]

    cluster.topic(1, name=sink)
    eventually(lambda: lags(lag(cluster, job)) == [0, 0, 0], 60, "the new partition to be read")
    # And one that comes while the job runs; it is the job's only when the next batch names it.
    cluster.add_partitions(source, 4)
    eventually(lambda: len(lags(lag(cluster, job))) == 4, 20, "the partition to be seen")
    cluster.produce(source, [b"{}"] * 3, partition=3)
    eventually(
        lambda: [p["committed_offset"] for p in lag(cluster, job)["partitions"]] == [0, 7, 5, 3],
        60,
        "the job to commit the new partition",
    )
    assert lags(lag(cluster, job)) == [0, 0, 0, 0]


def test_lag_without_a_checkpoint_or_a_broker(cluster: Cluster, tmp_path: Path) -> None:
    def exit_code(checkpoint: str, servers: str) -> tuple[int, str]:
        done = run_program(
            "lag", "--checkpoint", checkpoint, "--bootstrap-servers", servers, "--timeout", "2"
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    samples = Path(__file__).parents[1] / "data" / "checkpoints"
    code, message = exit_code(str(tmp_path / "none"), cluster.servers)
    assert code == 3
    assert str(tmp_path / "none") in message
    code, message = exit_code(str(samples / "base"), "127.0.0.1:1")
    assert code == 3
    assert "no answer from the Kafka broker at 127.0.0.1:1" in message
    # The topic of the sample is not on this broker: that is the job's status, not a failure to look.
    code, message = exit_code(str(samples / "base"), cluster.servers)
    assert (code, message) == (1, "")


def test_the_table_for_people(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2)
    cluster.produce(topic, [b"{}"] * 1234)
    for name, text in {
        "metadata": '{"id":"q"}',
        "offsets/0": 'v1\n{"batchWatermarkMs":0,"batchTimestampMs":1}\n{"' + topic + '":{"0":4,"1":0}}',
        "commits/0": 'v1\n{"nextBatchWatermarkMs":0}',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = run_program("lag", "--checkpoint", str(tmp_path), "--bootstrap-servers", cluster.servers)
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0
    assert "1,230" in done.stdout
    assert "ok: every partition is within what the broker holds" in done.stdout
