import json

import pytest
from confluent_kafka.schema_registry.serde import SchemaId
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.formats.json_schema_registry import JsonSchemaRegistryFormat
from offline_observer.formats.json_text import JsonFormat
from support.schema_registry import mock_client, schema

PLAIN = JsonFormat()
BEHIND = JsonSchemaRegistryFormat()
ID = b"\0\0\0\0\7"
GUID = b"\1" + bytes(range(16))


def test_plain_json_is_its_own_text() -> None:
    assert PLAIN.is_json
    assert PLAIN.payload(b"x") == b"x"
    assert PLAIN.parse(b'{"a": {"b": [1, null]}}') == {"a": {"b": [1, None]}}
    assert PLAIN.parse(b"[]") is None
    assert PLAIN.parse(ID + b"{}") is None


@pytest.mark.parametrize("header", [ID, GUID])
def test_the_header_is_taken_off(header: bytes) -> None:
    assert BEHIND.is_json
    assert BEHIND.payload(header + b'{"a":1}') == b'{"a":1}'
    assert BEHIND.parse(header + b'{"a":1}') == {"a": 1}
    assert BEHIND.payload(header) == b""
    assert BEHIND.parse(header) is None
    assert BEHIND.parse(header + b"[]") is None
    assert BEHIND.parse(header + b'{"a":1') is None


@pytest.mark.parametrize(
    "value", [b"", b"\0", ID[:4], GUID[:16], b'{"a":1}', b"\2\0\0\0\1{}", b" " + ID + b"{}"]
)
def test_without_a_header_there_is_no_record(value: bytes) -> None:
    assert BEHIND.payload(value) is None
    assert BEHIND.parse(value) is None


def test_the_headers_are_those_that_the_client_writes() -> None:
    registered = mock_client("json").register_schema_full_response("s", schema({"type": "object"}, "JSON"))
    written = SchemaId("JSON", registered.schema_id, registered.guid)
    text = json.dumps({"page": "/ü"}).encode()
    for header in (written.id_to_bytes(), written.guid_to_bytes()):
        assert BEHIND.parse(header + text) == {"page": "/ü"}


@given(st.binary())
def test_any_bytes_are_a_record_or_none(value: bytes) -> None:
    for each in (value, ID + value, GUID + value):
        for one in (PLAIN, BEHIND):
            parsed = one.parse(each)
            text = one.payload(each)
            assert parsed is None or isinstance(parsed, dict)
            assert text is None or each.endswith(text)
