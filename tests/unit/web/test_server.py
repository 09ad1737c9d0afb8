"""The server, as strangers meet it."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from offline_observer.clock import SystemClock
from offline_observer.config.dashboard import Dashboard
from offline_observer.dashboard.watched import PageOf
from offline_observer.web import server
from offline_observer.web.observer_site import serve_journal
from support.journals import entry, write_journal

TOKEN = "hunter2"  # noqa: S105


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return write_journal(tmp_path / "o.db", [entry(datetime.now(UTC))])


@pytest.fixture
def url(journal: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(server, "_SILENT_SECONDS", 1)
    monkeypatch.setattr(server, "_LOOK_SECONDS", 1)
    dashboard = Dashboard.model_validate({"port": 0, "token": TOKEN})
    with closing(serve_journal(PageOf(name="test", journal=journal), dashboard, SystemClock())) as site:
        yield site.url


def connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10)


def test_a_large_body_of_a_stranger_is_not_taken_in(url: str) -> None:
    with connected(url) as connection:
        head = "POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_connections_on_which_nothing_comes_keep_nobody_out(url: str) -> None:
    silent = [connected(url) for _ in range(120)]
    try:
        for one in silent:
            one.sendall(b"GET / HT")
        assert requests.get(f"{url}/healthz", timeout=20).text == "ok\n"
    finally:
        for one in silent:
            one.close()


def test_who_has_no_token_is_not_told_where_the_journal_is(url: str, journal: Path) -> None:
    journal.unlink()
    answer = requests.get(f"{url}/readyz", timeout=20)
    assert (answer.status_code, answer.text) == (503, "the journal cannot be read\n")
    told = requests.get(f"{url}/api/jobs", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    assert str(journal) in told.text
