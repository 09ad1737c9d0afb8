"""What each rule says of each kind of value, on every way that a record can take through the kernel."""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any, get_args
from uuid import UUID

import pytest

from offline_observer.quality.field_types import FieldType
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.record import parse_object
from offline_observer.quality.rules import RULES
from offline_observer.quality.rules.rule import Rule
from support.scanning import JsonScanner

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DEEP = "[" * 100 + "]" * 100

# Each value as it stands in JSON; None where the field is missing.
VALUES: dict[str, str | None] = {
    "missing": None,
    "null": "null",
    "no text": '""',
    "blank": '" \\t\\n"',
    "other blanks": '"\u00a0\u2003\u3000\\u0085"',
    "zero width": '"\u200b"',
    "abc": '"abc"',
    "ABC": '"ABC"',
    "combining": '"e\u0301"',
    "astral": '"\U0001f600"',
    "escaped astral": '"\\ud83d\\ude00"',
    "lone surrogate": '"\\ud800"',
    "lone in the middle": '"a\\udc00c"',
    "nul": '"\\u0000"',
    "text 1": '"1"',
    "text true": '"true"',
    "text null": '"null"',
    "time": '"2024-01-01T00:00:00Z"',
    "time later": '"2024-07-01T12:00:00.123456789+02:00"',
    "date": '"2024-01-01"',
    "time without zone": '"2024-01-01 00:00"',
    "edge of time": '"9999-12-31T23:59:59-01:00"',
    "month 13": '"2024-13-01T00:00:00Z"',
    "compact time": '"20240101T000000Z"',
    "0": "0",
    "1": "1",
    "1.0": "1.0",
    "1e0": "1e0",
    "-1": "-1",
    "-0.0": "-0.0",
    "0.5": "0.5",
    "2^63": "9223372036854775808",
    "10^30": "1" + "0" * 30,
    "1e400": "1e400",
    "-1e400": "-1e400",
    "4300 digits": "1" * 4300,
    "5000 digits": "1" * 5000,
    "epoch": "1704067200",
    "true": "true",
    "false": "false",
    "{}": "{}",
    "object": '{"x":null}',
    "nested object": '{"x":{"y":[{}]}}',
    "[]": "[]",
    "array": "[1]",
    "deep": DEEP,
}
NOTHING = ("missing", "null")
BLANK = ("no text", "blank", "other blanks")
TIMES = ("time", "time later", "date", "time without zone")
TEXTS = (
    *BLANK,
    *("zero width", "abc", "ABC", "combining", "astral", "escaped astral", "lone surrogate"),
    *("lone in the middle", "nul", "text 1", "text true", "text null"),
    *TIMES,
    *("edge of time", "month 13", "compact time"),
)
INTEGERS = ("0", "1", "-1", "2^63", "10^30", "4300 digits", "epoch")
FLOATS = ("1.0", "1e0", "-0.0", "0.5", "1e400", "-1e400", "5000 digits")
NUMBERS = (*INTEGERS, *FLOATS)
HUGE = ("2^63", "10^30", "1e400", "4300 digits", "5000 digits")
BOOLEANS = ("true", "false")
OBJECTS = ("{}", "object", "nested object")
ARRAYS = ("[]", "array", "deep")
ALL = tuple(VALUES)
# As epochs: what is after the year 9999 is no time.
EPOCHS_S = ("0", "1", "1.0", "1e0", "-1", "-0.0", "0.5", "epoch")


def but(*names: str) -> tuple[str, ...]:
    return tuple(name for name in ALL if name not in names)


