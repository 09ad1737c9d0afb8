"""Records that the scan is likely to take wrongly, beside the decoder that reads them one by one."""

import json
import time
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.quality.decoding import ChunkDecoder
from offline_observer.scan.machine_code import DEEPEST, LONGEST_COUNTED
from support.scanning import JsonScanner

PATHS = ["a", "b", "a long name of a field", "a long name of another", "o.a", "o.p.x", "o.p", "é", "unseen"]


def both(values: Sequence[bytes | None], paths: Sequence[str] = PATHS) -> tuple[str, str]:
    decoder = ChunkDecoder(paths)
    one = decoder.decode(values)
    decoder.hurry(JsonScanner)
    other = decoder.decode(values)
    return tuple(  # type: ignore[return-value]
        repr(
            (list(found.at), found.unparseable, found.tombstones, [list(column) for column in found.columns])
        )
        for found in (one, other)
    )


def object_in(depth: int) -> bytes:
    return b'{"a":1,"b":' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    "record",
    [
        b'{"a":1,"a":2}',
        b'{"o":{"a":1},"o":{}}',
        b'{"o":{"a":1,"a":{}}}',
        b'{"o":{"p":{"x":1,"y":[{"x":2}]}}}',
        b'{"o":[{"a":1}]}',
        b'{"o":{"o":{"a":1}}}',
        b'{"\\u0061":1}',
        b'{"a\\"":1,"a":"\\""}',
        b'{"a":"\\u00e9\\n\\ud83d\\ude00\\/"}',
        b'{"a":"\\ud800","b":"\\u12"}',
        b'{"a":"\\x"}',
        b'{"a":"\\u12g4"}',
        b'{"a":"\\',
        b'{"a":"\\u1',
        b'{"a":"x',
        b'{"a":"x"',
        b'{"a"',
        b'{"a":',
        b"{",
        b"[",
        b'{"a":tru}',
        b'{"a":trueb}',
        b'{"a":nul',
        b'{"a":fals',
        b'{"a":false,"b":null,"o":true}',
        b'{"a":-}',
        b'{"a":-0,"b":0.0}',
        b'{"a":1.}',
        b'{"a":1e}',
        b'{"a":1e+}',
        b'{"a":1E5,"b":1.5e-3}',
        b'{"a":12',
        b'{"a":+1}',
        b'{"a":.5}',
        b'{"a":1e400,"b":1}',
        b'{"a":' + b"7" * 400 + b"}",
        b'{"a":[],"b":{},"o":{}}',
        b'{"a":[,],"b":1}',
        b'{"a":[1,],"b":1}',
        b'{"a":1,}',
        b'{,"a":1}',
        b'{"a":1]',
        b'{"a":[1}',
        b'{"a":1}}',
        b'{"a":1}x',
        b'{"a":1}{"a":2}',
        b'{"a":1} \t\r\n',
        b' \t\r\n{ "a" : 1 , "b" : [ 1 , 2 ] }',
        b'\x0b{"a":1}',
        b'{"a":"\x00"}',
        b'{"a":1}\x00',
        b'\x00{"a":1}',
        b'{"a":"\x1f"}',
        '{"é":"ü","a":"\u00a0","b":"\u3000\u2003"}'.encode(),
        b'{"a":"\xff"}',
        b'{"other":"\xc3"}',
        b'{"a":"","b":" ","o":{"a":"\t"}}',
        b'{"a":"\\u0020","b":"\\u0000"}',
        json.dumps({"a": "x" * (LONGEST_COUNTED + 1), "b": "é" * LONGEST_COUNTED}).encode(),
        json.dumps(
            {"a long name of a field": 1, "a long name of another": 2, "a long name of a": 3}
        ).encode(),
        object_in(DEEPEST - 1),
        object_in(DEEPEST),
        object_in(5000),
        b"",
        b" ",
        b'"a"',
        b"12",
        b"null",
        b'[{"a":1}]',
    ],
)
def test_a_record_between_others(record: bytes) -> None:
    for around in (b'{"a":"before","b":2}', b'"', b"1", b"}", b'{"a":"'):
        one, other = both([around, record, around, None, b'{"o":{"p":{"x":"after"}}}'])
        assert one == other


def test_no_records_and_no_paths() -> None:
    for values in ([], [None], [b"{}"], [b"x"], [b"x", b"{}"]):
        for paths in ([], PATHS):
            one, other = both(values, paths)
            assert one == other


def test_keys_that_are_empty() -> None:
    records = [b'{"":{"":1,"a":2}}', b'{"":3,"a":{"":4}}', b'{"a":{"a":{"":5}}}']
    for paths in (["", "."], [".", ""], ["."], [".a", "a.", "a"], ["..", "a.a."]):
        one, other = both(records, paths)
        assert one == other


def test_chunks_of_any_size_and_order_of_keys() -> None:
    random = Random(1)
    values = []
    for number in range(2000):
        record = {
            "a": number,
            "b": str(number),
            "é": None,
            "o": {"a": [number], "p": {"x": {}}},
            "other": [1, {"a": 2}],
        }
        chosen = random.sample(list(record), random.randrange(1, 6))
        values.append(json.dumps({key: record[key] for key in chosen}, ensure_ascii=False).encode())
    for size in (1, 3, 500, 2000):
        one, other = both(values[:size])
        assert one == other


pieces = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b" ",
        b'"a"',
        b'"o"',
        b"1",
        b"-",
        b"null",
        b"true",
        b"\xc3",
        b"\xa9",
    ]
)


@given(records=st.lists(st.lists(pieces, max_size=12).map(b"".join), max_size=6))
def test_any_bytes(records: list[bytes]) -> None:
    one, other = both(records)
    assert one == other


def changed(random: Random, record: bytes) -> bytes:
    change: Callable[[bytearray, int], object] = random.choice(
        [
            lambda some, at: some.__delitem__(slice(at, None)),
            lambda some, at: some.__delitem__(at),
            lambda some, at: some.__setitem__(at, random.randrange(256)),
            lambda some, at: some.insert(at, random.randrange(256)),
        ]
    )
    some = bytearray(record)
    change(some, random.randrange(len(some)))
    return bytes(some)


def test_many_broken_records() -> None:
    random = Random(2)
    good = json.dumps(
        {
            "a": 'text \\ with "escapes" é',
            "b": -12.5e3,
            "o": {"a": None, "p": {"x": [True, {"a": 1}], "y": "plain"}},
            "a long name of a field": False,
            "é": "ü",
        }
    ).encode()
    for _ in range(100):
        one, other = both([changed(random, good) if random.random() < 0.8 else good for _ in range(200)])
        assert one == other


def test_many_records_of_which_some_are_odd_and_others_are_not_utf8_take_no_longer_each() -> None:
    decoder = ChunkDecoder(["a"])
    decoder.hurry(JsonScanner)
    start = time.perf_counter()
    decoded = decoder.decode([b'{"a":1,"a":2}', b'{"a":"\xff"}'] * 30_000)
    # A tenth of a second; each odd one looked for among the others took ten.
    assert time.perf_counter() - start < 3
    assert (len(decoded.unparseable), set(decoded.columns[0])) == (30_000, {2})
