"""The command `export`, of several exporters."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.cli.app import run_command
from offline_observer.export import again, registry
from offline_observer.export.exporter import ExportError, Item, Sent
from offline_observer.journal.journal import Entry, Journal

CONFIG = """
name: o
kafka: {bootstrap.servers: "h:9092"}
journal: ./observations.db
pipelines: [{name: p, job: {name: j, checkpoint: ./c}}]
export:
  elasticsearch: {url: "http://h"}
  opensearch: {url: "http://h"}
"""


class Noting:
    """Takes everything, unless it is away."""

    most_documents = 10
    most_bytes = 10_000

    def __init__(self, name: str, *, is_away: bool) -> None:
        self.name = name
        self.is_away = is_away
        self.taken: list[str] = []
        self.is_open = True

    def prepare(self) -> str:
        if self.is_away:
            raise ExportError("the server cannot be reached")
        return "here"

    def send(self, items: Sequence[Item]) -> Sent:
        self.taken += [item.identity for item in items]
        return Sent(settled=len(items))

    def drop_older(self, _now: datetime, _keep: timedelta) -> Sequence[str]:
        return []

    def close(self) -> None:
        self.is_open = False


def test_one_that_is_away_keeps_nothing_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(again, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(again, "_FIRST_PAUSE", 0.05)
    exporters = [Noting("elasticsearch", is_away=True), Noting("opensearch", is_away=False)]
    monkeypatch.setattr(registry, "make_exporters", lambda _: exporters)
    path = tmp_path / "observer.yaml"
    path.write_text(CONFIG)
    document: dict[str, object] = {"@timestamp": "2026-11-01T00:00:00.000Z", "kind": "observation"}
    with closing(Journal(tmp_path / "observations.db")) as journal:
        identity = journal.append(Entry(pipeline="p", document=document))
    assert run_command(["export", "-c", str(path), "--from", "2026-01-01T00:00:00Z"]) == 3
    assert "elasticsearch: the server cannot be reached" in capsys.readouterr().err
    assert [one.taken for one in exporters] == [[], [identity]]
    assert not any(one.is_open for one in exporters)
