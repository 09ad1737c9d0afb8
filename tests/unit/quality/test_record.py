import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from offline_observer.quality.record import exact_decoder, parse_object, quick_decoder

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


@given(value=values, ascii_only=st.booleans())
def test_the_quick_way_gives_what_the_exact_way_gives(value: object, ascii_only: bool) -> None:
    record = json.dumps(value, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    for paths in (PATHS, ["a.b"], ["event_time", "context.user.ip"], []):
        assert _listed(quick_decoder(paths)(record)) == _listed(exact_decoder(paths)(record))


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
        assert _listed(quick_decoder(paths)(bytes(record))) == _listed(exact_decoder(paths)(bytes(record)))


def _listed(values: object) -> str:
    return repr(None if values is None else list(values))  # type: ignore[call-overload]


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
    assert quick_decoder(["context.user.ip"])(record) == [expected] or quick_decoder(["context.user.ip"])(
        record
    ) == (expected,)


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
    assert quick_decoder(["event_time"])(record) is None
    assert parse_object(record) is None


@pytest.mark.parametrize("key", ['u"q', "a\\b", "tab\tkey", "nul\0"])
def test_any_key_can_be_asked_for(key: str) -> None:
    record = json.dumps({key: {"x": 1}}).encode()
    assert _listed(quick_decoder([key, f"{key}.x", "b"])(record)) == _listed([{"x": 1}, 1, UNSET])


def test_an_integer_of_many_digits_is_a_number() -> None:
    assert quick_decoder(["a"])(b'{"a":' + b"1" * 5000 + b"}") is not None
    assert parse_object(b'{"a":' + b"1" * 5000 + b"}") == {"a": float("inf")}
