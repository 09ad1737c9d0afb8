import json

import pytest

from offline_observer.export.bulk import bulk_lines, settle
from offline_observer.export.exporter import Item

DONE = {"index": {"status": 201}}
AGAIN = {
    "index": {
        "status": 409,
        "error": {"type": "version_conflict_engine_exception", "reason": "is higher or equal"},
    }
}
BAD = {
    "index": {
        "status": 400,
        "error": {
            "type": "document_parsing_exception",
            "reason": "failed to parse field [max_lag]",
            "caused_by": {"type": "illegal_argument_exception", "reason": "For input string: x"},
        },
    }
}


def failed(status: int, kind: str) -> dict[str, object]:
    return {"index": {"status": status, "error": {"type": kind, "reason": f"because of {kind}"}}}


def item(number: int, kind: str = "observation", revision: int = 0) -> Item:
    document = json.dumps({"@timestamp": "2026-11-30T23:59:59.999Z", "n": number})
    return Item(number, f"id-{number}", kind, revision, document)


def test_each_document_goes_by_its_id_to_the_index_of_its_kind_and_its_month() -> None:
    lines = bulk_lines([item(1), item(2, "partition", 3), item(3, "profile")], "stats")
    assert [json.loads(line)["index"] for line in lines[::2]] == [
        {"_index": "stats-2026.11", "_id": "id-1", "version": 0, "version_type": "external_gte"},
        {"_index": "stats_partitions-2026.11", "_id": "id-2", "version": 3, "version_type": "external_gte"},
        {"_index": "stats_profiles-2026.11", "_id": "id-3", "version": 0, "version_type": "external_gte"},
    ]
    assert lines[1::2] == [item(n).document for n in (1, 2, 3)], "as they are in the journal"


def test_half_a_character_hides_no_time() -> None:
    odd = Item(1, "i", "observation", 0, '{"reason":"\\ud800","@timestamp":"2026-11-30T00:00:00.000Z"}')
    assert json.loads(bulk_lines([odd], "s")[0])["index"]["_index"] == "s-2026.11"


def test_all_have_arrived() -> None:
    sent = settle([item(1), item(2)], {"errors": False})
    assert (sent.settled, sent.refused, sent.problem) == (2, (), None)


def test_a_newer_revision_that_is_there_already_is_no_problem() -> None:
    assert settle([item(1), item(2)], {"errors": True, "items": [AGAIN, DONE]}).settled == 2


def test_what_is_refused_for_its_content_does_not_hold_up_the_rest() -> None:
    sent = settle([item(1), item(2), item(3)], {"errors": True, "items": [DONE, BAD, DONE]})
    assert (sent.settled, sent.problem) == (3, None)
    ((refused, reason),) = sent.refused
    assert refused == item(2)
    assert reason == "failed to parse field [max_lag]: For input string: x (status 400)"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, "es_rejected_execution_exception"),
        (429, "cluster_block_exception"),
        (403, "cluster_block_exception"),
        (403, "security_exception"),
        (503, "unavailable_shards_exception"),
        (404, "index_not_found_exception"),
        (400, "index_closed_exception"),
        (409, "another_conflict"),
        (500, "exception"),
    ],
)
def test_what_may_go_well_another_time_is_sent_again_and_all_that_comes_after_it(
    status: int, kind: str
) -> None:
    outcomes = [BAD, failed(status, kind), DONE, BAD]
    sent = settle([item(n) for n in (1, 2, 3, 4)], {"errors": True, "items": outcomes})
    assert sent.settled == 1
    assert [one.item.identity for one in sent.refused] == ["id-1"]
    assert sent.problem == f"because of {kind} (status {status})"


@pytest.mark.parametrize(
    "answer", [{}, {"errors": True}, {"errors": True, "items": [DONE]}, {"errors": True, "items": [1, 2]}]
)
def test_an_answer_that_is_none_settles_nothing(answer: dict[str, object]) -> None:
    sent = settle([item(1), item(2)], answer)
    assert sent.settled == 0
    assert sent.problem
