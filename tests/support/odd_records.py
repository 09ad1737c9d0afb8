"""Records of every kind that a topic may hold, good and bad, made from a seed."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules.rule import Rule

KEYS = [
    "a",
    "b",
    "o",
    "p",
    "x",
    "l",
    "a.b",
    "é",
    "e\u0301",
    "",
    " ",
    "A",
    "\U0001f600",
    "\ud800",
    "k\0",
    'q"',
    "back\\slash",
]
SCALARS: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.0,
        0.0,
        -0.0,
        0.5,
        5,
        17,
        2**63,
        10**30,
        float("inf"),
        1e308,
        1704067200,
    ),
    *(
        "",
        " ",
        "\u00a0",
        "abc",
        "ABC",
        "1",
        "true",
        "e\u0301",
        "é",
        "\U0001f600",
        "\ud800",
        "x\0",
        "!",
        "\x7f",
    ),
    *(
        "2024-01-01T00:00:00Z",
        "2024-01-02",
        "2024-01-01T01:00:00+01:00",
        "2024-13-01",
        "9999-12-31T23:59:59-01:00",
    ),
]

FIELDS: dict[str, FieldType] = {
    "a": "string",
    "b": "number",
    "o": "object",
    "o.a": "string",
    "o.p.x": "integer",
    "o.l": "array",
    "p": "object",
    "l": "array",
    "x": "integer",
    "é": "boolean",
    " é": "timestamp",
}

RULES = [
    Rule("not_empty", "a"),
    Rule("not_empty", "o.a"),
    Rule("not_empty", "o.p.x", severity="warn"),
    Rule("present", "b"),
    Rule("present", "o.p"),
    Rule("type", "x", {"expected": "integer"}),
    Rule("type", "a", {"expected": "timestamp"}, severity="warn"),
    Rule("type", "o", {"expected": "object"}),
    Rule("one_of", "a", {"values": ["abc", "1", "", "é", True]}),
    Rule("one_of", "b", {"values": [1, 0.5, False, "1", 10**30]}),
    Rule("not_one_of", "x", {"values": [1, "abc", True]}),
    Rule("range", "b", {"min": 0, "max": 2**63}),
    Rule("range", "o.p.x", {"min": 1}, severity="warn"),
    Rule("length", "a", {"min": 1, "max": 3}),
    Rule("length", "l", {"max": 2}),
    Rule("matches", "a", {"pattern": "(?i)abc|[0-9]+"}),
    Rule("timestamp", "a"),
    Rule("unique", "a"),
    Rule("unique", "p", severity="warn"),
    Rule("equal_to", "a", {"other": "o.a"}),
    Rule("equal_to", "x", {"other": "b"}, severity="warn"),
    Rule("equal_to", "l", {"other": "o.l"}),
    Rule("compare", "x", {"at_least": "b"}),
    Rule("compare", "a", {"less_than": "o.a", "by": "time"}),
    Rule("compare", "b", {"greater_than": "o.p.x"}),
    Rule("compare", "a", {"at_most": "o.a"}, title="a in order"),
]
ONLY_NOT_EMPTY = RULES[:3]
QUICK = [rule for rule in RULES if rule.field in ("a", "b", "x", "o.a", "o.p.x") or rule.name == "present"]


def random_value(random: Random, depth: int = 3) -> Any:
    kind = random.random()
    if depth and kind < 0.15:
        return [random_value(random, depth - 1) for _ in range(random.randrange(4))]
    if depth and kind < 0.35:
        return {random.choice(KEYS): random_value(random, depth - 1) for _ in range(random.randrange(4))}
    return random.choice(SCALARS)


def plausible_value(random: Random, kind: str) -> Any:
    """Mostly as it is declared."""
    if random.random() < 0.1:
        return random_value(random)
    made: dict[str, Callable[[], Any]] = {
        "string": lambda: random.choice(["abc", "ABC", "1", f"u{random.randrange(1000)}"]),
        "number": lambda: random.choice([1, 0.5, 1.0, random.randrange(10)]),
        "integer": lambda: random.choice([1, 2, 10**30, random.randrange(10)]),
        "boolean": lambda: random.random() < 0.5,
        "timestamp": lambda: random.choice(["2024-01-01T00:00:00Z", 1704067200]),
        "object": dict,
        "array": lambda: [random.choice(SCALARS)] * random.randrange(4),
    }
    return made[kind]()


def random_record(random: Random) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, kind in FIELDS.items():
        if random.random() < 0.2:
            continue
        node = record
        *around, last = path.split(".")
        for key in around:
            if type(node.get(key)) is not dict:
                node[key] = {}
            node = node[key]
        node.setdefault(last, plausible_value(random, kind))
    if random.random() < 0.2:
        record[random.choice(KEYS)] = random_value(random)
    return record


def as_text(random: Random, record: Any) -> bytes:
    text = json.dumps(
        record,
        ensure_ascii=random.random() < 0.5,
        separators=random.choice([(",", ":"), (", ", ": "), (" ,\n", "\t:")]),
    ).replace("Infinity", "1e400")
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(record).replace("Infinity", "1e400").encode()


def mutated(random: Random, value: bytes) -> bytes:
    changed = bytearray(value)
    at = random.randrange(len(changed) + 1)
    kind = random.randrange(7)
    if kind == 0:
        del changed[at:]
    elif kind == 1 and at < len(changed):
        changed[at] = random.randrange(256)
    elif kind == 2:
        changed.insert(at, random.choice(b'{}[]",:0e-\\u \x00\xff'))
    elif kind == 3:
        changed += random.choice([b"}", b" ", b"\n", b"{}", b"\x00", b",", b"1"])
    elif kind == 4:
        changed = changed.replace(b":", random.choice([b":NaN,", b": ", b"::", b':"\xed\xa0\x80",']), 1)
    elif kind == 5:
        changed = changed.replace(
            b"1", random.choice([b"01", b"1.", b"1e5", b"1E400", b"-0", b"1" * 5000]), 1
        )
    else:
        # A key twice: the last one counts.
        changed[-1:] = random.choice([b',"a":1}', b',"o":null}', b',"o":{"p":{"x":2}}}', b',"zz":"\\udfff"}'])
    return bytes(changed)


def strange(random: Random) -> bytes:
    """What is no usual record at all."""
    size = random.choice([1, 10, 100, 300])
    tiny = [b"", b" ", b"null", b"1", b'"a"', b"[]", b"{}", b"[{}]", b"{}{}", b"\xef\xbb\xbf{}"]
    made: list[Callable[[], bytes]] = [
        lambda: random.randbytes(size),
        lambda: b'{"a":' + b"[" * size + b"]" * size + b"}",
        lambda: b'{"o":' * size + b"1" + b"}" * size,
        lambda: json.dumps({f"k{random.randrange(1000)}": i for i in range(size)}).encode(),
        lambda: json.dumps({"a": random.choice("a\u00a0é\U0001f600") * size * 10, "x": 1}).encode(),
        lambda: random.choice(tiny),
        lambda: b'{"l":' + b"[" * 3000 + b"]" * 3000 + b"}",
        lambda: b"\x00\x00\x00\x00\x01" + as_text(random, random_record(random)),
        lambda: as_text(random, random_value(random)),
    ]
    return random.choice(made)()


def odd_records(seed: int, number: int, pool: int = 3000) -> Iterator[bytes | None]:
    random = Random(seed)
    usual = [as_text(random, random_record(random)) for _ in range(pool)]
    for _ in range(number):
        kind = random.random()
        if kind < 0.7:
            yield random.choice(usual)
        elif kind < 0.9:
            yield mutated(random, random.choice(usual))
        elif kind < 0.97:
            yield strange(random)
        elif kind < 0.99:
            yield None
        else:
            yield as_text(random, random_record(random))
