import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.errors import SchemaRegistryError
from offline_observer.quality.content import (
    LONGEST_TEXT,
    MASK,
    content_text,
    json_text,
    masked,
    printable,
    readable,
)
from offline_observer.quality.record import parse_object


@pytest.mark.parametrize(
    ("record", "path", "expected"),
    [
        ({"a": 1, "b": 2}, "a", {"a": MASK, "b": 2}),
        ({"a": {"b": {"c": "x", "d": 1}}}, "a.b.c", {"a": {"b": {"c": MASK, "d": 1}}}),
        ({"a": {"b": {"c": "x"}}}, "a.b", {"a": {"b": MASK}}),
        ({"a": [1, 2]}, "a", {"a": MASK}),
        # Lists on the way.
        ({"a": [{"b": 1, "c": 2}, {"c": 3}]}, "a.b", {"a": [{"b": MASK, "c": 2}, {"c": 3}]}),
        ({"a": [[{"b": 1}], {"b": [1]}]}, "a.b", {"a": [[{"b": MASK}], {"b": MASK}]}),
        # Something else in the place of an object.
        ({"a": "ada,1.2.3.4"}, "a.b", {"a": MASK}),
        ({"a": ["ada", 5, None]}, "a.b", {"a": [MASK, MASK, None]}),
        # What is not there stays so.
        ({"a": None}, "a", {"a": None}),
        ({"a": {"b": None}}, "a.b", {"a": {"b": None}}),
        ({"b": 1}, "a", {"b": 1}),
        ({"a": {}}, "a.b", {"a": {}}),
        # Dots in keys.
        (
            {"a.b": 1, "a": {"b.c": 2, "b": {"c": 3}}},
            "a.b.c",
            {"a.b": MASK, "a": {"b.c": MASK, "b": {"c": MASK}}},
        ),
    ],
)
def test_masks(record: dict[str, Any], path: str, expected: dict[str, object]) -> None:
    before = json.dumps(record)
    assert masked(record, [path]) == expected
    assert json.dumps(record) == before, "the record stays as it is"


def test_several_masks() -> None:
    record: dict[str, object] = {"user": {"ip": "1", "login": "2", "id": 3}, "page": "/"}
    expected = {"user": {"ip": MASK, "login": MASK, "id": 3}, "page": "/"}
    assert masked(record, ["user.ip", "user.login", "user.none"]) == expected
    assert masked(record, ["user.ip", "user"]) == {"user": MASK, "page": "/"}
    assert masked(record, []) == record


values = st.recursive(
    st.none() | st.integers() | st.just("secret"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(inside=values)
def test_nothing_below_a_mask_is_seen_whatever_its_shape(inside: object) -> None:
    assert "secret" not in json.dumps(masked({"a": {"b": inside}}, ["a.b"]))
    assert "secret" not in json.dumps(masked({"a": [inside, {"b": inside}]}, ["a"]))


def test_content_of_json_is_the_text_itself() -> None:
    text = content_text(parse_object, (), is_text=True)
    assert text(b'{"a": 1,  "b":"\xc3\xbc"}') == '{"a": 1,  "b":"ü"}'
    assert text(b'cut {"a": \xff\x00') == 'cut {"a": \\xff\x00'
    assert text(b"") == ""


def test_content_with_a_mask() -> None:
    text = content_text(parse_object, ["a"], is_text=True)
    assert text(b'{"a": 1,  "b":"\xc3\xbc"}') == '{"a":"***","b":"ü"}'
    assert text(b'{"b":"\\ud800"}') == '{"b":"\\ud800"}'
    assert text(b'{"a": 1') is None, "what cannot be parsed cannot be masked"
    assert text(b"") is None


def test_content_of_another_format() -> None:
    def parse(value: bytes) -> dict[str, object] | None:
        if value == b"away":
            raise SchemaRegistryError("away")
        at = datetime(2026, 1, 2, tzinfo=UTC)
        return {"at": at, "price": Decimal("1.10"), "raw": b"a\xff"} if value else None

    text = content_text(parse, (), is_text=False)
    assert text(b"x") == '{"at":"2026-01-02 00:00:00+00:00","price":"1.10","raw":"a\\\\xff"}'
    assert text(b"") == ""
    assert text(b"away") == "away"
    assert content_text(parse, ["at"], is_text=False)(b"away") is None


def test_content_is_cut() -> None:
    text = content_text(parse_object, (), is_text=True)
    long = text(b'{"a":"' + b"x" * 5000 + b'"}')
    assert long is not None
    assert (len(long), long[-2:]) == (LONGEST_TEXT + 1, "x…")
    masking = content_text(parse_object, ["b"], is_text=True)
    assert len(masking(b'{"a":"' + b"x" * 5000 + b'"}') or "") == LONGEST_TEXT + 1
    assert len(text(b"\xff" * 5000) or "") == LONGEST_TEXT + 1


def test_what_is_nested_too_deeply_has_no_content() -> None:
    def parse(_value: bytes) -> dict[str, object]:
        record: dict[str, object] = {}
        for _ in range(100_000):
            record = {"a": record}
        return record

    assert content_text(parse, ["b"], is_text=True)(b"{}") is None


def test_what_a_terminal_would_not_show_as_it_is() -> None:
    assert printable("plain ü\n漢") == "plain ü\n漢"
    text = "\x1b[2J\x07\x7f\x9b\u202e\u200b\u2028\U000e0001\r\t"
    assert printable(text) == "\\x1b[2J\\x07\\x7f\\x9b\\u202e\\u200b\\u2028\\U000e0001\\x0d\\x09"
    assert printable(json_text({"a": "\x1b\x9b"})) == '{"a":"\\u001b\\x9b"}'
    assert readable(b"\x00\xfe") == "\x00\\xfe"


@given(st.text())
def test_printable_leaves_nothing_that_is_not(text: str) -> None:
    assert printable(text).replace("\n", "").isprintable()
