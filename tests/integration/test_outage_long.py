"""A broker that is away for minutes: an observation every tick, on time, and all records when it is back."""

import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import journal_documents, start_program

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

AWAY_SECONDS = 180


def test_an_outage_of_three_minutes(java: Java, kafka_jars: list[Path], tmp_path: Path) -> None:
    (port,) = free_ports(1)
    broker = KafkaBroker(tmp_path / "kafka", port, java, kafka_jars)
    broker.start()
    cluster = Cluster(broker)
    topic = cluster.topic(2)
    config = write_config(tmp_path, cluster, dataset=topic, every="10s")
    journal = tmp_path / "observations.db"
    cluster.produce(topic, [b"{}"] * 100)
    observer = start_program("run", "-c", str(config), log=tmp_path / "log")
    try:
        eventually(lambda: journal.exists() and len(journal_documents(journal)) >= 2, 40, "two observations")
        broker.stop()
        time.sleep(AWAY_SECONDS)
        broker.start()
        cluster.produce(topic, [b"{}"] * 50)
        eventually(
            lambda: sum(d["all_events"] or 0 for d in journal_documents(journal)) == 150, 60, "all records"
        )
        observer.terminate()
        assert observer.wait(10) == 0
    finally:
        observer.kill()
        observer.wait()
        broker.stop()
    documents = journal_documents(journal)
    times = [datetime.fromisoformat(document["@timestamp"]) for document in documents]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert max(gaps) < 11, "no tick was left out"
    unknown = [document for document in documents if document["all_events"] is None]
    assert len(unknown) >= AWAY_SECONDS / 10 - 2
    assert all("no answer from the Kafka broker" in document["dataset_error"] for document in unknown)
