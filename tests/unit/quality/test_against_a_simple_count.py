"""The kernel against a count that is made in the simplest way, on records of every kind."""

import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.quality.field_tree import LONGEST_NAME, MOST_NAMES
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.record import parse_object
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.times import EPOCH
from support.odd_records import FIELDS, KEYS, ONLY_NOT_EMPTY, QUICK, RULES, SCALARS, as_text, odd_records
from support.scanning import JsonScanner
from support.simple_quality import check_counts, check_many, in_chunks, simple_counts

NO_UNKNOWN = Rule("no_unknown_fields")
WHOLE = Rule("json_schema", "", {"schema": {}}, severity="warn")

# Rules, declared fields, and what else the kernel is given: each a way of its own through the kernel.
SETTINGS: dict[str, tuple[list[Rule], Mapping[str, FieldType], dict[str, Any]]] = {
    "first look": (ONLY_NOT_EMPTY, {}, {}),
    "first look, declared": ([*ONLY_NOT_EMPTY, NO_UNKNOWN], FIELDS, {}),
    "quick": (QUICK, {}, {}),
    "quick, declared": ([*QUICK, NO_UNKNOWN], {k: v for k, v in FIELDS.items() if k not in ("o", "p")}, {}),
    "all rules": (RULES, {}, {}),
    "all rules, declared": ([*RULES, NO_UNKNOWN], FIELDS, {}),
    "whole": ([*RULES, NO_UNKNOWN], FIELDS, {"parse": parse_object}),
    "no rules, declared": ([], FIELDS, {}),
    "nothing": ([], {}, {}),
    # As for very many records.
    "scanned, not empty": (ONLY_NOT_EMPTY, {}, {"scanner": JsonScanner}),
    "scanned, quick": (QUICK, {}, {"scanner": JsonScanner}),
    "scanned, all rules": (RULES, {}, {"scanner": JsonScanner}),
    "scanned, not empty, declared": ([*ONLY_NOT_EMPTY, NO_UNKNOWN], FIELDS, {"scanner": JsonScanner}),
    "scanned, quick, declared": (
        [*QUICK, NO_UNKNOWN],
        {k: v for k, v in FIELDS.items() if k not in ("o", "p")},
        {"scanner": JsonScanner},
    ),
    "scanned, no rules, declared": ([], FIELDS, {"scanner": JsonScanner}),
}


def compare_with_the_simple_count(
    values: Sequence[bytes | None], way: str, sizes: Iterator[int] | None = None
) -> Summary:
    rules, fields, more = SETTINGS[way]
    kernel = Kernel(KernelSpec(rules=rules, fields=fields), **more)
    if "scanner" in more:
        kernel.decoder.hurry(JsonScanner)
    summary = kernel.summarize(in_chunks(values, sizes or iter([1, 2, 10_000_000])), EPOCH)
    check_counts(summary, simple_counts(values, rules, fields))
    return summary


@pytest.mark.parametrize("way", SETTINGS)
def test_records_of_every_kind(way: str) -> None:
    values = list(odd_records(len(way), 6000))
    random = Random(1)
    sizes = (random.choice([1, 7, 100, 2000]) for _ in values)
    summary = compare_with_the_simple_count(values, way, sizes)
    assert summary.unparseable > 100
    assert summary.tombstones > 50


def test_a_hundred_thousand_records() -> None:
    check_many(100_000)


keys = st.sampled_from(KEYS)
values = st.recursive(
    st.sampled_from(SCALARS) | st.text(max_size=3) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from([*FIELDS, *KEYS]), values, max_size=6)


@given(some=st.lists(records, max_size=5), seed=st.integers(0, 9), way=st.sampled_from(list(SETTINGS)))
def test_any_records(some: list[dict[str, Any]], seed: int, way: str) -> None:
    compare_with_the_simple_count([as_text(Random(seed), record) for record in some], way)


@given(
    fields=st.dictionaries(
        st.sampled_from(["a", "b", "o.a", "o.b", "o.p.x", "o.p.y", "l", "x"]),
        st.sampled_from(["string", "integer", "number", "boolean", "timestamp", "object", "array"]),
    ),
    wanted=st.lists(st.sampled_from(["a", "o", "o.a", "o.p", "o.p.x", "l"]), unique=True, max_size=3),
    rule=st.sampled_from(["present", "not_empty", "unique", "no_unknown_fields"]),
    some=st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "o", "l", "x"]), values, max_size=5), max_size=3
    ),
)
def test_any_declared_fields(
    fields: dict[str, FieldType], wanted: list[str], rule: str, some: list[dict[str, Any]]
) -> None:
    rules = [Rule(rule, path) for path in wanted] if rule != "no_unknown_fields" else [NO_UNKNOWN]
    if fields:
        # The configuration refuses a rule on a field that is not declared.
        known = {".".join(path.split(".")[: n + 1]) for path in fields for n in range(3)}
        rules = [one for one in rules if not one.field or one.field in known]
    values = [as_text(Random(1), record) for record in some]
    for more in ([], [WHOLE]):
        kernel = Kernel(KernelSpec(rules=[*rules, *more], fields=fields))
        summary = kernel(values)
        if not any("\\ud" in value.decode() for value in values):
            assert "json_schema" not in summary.broken
        kept = {name: count for name, count in summary.broken.items() if name != "json_schema"}
        expected = simple_counts(values, rules, fields)
        assert kept == expected.broken
        assert summary.type_drift == expected.type_drift
        assert summary.unknown_fields == expected.unknown_fields
        assert summary.unknown_names.counts == expected.unknown_names


