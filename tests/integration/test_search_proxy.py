"""The proxy that the tests put in front of a search server does what it is told."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from support.search import SearchCluster
from support.search_faults import Where
from support.search_proxy import SearchProxy


@pytest.fixture
def proxy(elasticsearch: SearchCluster) -> Iterator[SearchProxy]:
    with SearchProxy(elasticsearch.url) as proxy:
        yield proxy


def bulk(proxy: SearchProxy, index: str, number: int, padding: int = 0) -> requests.Response:
    action = json.dumps({"index": {"_index": index, "_id": str(number)}})
    lines = f"{action}\n{json.dumps({'n': number, 'padding': 'x' * padding})}\n"
    headers = {"Content-Type": "application/x-ndjson"}
    return requests.post(f"{proxy.url}/_bulk", lines, headers=headers, timeout=10)


def test_what_is_asked_is_passed_on_and_counted(
    proxy: SearchProxy, elasticsearch: SearchCluster, search_prefix: str
) -> None:
    index = f"{search_prefix}a"
    with requests.Session() as session:
        answer = session.get(proxy.url, timeout=10)
        assert answer.json()["version"]["number"] == elasticsearch.version
        assert answer.headers["X-Elastic-Product"] == "Elasticsearch"
        assert session.head(f"{proxy.url}/{index}", timeout=10).status_code == 404
    assert bulk(proxy, index, 1).json()["errors"] is False
    assert bulk(proxy, index, 2, padding=1000).json()["errors"] is False
    assert [(asked.method, asked.path, asked.status) for asked in proxy.asked] == [
        ("GET", "/", 200),
        ("HEAD", f"/{index}", 404),
        ("POST", "/_bulk", 200),
        ("POST", "/_bulk", 200),
    ]
    first, second = proxy.bulk_sizes
    assert second == first + 1000
    chunks = iter([b'{"index": {"_index": "%s"}}\n' % index.encode(), b'{"n": 3}\n'])
    headers = {"Content-Type": "application/x-ndjson"}
    assert requests.post(f"{proxy.url}/_bulk", chunks, headers=headers, timeout=10).ok
    assert elasticsearch.count(index) == 3


def test_a_login_is_required(proxy: SearchProxy) -> None:
    proxy.require_api_key("the-key")
    refused = requests.get(proxy.url, timeout=10)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "security_exception")
    for key, status in (("the-key", 200), ("another", 401)):
        headers = {"Authorization": f"ApiKey {key}"}
        assert requests.get(proxy.url, headers=headers, timeout=10).status_code == status
    proxy.require_login("writer", "its-password")
    assert requests.get(proxy.url, auth=("writer", "its-password"), timeout=10).ok
    assert requests.get(proxy.url, auth=("writer", "not-its"), timeout=10).status_code == 401
    proxy.require_nothing()
    assert requests.get(proxy.url, timeout=10).ok


def test_it_speaks_tls(elasticsearch: SearchCluster, tmp_path: Path) -> None:
    with SearchProxy(elasticsearch.url, certificates=tmp_path) as proxy:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(proxy.url, timeout=10)
        assert requests.get(proxy.url, verify=str(tmp_path / "ca.pem"), timeout=10).ok


def test_so_many_requests_are_answered_in_place_of_the_server(
    proxy: SearchProxy, elasticsearch: SearchCluster, search_prefix: str
) -> None:
    index = f"{search_prefix}a"
    proxy.answer_next(2, 429, '{"status": 429}', path="_bulk", headers={"Retry-After": "1"})
    proxy.answer_next(1, 503)
    assert requests.get(proxy.url, timeout=10).status_code == 503
    assert requests.get(proxy.url, timeout=10).status_code == 200
    answers = [bulk(proxy, index, number) for number in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert elasticsearch.ids(index) == ["2"]
    proxy.largest = 500
    assert [bulk(proxy, index, 9, padding=size).status_code for size in (1000, 10)] == [413, 200]


@pytest.mark.parametrize(("where", "written"), [("before", 0), ("middle", 1), ("after", 1)])
def test_a_connection_is_cut(
    proxy: SearchProxy, elasticsearch: SearchCluster, search_prefix: str, where: Where, written: int
) -> None:
    index = f"{search_prefix}a"
    proxy.cut_next(1, where, path="_bulk")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        bulk(proxy, index, 1)
    assert elasticsearch.count(index) == written
    assert [asked.status for asked in proxy.asked] == [None]
    assert bulk(proxy, index, 1).ok


def test_an_answer_is_late(proxy: SearchProxy) -> None:
    proxy.delay_next(1, 0.5)
    before = time.monotonic()
    assert requests.get(proxy.url, timeout=10).ok
    assert time.monotonic() - before >= 0.5
    proxy.delay_next(5, 30)
    with pytest.raises(requests.Timeout):
        requests.get(proxy.url, timeout=0.3)
    proxy.behave()
    assert requests.get(proxy.url, timeout=10).ok


def test_it_is_stopped_and_started_on_the_same_port(proxy: SearchProxy) -> None:
    with requests.Session() as session:
        assert session.get(proxy.url, timeout=10).ok
        url = proxy.url
        proxy.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(url, timeout=10)
        proxy.start()
        assert proxy.url == url
        assert session.get(url, timeout=10).ok
    proxy.target = "http://127.0.0.1:1"
    assert requests.get(proxy.url, timeout=10).status_code == 502
