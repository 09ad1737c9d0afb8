"""Several nodes of one cluster."""

from collections.abc import Sequence

import pytest

from offline_observer.config.export import SearchExport
from offline_observer.export.exporter import ExportError
from offline_observer.export.search_nodes import SearchNodes
from offline_observer.export.search_server import Answer


class Node:
    """Answers with a status, or with none."""

    def __init__(self, status: int | None) -> None:
        self.status = status
        self.asked = 0
        self.is_open = True

    def ask(self, method: str, path: str, body: object = None, **_: str) -> Answer:  # noqa: ARG002 - as the protocol has it
        self.asked += 1
        if self.status is None:
            raise ExportError("the server cannot be reached")
        return Answer(self.status, {})

    def bulk(self, lines: Sequence[str]) -> Answer:  # noqa: ARG002
        return self.ask("POST", "/_bulk")

    def close(self) -> None:
        self.is_open = False


@pytest.mark.parametrize("status", [None, 502, 503, 504])
def test_the_next_one_is_asked_when_one_is_away_and_then_stays(status: int | None) -> None:
    nodes = [Node(status), Node(status), Node(200)]
    server = SearchNodes(nodes, SearchExport.model_validate({"url": "http://h"}))
    for _ in range(2):
        if status is None:
            with pytest.raises(ExportError):
                server.ask("GET", "/")
        else:
            assert server.ask("GET", "/").status == status
    for _ in range(10):
        assert server.ask("GET", "/").status == 200
        assert server.bulk([]).status == 200
    assert [node.asked for node in nodes] == [1, 1, 20]
    nodes[2].status = None
    with pytest.raises(ExportError):
        server.bulk([])
    nodes[0].status = 429
    assert [server.bulk([]).status, server.bulk([]).status] == [429, 429], "it is there"
    server.close()
    assert not any(node.is_open for node in nodes)
