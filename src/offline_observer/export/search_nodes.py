"""Several nodes of one cluster: one is asked as long as it answers, then the next."""

from collections.abc import Callable, Sequence

from offline_observer.config.export import SearchExport
from offline_observer.export.exporter import ExportError
from offline_observer.export.search_server import Answer, SearchServer, without_secrets

# What stands before a node answers so when the node is away, and a node that has lost its cluster.
_AWAY = frozenset({502, 503, 504})


class SearchNodes:
    """A connection to whichever node answers.

    The clients choose a node for each request anew. One of them takes a node that answers 503, the other one that hangs, for
    well, and what takes several requests would fail with every second one.

    Args:
        nodes: A connection to each.
        settings: What the configuration says of them.
    """

    def __init__(self, nodes: Sequence[SearchServer], settings: SearchExport) -> None:
        self._nodes = nodes
        self._settings = settings
        self._now = 0

    def ask(self, method: str, path: str, body: object = None, **parameters: str) -> Answer:
        """Sends a request; see `SearchServer`."""
        return self._try(lambda node: node.ask(method, path, body, **parameters))

    def bulk(self, lines: Sequence[str]) -> Answer:
        """Sends a bulk request; see `SearchServer`."""
        return self._try(lambda node: node.bulk(lines))

    def _try(self, request: Callable[[SearchServer], Answer]) -> Answer:
        try:
            answer = request(self._nodes[self._now])
        except ExportError:
            self._go_on()
            raise
        if answer.status in _AWAY:
            self._go_on()
        return without_secrets(answer, self._settings)

    def _go_on(self) -> None:
        self._now = (self._now + 1) % len(self._nodes)

    def close(self) -> None:
        """Closes the connections."""
        for node in self._nodes:
            node.close()
