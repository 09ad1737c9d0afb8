import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from offline_observer.demo import search_program
from offline_observer.demo.java import Java
from offline_observer.demo.java_compiler import compile_java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.search_program import prepare_search_server
from offline_observer.demo.search_release import ELASTICSEARCH_8, ELASTICSEARCH_9, OPENSEARCH, SearchRelease
from offline_observer.demo.search_server import SearchServer
from offline_observer.errors import DemoError
from offline_observer.stop import Stop
from support.search import MakeSearchServer, SearchCluster, unique_prefix

RELEASES = [
    pytest.param(ELASTICSEARCH_8, id="elasticsearch-8"),
    pytest.param(OPENSEARCH, id="opensearch"),
    pytest.param(ELASTICSEARCH_9, id="elasticsearch-9", marks=pytest.mark.long),
]
MAPPINGS = {
    "dynamic": False,
    "properties": {
        "at": {"type": "date"},
        "job": {"type": "keyword"},
        "lag": {"type": "long"},
    },
}


def write(cluster: SearchCluster, index: str, number: int, version: int = 1) -> Any:
    document = {"at": f"2026-11-2{number}T12:00:00Z", "job": f"job{number % 2}", "lag": number * 10}
    action = {"_index": index, "_id": str(number), "version": version, "version_type": "external_gte"}
    return cluster.bulk({"index": action}, document)["items"][0]["index"]


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_written_can_be_searched_also_after_a_stop_and_a_kill(
    make_search_server: MakeSearchServer, release: SearchRelease
) -> None:
    cluster = make_search_server(release)
    prefix = unique_prefix()
    url = cluster.url
    assert cluster.version == release.version
    assert cluster.ask("HEAD", "/").status_code == 200

    cluster.put_template(f"{prefix}template", f"{prefix}index-*", MAPPINGS, aliases=[f"{prefix}all"])
    for number in range(4):
        assert write(cluster, f"{prefix}index-1", number)["status"] == 201
    assert write(cluster, f"{prefix}index-1", 3)["result"] == "updated"
    assert write(cluster, f"{prefix}index-1", 3, version=0)["status"] == 409
    cluster.refresh(f"{prefix}all")
    found = cluster.search(
        f"{prefix}all",
        {
            "size": 0,
            "query": {"terms": {"job": ["job1"]}},
            "aggs": {
                "jobs": {
                    "terms": {"field": "job"},
                    "aggs": {
                        "days": {"date_histogram": {"field": "at", "calendar_interval": "day"}},
                        "largest": {"max": {"field": "lag"}},
                    },
                }
            },
        },
    )
    (bucket,) = found["aggregations"]["jobs"]["buckets"]
    assert (bucket["key"], bucket["doc_count"], bucket["largest"]["value"]) == ("job1", 2, 30.0)
    assert [day["doc_count"] for day in bucket["days"]["buckets"]] == [1, 0, 1]

    cluster.server.stop()
    cluster.server.start()
    assert cluster.url == url
    assert cluster.ids(f"{prefix}all") == ["0", "1", "2", "3"]
    assert write(cluster, f"{prefix}index-2", 4)["status"] == 201
    cluster.kill()
    cluster.server.start()
    assert sorted(cluster.documents(f"{prefix}all")) == ["0", "1", "2", "3", "4"]
    cluster.delete_all(prefix)
    assert cluster.indices(f"{prefix}*") == []
    assert cluster.count(f"{prefix}all") == 0


@pytest.mark.parametrize("name", ["elasticsearch", "opensearch"])
def test_servers_of_the_session_are_shared(
    request: pytest.FixtureRequest, name: str, search_prefix: str
) -> None:
    cluster: SearchCluster = request.getfixturevalue(name)
    cluster.bulk({"index": {"_index": f"{search_prefix}a", "_id": "1"}}, {"x": 1})
    assert cluster.documents(f"{search_prefix}*") == {"1": {"x": 1}}
    cluster.set(f"{search_prefix}a", blocks__read_only_allow_delete=True)
    assert cluster.bulk({"index": {"_index": f"{search_prefix}a"}}, {"x": 1})["errors"]
    cluster.delete_all(search_prefix)


def test_what_is_wrong_is_said(java: Java, tmp_path: Path) -> None:
    program = prepare_search_server(ELASTICSEARCH_8, java, print)
    server = SearchServer(tmp_path, 0, java, program, {"no.such.setting": 1})
    with pytest.raises(DemoError, match="has no port before it was started"):
        _ = server.url
    with pytest.raises(
        DemoError,
        match=r"Elasticsearch 8\S+ server ended with exit code 1;(?s:.*)\ncannot start: .*no\.such\.setting",
    ):
        server.start()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} on 127.0.0.1 is taken"):
            SearchServer(tmp_path, port, java, program).start()


def test_told_to_stop_it_is_not_waited_for(java: Java, tmp_path: Path) -> None:
    server = SearchServer(tmp_path, 0, java, prepare_search_server(OPENSEARCH, java, print))
    stop = Stop()
    started: list[ChildProcess] = []
    stop.set()
    try:
        server.start(started.append, stop)
        assert [process.mark for process in started] == [server.process.mark]
        with pytest.raises(DemoError, match="already running"):
            server.start()
    finally:
        server.stop()
    assert not started[0].running
    with pytest.raises(DemoError, match="is not running"):
        _ = server.process
    settings = json.loads((tmp_path / "config" / "opensearch.yml").read_text())
    assert settings["http.host"] == settings["transport.host"] == "127.0.0.1"


def test_of_two_that_build_a_server_at_the_same_time_one_does(
    java: Java, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_program, "cache_folder", lambda: tmp_path)
    compiled: list[Path] = []

    def compile_and_note(sources: list[Path], class_path: list[Path], classes: Path, *rest: Any) -> None:
        compiled.append(classes)
        compile_java(sources, class_path, classes, *rest)

    monkeypatch.setattr(search_program, "compile_java", compile_and_note)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: prepare_search_server(ELASTICSEARCH_8, java, print), range(2))
    assert first == second
    assert len(compiled) == 1
    assert all(path.exists() for path in (*first.class_path, first.modules))
    assert [module.name for module in sorted(first.modules.iterdir())] == ["rest-root", "transport-netty4"]
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_cannot_be_compiled_is_said(java: Java, tmp_path: Path) -> None:
    source = tmp_path / "Wrong.java"
    source.write_text("class Wrong { int none() { return nothing; } }")
    with pytest.raises(
        DemoError, match=r"Wrong\.java cannot be compiled:\n(?s:.*)nothing cannot be resolved"
    ):
        compile_java([source], [], tmp_path / "classes", java, 17, print)
