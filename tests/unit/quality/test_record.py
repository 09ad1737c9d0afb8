import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from offline_observer.quality.decoding import ChunkDecoder
from offline_observer.quality.record import parse_object, value_at
from support.scanning import JsonScanner

PATHS = ["event_time", "context", "context.user.ip", "a.b", "x y"]

keys = st.sampled_from(["event_time", "context", "user", "ip", "a", "b", "x y", "other"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def refuse(name: str) -> object:
    raise ValueError(name)


def exact(paths: list[str], record: bytes) -> list[object] | None:
    """What the standard library's parser gives, held to RFC 8259."""
    try:
        parsed = json.loads(
            record.decode(),
            parse_constant=refuse,
            parse_int=lambda digits: int(digits) if len(digits) <= 4300 else float(digits),
        )
    except (ValueError, RecursionError):
        parsed = None
    parsed = parsed if isinstance(parsed, dict) else None
    assert repr(parse_object(record)) == repr(parsed)
    return None if parsed is None else [value_at(parsed, path.split(".")) for path in paths]


def quick(paths: list[str], record: bytes) -> list[object] | None:
    """What the two quick ways give, which must be the same."""
    decoder = ChunkDecoder(paths)
    one = decoded_between_others(decoder, record)
    decoder.hurry(JsonScanner)
    other = decoded_between_others(decoder, record)
    assert repr(one) == repr(other)
    return one


def decoded_between_others(decoder: ChunkDecoder, record: bytes) -> list[object] | None:
    # What one record is must not touch what the next is.
    decoded = decoder.decode([b"{}", record, b"{}"])
    if decoded.unparseable:
        assert (decoded.unparseable, list(decoded.at)) == ([1], [0, 2])
        return None
    assert all(len(column) == 3 for column in decoded.columns)
    assert all(column[0] is UNSET and column[2] is UNSET for column in decoded.columns)
    return [column[1] for column in decoded.columns]


@given(value=values, ascii_only=st.booleans())
def test_the_quick_way_gives_what_the_exact_way_gives(value: object, ascii_only: bool) -> None:
    record = json.dumps(value, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    for paths in (PATHS, ["a.b"], ["event_time", "context.user.ip"], []):
        assert repr(quick(paths, record)) == repr(exact(paths, record))


@given(value=st.dictionaries(keys, values), data=st.data())
def test_the_ways_agree_on_broken_records(value: object, data: st.DataObject) -> None:
    record = bytearray(json.dumps(value).encode())
    at = data.draw(st.integers(0, len(record) - 1))
    change = data.draw(st.sampled_from(["cut", "byte", "insert"]))
    byte = data.draw(st.integers(0, 255))
    if change == "cut":
        del record[at:]
    elif change == "byte":
        record[at] = byte
    else:
        record.insert(at, byte)
    for paths in (PATHS, ["event_time", "context.user.ip"]):
        assert repr(quick(paths, bytes(record))) == repr(exact(paths, bytes(record)))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (b'{"context":{"user":{"ip":"1.2.3.4"}}}', "1.2.3.4"),
        (b'{"context":{"user":{"ip":null}}}', None),
        (b'{"context":{"user":{}}}', UNSET),
        (b'{"context":{"user":null}}', UNSET),
        (b'{"context":{"user":"text"}}', UNSET),
        (b'{"context":[1]}', UNSET),
        (b'{"context":null}', UNSET),
        (b"{}", UNSET),
        (b' {"context":{"user":{"ip":1}},"context":{}} ', UNSET),
        (b'{"context":{"user":{"ip":"\\ud800"}}}', "\ud800"),
        (b'{"context":{"user":{"ip":1e999}}}', float("inf")),
    ],
)
def test_a_nested_field(record: bytes, expected: object) -> None:
    assert quick(["context.user.ip"], record) == [expected]


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b" ",
        b"null",
        b"1",
        b'"text"',
        b"[]",
        b'[{"event_time":1}]',
        b'{"event_time":',
        b'{"event_time":1}}',
        b'{"other":NaN}',
        b'{"event_time":Infinity}',
        b'{"other":01}',
        b"{'event_time':1}",
        b"\xef\xbb\xbf{}",
        b'{"other":"\xff"}',
        b'{"other":"\xed\xa0\x80"}',
        b'{"other":"a\x01b"}',
        b"a;b;c",
        b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_not_a_json_object_is_unparseable(record: bytes) -> None:
    assert quick(["event_time"], record) is None
    assert parse_object(record) is None


@pytest.mark.parametrize("key", ['u"q', "a\\b", "tab\tkey", "nul\0"])
def test_any_key_can_be_asked_for(key: str) -> None:
    record = json.dumps({key: {"x": 1}}).encode()
    assert quick([key, f"{key}.x", "b"], record) == [{"x": 1}, 1, UNSET]


def test_an_integer_of_many_digits_is_a_number() -> None:
    assert quick(["a"], b'{"a":' + b"1" * 5000 + b"}") == [float("inf")]
    assert parse_object(b'{"a":' + b"1" * 5000 + b"}") == {"a": float("inf")}
