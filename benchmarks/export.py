"""How many documents a second come from the journal to Elasticsearch, beside the official client's bulk helper alone.

The same documents, the same real server, 1,000 at a time, an index of its own for each round. `helper` is
`elasticsearch.helpers.bulk` over documents in memory. `exporter` is what `offline-observer run` does: pages of the journal,
ids and indices of the documents, and after each bulk request the place in the journal, written through to the disk.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from elasticsearch import Elasticsearch, helpers

from benchmarks.measuring import AsJson, Rounds, interleaved, ratio, seconds, show
from offline_observer.clock import SystemClock
from offline_observer.config.export import SearchExport
from offline_observer.demo.java import find_java
from offline_observer.demo.search_program import prepare_search_server
from offline_observer.demo.search_release import ELASTICSEARCH_8
from offline_observer.demo.search_server import SearchServer
from offline_observer.export.elasticsearch import ElasticsearchServer
from offline_observer.export.exports import Exports
from offline_observer.export.index_names import alias_of, index_of
from offline_observer.export.search_exporter import SearchExporter
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import read_documents
from offline_observer.observation import Document
from offline_observer.stop import Stop
from offline_observer.time_text import format_time

START = datetime(2026, 11, 1, tzinfo=UTC)
PARTITIONS = 2
BULK = 1000
WANTED = 0.7
_SECONDS = 600.0


def observation(tick: int) -> Document:
    """A document as a tick of the scenario writes it."""
    return {
        "@timestamp": format_time(START + timedelta(seconds=10 * tick)),
        "kind": "observation",
        "observer": "visits",
        "pipeline": "visits",
        "job": "passthrough_visits_processor",
        "dataset": "processed_visits",
        "batch_id": tick,
        "all_events": 30,
        "unparseable": tick % 2,
        "tombstones": 0,
        "invalid": tick % 5,
        "dataset_behind": 0,
        "dataset_status": "ok",
        "dataset_reason": None,
        **{f"invalid_{name}": tick % 4 for name in ("event_time", "user_id", "page", "context")},
        **{f"broken_{name}_not_empty": tick % 4 for name in ("event_time", "user_id", "page", "context")},
        "lag_per_partition": {"0": tick % 30, "1": tick % 7},
        "max_lag": tick % 30,
        "total_lag": tick % 30 + tick % 7,
        "unknown_partitions": 0,
        "expired_records": 0,
        "seconds_behind": tick % 30 / 7,
        "last_commit_at": format_time(START + timedelta(seconds=10 * tick - 3)),
        "job_status": "ok",
        "reason": None,
        "warnings": [],
    }


def partition(tick: int, number: int) -> Document:
    return {
        "@timestamp": format_time(START + timedelta(seconds=10 * tick)),
        "kind": "partition",
        "observer": "visits",
        "pipeline": "visits",
        "job": "passthrough_visits_processor",
        "topic": "visits",
        "partition": number,
        "committed_offset": 30 * tick,
        "planned_offset": 30 * tick,
        "end_offset": 30 * tick + tick % 30,
        "earliest_offset": 0,
        "lag": tick % 30,
        "seconds_behind": tick % 30 / 7,
        "expired_records": 0,
        "status": "ok",
        "reason": None,
    }


class Ways:
    """The two ways, each round into indices of its own."""

    def __init__(self, url: str, journal: Journal) -> None:
        self._url = url
        self._journal = journal
        self._client = Elasticsearch(url, request_timeout=60)
        self._documents = list(read_documents(journal.path))
        self._round = 0

    @property
    def count(self) -> int:
        return len(self._documents)

    def _exporter(self, index: str) -> SearchExporter:
        settings = SearchExport(url=(self._url,), replicas=0, bulk_documents=BULK)
        return SearchExporter("elasticsearch", ElasticsearchServer(settings), index, settings)

    def helper(self) -> None:
        self._round += 1
        index = f"helper{self._round}"
        # The same templates: what an index costs is the same for both.
        self._exporter(index).prepare()
        actions = (
            {
                "_op_type": "index",
                "_index": index_of(alias_of(index, str(document["kind"])), str(document["@timestamp"])),
                "_id": identity,
                "_source": document,
            }
            for identity, document in self._documents
        )
        done, _ = helpers.bulk(self._client, actions, chunk_size=BULK)
        if done != self.count:
            raise RuntimeError(f"{done} of {self.count} documents arrived")

    def exporter(self) -> None:
        self._round += 1
        index = f"exporter{self._round}"
        exports = Exports([self._exporter(index)], self._journal, SystemClock(), None)
        try:
            if not exports.finish(_SECONDS, Stop()):
                raise RuntimeError(f"not everything arrived: {exports.health()}")
        finally:
            exports.close()

    def check(self) -> None:
        self._client.indices.refresh()
        for name in (f"helper{self._round - 1}*", f"exporter{self._round}*"):
            found = int(self._client.count(index=name)["count"])
            if found != self.count:
                raise RuntimeError(f"{found} of {self.count} documents are in {name}")


@contextmanager
def filled_journal(folder: Path, ticks: int) -> Iterator[Journal]:
    journal = Journal(folder / "observations.db")
    try:
        for tick in range(ticks):
            parts = [partition(tick, number) for number in range(PARTITIONS)]
            journal.append(Entry(pipeline="visits", document=observation(tick), partitions=parts))
        yield journal
    finally:
        journal.close()


@contextmanager
def running_server(folder: Path) -> Iterator[SearchServer]:
    java = find_java(os.environ)
    program = prepare_search_server(ELASTICSEARCH_8, java, lambda _: None)
    server = SearchServer(folder, 0, java, program, heap="512m")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def main(
    documents: Annotated[int, typer.Option(min=PARTITIONS + 1, help="Documents in the journal.")] = 30_000,
    rounds: Rounds = 5,
    json_: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write the figures there, too.")] = None,
) -> None:
    """Measure how fast the journal's documents come to Elasticsearch."""
    with TemporaryDirectory(prefix="export-") as name:
        folder = Path(name)
        ticks = documents // (PARTITIONS + 1)
        with filled_journal(folder, ticks) as journal, running_server(folder / "server") as server:
            ways = Ways(server.url, journal)
            works = {"helper": ways.helper, "exporter": ways.exporter}
            interleaved(1, works)  # the server's compiler has to warm up
            ways.check()
            taken = interleaved(rounds, works)
            ways.check()
            size = sum(len(json.dumps(document)) for _, document in read_documents(journal.path))
    found = seconds(taken)
    result: dict[str, object] = {
        "benchmark": "export",
        "documents": ways.count,
        "bytes_per_document": round(size / ways.count),
        "rounds": rounds,
        **found,
        "helper_documents_per_second": round(ways.count / found["helper_seconds"]),
        "exporter_documents_per_second": round(ways.count / found["exporter_seconds"]),
        "exporter / helper": ratio(taken, "helper", "exporter"),
        "wanted": WANTED,
    }
    if out is not None:
        out.write_text(json.dumps(result, indent=2) + "\n")
    show(result, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
