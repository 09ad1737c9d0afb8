"""A search server of the tests', asked over plain HTTP: in another way than the program asks."""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from offline_observer.demo.java import Java
from offline_observer.demo.search_program import prepare_search_server
from offline_observer.demo.search_release import SearchRelease
from offline_observer.demo.search_server import SearchServer, Setting
from support.kafka import eventually
from support.search_archive import archive_options

MakeSearchServer = Callable[..., "SearchCluster"]
"""Starts a server: its release, then settings and `heap` where others than the usual are wanted."""

_SECONDS = 30
_PAGE = 5000
_EVERYWHERE = {"ignore_unavailable": "true", "allow_no_indices": "true"}


def unique_prefix() -> str:
    """For the names of one test's indices and templates: servers are shared."""
    return f"t-{uuid4().hex[:12]}-"


class SearchCluster:
    """Shortcuts to a running server."""

    def __init__(self, server: SearchServer) -> None:
        self.server = server

    @property
    def url(self) -> str:
        return self.server.url

    def ask(
        self, method: str, path: str, body: object = None, **parameters: str | int | bool
    ) -> requests.Response:
        """One request, whatever comes of it. A body is sent as JSON, or as it is when it is text or bytes."""
        data = body if isinstance(body, bytes | None) else _encoded(body)
        return requests.request(
            method,
            f"{self.url}/{path.lstrip('/')}",
            params={name: _text(value) for name, value in parameters.items()},
            data=data,
            headers={"Content-Type": "application/json"},
            timeout=_SECONDS,
        )

    def done(self, method: str, path: str, body: object = None, **parameters: str | int | bool) -> Any:
        """The answer to one request, which must be fine."""
        answer = self.ask(method, path, body, **parameters)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    @property
    def version(self) -> str:
        return str(self.done("GET", "/")["version"]["number"])

    def put_template(
        self,
        name: str,
        pattern: str,
        mappings: Mapping[str, Any],
        *,
        aliases: Iterable[str] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """An index template."""
        template = {
            "settings": {"number_of_replicas": 0, **(settings or {})},
            "mappings": mappings,
            "aliases": {alias: {} for alias in aliases},
        }
        body = {"index_patterns": [pattern], "priority": 200, "template": template}
        self.done("PUT", f"/_index_template/{name}", body)

    def bulk(self, *operations: Mapping[str, Any], **parameters: str | int | bool) -> Any:
        """A bulk request of actions and documents; the answer tells of each."""
        lines = b"".join(_encoded(operation) + b"\n" for operation in operations)
        return self.done("POST", "/_bulk", lines, **parameters)

    def search(self, index: str, body: Mapping[str, Any]) -> Any:
        """A search of what is visible to one; `refresh` makes all so."""
        return self.done("POST", f"/{index}/_search", body)

    def refresh(self, index: str) -> None:
        self.done("POST", f"/{index}/_refresh", **_EVERYWHERE)

    def count(self, index: str) -> int:
        """How many documents there are now; none in an index or alias that is not there."""
        self.refresh(index)
        return int(_whole(self.done("GET", f"/{index}/_count", **_EVERYWHERE))["count"])

    def documents(self, index: str) -> dict[str, Any]:
        """All documents that there are now, by `_id`."""
        found: dict[str, Any] = {}
        for hit in self._hits(index):
            assert hit["_id"] not in found, f"{hit['_id']} is in two indices of {index}"
            found[hit["_id"]] = hit["_source"]
        return found

    def ids(self, index: str) -> list[str]:
        """The `_id` of each document, in order; twice when it is in two indices."""
        return sorted(hit["_id"] for hit in self._hits(index))

    def _hits(self, index: str) -> Iterator[Any]:
        self.refresh(index)
        body = {"size": _PAGE, "sort": ["_doc"], "version": True}
        page = _whole(self.done("POST", f"/{index}/_search", body, scroll="1m", **_EVERYWHERE))
        while page["hits"]["hits"]:
            yield from page["hits"]["hits"]
            more = {"scroll": "1m", "scroll_id": page["_scroll_id"]}
            page = _whole(self.done("POST", "/_search/scroll", more))
        if scroll := page.get("_scroll_id"):
            # Of an alias that is not there none was kept.
            self.ask("DELETE", "/_search/scroll", {"scroll_id": scroll})

    def indices(self, pattern: str = "*") -> list[str]:
        """The names of the indices, closed ones too."""
        found = self.done("GET", f"/_cat/indices/{pattern}", format="json", expand_wildcards="all")
        return sorted(index["index"] for index in found)

    def set(self, index: str, **settings: object) -> None:
        """Settings of an index; underscores that are doubled stand for dots, and None resets one."""
        named = {f"index.{key.replace('__', '.')}": value for key, value in settings.items()}
        self.done("PUT", f"/{index}/_settings", named)

    def delete_all(self, prefix: str) -> None:
        """Removes the indices and index templates whose names begin so."""
        for index in self.indices(f"{prefix}*"):
            self.done("DELETE", f"/{index}")
        # 404 when there is none, with an empty list.
        for found in self.ask("GET", f"/_index_template/{prefix}*").json()["index_templates"]:
            self.done("DELETE", f"/_index_template/{found['name']}")

    def kill(self) -> None:
        """Ends it as a power cut would; `server.start()` starts it again."""
        process = self.server.process
        os.kill(process.mark.pid, signal.SIGKILL)
        eventually(lambda: not process.running, 10, "the server to be gone")

    def pause(self) -> None:
        """Lets it hang: connections are accepted and never answered."""
        os.kill(self.server.process.mark.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.server.process.mark.pid, signal.SIGCONT)


def search_server(
    folder: Path,
    java: Java,
    release: SearchRelease,
    settings: Mapping[str, Setting] | None = None,
    heap: str = "256m",
) -> SearchServer:
    """A server that is not started yet."""
    program = prepare_search_server(release, java, print)
    options = archive_options(program, java)
    return SearchServer(folder, 0, java, program, settings, heap=heap, options=options)


def _whole(answer: Any) -> Any:
    """An answer from all shards: one without some of them is fine, too, to a server."""
    shards = answer["_shards"]
    assert shards["successful"] == shards["total"], f"some shards did not answer: {shards}"
    return answer


def _encoded(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