# Per rule and arguments: of which values it holds.
TABLE: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("not_empty", {}, but(*NOTHING, *BLANK)),
    ("present", {}, but("missing")),
    ("type", {"expected": "string"}, (*NOTHING, *TEXTS)),
    ("type", {"expected": "integer"}, (*NOTHING, *INTEGERS)),
    ("type", {"expected": "number"}, (*NOTHING, *NUMBERS)),
    ("type", {"expected": "boolean"}, (*NOTHING, *BOOLEANS)),
    ("type", {"expected": "timestamp"}, (*NOTHING, *TIMES)),
    ("type", {"expected": "object"}, (*NOTHING, *OBJECTS)),
    ("type", {"expected": "array"}, (*NOTHING, *ARRAYS)),
    ("one_of", {"values": ["abc", "1"]}, (*NOTHING, "abc", "text 1")),
    ("one_of", {"values": [1]}, (*NOTHING, "1", "1.0", "1e0")),
    ("one_of", {"values": [1.0, 0]}, (*NOTHING, "1", "1.0", "1e0", "0", "-0.0")),
    ("one_of", {"values": [True]}, (*NOTHING, "true")),
    ("one_of", {"values": ["true", False]}, (*NOTHING, "text true", "false")),
    ("one_of", {"values": ["\U0001f600", "\u00e9"]}, (*NOTHING, "astral", "escaped astral")),
    ("one_of", {"values": [2**63, 10**30]}, (*NOTHING, "2^63", "10^30")),
    ("not_one_of", {"values": ["abc", ""]}, but("abc", "no text")),
    ("not_one_of", {"values": [1]}, but("1", "1.0", "1e0")),
    ("not_one_of", {"values": [True, "null"]}, but("true", "text null")),
    ("range", {"min": 0}, (*NOTHING, *(one for one in NUMBERS if one not in ("-1", "-1e400")))),
    ("range", {"max": 1}, (*NOTHING, *(one for one in NUMBERS if one not in (*HUGE, "epoch")))),
    ("range", {"min": 1, "max": 1}, (*NOTHING, "1", "1.0", "1e0")),
    ("range", {"min": 2**63, "max": 10**30}, (*NOTHING, "2^63", "10^30")),
    ("range", {"min": 0.5, "max": 0.5}, (*NOTHING, "0.5")),
    ("length", {"max": 0}, (*NOTHING, "no text", "{}", "[]")),
    (
        "length",
        {"min": 1, "max": 1},
        (
            *(*NOTHING, "zero width", "astral", "escaped astral", "lone surrogate", "nul", "text 1"),
            *("object", "nested object", "array", "deep"),
        ),
    ),
    (
        "length",
        {"min": 2, "max": 3},
        (*NOTHING, "blank", "abc", "ABC", "combining", "lone in the middle"),
    ),
    ("matches", {"pattern": "abc|1"}, (*NOTHING, "abc", "text 1")),
    ("matches", {"pattern": "(?i)abc"}, (*NOTHING, "abc", "ABC")),
    ("matches", {"pattern": r"\s*"}, (*NOTHING, *BLANK)),
    ("matches", {"pattern": "(?s).*"}, (*NOTHING, *TEXTS)),
    ("matches", {"pattern": "ab"}, NOTHING),
    ("matches", {"pattern": "a.c"}, (*NOTHING, "abc", "lone in the middle")),
    ("timestamp", {}, (*NOTHING, *TIMES)),
    ("timestamp", {"not_in_future": True}, (*NOTHING, *(one for one in TIMES if one != "time later"))),
    ("timestamp", {"not_in_future": "40d"}, (*NOTHING, *TIMES)),
    ("timestamp", {"not_in_future": "999999999d"}, (*NOTHING, *TIMES)),
    ("timestamp", {"max_age": "1d"}, (*NOTHING, "time later")),
    ("timestamp", {"max_age": "999999999d"}, (*NOTHING, *TIMES)),
    ("timestamp", {"form": "epoch_s"}, (*NOTHING, *EPOCHS_S)),
    ("timestamp", {"form": "epoch_ms"}, (*NOTHING, *EPOCHS_S)),
    ("timestamp", {"form": "epoch_s", "max_age": "200d"}, (*NOTHING, "epoch")),
    ("json_schema", {"schema": {"properties": {"a": {"type": "string"}}}}, ()),
]

Record = Callable[[str | None], bytes]


