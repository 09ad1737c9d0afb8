"""Journals to be sent, and what has become of them at a server."""

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from offline_observer.config.export import SearchExport
from offline_observer.demo.search_release import SearchRelease
from offline_observer.export.exporter import Exporter
from offline_observer.export.index_names import alias_of
from offline_observer.export.registry import make_server
from offline_observer.export.search_exporter import SearchExporter
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import read_documents
from offline_observer.observation import Document
from support.kafka import eventually
from support.program import journal_documents, start_program
from support.search import MakeSearchServer, SearchCluster

KINDS = ("observation", "partition", "profile")
START = datetime(2026, 10, 31, 23, 50, tzinfo=UTC)
EVERY = timedelta(seconds=10)


def time_at(tick: int) -> str:
    return (START + tick * EVERY).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def observation(tick: int, **more: object) -> Document:
    return {
        "@timestamp": time_at(tick),
        "kind": "observation",
        "observer": "visits",
        "pipeline": "visits",
        "job": "copy",
        "dataset": "processed_visits",
        "batch_id": tick,
        "all_events": tick % 30,
        "invalid_user_id": tick % 7,
        "lag_per_partition": {"0": 2, "1": tick % 40},
        "max_lag": tick % 40,
        "seconds_behind": 16.770000457,
        "job_status": "ok",
        "reason": None,
        "warnings": [],
        **more,
    }


def partition(tick: int, number: int) -> Document:
    return {
        "@timestamp": time_at(tick),
        "kind": "partition",
        "observer": "visits",
        "pipeline": "visits",
        "job": "copy",
        "topic": "visits",
        "partition": number,
        "lag": (tick + number) % 40,
        "seconds_behind": 1.5,
        "status": "ok",
    }


def fill(journal: Journal, ticks: int, first: int = 0, **more: object) -> None:
    """Observations with two partitions each."""
    for tick in range(first, first + ticks):
        parts = [partition(tick, 0), partition(tick, 1)]
        journal.append(Entry(pipeline="visits", document=observation(tick, **more), partitions=parts))


def exporter_of(product: str, url: str | list[str], index: str, **more: Any) -> Exporter:
    """What sends to a server, as a configuration makes it."""
    settings = SearchExport.model_validate({"url": url, "replicas": 0, **more})
    return SearchExporter(product, make_server(product, settings), index, settings)


def journal_by_kind(path: Path) -> dict[str, dict[str, Document]]:
    found: dict[str, dict[str, Document]] = {kind: {} for kind in KINDS}
    for identity, document in read_documents(path):
        found[str(document["kind"])][identity] = document
    return found


def assert_same(cluster: SearchCluster, index: str, journal: Path, *, but: set[str] | None = None) -> None:
    """What is at the server is what is in the journal: none missing, none twice, none changed.

    Args:
        cluster: The server.
        index: What the names of its indices begin with.
        journal: The journal.
        but: Ids of documents that are not to be there.
    """
    for kind, documents in journal_by_kind(journal).items():
        expected = {identity: one for identity, one in documents.items() if identity not in (but or set())}
        alias = alias_of(index, kind)
        assert cluster.ids(alias) == sorted(expected), kind
        found = cluster.documents(alias)
        assert found == expected, kind


def seen(cluster: SearchCluster, index: str) -> int:
    """How many documents there are; 0 while the index is only being made."""
    cluster.ask("POST", f"/{index}/_refresh")
    answer = cluster.ask("GET", f"/{index}/_count")
    return int(answer.json()["count"]) if answer.ok else 0


def away_and_back(
    make_search_server: MakeSearchServer, release: SearchRelease, folder: Path, index: str, seconds: float
) -> None:
    """An observer as a process; its server is killed, stays away, and comes back."""
    server = make_search_server(release)
    config = missing_kafka_config(folder, server.url, index)
    log = folder / "log"
    observer = start_program("run", "-c", str(config), log=log)
    try:
        eventually(lambda: seen(server, index) >= 2, 60)
        server.kill()
        time.sleep(seconds)
        ticks = len(journal_documents(folder / "observations.db"))
        server.server.start()
        eventually(lambda: seen(server, index) >= ticks, 90, "what was written meanwhile")
        assert ticks >= seconds * 0.3, "it went on meanwhile"
        eventually(lambda: "documents arrive again" in log.read_text(), 20)
    finally:
        observer.send_signal(signal.SIGINT)
        assert observer.wait(20) == 0
    assert_same(server, index, folder / "observations.db")
    text = log.read_text()
    assert "cannot be reached" in text
    assert "Traceback" not in text


def missing_kafka_config(folder: Path, url: str, index: str, *, every: str = "1s", **more: object) -> Path:
    """A configuration whose broker and checkpoint are not there: each tick's documents say so, and are sent."""
    path = folder / "observer.yaml"
    content: dict[str, object] = {
        "name": "test",
        "every": every,
        "kafka": {"bootstrap.servers": "127.0.0.1:9"},
        "journal": "./observations.db",
        "pipelines": [{"name": "visits", "job": {"name": "copy", "checkpoint": "./none"}}],
        "export": {"elasticsearch": {"url": url, "index": index, "replicas": 0}},
        **more,
    }
    path.write_text(yaml.safe_dump(content))
    return path
