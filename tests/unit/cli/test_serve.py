"""`offline-observer serve`: what it refuses, and what it does with a journal of an older format."""

import os
import sqlite3
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from offline_observer.cli.serve import _what
from offline_observer.config.dashboard import Dashboard
from offline_observer.errors import ConfigError, JournalError
from offline_observer.journal import upgrade
from offline_observer.journal.format import SCHEMA_VERSION
from offline_observer.journal.journal import Journal
from offline_observer.journal.reading import opened
from offline_observer.journal.upgrade import bring_up_to_date_if_free, say_if_it_takes_long
from support.journals import entry, write_journal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def old_journal(path: Path) -> Path:
    connection = sqlite3.connect(path, isolation_level=None)
    folder = resources.files("offline_observer.journal")
    for number in range(1, 6):
        connection.executescript(folder.joinpath(f"schema_{number}.sql").read_text())
    connection.execute("INSERT INTO meta VALUES ('uuid', 'u')")
    connection.execute("PRAGMA user_version=5")
    connection.close()
    return path


def version_of(path: Path) -> int:
    with opened(path) as (_, version):
        return version


def test_a_journal_of_an_older_format_is_brought_up_to_date(tmp_path: Path) -> None:
    path = old_journal(tmp_path / "o.db")
    assert version_of(path) == 5
    bring_up_to_date_if_free(path)
    assert version_of(path) == SCHEMA_VERSION
    bring_up_to_date_if_free(path)


def test_one_that_belongs_to_an_observer_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_journal(tmp_path / "o.db", [entry(NOW)])
    owner = Journal(path)
    bring_up_to_date_if_free(path)
    monkeypatch.setattr(upgrade, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with pytest.raises(JournalError, match="belongs to another observer"):
        bring_up_to_date_if_free(path)
    owner.close()


def test_what_takes_long_is_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    say_if_it_takes_long(tmp_path / "nothing.db", said.append)
    path = old_journal(tmp_path / "o.db")
    say_if_it_takes_long(path, said.append)
    assert said == []
    monkeypatch.setattr(upgrade, "_LARGE", 1000)
    say_if_it_takes_long(path, said.append)
    assert len(said) == 1
    assert "once" in said[0]
    bring_up_to_date_if_free(path)
    say_if_it_takes_long(path, said.append)
    assert len(said) == 1


def test_the_journal_is_named_once(tmp_path: Path) -> None:
    for config, journal in ((None, None), (tmp_path / "c", tmp_path / "j")):
        with pytest.raises(ConfigError, match="one of -c FILE"):
            _what(config, journal, None, None, None)


def test_an_address_for_others_wants_a_token(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="OBSERVER_TOKEN"):
        _what(None, tmp_path / "j", "0.0.0.0", None, None)  # noqa: S104 - it is refused
    with pytest.raises(ConfigError, match="keeps nobody out"):
        _what(None, tmp_path / "j", "127.0.0.1", None, " ")
    _, dashboard = _what(None, tmp_path / "j", "0.0.0.0", 9000, "secret")  # noqa: S104 - with a token it is not
    assert (dashboard.host, dashboard.port) == ("0.0.0.0", 9000)  # noqa: S104
    assert "secret" not in repr(dashboard)


def test_what_is_said_here_comes_before_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "name: test\nkafka: {bootstrap.servers: 127.0.0.1:9}\njournal: o.db\n"
        "dashboard: {host: 127.0.0.2, port: 1, token: of the file, allowed_hosts: [a.example]}\n"
        "pipelines: [{name: visits, job: {name: j, checkpoint: ./c}}]\n"
    )
    page, dashboard = _what(config, None, None, 2, "other")
    assert page.journal == tmp_path / "o.db"
    assert dashboard == Dashboard.model_validate(
        {"host": "127.0.0.2", "port": 2, "token": "of the file", "allowed_hosts": ["a.example"]}
    )
    assert os.environ.get("OBSERVER_TOKEN") is None
