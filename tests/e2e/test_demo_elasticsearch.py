"""The demo with Elasticsearch: the scenario's documents come to a real server."""

import re
import signal
from pathlib import Path

import pytest
import requests

from support.demo import demo_folder, start_demo, stop_demo
from support.kafka import eventually
from support.program import journal_documents

folder = pytest.fixture(demo_folder)

INDEX = "visits_observation_stats"
OF_THE_SCENARIO = {
    "@timestamp",
    "all_events",
    "invalid_context",
    "invalid_event_time",
    "invalid_page",
    "invalid_user_id",
    "lag_per_partition",
    "job",
    "dataset",
    "job_status",
}


def found(url: str, alias: str) -> list[dict[str, object]]:
    """The documents of an alias; none while it is only being made."""
    answer = requests.get(f"{url}/{alias}/_search", params={"size": "1000", "sort": "@timestamp"}, timeout=20)
    hits = answer.json()["hits"]["hits"] if answer.ok else []
    return [hit["_source"] for hit in hits]


def test_the_scenarios_documents_are_there_as_they_are_in_the_journal(folder: Path) -> None:
    demo = start_demo(folder, "--elasticsearch")
    log = folder.parent / "demo.log"
    try:
        eventually(lambda: "/_search" in (log.read_text() if log.exists() else ""), 180, "everything to run")
        address = re.search(rf"(http://127\.0\.0\.1:[0-9]+)/{INDEX}/_search", log.read_text())
        assert address is not None
        url = address[1]
        eventually(lambda: len(found(url, INDEX)) >= 3, 90, "three observations")
        documents = found(url, INDEX)
        partitions = found(url, f"{INDEX}_partitions")
        written = journal_documents(folder / "observations.db")
        stop_demo(demo, folder, signal.SIGTERM)
    finally:
        demo.terminate()
        demo.wait(30)
    assert documents == written[: len(documents)]
    assert set(documents[0]) >= OF_THE_SCENARIO
    assert sum(int(str(one["all_events"])) for one in documents) > 0
    assert {(one["topic"], one["partition"]) for one in partitions} == {("visits", 0), ("visits", 1)}
    text = log.read_text()
    assert "cannot be reached" not in text
    assert "Traceback" not in text
