"""What an operator meets: real Spark jobs that fail, end, lose data or are made anew, observed all the while."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import yaml

from offline_observer.demo.java import Java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.spark_job import start_spark_job
from support import state_job
from support.kafka import Cluster, eventually
from support.program import journal_documents, run_program, start_program
from support.written_checkpoint import WrittenCheckpoint


class Scene:
    """A topic, the jobs that read it, and an observer."""

    def __init__(self, cluster: Cluster, java: Java, connector: list[Path], folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.topic = cluster.topic(1)
        self.checkpoint = folder / "checkpoint"
        self.config = folder / "observer.yaml"
        self._java = java
        self._connector = connector
        self._jobs: list[ChildProcess] = []
        self._observer: Popen[bytes] | None = None

    def start_job(self, mode: str) -> ChildProcess:
        arguments = [mode, self.cluster.servers, self.topic, str(self.folder)]
        script = Path(state_job.__file__)
        job = start_spark_job(mode, script, arguments, self.folder, self._java, self._connector)
        self._jobs.append(job)
        return job

    def stop_job(self) -> None:
        self._jobs.pop().stop(10)

    def write_config(self, jobs: dict[str, Path] | None = None, **settings: str) -> None:
        """Each job is a pipeline of its own; `settings` are for all of them."""
        jobs = jobs or {"job": self.checkpoint}
        pipelines = [
            {"name": name, "job": {"name": name, "checkpoint": str(checkpoint), **settings}}
            for name, checkpoint in jobs.items()
        ]
        content = {
            "name": "test",
            "every": "1s",
            "kafka": {"bootstrap.servers": self.cluster.servers},
            "journal": "./observations.db",
            "pipelines": pipelines,
        }
        self.config.write_text(yaml.safe_dump(content))

    def start_observer(self) -> None:
        self._observer = start_program("run", "-c", str(self.config), log=self.folder / "observer.log")

    def seen(self, name: str = "job") -> dict[str, Any]:
        """The newest observation of a job; empty while there is none."""
        if not (self.folder / "observations.db").exists():
            return {}
        mine = [one for one in journal_documents(self.folder / "observations.db") if one["job"] == name]
        return mine[-1] if mine else {}

    def until(self, name: str = "job", seconds: float = 60, **wanted: object) -> dict[str, Any]:
        """Waits for an observation with these values, and returns it."""
        found: dict[str, Any] = {}

        def is_there() -> bool:
            found.update(self.seen(name))
            return all(found.get(key) == value for key, value in wanted.items())

        try:
            eventually(is_there, seconds)
        except AssertionError:
            raise AssertionError(f"wanted {wanted}, the last seen is {found}") from None
        return found

    def lag(self) -> tuple[int, dict[str, Any]]:
        done = run_program("lag", "-c", str(self.config), "--json")
        assert not done.stderr
        (job,) = json.loads(done.stdout)["jobs"]
        return done.returncode, job

    def stop(self) -> None:
        for job in self._jobs:
            job.stop(10)
        if self._observer is not None:
            self._observer.terminate()
            assert self._observer.wait(10) == 0
            assert "Traceback" not in (self.folder / "observer.log").read_text()


@pytest.fixture
def scene(cluster: Cluster, java: Java, connector_jars: list[Path], tmp_path: Path) -> Iterator[Scene]:
    made = Scene(cluster, java, connector_jars, tmp_path)
    yield made
    made.stop()


def test_a_batch_that_fails_for_ever_and_then_a_job_that_is_killed(cluster: Cluster, scene: Scene) -> None:
    cluster.produce(scene.topic, [b"{}"] * 5)
    job = scene.start_job("poison")
    scene.write_config(stalled_after="4s")
    scene.start_observer()
    scene.until(job_status="ok", total_lag=0, max_lag=0)

    cluster.produce(scene.topic, [b"poison"])
    first = scene.until(job_status="stalled", total_lag=1)
    since = first["in_flight_since"]
    assert since is not None
    assert (
        f"batch {first['batch_id'] + 1} is in flight since {since[:10]} {since[11:19]} UTC" in first["reason"]
    )
    tried = (scene.folder / "attempts").read_text()
    eventually(
        lambda: (scene.folder / "attempts").read_text() >= tried + "failed\n" * 2, what="more attempts"
    )
    cluster.produce(scene.topic, [b"{}"] * 4)
    later = scene.until(job_status="stalled", total_lag=5)
    for name in ("in_flight_since", "last_commit_at", "batch_id"):
        assert later[name] == first[name], name

    (scene.folder / "leave-out").touch()
    scene.until(job_status="ok", total_lag=0, in_flight_since=None)

    os.killpg(job.mark.pid, signal.SIGKILL)
    cluster.produce(scene.topic, [b"{}"] * 3)
    scene.until(job_status="stalled", total_lag=3)
    scene.start_job("poison")
    scene.until(job_status="ok", total_lag=0)


def test_a_job_that_runs_and_ends(cluster: Cluster, scene: Scene) -> None:
    cluster.produce(scene.topic, [b"{}"] * 5)
    job = scene.start_job("available_now")
    eventually(lambda: not job.running, what="the job to end")
    scene.write_config(expected_every="1h")
    code, found = scene.lag()
    assert (code, found["status"], found["total_lag"]) == (0, "ok", 0)

    cluster.produce(scene.topic, [b"{}"] * 7)
    code, found = scene.lag()
    assert (code, found["status"], found["total_lag"]) == (0, "ok", 7)
    scene.write_config(expected_every="3s")
    eventually(lambda: scene.lag()[1]["status"] == "stalled", 30, "records to have waited long enough")
    code, found = scene.lag()
    assert code == 1
    assert "7 records wait" in found["reason"]
    assert "expected every 3.0 s); no batch is in flight" in found["reason"]

    job = scene.start_job("available_now")
    eventually(lambda: not job.running, what="the job to end again")
    code, found = scene.lag()
    assert (code, found["status"], found["total_lag"]) == (0, "ok", 0)


def test_a_topic_that_is_deleted_and_made_anew(cluster: Cluster, scene: Scene) -> None:
    other = cluster.topic(1)
    WrittenCheckpoint(scene.folder / "other").batch(0, {other: {0: 0}})
    cluster.produce(scene.topic, [b"{}"] * 10)
    scene.start_job("every_few_seconds")
    scene.write_config({"job": scene.checkpoint, "other": scene.folder / "other"})
    scene.start_observer()
    scene.until(job_status="ok", total_lag=0, batch_id=0)

    scene.stop_job()
    cluster.delete_topic(scene.topic)
    gone = scene.until(job_status="unknown", total_lag=None)
    assert f"topic {scene.topic}: the broker has no such topic" in gone["reason"]

    cluster.topic(1, name=scene.topic)
    cluster.produce(scene.topic, [b"{}"] * 4)
    back = scene.until(job_status="rewound", total_lag=None)
    assert "beyond the end 4" in back["reason"]
    # It grows past where the job is: nothing but the topic's id tells that these are other records.
    cluster.produce(scene.topic, [b"{}"] * 8)
    back = scene.until(job_status="rewound", total_lag=2)
    assert "the topic was made anew" in back["reason"]
    assert {
        one["job_status"]
        for one in journal_documents(scene.folder / "observations.db")
        if one["job"] == "other"
    } == {"ok"}


def test_a_checkpoint_that_is_deleted_and_made_anew(cluster: Cluster, scene: Scene) -> None:
    cluster.produce(scene.topic, [b"{}"] * 5)
    scene.start_job("every_few_seconds")
    scene.write_config()
    scene.start_observer()
    scene.until(job_status="ok", total_lag=0)

    scene.stop_job()
    shutil.rmtree(scene.checkpoint)
    gone = scene.until(job_status="unknown", total_lag=None, batch_id=None)
    assert f"{scene.checkpoint} does not exist" in gone["reason"]
    scene.start_job("every_few_seconds")
    anew = scene.until(job_status="rewound", total_lag=0)
    assert "the checkpoint was made anew: another query" in anew["reason"]
    times = [
        datetime.fromisoformat(one["@timestamp"])
        for one in journal_documents(scene.folder / "observations.db")
    ]
    assert max((later - earlier).total_seconds() for earlier, later in pairwise(times)) < 6


def test_records_that_are_deleted_under_a_running_job(cluster: Cluster, scene: Scene) -> None:
    cluster.produce(scene.topic, [b"{}"] * 5)
    scene.start_job("every_few_seconds")
    scene.write_config()
    scene.start_observer()
    scene.until(job_status="ok", total_lag=0)

    # Between two batches of the job, which come every five seconds; the observer looks every second.
    batch = scene.seen()["batch_id"]
    cluster.produce(scene.topic, [b"{}"])
    scene.until(total_lag=0, batch_id=batch + 1)
    cluster.produce(scene.topic, [b"{}"] * 30)
    cluster.delete_records(scene.topic, 0, before=26)
    lost = scene.until(expired_records=20)
    assert (lost["job_status"], lost["total_lag"]) == ("data_loss", 10)
    assert f"{scene.topic}-0: 20 records expired before the job read them" in lost["reason"]

    gone_on = scene.until(total_lag=0, expired_records=0)
    assert gone_on["job_status"] == "data_loss"
    assert "20 records expired before the job read them, seen at" in gone_on["reason"]
    assert run_program("acknowledge", "-c", str(scene.config), "--all").returncode == 0
    scene.until(job_status="ok", total_lag=0)


def test_batches_without_data_and_a_job_that_reads_chosen_partitions(cluster: Cluster, scene: Scene) -> None:
    cluster.add_partitions(scene.topic, 2)
    cluster.produce(scene.topic, [b"{}"] * 5, partition=0)
    scene.start_job("two_queries")
    jobs = {"stateful": scene.folder / "stateful", "assigned": scene.folder / "assigned"}
    scene.write_config(jobs, stalled_after="6s")
    scene.start_observer()
    first = scene.until("stateful", job_status="ok", total_lag=0)
    # The watermark moves on, and Spark runs a batch for the state alone.
    cluster.produce(scene.topic, [b"{}"], partition=0)
    scene.until("stateful", job_status="ok", total_lag=0)
    eventually(
        lambda: scene.seen("stateful")["batch_id"] >= first["batch_id"] + 2, what="a batch without data"
    )
    assert (scene.seen("stateful")["job_status"], scene.seen("stateful")["total_lag"]) == ("ok", 0)

    # The other query never takes up this partition, and is not stalled for that while it goes on. How quickly it does
    # is the machine's affair: what is held to is that `stalled` was said only when no batch had been committed.
    cluster.produce(scene.topic, [b"{}"] * 4, partition=1)

    def goes_on() -> bool:
        cluster.produce(scene.topic, [b"{}"], partition=0)
        return bool(scene.seen("assigned")["total_lag"])

    eventually(goes_on, 30)
    waiting_since = _time_of(scene.seen("assigned"))

    def goes_on_while_they_wait_long_enough() -> bool:
        goes_on()
        now = scene.seen("assigned")
        return (_time_of(now) - waiting_since).total_seconds() > 10 and now["job_status"] == "ok"

    eventually(goes_on_while_they_wait_long_enough, 60)
    for one in journal_documents(scene.folder / "observations.db"):
        # Before the first commit there is none to count from.
        if one["job"] == "assigned" and one["total_lag"] is not None and one["last_commit_at"] is not None:
            without_commit = _time_of(one) - datetime.fromisoformat(one["last_commit_at"])
            # The other way round it need not be: the records may not have waited for so long.
            assert one["job_status"] != "stalled" or without_commit.total_seconds() > 6, one


def _time_of(document: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(document["@timestamp"])
