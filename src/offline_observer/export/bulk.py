"""Bulk requests, and what is to be made of their answers (pure).

A document goes by its id, with its revision as its version: what is sent again replaces itself, and an older revision never a
newer one. https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from offline_observer.export.exporter import Item, Refusal, Sent
from offline_observer.export.index_names import SUFFIXES, alias_of, index_of

_BAD_REQUEST = 400
_CONFLICT = 409
_SUCCESS = range(200, 300)
# These have the status of a fault of the document, but are none: another day the same document is taken.
_NOT_OF_THE_DOCUMENT = frozenset(
    {
        "cluster_block_exception",
        "index_closed_exception",
        "invalid_alias_name_exception",
        "invalid_index_name_exception",
        "media_type_header_exception",
        # The cluster has as many shards as it may have, and an index would have to be made.
        "validation_exception",
    }
)
# Others have the kind of a document's fault as well, and only their words tell: an ingest pipeline is gone, or an alias that
# stands in an index's place does not say which of its indices is written.
_NOT_OF_THE_DOCUMENT_IN_WORDS = re.compile(
    r"pipeline with id \[.*\] does not exist|no write index is defined for alias"
)
_VERSION_CONFLICT = "version_conflict_engine_exception"
_LONGEST_REASON = 1000


class _Timed(msgspec.Struct):
    timestamp: str = msgspec.field(name="@timestamp")


_time_of = msgspec.json.Decoder(_Timed).decode


def item_index(item: Item, index: str) -> str:
    """The index that a document goes to.

    Args:
        item: The document.
        index: What the names of the indices begin with.

    Raises:
        ValueError: It goes to none: it is no JSON, has no time, or is of a kind that is not known.
    """
    try:
        timestamp = _time_of(item.document).timestamp
    except msgspec.DecodeError:
        # A text with half a character in it, which JSON can write and not everybody read.
        document = json.loads(item.document)
        timestamp = str(document.get("@timestamp")) if isinstance(document, dict) else ""
    if item.kind not in SUFFIXES:
        raise ValueError(f"there are no documents of kind {item.kind}")
    return index_of(alias_of(index, item.kind), timestamp)


def placed(items: Sequence[Item], index: str) -> tuple[dict[str, str], Refusal | None]:
    """The indices of some documents, each with the kind of its documents; up to the first document that goes to none.

    Args:
        items: The documents.
        index: What the names of the indices begin with.

    Returns:
        The indices, and that document with the reason, if there is one.
    """
    found: dict[str, str] = {}
    for item in items:
        try:
            found[item_index(item, index)] = item.kind
        except ValueError as error:
            return found, Refusal(item, f"it was damaged in the journal, and is not sent: {error}")
    return found, None


def bulk_lines(items: Iterable[Item], index: str) -> list[str]:
    """The lines of a bulk request: for each document what is to be done, and the document as it is in the journal."""
    lines: list[str] = []
    for item in items:
        action = {
            "_index": item_index(item, index),
            "_id": item.identity,
            "version": item.revision,
            "version_type": "external_gte",
        }
        lines += (json.dumps({"index": action}, separators=(",", ":")), item.document)
    return lines


def settle(items: Sequence[Item], answer: Mapping[str, object]) -> Sent:
    """What became of the documents of a bulk request.

    Args:
        items: The documents.
        answer: What the server said; of each document its status and error, in their order.
    """
    if answer.get("errors") is False:
        return Sent(settled=len(items))
    outcomes = answer.get("items")
    if not isinstance(outcomes, list) or len(outcomes) != len(items):
        return Sent(settled=0, problem="the server's answer to a bulk request is none")
    refused: list[Refusal] = []
    for number, (item, outcome) in enumerate(zip(items, outcomes, strict=True)):
        status, kind, reason = _outcome(outcome)
        if status in _SUCCESS or (status == _CONFLICT and kind == _VERSION_CONFLICT):
            continue  # in a conflict there is a newer revision already
        if not is_of_the_document(status, kind, reason):
            return Sent(settled=number, refused=refused, problem=reason)
        refused.append(Refusal(item, reason))
    return Sent(settled=len(items), refused=refused)


def is_of_the_document(status: int, kind: str, reason: str) -> bool:
    """Whether an error is for what is in a document, so that the server will never take it.

    Args:
        status: Its status.
        kind: The server's name of it; empty when something else answered, which knows nothing of documents.
        reason: It in words.
    """
    if status != _BAD_REQUEST or not kind or kind in _NOT_OF_THE_DOCUMENT:
        return False
    return not _NOT_OF_THE_DOCUMENT_IN_WORDS.search(reason)


def _outcome(outcome: object) -> tuple[int, str, str]:
    """Status, the kind of the error, and the error in words."""
    done = outcome.get("index") if isinstance(outcome, dict) else None
    if not isinstance(done, dict):
        return 0, "", "the server's answer to a bulk request is none"
    status = done.get("status")
    number = status if isinstance(status, int) else 0
    error = done.get("error")
    return number, error_kind(error), error_text(error, number)


def error_kind(error: object) -> str:
    """The name of an error of the server's."""
    return str(error.get("type")) if isinstance(error, dict) else ""


def error_text(error: object, status: int) -> str:
    """An error of the server's in its words, with what caused it."""
    parts: list[str] = []
    while isinstance(error, dict) and len(parts) < 3:  # noqa: PLR2004 - what is deeper only repeats it
        reason = str(error.get("reason") or error.get("type") or "")
        if reason and reason not in parts:
            parts.append(reason)
        error = error.get("caused_by")
    if isinstance(error, str) and not parts:
        parts.append(error)
    text = ": ".join(parts) or "no reason is given"
    return f"{text} (status {status})"[:_LONGEST_REASON]
