"""Sends documents to Elasticsearch or OpenSearch."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from offline_observer.config.export import SearchExport
from offline_observer.export.bulk import bulk_lines, is_of_the_document, placed, settle
from offline_observer.export.exporter import AnswerLateError, ExportError, Item, Refusal, Sent
from offline_observer.export.index_names import SUFFIXES, alias_of, older, own
from offline_observer.export.index_template import TEMPLATE_VERSION, mappings, template
from offline_observer.export.search_server import Answer, SearchServer

_TOO_LARGE = 413
_LEAST_BYTES = 10_000
# What a server is called before it has joined its cluster.
_NO_CLUSTER = "_na_"
_EXISTS = "resource_already_exists_exception"
# An index that was made anew under another name has an alias of the old one.
_IS_ALIAS = re.compile(r"\balready exists as (?:an )?alias\b")
_SAME_NAMES = "same priority"
# Of the usual size: what a server that is slow is sent at the least.
_LEAST_SHARE = 1 / 16


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
        self._most_documents = settings.bulk_documents
        self._most_bytes = settings.bulk_bytes
        # Of the usual size: less after answers that were late, until they are in time.
        self._share = 1.0
        self._cluster: str | None = None
        self._server = server
        self._index = index
        self._replicas = settings.replicas
        self._present: set[str] = set()

    @property
    def most_documents(self) -> int:
        """How many documents it takes at a time: fewer after an answer that was late."""
        return max(1, int(self._most_documents * self._share))

    @property
    def most_bytes(self) -> int:
        """How large they may be together."""
        return int(self._most_bytes * self._share)

    def prepare(self) -> str:
        """Sees to the index templates and to the mappings of the indices that are there.

        Returns:
            The cluster's own id and the name of the indices.

        Raises:
            ExportError: It cannot be done now.
        """
        self._present.clear()
        self._cluster = cluster = self._ask_cluster()
        for kind in SUFFIXES:
            self._prepare_kind(kind)
        return f"{cluster} {self._index}"

    def _ask_cluster(self) -> str:
        """The id of the cluster.

        Raises:
            ExportError: There is none, or something else answers.
        """
        cluster = _told(self._server.ask("GET", "/"), "cluster_uuid")
        if cluster == _NO_CLUSTER:
            raise ExportError("the server has not joined its cluster yet")
        if not isinstance(cluster, str):
            raise ExportError(
                "what answers names no cluster; does something else answer in its place? see url"
            )
        return cluster

    def _prepare_kind(self, kind: str) -> None:
        alias = alias_of(self._index, kind)
        found = self._server.ask("GET", f"/_index_template/{alias}")
        if not found.is_missing and _template_version(_checked(found)) > TEMPLATE_VERSION:
            return  # a newer program's
        wanted = template(alias, kind, self._replicas)
        if found.is_missing or _template_version(found) < TEMPLATE_VERSION:
            self._put_template(alias, wanted)
            for name in own(self._indices(alias), alias):
                # What is new in the mapping; a field whose type would change keeps it until the next month's index.
                self._server.ask("PUT", f"/{name}/_mapping", mappings(kind))

        elif self._replicas is not None and _template_replicas(found) != str(self._replicas):
            self._put_template(alias, wanted)

    def _put_template(self, alias: str, wanted: Mapping[str, object]) -> None:
        put = self._server.ask("PUT", f"/_index_template/{alias}", wanted)
        if put.is_error:
            advice = (
                f"; give `index` a name that is none of another's and not {alias}"
                if _SAME_NAMES in put.text
                else ""
            )
            raise ExportError(f"the index template {alias} cannot be written: {put.text}{advice}")

    def _indices(self, alias: str) -> list[str]:
        """The indices whose names begin as an alias, closed ones too."""
        found = self._server.ask(
            "GET",
            f"/{alias}-*/_settings",
            filter_path="*.settings.index.uuid",
            expand_wildcards="open,closed",
        )
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
            indices, bad = placed(items, self._index)
            if bad is not None:
                items = items[: items.index(bad.item)]
            if bad is not None and not items:
                return Sent(settled=1, refused=[bad])
            self._check_cluster()
            for name, kind in indices.items():
                self._make_index(name, kind)
            sent = self._send(items)
        except ExportError as error:
            if isinstance(error, AnswerLateError):
                self._share = max(_LEAST_SHARE, self._share / 2)
            # What was there may be gone when the server is back.
            self._present.clear()
            raise
        self._share = min(1.0, self._share * 2)
        return sent

    def _check_cluster(self) -> None:
        """A server that was made anew between two requests fails none: it would get the rest only, and without templates.

        Raises:
            ExportError: It is another one than was prepared.
        """
        cluster = self._ask_cluster()
        if self._cluster not in (None, cluster):
            raise ExportError("the server is of another cluster than before, and is sent everything")

    def _make_index(self, name: str, kind: str) -> None:
        """Makes an index, of which the template says what it is. A server need not make one by itself."""
        if name in self._present:
            return
        # The template may have been removed since the month before.
        self._prepare_kind(kind)
        made = self._server.ask("PUT", f"/{name}")
        if made.is_error and made.kind != _EXISTS and not _IS_ALIAS.search(made.text):
            raise ExportError(f"the index {name} cannot be made: {made.text}")
        self._present.add(name)

    def _send(self, items: Sequence[Item]) -> Sent:
        answer = self._server.bulk(bulk_lines(items, self._index))
        if answer.status == _TOO_LARGE:
            # A server, or what stands before it, takes less at a time; it will the next time, too.
            size = sum(len(item.document) for item in items)
            # By this request's size: one document that is too large by itself makes all others no smaller each time.
            self._most_bytes = max(_LEAST_BYTES, min(self._most_bytes, size // 2))
        if answer.status == _TOO_LARGE or is_of_the_document(answer.status, answer.kind, answer.text):
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


def _template_replicas(answer: Answer) -> str:
    """How many copies the index template in an answer asks for; empty when it does not say."""
    templates = answer.body.get("index_templates") if isinstance(answer.body, Mapping) else None
    found: object = templates[0].get("index_template") if isinstance(templates, list) and templates else None
    for key in ("template", "settings", "index", "number_of_replicas"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def _template_version(answer: Answer) -> int:
    """The version of the index template in an answer; 0 for one that has none."""
    templates = answer.body.get("index_templates") if isinstance(answer.body, Mapping) else None
    if not isinstance(templates, list) or not templates:
        return 0
    version = templates[0].get("index_template", {}).get("version")
    return version if isinstance(version, int) else 0
