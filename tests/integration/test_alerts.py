"""Alerts of an observer as a process: told once, through outages of who is told and deaths of the observer."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline_observer.journal.alerts import read_alert_states
from offline_observer.journal.notifications import read_notifications
from support.exporting import missing_kafka_config
from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import journal_documents, run_program, start_program
from support.webhook import Webhook, webhook
from support.written_checkpoint import WrittenCheckpoint


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


def add_alerts(config: Path, receiver: Webhook, **more: Any) -> None:
    content = yaml.safe_load(config.read_text())
    content.pop("export", None)
    content["notify"] = {"team": {"url": receiver.url}}
    config.write_text(yaml.safe_dump({**content, **more}))


def die(observer: "subprocess.Popen[bytes]") -> None:
    observer.send_signal(signal.SIGKILL)
    observer.wait()


def stop(observer: "subprocess.Popen[bytes]") -> float:
    """Ctrl-C; how long it took."""
    began = time.monotonic()
    observer.send_signal(signal.SIGINT)
    assert observer.wait(20) == 0
    return time.monotonic() - began


def test_a_lag_is_told_once_through_outages_and_deaths(
    cluster: Cluster, receiver: Webhook, tmp_path: Path
) -> None:
    topic = cluster.topic(2)
    job = WrittenCheckpoint(tmp_path / "checkpoint")
    job.batch(0, {topic: {0: 0, 1: 0}})
    config = write_config(tmp_path, cluster, checkpoint=job.folder)
    rule = {"name": "partition lag", "when": "lag > 15", "for": "2s", "every": "1s"}
    add_alerts(config, receiver, alerts=[rule], heartbeat=f"http://127.0.0.1:{receiver.port}/hunter2-beat")
    journal, log = tmp_path / "observations.db", tmp_path / "log"
    observer = start_program("run", "-c", str(config), log=log)
    try:
        eventually(lambda: "/hunter2-beat" in receiver.paths, 30, "the heart to beat")
        receiver.stop()
        cluster.produce(topic, [b"{}"] * 50, partition=0)
        cluster.produce(topic, [b"{}"] * 5, partition=1)
        # It dies again and again while the alert begins to fire and nobody can be told.
        chance = random.Random(7)
        until = time.monotonic() + 15
        while time.monotonic() < until:
            time.sleep(chance.uniform(2.0, 4.0))
            die(observer)
            observer = start_program("run", "-c", str(config), log=log)
        eventually(lambda: [one.kind for one in read_notifications(journal, 9)] == ["firing"], 20)
        receiver.start()
        eventually(lambda: len(receiver.received) == 1, 60, "the message to arrive")
        eventually(lambda: read_notifications(journal, 9)[0].delivered_at is not None, 5)
        die(observer)
        observer = start_program("run", "-c", str(config), log=log)
        count = len(journal_documents(journal))
        eventually(lambda: len(journal_documents(journal)) > count + 3, 30)
        assert [row.state for row in read_alert_states(journal)] == ["firing"]
        job.batch(1, {topic: {0: 50, 1: 5}})
        eventually(lambda: len(receiver.received) == 2, 30, "the alert to be over")
        assert stop(observer) < 3
        assert receiver.titles() == [
            "[firing] partition lag (warn): visits",
            "[resolved] partition lag (warn): visits",
        ]
        first, second = (one["message"] for one in receiver.received)
        assert f"pipeline visits, job passthrough, partition {topic}/0: 50, since" in first
        assert f"{topic}/1" not in first
        assert f"partition {topic}/0: now 0; it fired at" in second
    finally:
        observer.kill()
        observer.wait()
    done = run_program("alerts", "-c", str(config))
    everything = log.read_text() + done.stdout + str(journal_documents(journal))
    assert "hunter2" not in everything
    assert "Traceback" not in everything


def test_a_channel_that_hangs_delays_no_tick_and_no_end(receiver: Webhook, tmp_path: Path) -> None:
    receiver.hang = 30
    config = missing_kafka_config(tmp_path, "http://127.0.0.1:9", "none")
    rule = {"name": "job unknown", "when": "status == unknown", "every": "1s"}
    add_alerts(config, receiver, alerts=[rule], heartbeat=f"http://127.0.0.1:{receiver.port}/beat")
    observer = start_program("run", "-c", str(config), log=tmp_path / "log")
    try:
        journal = tmp_path / "observations.db"
        eventually(lambda: receiver.asked >= 2, 30, "both to be asked")
        count = len(journal_documents(journal))
        time.sleep(6)
        documents = journal_documents(journal)
        assert len(documents) >= count + 5
        assert all((one["tick_seconds"] or 0) < 0.9 for one in documents)
        took = stop(observer)
        assert took < 3.5, took
    finally:
        observer.kill()
        observer.wait()


def test_one_look_is_evaluated_and_told(receiver: Webhook, tmp_path: Path) -> None:
    config = missing_kafka_config(tmp_path, "http://127.0.0.1:9", "none")
    add_alerts(config, receiver, alerts=[{"name": "job unknown", "when": "status == unknown"}])
    done = run_program("run", "-c", str(config), "--once")
    assert (done.returncode, done.stderr) == (0, "")
    assert receiver.titles() == ["[firing] job unknown (warn): visits"]
    done = run_program("run", "-c", str(config), "--once")
    assert (done.returncode, len(receiver.received)) == (0, 1), "it still fires, and everybody knows"
    content = yaml.safe_load(config.read_text())
    config.write_text(yaml.safe_dump({**content, "alerts": []}))
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    assert receiver.titles()[1:] == ["[resolved] job unknown (warn): visits"]


def test_a_url_of_which_nothing_can_be_made_is_an_error_of_the_configuration(
    receiver: Webhook, tmp_path: Path
) -> None:
    config = missing_kafka_config(tmp_path, "http://127.0.0.1:9", "none")
    add_alerts(config, receiver)
    config.write_text(config.read_text().replace("json://", "hunter2://"))
    done = run_program("run", "-c", str(config), "--once")
    assert done.returncode == 2
    assert "notify.team.url: Apprise can make nothing of this URL" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