def top(value: str | None) -> bytes:
    return b"{}" if value is None else f'{{"a":{value}}}'.encode()


def nested(value: str | None) -> bytes:
    return f'{{"b":1,"p":{{"q":{top(value).decode()}}}}}'.encode()


def twice(value: str | None) -> bytes:
    """The last of two values counts."""
    return f'{{"a":{{"x":1}},"a":{value}}}'.encode() if value else b"{}"


def spaced(value: str | None) -> bytes:
    return b" {}\n" if value is None else f'\t{{ "\\u0061" :\r{value} }} '.encode()


def refused(value: str | None) -> bytes:
    """With something that the quick way refuses and the exact one takes."""
    return top(value).replace(b"{", b'{"zz":"\\ud800"' + (b"," if value else b""), 1)


def with_an_unknown_field(value: str | None) -> bytes:
    return top(value).replace(b"{", b'{"unknown":1' + (b"," if value else b""), 1)


SHAPES: dict[str, tuple[str, Record]] = {
    "top": ("a", top),
    "nested": ("p.q.a", nested),
    "twice": ("a", twice),
    "spaced": ("a", spaced),
    "refused": ("a", refused),
    "unknown": ("a", with_an_unknown_field),
}


def kernels(rule: Rule, *, all_of_them: bool = True) -> dict[str, Kernel]:
    """The ways that a record can take."""

    def kernel(*others: Rule, fields: Mapping[str, FieldType] | None = None, **more: Any) -> Kernel:
        return Kernel(KernelSpec(rules=[rule, *others], fields=fields or {}), **more)

    def scanned(*others: Rule, fields: Mapping[str, FieldType] | None = None) -> Kernel:
        """As it is for very many records."""
        made = kernel(*others, fields=fields)
        made.decoder.hurry(JsonScanner)
        return made

    around: dict[str, FieldType] = {"b": "integer"}
    kinds: tuple[FieldType, ...] = get_args(FieldType) if all_of_them else ("string",)
    ways = {
        "alone": kernel(),
        "scanned": scanned(),
        "scanned, same field and the one inside": scanned(
            Rule("one_of", rule.field, {"values": [5]}, title="value"), Rule("not_empty", f"{rule.field}.x")
        ),
        "with another field": kernel(Rule("type", "b", {"expected": "integer"})),
        "with a first look of two": kernel(Rule("not_empty", "b")),
        "exact, by a key that has no quick way": kernel(Rule("present", 'quote"d')),
        "whole": kernel(Rule("json_schema", "", {"schema": {}})),
        "of another format": kernel(parse=parse_object),
        "inside a header": kernel(payload=lambda value: value),
        "same field, only its kind": kernel(Rule("present", rule.field, title="kind")),
        "same field, its value": kernel(Rule("one_of", rule.field, {"values": [5]}, title="value")),
        "field inside": kernel(Rule("one_of", f"{rule.field}.x", {"values": [5]})),
        "field inside, only its kind": kernel(Rule("not_empty", f"{rule.field}.x")),
        **{
            f"declared as {kind}": kernel(Rule("no_unknown_fields"), fields={rule.field: kind, **around})
            for kind in kinds
        },
        **{
            f"scanned, declared as {kind}": scanned(
                Rule("no_unknown_fields"), fields={rule.field: kind, **around}
            )
            for kind in kinds
        },
        "declared with a field inside": kernel(
            fields={rule.field: "object", f"{rule.field}.x": "string", **around}
        ),
    }
    if not all_of_them:
        return {
            way: ways[way]
            for way in ("alone", "scanned", "with another field", "whole", "declared as string")
        }
    if "." in rule.field:
        parent = rule.field.rpartition(".")[0]
        ways |= {
            "parent, only its kind": kernel(Rule("present", parent)),
            "parent, its value": kernel(Rule("length", parent, {"min": 1})),
            "parent declared": kernel(
                Rule("length", parent, {"min": 1}), fields={parent: "object", rule.field: "string", **around}
            ),
        }
    return ways


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "arguments", "holds"), [row for row in TABLE if RULES[row[0]].scope.name == "FIELD"]
)
def test_a_rule_says_the_same_on_every_way(
    name: str, arguments: dict[str, Any], holds: tuple[str, ...], shape: str
) -> None:
    field, record = SHAPES[shape]
    rule = Rule(name, field, arguments)
    values = {key: record(value) for key, value in VALUES.items()}
    well = [value for key, value in values.items() if key in holds]
    ill = [value for key, value in values.items() if key not in holds]
    for way, kernel in kernels(rule, all_of_them=shape in ("top", "nested")).items():
        assert {rule.id: 0, **kernel(well, NOW).broken}[rule.id] == 0, way
        assert {rule.id: 0, **kernel(ill, NOW).broken}[rule.id] == len(ill), way
        summary = kernel([*values.values()] * 3, NOW)
        assert summary.broken.get(rule.id, 0) == 3 * len(ill), way
        assert not summary.unparseable


