"""A broker, a checkpoint or a topic that is away is a status, never a gap, a zero or a crash."""

import time
from pathlib import Path

from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from support.kafka import Cluster, eventually
from support.observing import LONG, write_config
from support.program import journal_documents, run_program, start_program


def test_a_broker_that_goes_away_and_comes_back(java: Java, kafka_jars: list[Path], tmp_path: Path) -> None:
    (port,) = free_ports(1)
    broker = KafkaBroker(tmp_path / "kafka", port, java, kafka_jars)
    broker.start()
    journal = tmp_path / "observations.db"
    observer = None
    try:
        cluster = Cluster(broker)
        topic = cluster.topic(1)
        config = write_config(
            tmp_path, cluster, dataset=topic, checkpoint=tmp_path / "no-checkpoint", every="2s"
        )
        cluster.produce(topic, [b"{}"] * 4)
        observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
        eventually(lambda: journal.exists() and len(journal_documents(journal)) >= 1, 20, "an observation")
        broker.stop()
        eventually(lambda: journal_documents(journal)[-1]["all_events"] is None, 30, "the outage to be seen")
        away = journal_documents(journal)[-1]
        assert f"no answer from the Kafka broker at 127.0.0.1:{port}" in away["dataset_error"]
        assert away["invalid_user_id"] is None
        assert (away["job_status"], away["max_lag"]) == ("unknown", None)
        assert "no-checkpoint" in away["reason"]
        # It goes on observing that it is away.
        count = len(journal_documents(journal))
        eventually(lambda: len(journal_documents(journal)) > count, 20, "another observation")
        broker.start()
        cluster.produce(topic, [b"{}"] * 3)
        eventually(
            lambda: journal_documents(journal)[-1]["all_events"] is not None, 30, "the broker's return"
        )
        eventually(
            lambda: sum(d["all_events"] or 0 for d in journal_documents(journal)) == 7, 20, "all records"
        )
        observer.terminate()
        began = time.monotonic()
        assert observer.wait(10) == 0
        assert time.monotonic() - began < 5
        printed = (tmp_path / "observer.log").read_text()
        assert "rdkafka" not in printed
        assert "Traceback" not in printed
    finally:
        if observer is not None:
            observer.kill()
            observer.wait()
        broker.stop()


def test_no_broker_at_all_is_a_status_of_run(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1))
    config.write_text(config.read_text().replace(cluster.servers, "127.0.0.1:1"))
    done = run_program("run", "-c", str(config), "--once")
    assert (done.returncode, done.stderr) == (0, "")
    (document,) = journal_documents(tmp_path / "observations.db")
    assert document["all_events"] is None
    assert "Connection refused" in document["dataset_error"]


def test_a_topic_that_comes_later(cluster: Cluster, tmp_path: Path) -> None:
    topic = f"later-{tmp_path.name}"
    config = write_config(tmp_path, cluster, dataset=topic, every=LONG)
    journal = tmp_path / "observations.db"
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    cluster.topic(1, name=topic)
    cluster.produce(topic, [b"{}"])
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    first, second = journal_documents(journal)
    assert (first["all_events"], second["all_events"]) == (None, 1)
    assert "the broker has no such topic" in first["dataset_error"]


def test_a_read_that_does_not_fit_into_a_tick_is_finished_by_later_ones(
    cluster: Cluster, tmp_path: Path
) -> None:
    topic = cluster.topic(2)
    for partition in (0, 1):
        cluster.produce(
            topic, [b'{"user_id":"%s"}' % (b"u" * 400)] * 300_000, partition=partition, linger_ms="50"
        )
    config = write_config(tmp_path, cluster, dataset=topic, every="1s")
    journal = tmp_path / "observations.db"

    def is_read() -> bool:
        newest = journal_documents(journal)[-1:] if journal.exists() else []
        return [document["dataset_behind"] for document in newest] == [0]

    observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
    try:
        eventually(is_read, 60, "all to be read")
    finally:
        observer.terminate()
        assert observer.wait(10) == 0
    documents = journal_documents(journal)
    assert documents[0]["dataset_behind"] > 0, "the first tick stopped when its time was over"
    assert 0 < documents[0]["all_events"] < 600_000
    assert sum(document["all_events"] for document in documents) == 600_000
    assert documents[-1]["dataset_behind"] == 0
