"""Records in Avro, with the registry in memory that the client itself has."""

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import SchemaReference
from confluent_kafka.schema_registry.avro import AvroSerializer
from fastavro import parse_schema, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.errors import SchemaRegistryError
from offline_observer.formats.avro import AvroFormat
from offline_observer.formats.avro_registry import Registry
from offline_observer.formats.avro_schema import record_schema
from support.schema_registry import mock_client, schema, value_of

VISIT = {
    "type": "record",
    "name": "Visit",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "user", "type": ["null", "string"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "exactly", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "hour", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "key", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "raw", "type": "bytes"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["SEEN", "BOUGHT"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {
            "name": "context",
            "type": [
                "null",
                {"type": "record", "name": "Context", "fields": [{"name": "ip", "type": "string"}]},
            ],
        },
        {"name": "share", "type": "double"},
        {"name": "new", "type": "boolean"},
    ],
}
RECORD: dict[str, Any] = {
    "id": "v-1",
    "user": None,
    "at": datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC),
    "exactly": datetime(1969, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    "day": date(2024, 5, 6),
    "hour": time_of_day(23, 59, 59, 999000),
    "price": Decimal("-12.50"),
    "key": str(UUID(int=7)),
    "raw": b"\0\xff",
    "kind": "BOUGHT",
    "tags": ["a", "ü"],
    "counts": {"x": -1},
    "context": {"ip": "::1"},
    "share": 0.5,
    "new": True,
}
FIELDS = "fields"


class Written:
    """Schemas by number, and how often each was asked for."""

    def __init__(self, *texts: object) -> None:
        self.texts: dict[int, tuple[str, ...]] = {
            number: (text if isinstance(text, str) else json.dumps(text),)
            for number, text in enumerate(texts, 1)
        }
        self.asked: list[int] = []
        self.error: SchemaRegistryError | None = None

    def schema_texts(self, header: bytes) -> tuple[str, ...] | None:
        self.asked.append(int.from_bytes(header[1:]))
        if self.error is not None:
            raise self.error
        return self.texts.get(self.asked[-1])


def head(number: int) -> bytes:
    return b"\0" + number.to_bytes(4)


def encoded(text: Any, record: object, number: int = 1) -> bytes:
    stream = io.BytesIO()
    schemaless_writer(stream, parse_schema(text), record)
    return head(number) + stream.getvalue()


def avro(*texts: object) -> AvroFormat:
    return AvroFormat(Written(*texts), time.monotonic)


def one_field(kind: object) -> dict[str, Any]:
    return {"type": "record", "name": "One", FIELDS: [{"name": "a", "type": kind}]}


def test_what_the_registrys_own_serializer_writes() -> None:
    serialize = AvroSerializer(mock_client("visits"), json.dumps(VISIT))
    value = serialize(RECORD, value_of("visits"))
    assert value is not None
    made = AvroFormat(Registry({"url": "mock://visits"}), time.monotonic)
    assert not made.is_json
    assert made.payload(value) is None
    for _ in range(2):
        assert made.parse(value) == RECORD
    parsed = made.parse(value)
    assert parsed is not None
    assert parsed["at"].utcoffset() == timedelta(0)  # type: ignore[attr-defined]
    assert made.parse(head(99) + value[5:]) is None


def test_records_of_several_schemas_in_one_topic() -> None:
    other = one_field("long")
    made = avro(VISIT, other)
    assert made.parse(encoded(VISIT, RECORD)) == RECORD
    assert made.parse(encoded(other, {"a": 5}, 2)) == {"a": 5}
    assert made.parse(encoded(VISIT, RECORD)) == RECORD


def test_a_record_ends_where_its_bytes_end() -> None:
    value = encoded(VISIT, RECORD)
    made = avro(VISIT)
    assert made.parse(value) == RECORD
    assert made.parse(value + b"\0") is None
    for length in range(len(value)):
        assert made.parse(value[:length]) is None


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\0\0\0", b"\1" + bytes(15), b'{"a": 1}', b"\2\0\0\0\1\2"])
def test_without_a_header_nothing_is_asked(value: bytes) -> None:
    written = Written(one_field("long"))
    assert AvroFormat(written, time.monotonic).parse(value) is None
    assert written.asked == []


def test_a_schema_is_had_by_its_guid_too() -> None:
    registered = mock_client("guid").register_schema_full_response("s", schema(one_field("long")))
    assert registered.guid is not None
    made = AvroFormat(Registry({"url": "mock://guid"}), time.monotonic)
    header = b"\1" + UUID(registered.guid).bytes
    for _ in range(2):
        assert made.parse(header + b"\x0a") == {"a": 5}
    assert made.parse(b"\1" + bytes(16) + b"\x0a") is None


def test_what_is_unknown_is_asked_for_again_after_a_minute() -> None:
    now = 1000.0
    written = Written(one_field("long"))
    made = AvroFormat(written, lambda: now)
    value = head(2) + b"\x0a"
    assert [made.parse(value) for _ in range(3)] == [None] * 3
    now += 59.0
    assert made.parse(value) is None
    assert written.asked == [2]
    written.texts[2] = written.texts[1]
    now += 1.0
    assert made.parse(value) == {"a": 5}
    assert made.parse(value) == {"a": 5}
    assert written.asked == [2, 2]


def test_a_failure_is_not_remembered() -> None:
    written = Written(one_field("long"))
    written.error = SchemaRegistryError("away")
    made = AvroFormat(written, time.monotonic)
    for _ in range(2):
        with pytest.raises(SchemaRegistryError, match="away"):
            made.parse(head(1) + b"\x0a")
    written.error = None
    assert made.parse(head(1) + b"\x0a") == {"a": 5}


def test_what_is_unknown_takes_no_room_without_end() -> None:
    written = Written()
    made = AvroFormat(written, lambda: 0.0)
    for number in range(10_010):
        assert made.parse(head(number)) is None
    assert len(made._unknown) == 10_000
    assert head(10_009) in made._unknown


def test_references() -> None:
    client = mock_client("references")
    street = {
        "type": "record",
        "name": "Street",
        "namespace": "geo",
        FIELDS: [{"name": "n", "type": "string"}],
    }
    place = {"type": "record", "name": "geo.Place", FIELDS: [{"name": "street", "type": "Street"}]}
    visit = {
        "type": "record",
        "name": "Visit",
        FIELDS: [{"name": "to", "type": "geo.Place"}, {"name": "by", "type": ["null", "geo.Street"]}],
    }
    client.register_schema("street", schema(street))
    to_street = SchemaReference("geo.Street", "street", 1)
    client.register_schema("place", schema(place, references=[to_street]))
    to_place = SchemaReference("geo.Place", "place", 1)
    number = client.register_schema("visit", schema(visit, references=[to_place, to_street]))
    missing = client.register_schema(
        "other", schema(visit, references=[SchemaReference("geo.Place", "nowhere", 1)])
    )
    made = AvroFormat(Registry({"url": "mock://references"}), time.monotonic)
    assert made.parse(head(number) + b"\x02a\x02\x02b") == {"to": {"street": {"n": "a"}}, "by": {"n": "b"}}
    assert made.parse(head(missing) + b"\x02a\x02\x02b") is None


def test_several_kinds_of_records_by_a_union() -> None:
    client = mock_client("union")
    for name in ("Seen", "Bought"):
        one = {"type": "record", "name": name, FIELDS: [{"name": name.lower(), "type": "long"}]}
        client.register_schema(name, schema(one))
    references = [SchemaReference(name, name, 1) for name in ("Seen", "Bought")]
    number = client.register_schema("visits", schema(["null", "Seen", "Bought"], references=references))
    made = AvroFormat(Registry({"url": "mock://union"}), time.monotonic)
    assert made.parse(head(number) + b"\x02\x0a") == {"seen": 5}
    assert made.parse(head(number) + b"\x04\x0a") == {"bought": 5}
    assert made.parse(head(number) + b"\x00") is None


def test_schemas_of_other_kinds_are_none() -> None:
    client = mock_client("kinds")
    number = client.register_schema("s", schema({"type": "object"}, "JSON"))
    made = AvroFormat(Registry({"url": "mock://kinds"}), time.monotonic)
    assert made.parse(head(number) + b"{}") is None
    assert made.parse(b"\0\xff\xff\xff\xff\0") is None


NULLS = {"type": "array", "items": "null"}
EMPTY = {"type": "record", "name": "Empty", FIELDS: []}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "{}",
        "[]",
        "null",
        '"string"',
        '"Unknown"',
        '{"type":"record"}',
        '{"type":"record","name":"A","fields":5}',
        '{"type":"map","values":"int"}',
        '["null",{"type":"map","values":"int"},{"type":"record","name":"A","fields":[]}]',
        '{"type":"enum","name":"E","symbols":["A"]}',
        json.dumps(one_field("Unknown")),
        # Nothing could ever be such a record.
        json.dumps(one_field("One")),
        json.dumps(one_field({"type": "record", "name": "Two", FIELDS: [{"name": "b", "type": "One"}]})),
        # A few bytes would be 2^62 elements.
        json.dumps(one_field(NULLS)),
        json.dumps(one_field(["null", {"type": "map", "values": NULLS}])),
        json.dumps(one_field({"type": "array", "items": EMPTY})),
        json.dumps(one_field({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}})),
        json.dumps(
            one_field(
                {
                    "type": "array",
                    "items": {"type": "record", "name": "B", FIELDS: [{"name": "b", "type": "null"}]},
                }
            )
        ),
    ],
)
def test_what_is_no_schema_of_records(text: str) -> None:
    assert record_schema(text) is None
    assert avro(text).parse(head(1) + b"\x00") is None