def drift(fields: Mapping[str, FieldType], *records: str) -> dict[str, int]:
    return dict(Kernel(KernelSpec(fields=fields))([record.encode() for record in records]).type_drift)


@pytest.mark.parametrize(
    ("kind", "fits", "drifts"),
    [
        ("string", ['"x"', '""', "null", '"\\ud800"'], ["1", "true", "{}", "[]", "1e400"]),
        ("integer", ["1", "-0", str(10**400), "null"], ["1.0", "1e2", "-0.0", "true", '"1"', "1e400", "[1]"]),
        ("number", ["1", "1.0", "1e400", "1" * 5000, "null"], ["true", '"1"', "[]"]),
        ("boolean", ["true", "false", "null"], ["0", "1", '"true"', "{}"]),
        ("timestamp", ['"2024-01-01"', '"no time"', "1704067200", "1.5", "null"], ["true", "{}", "[]"]),
        ("object", ["{}", '{"x":{"y":1}}', "null"], ["[]", '"{}"', "1", "false"]),
        ("array", ["[]", "[1,[{}]]", "null"], ["{}", '"[]"', "0", "true"]),
    ],
)
def test_type_drift(kind: FieldType, fits: list[str], drifts: list[str]) -> None:
    for path, record in (("a", '{{"a":{}}}'), ("o.p.a", '{{"o":{{"p":{{"a":{}}}}}}}')):
        assert drift({path: kind}, *map(record.format, fits)) == {}
        assert drift({path: kind}, *map(record.format, drifts)) == {path: len(drifts)}


def test_an_object_around_declared_fields_is_declared_to_be_one() -> None:
    fields: dict[str, FieldType] = {"a.b.c": "string"}
    assert drift(fields, '{"a":"text"}', '{"a":{"b":1}}', '{"a":{"b":{"c":1}}}') == {
        "a": 1,
        "a.b": 1,
        "a.b.c": 1,
    }
    assert drift(fields, '{"a":null}', '{"a":{}}', "{}", '{"a":{"b":{"c":"x"}}}') == {}


def test_an_object_that_is_declared_with_its_fields() -> None:
    fields: dict[str, FieldType] = {"o": "object", "o.a": "string", "o.p": "object", "o.p.x": "integer"}
    assert drift(fields, '{"o":1}', '{"o":[]}', '{"o":null}', "{}") == {"o": 2}
    assert drift(fields, '{"o":{"a":1,"p":1}}', '{"o":{"p":{"x":"1"}}}') == {"o.a": 1, "o.p": 1, "o.p.x": 1}


def test_names_of_unknown_fields() -> None:
    fields: dict[str, FieldType] = {"a.b": "string", "c": "object"}
    record = {
        "a": {"b": "x", "c": 1, "d.e": 2, "f": {"g": 3}},
        "a.b": 4,
        "c": {"anything": 5},
        "\ud800": 6,
        "x" * 1000: 7,
        "": {"": 8},
        "line\nbreak": 9,
    }
    summary = Kernel(KernelSpec(fields=fields))([json.dumps(record).encode()])
    assert set(summary.unknown_names.counts) == {
        *("a.c", "a.d.e", "a.f", "a.b", "\ud800", "x" * LONGEST_NAME, "", "line\nbreak"),
    }
    assert summary.unknown_fields == 1


def test_of_very_many_unknown_names_the_most_frequent_are_counted_within_the_error() -> None:
    fields: dict[str, FieldType] = {"a": "string"}
    often = {f"often{n}": n for n in range(20)}
    some = [{**often, **{f"rare{k}-{n}": 1 for n in range(60)}} for k in range(200)]
    some += [{f"many{n}": 1 for n in range(MOST_NAMES + 50)} for _ in range(3)]
    values = [json.dumps(record).encode() for record in some]
    kernel = Kernel(KernelSpec(fields=fields))
    summary = kernel.summarize(in_chunks(values, iter([10] * 100)), EPOCH)
    check_counts(summary, simple_counts(values, [], fields))
    assert {name for name, _ in summary.unknown_names.top(20)} == set(often)
    assert len(summary.unknown_names.counts) <= MOST_NAMES
