"""The observer is killed in the middle of its work; nothing is lost and nothing is counted twice."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from support.kafka import Cluster, eventually
from support.observing import LONG, write_config
from support.program import journal_documents, json_lines, run_program, start_program


def test_killed_three_times_every_record_is_counted_once(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2)
    config = write_config(tmp_path, cluster, dataset=topic, every="1s")
    journal = tmp_path / "observations.db"
    done = threading.Event()

    def keep_producing() -> None:
        number = 0
        while not done.is_set():
            cluster.produce(topic, [b"{}", b'{"user_id":"u"}', b"not json"] * 100, partition=number % 2)
            number += 1

    producing = threading.Thread(target=keep_producing)
    producing.start()
    chance = random.Random(3)

    def more_than(seen: int) -> Callable[[], bool]:
        return lambda: journal.exists() and len(journal_documents(journal)) > seen

    try:
        for _ in range(3):
            observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
            seen = len(journal_documents(journal)) if journal.exists() else 0
            eventually(more_than(seen), 20, "an observation")
            time.sleep(chance.uniform(0, 1.5))
            observer.kill()
            observer.wait(10)
    finally:
        done.set()
        producing.join()
    write_config(tmp_path, cluster, dataset=topic, every=LONG)
    last = run_program("run", "-c", str(config), "--once")
    assert last.returncode == 0, last.stderr

    documents = journal_documents(journal)
    total = sum(cluster.ends(topic).values())
    assert total >= 600
    assert sum(document["all_events"] for document in documents) == total
    assert sum(document["unparseable"] for document in documents) == total // 3
    assert sum(document["invalid_user_id"] for document in documents) == total // 3
    assert documents[-1]["dataset_behind"] == 0
    assert json_lines(run_program("observations", "--journal", str(journal)).stdout) == documents


def test_a_second_observer_on_the_same_journal_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1))
    observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
    try:
        eventually((tmp_path / "observations.db").exists, 20, "the journal")
        eventually(lambda: len(journal_documents(tmp_path / "observations.db")) > 0, 20, "an observation")
        second = run_program("run", "-c", str(config), "--once")
        assert second.returncode == 3
        assert "belongs to another observer that is running" in second.stderr
    finally:
        observer.terminate()
        assert observer.wait(10) == 0


def test_a_restart_takes_start_from_no_second_time(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    cluster.produce(topic, [b"{}"] * 5)
    config = write_config(tmp_path, cluster, dataset=topic, start_from="latest", every=LONG)
    journal = tmp_path / "observations.db"
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    cluster.produce(topic, [b"{}"] * 3)
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    assert [document["all_events"] for document in journal_documents(journal)] == [0, 3]
