"""What an exporter makes of answers that are not the server's, or are seldom a server's."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from offline_observer.config.export import SearchExport
from offline_observer.export.exporter import AnswerLateError, ExportError, Item
from offline_observer.export.search_exporter import SearchExporter
from offline_observer.export.search_server import Answer

FINE = Answer(200, {"errors": False})
CLUSTER = Answer(200, {"cluster_uuid": "c1"})
MISSING = Answer(404, {"error": {"type": "resource_not_found_exception"}})
DONE = Answer(200, {"acknowledged": True})


def failed(status: int, kind: str, reason: str = "") -> Answer:
    return Answer(status, {"error": {"type": kind, "reason": reason}})


class Server:
    """Answers as it is told; else all is well."""

    def __init__(self, **answers: Answer) -> None:
        self.answers: Mapping[str, Answer] = answers
        self.cluster = CLUSTER
        self.templates: dict[str, Any] = {}
        self.made: list[str] = []
        self.bulks: list[int] = []
        self.on_bulk: Callable[[Sequence[str]], Answer] = lambda _: FINE

    def ask(self, method: str, path: str, body: object = None, **_: str) -> Answer:
        if path == "/":
            return self.cluster
        name = path.removeprefix("/_index_template/")
        if name == path:
            if method != "PUT":
                return Answer(200, {})
            self.made.append(path[1:])
            return self.answers.get("index", DONE)
        if method == "GET":
            found = self.templates.get(name)
            return Answer(200, {"index_templates": [{"index_template": found}]}) if found else MISSING
        self.templates[name] = body
        return DONE

    def bulk(self, lines: Sequence[str]) -> Answer:
        self.bulks.append(len(lines) // 2)
        return self.on_bulk(lines)

    def close(self) -> None:
        pass


def item(number: int, *, text: str = "", kind: str = "observation") -> Item:
    document = json.dumps({"@timestamp": "2026-11-30T00:00:00.000Z", "text": text})
    return Item(number, f"id-{number}", kind, 0, document)


def exporter(server: Server, **more: object) -> SearchExporter:
    settings = SearchExport.model_validate({"url": "http://h", **more})
    return SearchExporter("elasticsearch", server, "s", settings)


ITEMS = [item(n) for n in range(1, 9)]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, "<html>400 Bad Request</html>"),
        Answer(400, None),
        Answer(400, {"error": "no handler found for uri [/_bulk]"}),
        Answer(302, "<html>moved</html>"),
        Answer(301, {"errors": False}),
        Answer(204, None),
        Answer(200, "<html>log in</html>"),
        Answer(200, [1]),
        failed(400, "media_type_header_exception", "Invalid media-type value on header"),
        failed(400, "illegal_argument_exception", "pipeline with id [x] does not exist"),
    ],
)
def test_what_is_not_said_of_a_document_refuses_none(answer: Answer) -> None:
    server = Server()
    made = exporter(server)
    made.prepare()
    server.on_bulk = lambda _: answer
    with suppress(ExportError):
        sent = made.send(ITEMS)
        assert sent.problem
        assert (sent.settled, list(sent.refused)) == (0, [])
    assert len(server.bulks) == 1, "it is not looked for by halves"


def test_a_request_that_the_server_refuses_for_one_document_is_sent_without_it() -> None:
    server = Server()
    made = exporter(server)
    made.prepare()
    bad = failed(400, "action_request_validation_exception", "id is too long")
    server.on_bulk = lambda lines: bad if '"id-3"' in "".join(lines) else FINE
    sent = made.send(ITEMS)
    assert (sent.settled, sent.problem) == (8, None)
    assert [one.item.identity for one in sent.refused] == ["id-3"]


@pytest.mark.parametrize("answer", [Answer(200, "<html>"), Answer(200, {}), Answer(302, "<html>")])
def test_what_is_no_server_is_not_called_one_that_has_not_joined_its_cluster(answer: Answer) -> None:
    server = Server()
    server.cluster = answer
    with pytest.raises(ExportError) as told:
        exporter(server).prepare()
    assert "cluster yet" not in str(told.value)
    assert "in its place" in str(told.value) or "sends elsewhere" in str(told.value)


def test_one_document_that_is_too_large_leaves_the_others_their_size() -> None:
    server = Server()
    made = exporter(server)
    made.prepare()
    large = item(9, text="x" * 1_000_000)
    server.on_bulk = lambda lines: Answer(413, None) if len("".join(lines)) > 900_000 else FINE
    for _ in range(5):
        sent = made.send([*ITEMS, large, *ITEMS])
        assert (sent.settled, [one.item for one in sent.refused]) == (17, [large])
    assert made.most_bytes > 450_000


def test_a_cluster_in_the_place_of_another_is_noticed_without_a_failure() -> None:
    server = Server()
    made = exporter(server)
    assert made.prepare() == "c1 s"
    assert made.send(ITEMS).settled == 8
    server.cluster = Answer(200, {"cluster_uuid": "c2"})
    with pytest.raises(ExportError, match="another cluster than before"):
        made.send(ITEMS)
    assert server.bulks == [8]
    assert made.prepare() == "c2 s"
    assert made.send(ITEMS).settled == 8


def test_an_index_is_made_with_its_template_also_when_that_was_removed_meanwhile() -> None:
    server = Server()
    made = exporter(server)
    made.prepare()
    server.templates.clear()
    made.send(ITEMS)
    assert server.templates.keys() == {"s"}
    assert server.made == ["s-2026.11"]


def test_an_alias_in_the_place_of_a_month_s_index_is_written_through() -> None:
    said = "Invalid index name [s-2026.11], already exists as alias"
    server = Server(index=failed(400, "invalid_index_name_exception", said))
    made = exporter(server)
    assert made.send(ITEMS).settled == 8


def test_other_replicas_in_the_configuration_come_into_the_template() -> None:
    server = Server()
    exporter(server, replicas=1).prepare()
    exporter(server, replicas=0).prepare()
    template = server.templates["s"]
    assert template["template"]["settings"]["index"]["number_of_replicas"] == 0
    # What a user has changed besides stays, as long as nothing else was asked for.
    server.templates["s"] = {**template, "priority": 300}
    exporter(server, replicas=0).prepare()
    exporter(server).prepare()
    assert server.templates["s"]["priority"] == 300


@pytest.mark.parametrize(
    "bad",
    [
        Item(5, "id-5", "observation", 0, '{"@timestamp": "2026-11-'),
        Item(5, "id-5", "observation", 0, "[1]"),
        Item(5, "id-5", "observation", 0, '{"kind": "observation"}'),
        Item(5, "id-5", "observation", 0, '{"@timestamp": "soon"}'),
        item(5, kind="strange"),
    ],
)
def test_a_document_that_goes_to_no_index_holds_up_nothing(bad: Item) -> None:
    server = Server()
    made = exporter(server)
    left = [*ITEMS[:4], bad, *ITEMS[5:]]
    refused = []
    while left:
        sent = made.send(left)
        assert sent.problem is None
        refused += [one.item for one in sent.refused]
        left = left[sent.settled :]
    assert refused == [bad]
    assert sum(server.bulks) == 7


def test_a_server_that_is_slow_is_sent_less_until_it_answers_in_time_and_then_more_again() -> None:
    server = Server()
    made = exporter(server, bulk_documents=64)

    def slow(lines: Sequence[str]) -> Answer:
        if len(lines) > 20:
            raise AnswerLateError("the server did not answer in time")
        return FINE

    server.on_bulk = slow
    documents = [item(n) for n in range(1, 65)]
    for _ in range(3):
        with pytest.raises(ExportError):
            made.send(documents[: made.most_documents])
    assert made.send(documents[: made.most_documents]).settled == 8
    server.on_bulk = lambda _: FINE
    for _ in range(3):
        made.send(documents[: made.most_documents])
    assert made.most_documents == 64
    # However long it hangs, it goes on with more than a few.
    server.on_bulk = slow
    for _ in range(20):
        with pytest.raises(ExportError):
            made.send(documents)
    assert made.most_documents == 4
