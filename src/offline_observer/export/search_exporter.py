"""Sends documents to Elasticsearch or OpenSearch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from offline_observer.config.export import SearchExport
from offline_observer.export.bulk import bulk_lines, item_index, settle
from offline_observer.export.exporter import ExportError, Item, Refusal, Sent
from offline_observer.export.index_names import SUFFIXES, alias_of, older
from offline_observer.export.index_template import TEMPLATE_VERSION, mappings, template
from offline_observer.export.search_server import Answer, SearchServer

_BAD_REQUEST = 400
_TOO_LARGE = 413
_LEAST_BYTES = 10_000
# What a server is called before it has joined its cluster.
_NO_CLUSTER = "_na_"
_EXISTS = "resource_already_exists_exception"


class SearchExporter:
    """Sends documents to one server.

    Args:
        name: Its name in the configuration.
        server: The connection.
        index: What the names of the indices begin with.
        settings: What the configuration says of it.
    """

    def __init__(self, name: str, server: SearchServer, index: str, settings: SearchExport) -> None:
        self.name = name
        self.most_documents = settings.bulk_documents
        self.most_bytes = settings.bulk_bytes
        self._server = server
        self._index = index
        self._replicas = settings.replicas
        self._present: set[str] = set()

    def prepare(self) -> str:
        """Sees to the index templates and to the mappings of the indices that are there.

        Returns:
            The cluster's own id and the name of the indices.

        Raises:
            ExportError: It cannot be done now.
        """
        self._present.clear()
        cluster = _told(self._server.ask("GET", "/"), "cluster_uuid")
        if not isinstance(cluster, str) or cluster == _NO_CLUSTER:
            raise ExportError("the server has not joined its cluster yet")
        for kind in SUFFIXES:
            self._prepare_kind(kind)
        return f"{cluster} {self._index}"

    def _prepare_kind(self, kind: str) -> None:
        alias = alias_of(self._index, kind)
        found = self._server.ask("GET", f"/_index_template/{alias}")
        if not found.is_missing and _template_version(_checked(found)) > TEMPLATE_VERSION:
            return  # a newer program's
        wanted = template(alias, kind, self._replicas)
        if found.is_missing or _template_version(found) < TEMPLATE_VERSION:
            _checked(self._server.ask("PUT", f"/_index_template/{alias}", wanted))
            for name in self._indices(alias):
                # What is new in the mapping; a field whose type would change keeps it until the next month's index.
                self._server.ask("PUT", f"/{name}/_mapping", mappings(kind))

    def _indices(self, alias: str) -> list[str]:
        """The indices of an alias."""
        found = self._server.ask("GET", f"/{alias}-*/_settings", filter_path="*.settings.index.uuid")
        if found.is_missing:
            return []
        body = _checked(found).body
        return sorted(body) if isinstance(body, dict) else []

    def send(self, items: Sequence[Item]) -> Sent:
        """Sends documents, in their order.

        Raises:
            ExportError: None of them has arrived, as far as is known.
        """
        try:
            for name in dict.fromkeys(item_index(item, self._index) for item in items):
                self._make_index(name)
            return self._send(items)
        except ExportError:
            # What was there may be gone when the server is back.
            self._present.clear()
            raise

    def _make_index(self, name: str) -> None:
        """Makes an index, of which the template says what it is. A server need not make one by itself."""
        if name in self._present:
            return
        made = self._server.ask("PUT", f"/{name}")
        if made.is_error and made.kind != _EXISTS:
            raise ExportError(f"the index {name} cannot be made: {made.text}")
        self._present.add(name)

    def _send(self, items: Sequence[Item]) -> Sent:
        answer = self._server.bulk(bulk_lines(items, self._index))
        if answer.status == _TOO_LARGE:
            # A server, or what stands before it, takes less at a time; it will the next time, too.
            size = sum(len(item.document) for item in items)
            self.most_bytes = max(_LEAST_BYTES, min(self.most_bytes, size) // 2)
        if answer.status in (_BAD_REQUEST, _TOO_LARGE):
            return self._send_less(items, answer)
        body = _checked(answer).body
        sent = settle(items, body if isinstance(body, dict) else {})
        if sent.problem is not None:
            self._present.clear()
        return sent

    def _send_less(self, items: Sequence[Item], answer: Answer) -> Sent:
        """What a request is refused for as a whole may be one document's fault: it is found by halves."""
        if len(items) == 1:
            return Sent(settled=1, refused=[Refusal(items[0], answer.text)])
        half = len(items) // 2
        first = self._send(items[:half])
        if first.problem is not None:
            return first
        try:
            second = self._send(items[half:])
        except ExportError as error:
            second = Sent(settled=0, problem=str(error))
        return Sent(
            settled=half + second.settled,
            refused=[*first.refused, *second.refused],
            problem=second.problem,
        )

    def drop_older(self, now: datetime, keep: timedelta) -> Sequence[str]:
        """Drops the indices all of whose documents are older than that.

        Raises:
            ExportError: It cannot be done now.
        """
        dropped: list[str] = []
        for kind in SUFFIXES:
            alias = alias_of(self._index, kind)
            for name in older(self._indices(alias), alias, now, keep):
                gone = self._server.ask("DELETE", f"/{name}")
                if gone.is_error and not gone.is_missing:
                    raise ExportError(f"the index {name} cannot be dropped: {gone.text}")
                self._present.discard(name)
                dropped.append(name)
        return dropped

    def close(self) -> None:
        """Closes the connections."""
        self._server.close()


def _checked(answer: Answer) -> Answer:
    """An answer that is no error.

    Raises:
        ExportError: It is one.
    """
    if answer.is_error:
        raise ExportError(answer.text)
    return answer


def _told(answer: Answer, key: str) -> object:
    body = _checked(answer).body
    return body.get(key) if isinstance(body, Mapping) else None


def _template_version(answer: Answer) -> int:
    """The version of the index template in an answer; 0 for one that has none."""
    templates = answer.body.get("index_templates") if isinstance(answer.body, Mapping) else None
    if not isinstance(templates, list) or not templates:
        return 0
    version = templates[0].get("index_template", {}).get("version")
    return version if isinstance(version, int) else 0