def test_an_endless_schema_is_found_behind_one_that_ends() -> None:
    # Chain holds Link at will first, and then must.
    link = {"type": "record", "name": "Link", FIELDS: [{"name": "back", "type": "One"}]}
    text = one_field(["null", link])
    assert record_schema(json.dumps(text)) is not None
    text[FIELDS].append({"name": "b", "type": "Link"})
    assert record_schema(json.dumps(text)) is None


def test_a_schema_of_many_names_is_looked_at_once_per_name() -> None:
    kind: object = "null"
    for number in range(60):
        fields = [{"name": "a", "type": kind}, {"name": "b", "type": f"N{number - 1}" if number else "null"}]
        kind = {"type": "record", "name": f"N{number}", FIELDS: fields}
    began = time.monotonic()
    assert record_schema(json.dumps(kind)) is not None
    assert time.monotonic() - began < 5


NESTED = one_field(["null", "One"])


def test_a_value_nested_deep_does_no_harm() -> None:
    made = avro(NESTED, one_field({"type": "array", "items": ["null", "One"]}))
    assert made.parse(head(1) + b"\x02\x02\x00") == {"a": {"a": {"a": None}}}
    for depth in (5_000, 1_000_000):
        assert made.parse(head(1) + b"\x02" * depth + b"\x00") is None
        assert made.parse(head(2) + b"\x02\x02" * depth) is None


