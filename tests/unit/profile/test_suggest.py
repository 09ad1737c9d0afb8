"""Suggested rules: what a field speaks for, that no record breaks them, and that their YAML says them again."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline_observer.config.load import load_config
from offline_observer.config.model import Dataset
from offline_observer.config.suggested_yaml import fields_yaml, suggestions_yaml
from offline_observer.config.yaml_values import read_yaml
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.profile.discover import discovered_fields
from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.profile import Profile
from offline_observer.profile.seen_types import SeenType, seen_types
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profile.suggest import Suggestion, suggested_rules, suggestions, that_hold
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.quality.times import EPOCH
from support.odd_records import odd_records

HEAD = "name: v\nkafka: {bootstrap.servers: a}\npipelines:\n- name: p\n  dataset:\n    topic: t\n"

Record = Mapping[str, Any]


def profile_of(records: Iterable[Record], masked: Sequence[str] = ()) -> Profile:
    records = list(records)
    paths = discovered_fields(records)
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=paths, sample=0, masked=masked)))
    profile = kernel.summarize(chunks(records), EPOCH).profile
    assert isinstance(profile, Profile)
    return profile


def chunks(records: Sequence[Record]) -> list[ValueChunk]:
    values = [json.dumps(one).encode() for one in records]
    return [
        ValueChunk(values[start : start + 700], first_offset=start) for start in range(0, len(values), 700)
    ]


def column(values: Iterable[object], name: str = "f") -> list[Record]:
    return [{} if value is ... else {name: value} for value in values]


def repeated(values: Sequence[object], count: int) -> list[object]:
    return [values[number % len(values)] for number in range(count)]


def loaded(suggested: Sequence[Suggestion], folder: Path, fields: str = "") -> Dataset:
    rules = suggestions_yaml(suggested, indent=6)
    text = HEAD + fields + (f"    rules:\n{rules}" if rules else "")
    path = folder / "observer.yaml"
    path.write_text(text, encoding="utf-8")
    dataset = load_config(path, {}).pipelines[0].dataset
    assert dataset is not None
    return dataset


def counted(rules: Sequence[Rule], records: Sequence[Record]) -> Summary:
    return Kernel(KernelSpec(rules=rules)).summarize(chunks(records), EPOCH)


def broken(rules: Sequence[Rule], records: Sequence[Record]) -> dict[str, int]:
    summary = counted(rules, records)
    repeats = {name: one.repeated for name, one in summary.distinct.items()}
    return {name: count for name, count in {**summary.broken, **repeats}.items() if count}


def in_short(suggested: Sequence[Suggestion]) -> list[tuple[str, object, str]]:
    """Each rule with its argument and severity, for one field."""
    found = []
    for one in suggested:
        ((name, fields),) = [pair for pair in one.rule.items() if pair[0] != "severity"]
        argument = fields[one.fields[0]] if isinstance(fields, dict) else None
        found.append((name, argument, str(one.rule.get("severity", "error"))))
    return found


NOT_EMPTY = ("not_empty", None, "error")
UUID_PATTERN = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
NETWORKS = ["LAN", "Wi-Fi", "4G", "5G"]


def uuids(count: int) -> list[str]:
    return [str(UUID(int=Random(number).getrandbits(128))) for number in range(count)]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("f", repeated(NETWORKS, 2000), [NOT_EMPTY, ("one_of", ["4G", "5G", "LAN", "Wi-Fi"], "error")]),
        ("f", repeated(NETWORKS, 200), [NOT_EMPTY, ("one_of", ["4G", "5G", "LAN", "Wi-Fi"], "warn")]),
        # Too few to tell, or too many different ones, or one that came twice only.
        ("f", repeated(NETWORKS, 60), [("not_empty", None, "warn"), ("type", "string", "warn")]),
        ("f", repeated(NETWORKS, 9), []),
        (
            "f",
            repeated([f"a {n}" + "x" * n for n in range(21)], 2000),
            [NOT_EMPTY, ("type", "string", "error")],
        ),
        ("f", [*repeated(NETWORKS, 2000), "6G", "6G"], [NOT_EMPTY, ("type", "string", "error")]),
        # One value says something only of many records.
        ("f", ["eu"] * 900, [NOT_EMPTY, ("type", "string", "error")]),
        ("f", ["eu"] * 1000, [NOT_EMPTY, ("one_of", ["eu"], "warn")]),
        # Null, blank and missing.
        ("f", repeated(["a", None], 2000), [("present", None, "error"), ("one_of", ["a"], "warn")]),
        ("f", repeated(["a", ""], 2000), [("present", None, "error"), ("type", "string", "error")]),
        ("f", repeated(["a", "b", ...], 2000), [("one_of", ["a", "b"], "error")]),
        ("f", [None] * 2000, [("present", None, "error")]),
        # A question mark may stand for half a character.
        ("f", repeated(["a", "\ud800"], 2000), [NOT_EMPTY, ("type", "string", "error")]),
        ("f", repeated(["a", "b\0"], 2000), [NOT_EMPTY, ("type", "string", "error")]),
        # Times.
        (
            "f",
            [f"2024-01-01T00:{n % 60:02}:00Z" for n in range(500)],
            [NOT_EMPTY, ("timestamp", None, "error")],
        ),
        (
            "f",
            [f"2024-01-{n:02}" for n in range(1, 25)],
            [("not_empty", None, "warn"), ("timestamp", None, "warn")],
        ),
        (
            "event_time",
            [1_700_000_000_000 + n for n in range(500)],
            [NOT_EMPTY, ("timestamp", {"form": "epoch_ms"}, "error")],
        ),
        (
            "createdAt",
            [1_700_000_000.25 + n for n in range(500)],
            [NOT_EMPTY, ("timestamp", {"form": "epoch_s"}, "error")],
        ),
        (
            "amount",
            [1_700_000_000 + n for n in range(500)],
            [NOT_EMPTY, ("type", "integer", "error"), ("range", {"min": 0}, "warn")],
        ),
        (
            "f",
            [*(f"2024-01-01T00:{n % 60:02}:00Z" for n in range(500)), "x"],
            [NOT_EMPTY, ("type", "string", "error")],
        ),
        # Numbers.
        (
            "f",
            list(range(2000)),
            [NOT_EMPTY, ("type", "integer", "error"), ("range", {"min": 0}, "error")],
        ),
        (
            "visit_id",
            list(range(2000)),
            [
                NOT_EMPTY,
                ("type", "integer", "error"),
                ("range", {"min": 0}, "error"),
                ("unique", None, "warn"),
            ],
        ),
        ("f", [n / 8 for n in range(2000)], [NOT_EMPTY, ("range", {"min": 0}, "warn")]),
        ("f", list(range(-1, 2000)), [NOT_EMPTY, ("type", "integer", "error")]),
        ("f", [n / 8 for n in range(-1, 2000)], [NOT_EMPTY, ("type", "number", "error")]),
        ("f", repeated([1, 2.5, 10**400], 2000), [NOT_EMPTY, ("type", "number", "error")]),
        ("f", repeated([200, 404, 500], 2000), [NOT_EMPTY, ("one_of", [200, 404, 500], "warn")]),
        ("f", repeated([2**53, -1], 2000), [NOT_EMPTY, ("type", "integer", "error")]),
        # Forms of texts.
        ("f", uuids(1500), [NOT_EMPTY, ("matches", UUID_PATTERN, "warn"), ("unique", None, "warn")]),
        ("f", repeated(uuids(20), 1500), [NOT_EMPTY, ("matches", UUID_PATTERN, "error")]),
        (
            "f",
            repeated([*uuids(20), "x" * 36], 1500),
            [NOT_EMPTY, ("length", {"min": 36, "max": 36}, "warn")],
        ),
        # Lengths and ids.
        (
            "f",
            [f"{n * 7919 % 100_000:05}" for n in range(500)],
            [NOT_EMPTY, ("length", {"min": 5, "max": 5}, "warn"), ("unique", None, "warn")],
        ),
        (
            "f",
            [f"k{n}" for n in range(500)],
            [NOT_EMPTY, ("type", "string", "error"), ("unique", None, "warn")],
        ),
        ("f", [f"a text {n}" for n in range(500)], [NOT_EMPTY, ("type", "string", "error")]),
        ("f", [f"k{n % 499}" for n in range(500)], [NOT_EMPTY, ("type", "string", "error")]),
        # Other types.
        ("f", repeated([True, False], 2000), [NOT_EMPTY, ("type", "boolean", "error")]),
        ("f", repeated([[], [1]], 2000), [NOT_EMPTY, ("type", "array", "error")]),
        ("f", [{}] * 2000, [NOT_EMPTY, ("type", "object", "error")]),
        ("f", repeated(["a", 1], 2000), [NOT_EMPTY]),
    ],
)
def test_a_field_speaks_for_these_rules(
    name: str, values: list[object], expected: list[object], tmp_path: Path
) -> None:
    records = [{"always": 1, **one} for one in column(values, name)]
    found = suggestions(Profile(fields={name: profile_of(records).fields[name]}), {}, [])
    assert sorted(in_short(found), key=repr) == sorted(expected, key=repr)
    rules = loaded(found, tmp_path).rule_list()
    assert list(rules) == suggested_rules(found)
    assert not broken(rules, records)


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        ("25[0-5]", [f"10.{n % 7}.0.{n % 256}" for n in range(1500)]),
        ("https", [f"https://example.org/{n}?a={n % 3}" for n in range(1500)]),
        ("@", [f"user.{n % 200}@mail.example.org" for n in range(1500)]),
    ],
)
def test_texts_of_a_known_form(pattern: str, good: list[str], tmp_path: Path) -> None:
    (found,) = [one for one in suggestions(profile_of(column(good)), {}, []) if "matches" in one.rule]
    assert pattern in str(found.rule["matches"])
    assert not broken(loaded([found], tmp_path).rule_list(), column(good))
    for bad in ("~", "", "256.1.1.1", "a@b", "ftp://x"):
        assert not any("matches" in one.rule for one in suggestions(profile_of(column([*good, bad])), {}, []))


def test_an_address_is_no_id_however_rarely_it_comes_again() -> None:
    addresses = [f"10.{n // 256 % 256}.{n % 256}.1" for n in range(1500)]
    for values in (addresses[:800], addresses, [f"k{n}" for n in range(1500)]):
        assert all("unique" not in one.rule for one in suggestions(profile_of(column(values)), {}, []))
    named = suggestions(profile_of(column([f"k{n}" for n in range(1500)], "visit_id")), {}, [])
    (unique,) = [one for one in named if "unique" in one.rule]
    assert "a few that come twice would not be seen" in unique.evidence


def test_the_evidence_is_in_figures() -> None:
    values = ["LAN"] * 600 + ["Wi-Fi"] * 395 + ["5G"] * 5
    records = [{"net": value, "id": f"{n:04}", "age": n} for n, value in enumerate(values)]
    assert {next(iter(one.rule)): one.evidence for one in suggestions(profile_of(records), {}, [])} == {
        "not_empty": "1,000 of 1,000 records have a value: none is missing, null or blank",
        "type": "1,000 of 1,000 values are of this type",
        "one_of": "3 values in 1,000 records: LAN 60%, Wi-Fi 40%, 5G <1%",
        "range": "1,000 numbers from 0 to 999: none is below 0",
        "length": "1,000 of 1,000 values, about 1,000 different ones, have 4 characters",
        "unique": "1,000 different values in 1,000 records",
    }
    (only_known_in_part,) = [
        one.evidence for one in suggestions(profile_of(column(uuids(2000))), {}, []) if "matches" in one.rule
    ]
    assert "only partly known" in only_known_in_part


def test_fields_of_which_the_same_is_true_stand_together() -> None:
    records = [{"a": "x y" * (n % 30), "b": {"c": True, "d": False}, "e": [n]} for n in range(100)]
    found = suggestions(profile_of(records), {}, [])
    assert [one.rule for one in found] == [
        {"not_empty": ["b.c", "b.d", "e"]},
        {"present": ["a"]},
        {"type": {"a": "string", "b.c": "boolean", "b.d": "boolean", "e": "array"}},
    ]
    assert suggestions_yaml(found[:1], indent=2) == (
        "  # 100 of 100 records have a value: none is missing, null or blank\n  - not_empty: [b.c, b.d, e]\n"
    )


def test_an_object_that_must_be_there_for_a_field_inside_is_not_asked_for() -> None:
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=["o", "o.a"], sample=0)))
    profile = kernel.summarize(chunks([{"o": {"a": n % 2 == 0}} for n in range(200)]), EPOCH).profile
    assert isinstance(profile, Profile)
    assert {one.fields for one in suggestions(profile, {}, [])} == {("o.a",)}
    assert seen_types(profile) == {"o.a": SeenType("boolean")}


def test_what_is_there_already_is_not_proposed() -> None:
    records = column(repeated(NETWORKS, 2000))
    profile = profile_of(records)
    for rule in suggested_rules(suggestions(profile, {}, [])):
        left = suggested_rules(suggestions(profile, {}, [rule]))
        assert rule.name not in {one.name for one in left}
    assert suggestions(profile, {}, suggested_rules(suggestions(profile, {}, []))) == []
    # Also not under another name, nor with a name that another rule has in the documents.
    assert in_short(suggestions(profile, {}, [Rule("one_of", "f", {"values": ["a"]}, title="x")])) == [
        NOT_EMPTY
    ]
    taken = [Rule("type", "g", {"expected": "string"}, title="f not_empty")]
    assert [one[0] for one in in_short(suggestions(profile, {}, taken))] == ["one_of"]


def test_declared_fields(tmp_path: Path) -> None:
    records = [{"a": n, "b": n / 8 - 1, "c": str(n) + "x" * n, "o": {"d": True}} for n in range(200)]
    declared: dict[str, FieldType] = {"a": "number", "c": "integer", "o.d": "boolean"}
    found = suggestions(profile_of(records), declared, [])
    rules = loaded(found, tmp_path, "    fields: {a: number, c: integer, o.d: boolean}\n").rule_list()
    # What is declared as something else is not given another type.
    assert {rule.id for rule in rules} == {
        *("a.not_empty", "c.not_empty", "o.d.not_empty", "a.range"),
    }
    assert not broken(rules, records)


def test_what_only_blank_texts_break_is_a_warning_that_says_so(tmp_path: Path) -> None:
    records = [
        {
            "f": ["", "  "][n % 2] if n % 10 == 0 else NETWORKS[n % 3],
            "t": " " if n == 7 else f"2024-01-{n % 28 + 1:02}",
        }
        for n in range(2000)
    ]
    found = suggestions(profile_of(records), {"f": "string", "t": "timestamp"}, [])
    assert [(next(iter(one.rule)), one.rule.get("severity"), one.broken) for one in found] == [
        ("present", None, 0),
        ("present", None, 0),
        ("timestamp", "warn", 1),
        ("one_of", "warn", 200),
    ]
    assert found[-1].evidence.endswith("; the 200 records with a blank text would break it")
    rules = loaded(found, tmp_path, "    fields: {f: string, t: timestamp}\n").rule_list()
    summary = counted(rules, records)
    assert {rule: count for rule, count in summary.broken.items() if count} == {
        "t.timestamp": 1,
        "f.one_of": 200,
    }
    assert that_hold(found, summary) == found
    more = counted(rules, [*records, {"f": "x", "t": "2024-01-01"}])
    assert {next(iter(one.rule)) for one in that_hold(found, more)} == {"present", "timestamp"}


def test_a_time_that_is_declared_as_one_needs_no_name_that_says_so() -> None:
    profile = profile_of(column([1_700_000_000 + n for n in range(500)]))
    found = in_short(suggestions(profile, {"f": "timestamp"}, []))
    assert found == [NOT_EMPTY, ("timestamp", {"form": "epoch_s"}, "error")]


def test_of_a_masked_field_only_counts_are_used() -> None:
    secret = [
        {"f": f"secret{n % 4}", "n": n % 3 + 77, "t": "2024-01-01", "u_id": u}
        for n, u in enumerate(uuids(2000))
    ]
    found = suggestions(profile_of(secret, masked=["f", "n", "t", "u_id"]), {}, [])
    assert {next(iter(one.rule)) for one in found} == {"not_empty", "type", "length", "unique"}
    text = suggestions_yaml(found)
    assert "secret" not in text
    assert "77" not in text
    assert "2024" not in text


def test_whole_decimals_are_numbers_and_no_integers() -> None:
    builder = FieldBuilder()
    builder.add([Decimal(n) for n in range(200)])
    field = builder.result()
    assert field.types == {"number": 200}
    assert ("range", {"min": 0}, "warn") in in_short(suggestions(Profile(fields={"f": field}), {}, []))


def test_fields_of_one_name_in_the_documents_are_not_proposed_together(tmp_path: Path) -> None:
    records = [{"a": {"b": True}, "a_b": True, "c-d": True, "c d": True} for _ in range(200)]
    profile = profile_of(records)
    dataset = loaded(suggestions(profile, {}, []), tmp_path, fields_yaml(profile, indent=4))
    assert set(dataset.fields) == {"a.b", "c-d", "c d"}


def test_what_only_a_second_look_finds_broken_is_left_out() -> None:
    # Of so many, one that comes twice is not in the estimate; between first and last stands something else.
    values = sorted(uuids(5000))
    values[2500] = "x" * 36
    values.sort()
    values = [*values[:2500], values[-1][:-1] + "~", *values[2500:-1], values[2499]]
    values[2600] = values[2500][:8] + "_" + values[2500][9:]
    records = [{"f": value, "g": True} for value in values]
    profile = profile_of(records)
    f = profile.fields["f"]
    texts = replace(f.texts, least=min(uuids(10)), greatest=max(uuids(10)))
    profile = Profile(fields={**profile.fields, "f": replace(f, texts=texts)})
    found = suggestions(profile, {}, [])
    rules = suggested_rules(found)
    assert {"f.matches", "f.unique"} <= broken(rules, records).keys()
    left = that_hold(found, counted(rules, records))
    assert {rule.id for rule in suggested_rules(left)} == {"f.not_empty", "g.not_empty", "g.type"}
    assert that_hold(left, counted(suggested_rules(left), records)) == left


def _columns(chance: Random) -> dict[str, Callable[[], object]]:
    words = [
        "yes",
        "no",
        "1.0",
        "null",
        "#x",
        "a: b",
        "é",
        "1e5",
        "${A}",
        "$$",
        "0x1",
        "~",
        " ",
        "-",
        "?",
        "\ud800",
    ]
    some = chance.sample(words, chance.randint(1, 8))
    numbers = [chance.randint(-5, 300) for _ in range(chance.choice((1, 5, 300)))]
    sources: list[Callable[[], object]] = [
        lambda: chance.choice(some),
        lambda: chance.choice(numbers),
        lambda: chance.choice(numbers) / 4,
        lambda: f"2024-01-0{chance.randint(1, 9)}",
        lambda: 1_700_000_000 + chance.randint(0, 99),
        lambda: f"{chance.randint(0, 9)}.{chance.randint(0, 255)}.0.1",
        lambda: f"{chance.getrandbits(32):08x}",
        lambda: chance.random() < 0.5,
        lambda: [chance.randint(0, 3)] * chance.randint(0, 2),
        lambda: 2**60 + chance.randint(0, 9),
    ]
    names = chance.sample(
        ["a", "b_id", "time", "o.x", "o.y z", "yes", "1", "#k", "é", "o_x", "<<", "$${A}"], 7
    )
    made: dict[str, Callable[[], object]] = {}
    for name in names:
        main, other = chance.choice(sources), chance.choice([*sources, lambda: None, lambda: ...])
        share = chance.choice((0.001, 0.01, 0.3)) if chance.random() < 0.4 else 0.0
        made[name] = partial(_one_or_other, chance, main, other, share)
    return made


def _one_or_other(
    chance: Random, main: Callable[[], object], other: Callable[[], object], share: float
) -> object:
    return other() if chance.random() < share else main()


def _record(columns: Mapping[str, Callable[[], object]]) -> Record:
    record: dict[str, Any] = {}
    for path, make in columns.items():
        value = make()
        if value is not ...:
            around, _, name = path.rpartition(".")
            (record.setdefault(around, {}) if around else record)[name] = value
    return record


@pytest.mark.parametrize("seed", range(40))
def test_no_record_breaks_a_rule_that_is_suggested_of_it(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    columns = _columns(chance)
    records = [_record(columns) for _ in range(chance.choice((5, 40, 150, 900, 1500)))]
    if seed % 4 == 0:
        records += [one for one in odd_objects(seed) if chance.random() < 0.1]
    profile = profile_of(records)
    found = suggestions(profile, {}, [])
    for fields in ("", fields_yaml(profile, indent=4)):
        dataset = loaded(found, tmp_path, fields)
        assert list(dataset.rule_list()) == suggested_rules(found)
    assert not broken(dataset.rule_list(), records)
    assert that_hold(found, counted(dataset.rule_list(), records)) == found


def odd_objects(seed: int) -> list[Record]:
    found: list[Record] = []
    for value in odd_records(seed, 500):
        try:
            record = json.loads(value) if value is not None else None
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


_TEXTS = st.sampled_from(
    [
        "yes",
        "1.0",
        "null",
        "#x",
        "a: b",
        "",
        " ",
        "1e5",
        "${A:-b}",
        "$$",
        "$",
        "a\nb",
        "é\u2028",
        "\U0001f600",
        "'",
        '"',
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=150)
_VALUES = (
    _TEXTS | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    rule=st.dictionaries(
        _TEXTS, st.lists(_VALUES, max_size=30) | st.dictionaries(_TEXTS, _VALUES, max_size=3)
    ),
    evidence=st.text(max_size=300),
    indent=st.integers(0, 9),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_are_read_as_they_were_written(
    rule: dict[str, object], evidence: str, indent: int, tmp_path: Path
) -> None:
    path = tmp_path / "rules.yaml"
    text = suggestions_yaml([Suggestion(rule, evidence, ())] * 2, indent)
    path.write_text(" " * indent + "rules:\n" + text, encoding="utf-8")
    assert read_yaml(path, {"A": "wrong"}).value == {"rules": [rule, rule]}


@pytest.mark.parametrize("value", ["\ud800", "a\0", float("nan"), float("inf"), 10**19])
def test_what_no_configuration_can_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a configuration"):
        suggestions_yaml([Suggestion({"one_of": {"f": [value]}}, "", ("f",))])


def test_fields_that_nobody_has_described(tmp_path: Path) -> None:
    records: list[Record] = [
        {
            "text": "a",
            "whole": n,
            "number": 1.5 if n % 2 else 2,
            "time": "2024-01-01T00:00:00Z",
            "yes": True,
            "o": {"list": [], "empty": {}},
            "null": None,
            "mixed": "a" if n % 4 else 1,
            "k\ud800": 1,
            "k\0": 1,
        }
        for n in range(8)
    ]
    profile = profile_of(records)
    text = fields_yaml(profile, indent=4)
    assert loaded([], tmp_path, text).fields == {
        "text": "string",
        "whole": "integer",
        "number": "number",
        "time": "timestamp",
        "yes": "boolean",
        "o.list": "array",
        "o.empty": "object",
        "null": "string",
        "mixed": "string",
    }
    assert "      # of several types: integer 2, string 6 of 8 values\n      mixed: string\n" in text
    assert (
        "      # only null was seen; of which type it is otherwise is not known\n      'null': string\n"
        in text
    )
    assert fields_yaml(Profile()) == "fields: {}\n"
    assert suggestions_yaml(suggestions(Profile(), {}, [])) == ""