@pytest.mark.parametrize(
    ("name", "arguments", "holds"), [row for row in TABLE if RULES[row[0]].scope.name == "FIELD"]
)
def test_a_field_whose_parent_is_no_object_is_missing(
    name: str, arguments: dict[str, Any], holds: tuple[str, ...]
) -> None:
    rule = Rule(name, "p.q.a", arguments)
    parents = ["null", '"text"', "[]", '[{"a":"abc"}]', "1", "true", "1e400", '"\\ud800"', "{}"]
    records = [
        b"{}",
        *(f'{{"p":{parent}}}'.encode() for parent in parents),
        *(f'{{"p":{{"q":{parent}}}}}'.encode() for parent in parents),
        b'{"p.q.a":"abc"}',
        b'{"p":{"q.a":"abc"}}',
        b'{"p":{"q":{"a":"abc"}},"p":null}',
    ]
    expected = int("missing" not in holds)
    for way, kernel in kernels(rule).items():
        for record in records:
            assert kernel([record], NOW).broken.get(rule.id, 0) == expected, (way, record)
        assert kernel(records, NOW).broken.get(rule.id, 0) == expected * len(records), way


# What JSON does not have: values as Avro, or another format, brings them. Each with the rules that it breaks.
MOMENT = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
OTHER_VALUES: list[tuple[object, set[str]]] = [
    (math.nan, {"string", "integer", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (math.inf, {"string", "integer", "time", "length", "matches", "one_of", "timestamp"}),
    (Decimal("1.0"), {"string", "integer", "time", "length", "matches", "timestamp"}),
    (Decimal("NaN"), {"string", "integer", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (Decimal("sNaN"), {"string", "integer", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (Decimal("Infinity"), {"string", "integer", "time", "length", "matches", "one_of", "timestamp"}),
    (MOMENT, {"string", "integer", "number", "range", "length", "matches", "one_of"}),
    (MOMENT.replace(tzinfo=None), {"string", "integer", "number", "range", "length", "matches", "one_of"}),
    (
        datetime.max.replace(tzinfo=UTC),
        {"string", "integer", "number", "range", "length", "matches", "one_of"},
    ),
    (date(2024, 1, 1), {"string", "integer", "number", "range", "length", "matches", "one_of"}),
    (time(12), {"string", "integer", "number", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (b"", {"integer", "number", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (b"ab", {"integer", "number", "time", "range", "matches", "one_of", "timestamp"}),
    (UUID(int=1), {"integer", "number", "time", "range", "length", "matches", "one_of", "timestamp"}),
    (True, {"string", "integer", "number", "time", "range", "length", "matches", "one_of", "timestamp"}),
]
OTHER_RULES = {
    "not_empty": Rule("not_empty", "a"),
    "present": Rule("present", "a"),
    "string": Rule("type", "a", {"expected": "string"}, title="string"),
    "integer": Rule("type", "a", {"expected": "integer"}, title="integer"),
    "number": Rule("type", "a", {"expected": "number"}, title="number"),
    "time": Rule("type", "a", {"expected": "timestamp"}, title="time"),
    "range": Rule("range", "a", {"min": 0}),
    "length": Rule("length", "a", {"min": 1}),
    "matches": Rule("matches", "a", {"pattern": ".*"}),
    "one_of": Rule("one_of", "a", {"values": [1, "x"]}),
    "not_one_of": Rule("not_one_of", "a", {"values": [5, "x"]}),
    "timestamp": Rule("timestamp", "a"),
}


@pytest.mark.parametrize(("value", "broken"), OTHER_VALUES, ids=[repr(value) for value, _ in OTHER_VALUES])
def test_values_that_json_does_not_have(value: object, broken: set[str]) -> None:
    more = [
        Rule("unique", "a"),
        Rule("equal_to", "a", {"other": "b"}),
        Rule("compare", "a", {"at_least": "b"}),
        Rule("timestamp", "a", {"form": "epoch_s", "not_in_future": True}, title="epoch"),
        Rule("freshness", "", {"max_age": "5m", "field": "a"}),
        Rule("json_schema", "", {"schema": {}}),
    ]
    spec = KernelSpec(rules=[*OTHER_RULES.values(), *more], fields={"a": "string", "b": "array"})
    kernel = Kernel(spec, parse=lambda _: {"a": value, "b": [value]})
    summary = kernel([b"1", b"2"], NOW)
    found = {name for name, rule in OTHER_RULES.items() if summary.broken.get(rule.id)}
    assert found == broken
    assert summary.distinct["a.unique"].repeated == 1
    assert summary.unparseable == 0


def test_the_time_of_a_date_is_midnight_in_utc() -> None:
    kernel = Kernel(
        KernelSpec(rules=[Rule("freshness", "", {"max_age": "1d", "field": "a"})]),
        parse=lambda _: {"a": date(2024, 1, 1)},
    )
    assert kernel([b"1"], NOW).newest == {"a": datetime(2024, 1, 1, tzinfo=UTC)}


def beside(one: str, other: str) -> bytes:
    return f'{{"a":{one},"b":{other}}}'.encode()


EQUAL = [
    ('"x"', '"x"'),
    ("1", "1.0"),
    ("-0.0", "0"),
    ("true", "true"),
    ("null", "1"),
    ("1", "null"),
    ("[1,{}]", "[1.0,{}]"),
    ('{"x":1,"y":2}', '{"y":2,"x":1}'),
    ('"\\ud83d\\ude00"', '"\U0001f600"'),
    ('"\\ud800"', '"\\ud800"'),
    ("1e400", "1e500"),
    ("1" * 31, "1" * 31),
    (DEEP, DEEP),
]
UNEQUAL = [
    ('"x"', '"X"'),
    ('"e\u0301"', '"\u00e9"'),
    ("1", "true"),
    ("0", "false"),
    ("1", '"1"'),
    ("1", "[1]"),
    ("[]", "{}"),
    ("[true]", "[1]"),
    ('{"x":false}', '{"x":0}'),
    ("[null]", "[]"),
    ("[null]", "[0]"),
    ('{"x":null}', "{}"),
    ('{"x":null}', '{"y":null}'),
    (str(2**63), str(2**63 + 1)),
]


@pytest.mark.parametrize(
    ("one", "other", "is_equal"), [*((*pair, True) for pair in EQUAL), *((*pair, False) for pair in UNEQUAL)]
)
def test_equal_to(one: str, other: str, is_equal: bool) -> None:
    for rule in (Rule("equal_to", "a", {"other": "b"}), Rule("compare", "a", {"not_equal_to": "b"})):
        expected = is_equal if rule.name == "equal_to" or "null" in (one, other) else not is_equal
        for way, kernel in kernels(rule).items():
            for value in (beside(one, other), beside(other, one)):
                assert (kernel([value], NOW).broken.get(rule.id, 0) == 0) == expected, way


@pytest.mark.parametrize(
    ("relation", "one", "other", "by", "holds"),
    [
        ("less_than", "1", "2", "value", True),
        ("less_than", "2", "2.0", "value", False),
        ("at_most", "2", "2.0", "value", True),
        ("greater_than", str(2**63), str(2**63 - 1), "value", True),
        ("at_least", "1e400", "1" * 4300, "value", True),
        ("at_least", '"b"', '"a"', "value", True),
        ("at_least", '"\\ud800"', '"a"', "value", True),
        ("at_least", '"10"', '"9"', "value", False),
        ("at_least", '"10"', "9", "value", False),
        ("at_least", "true", "false", "value", False),
        ("at_least", "true", "0", "value", False),
        ("at_least", "[2]", "[1]", "value", False),
        ("at_least", "{}", "{}", "value", False),
        ("at_least", "null", "5", "value", True),
        ("at_least", "5", "null", "value", True),
        ("at_least", '"2024-01-01T01:00:00+01:00"', '"2024-01-01T00:00:00Z"', "time", True),
        ("greater_than", '"2024-01-01T01:00:00+01:00"', '"2024-01-01T00:00:00Z"', "time", False),
        ("not_equal_to", '"2024-01-01T01:00:00+01:00"', '"2024-01-01T00:00:00Z"', "time", False),
        ("at_least", '"2024-01-02"', '"2024-01-01T23:59:59.999Z"', "time", True),
        ("at_least", '"2024-01-01"', '"no time"', "time", False),
        ("at_least", "2", "1", "time", False),
        ("less_than", '"\\ud800"', '"2024-01-01"', "time", False),
    ],
)
def test_compare(relation: str, one: str, other: str, by: str, holds: bool) -> None:
    rule = Rule("compare", "a", {relation: "b", "by": by})
    for way, kernel in kernels(rule).items():
        assert (kernel([beside(one, other)], NOW).broken.get(rule.id, 0) == 0) == holds, way
    assert Kernel(KernelSpec(rules=[rule]))([b"{}", beside(one, "null")]).broken == {}


def test_what_is_unique() -> None:
    """Values are different that are of different types, or written differently as numbers."""
    rule = Rule("unique", "a")
    same = {"1.0": "1e0", "astral": "escaped astral", "1e400": "5000 digits"}
    for way, kernel in kernels(rule).items():
        values = [top(value) for value in VALUES.values()]
        assert kernel(values, NOW).distinct["a.unique"].repeated == len(same), way
        several = [*values, *values, b'{"a":"abc","a":{"x":null}}', b'{"a":{ "x" : null }}']
        expected = len(same) * 2 + len(VALUES) - len(NOTHING) - len(same) + 2
        assert kernel(several, NOW).distinct["a.unique"].repeated == expected, way


def in_a_thread(function: Callable[[], Any]) -> Any:
    """The result of a function with all of the stack: how deep a parser goes depends on how deep it is called."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


@pytest.mark.parametrize("inside", ['["deep"]', '{"x":"deep","a\u0301":null}', '[1,{"x":[{}],"y":2},"deep"]'])
def test_what_the_parser_takes_no_rule_finds_too_deep(inside: str) -> None:
    """The depth where the parser gives up is among these, wherever it is."""
    rules = [
        Rule("unique", "a"),
        Rule("equal_to", "a", {"other": "b"}),
        Rule("compare", "a", {"not_equal_to": "b"}),
        Rule("one_of", "a", {"values": [1]}),
        Rule("json_schema", "", {"schema": {}}),
        Rule("not_empty", "a"),
    ]
    kernels_of_them = (Kernel(KernelSpec(rules=rules)), Kernel(KernelSpec(rules=rules[:3])))
    levels = inside.count("[") + inside.count("{")
    parsed = 0
    for depth in range(970 // levels, 1000 // levels + 1):
        deep = "1"
        for _ in range(depth):
            deep = inside.replace('"deep"', deep)
        other = deep.replace("1", "2")
        values = [beside(deep, deep), beside(other, deep), beside(other, other)]
        for kernel in kernels_of_them:
            summary = in_a_thread(partial(kernel, values))
            if not summary.unparseable:
                parsed += 1
                assert summary.distinct["a.unique"].repeated == 1
                assert (summary.broken["a.equal_to"], summary.broken["a.compare"]) == (1, 2)
    assert parsed


SCHEMA = {"properties": {"a": {"type": "string", "minLength": 1}}, "required": ["a"]}


def test_json_schema_on_every_way() -> None:
    rule = Rule("json_schema", "", {"schema": SCHEMA})
    holds = [one for one in TEXTS if one != "no text"]
    for way, kernel in kernels(rule).items():
        ids = [key for key, value in VALUES.items() if not kernel([top(value)], NOW).broken.get(rule.id)]
        assert ids == holds, way


@pytest.mark.parametrize(
    ("schema", "holds"),
    [
        ({}, ALL),
        ({"properties": {"a": {"type": "integer"}}}, ("missing", *INTEGERS, "1.0", "1e0", "-0.0")),
        ({"properties": {"a": {"const": 1}}}, ("missing", "1", "1.0", "1e0")),
        ({"properties": {"a": {"enum": [True, "abc"]}}}, ("missing", "true", "abc")),
        (
            {"properties": {"a": {"type": "number", "minimum": 0, "maximum": 10**30}}},
            ("missing", "0", "1", "1.0", "1e0", "-0.0", "0.5", "2^63", "10^30", "epoch"),
        ),
    ],
)
def test_json_schema(schema: dict[str, Any], holds: tuple[str, ...]) -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("json_schema", "", {"schema": schema})]))
    found = {key for key, value in VALUES.items() if not kernel([top(value)], NOW).broken}
    assert found == set(holds)


DECLARED: dict[str, FieldType] = {"a": "string", "o.x": "integer", "o.p": "object", "l": "array"}


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        (b"{}", True),
        (b'{"a":"x","o":{"x":1,"p":{"any":[{"thing":1}]}},"l":[{"any":1}]}', True),
        (b'{"a":5,"o":[{"z":1}],"l":{"z":1}}', True),  # of another type, which is not the same as unknown
        (b'{"o":null}', True),
        (b'{"o":{}}', True),
        (b'{"b":null}', False),
        (b'{"A":"x"}', False),
        (b'{"":1}', False),
        (b'{"o.x":1}', False),
        (b'{"o":{"y":1}}', False),
        (b'{"o":{"y":1},"o":{}}', True),
        (b'{"b":1,"o":{}}', False),
        (b'{"\\u0061":"x"}', True),
        (b'{"\\ud800":"x"}', False),
        (b'{"a\\u0000":"x"}', False),
        ('{"a\u0301":"x"}'.encode(), False),
    ],
)
def test_no_unknown_fields(record: bytes, holds: bool) -> None:
    rule = Rule("no_unknown_fields")
    for others in (
        [],
        [Rule("not_empty", "a")],
        [Rule("present", "o")],
        [Rule("length", "o", {"min": 0, "max": 9})],
        [Rule("not_empty", "o.p"), Rule("unique", "l")],
        [Rule("json_schema", "", {"schema": {}})],
        [Rule("present", 'quote"d')],
    ):
        for more in ({}, {"parse": parse_object}, {"payload": bytes}):
            kernel = Kernel(KernelSpec(rules=[rule, *others], fields=DECLARED), **more)
            summary = kernel([record, b"{}", record])
            assert summary.broken.get("no_unknown_fields", 0) == (0 if holds else 2), (others, more)
            assert summary.unknown_fields == (0 if holds else 2)


def test_every_rule_has_a_table() -> None:
    elsewhere = {
        "unique",
        "equal_to",
        "compare",
        "no_unknown_fields",
        "row_count",
        "freshness",
        "invalid_ratio",
    }
    assert {name for name, _, _ in TABLE} | elsewhere == set(RULES)