@pytest.mark.parametrize("text", ["a", "", str(UUID(int=1)).upper()])
@pytest.mark.parametrize("around", [lambda uuid: uuid, lambda uuid: ["null", uuid]])
def test_a_uuid_is_the_text_that_was_written(text: str, around: Callable[[object], object]) -> None:
    uuid = {"type": "string", "logicalType": "uuid"}
    kind = around(uuid)
    branch = b"\x02" if isinstance(kind, list) else b""
    value = head(1) + branch + bytes([len(text) * 2]) + text.encode()
    record = avro(one_field(kind)).parse(value)
    assert record is not None
    assert list(record.values()) == [text]


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("long", b"\x80"),
        ("string", b"\x04\xff\xff"),
        ("string", b"\x01ab"),
        ("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"),
        ({"type": "array", "items": "long"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"),
        (["null", "string"], b"\x08"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, b"\x08"),
        ({"type": "long", "logicalType": "timestamp-millis"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ({"type": "int", "logicalType": "date"}, b"\xfe\xff\xff\xff\x0f"),
        ({"type": "int", "logicalType": "time-millis"}, b"\xfe\xff\xff\xff\x0f"),
    ],
)
def test_bytes_that_are_no_record(kind: object, rest: bytes) -> None:
    assert avro(one_field(kind)).parse(head(1) + rest) is None


@given(st.binary(max_size=200), st.integers(1, 4))
def test_any_bytes_are_a_record_or_none(rest: bytes, number: int) -> None:
    parsed = FUZZED.parse(head(number) + rest)
    assert parsed is None or isinstance(parsed, dict)
    assert FUZZED.parse(rest) is None or rest[:1] in (b"\0", b"\1")


@given(st.data())
def test_any_change_of_a_record_is_a_record_or_none(data: st.DataObject) -> None:
    value = bytearray(encoded(VISIT, RECORD))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(5, len(value) - 1))
        value[at] = data.draw(st.integers(0, 255))
    parsed = FUZZED.parse(bytes(value))
    assert parsed is None or parsed.keys() == RECORD.keys()


# The fourth is one that the careful reader reads.
FUZZED = avro(
    VISIT,
    NESTED,
    one_field(["null", {"type": "array", "items": {"type": "map", "values": ["double", "One", "float"]}}]),
    {**VISIT, FIELDS: [*VISIT[FIELDS], {"name": "last", "type": ["null", "Visit"]}]},
)
