"""A rule that cannot run as it is configured is refused when the file is read, in one line that says what to write."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules import RULES

HEAD = "name: v\nkafka: {bootstrap.servers: a}\npipelines:\n- name: p\n  dataset:\n    topic: t\n"
DURATION = "expected a duration with its unit, such as 500ms, 10s, 5m, 1h, 2d or 1m30s"
PATH = "the path of a field, such as user_id or context.user.ip, no part of it empty"
TYPES = "string, integer, number, boolean, timestamp, object or array"
SHARE = "expected a share above 0 and up to 1, such as 0.05"


def read(folder: Path, *rules: str, fields: str = "") -> Config:
    file = folder / "o.yaml"
    declared = f"    fields: {fields}\n" if fields else ""
    listed = "".join(f"    - {rule}\n" for rule in rules)
    file.write_text(f"{HEAD}{declared}    rules:\n{listed}", encoding="utf-8")
    return load_config(file, {})


def refusal(folder: Path, *rules: str, fields: str = "") -> str:
    """What is said, in lines without the file's name."""
    with pytest.raises(ConfigError) as caught:
        read(folder, *rules, fields=fields)
    lines = str(caught.value).splitlines()
    prefix = f"{folder}/o.yaml:"
    assert all(line.startswith(prefix) and line.isprintable() for line in lines)
    assert all(len(line) < len(prefix) + 600 for line in lines)
    return "\n".join(
        line.removeprefix(prefix).replace("pipelines[0].dataset.rules", "rules") for line in lines
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("range: {a: 5}", "range.a: expected a mapping of min, max, found the number 5"),
        ("range: {a: {}}", "range.a: expected min, max or both, found an empty mapping"),
        ("range: {a: }", "range.a: expected min, max or both, found nothing"),
        ("range: [a]", "range: expected a mapping of fields, each with a mapping of min, max, found a list"),
        ("range: {a: {min: x}}", "range.a.min: expected a number, found 'x'"),
        ("range: {a: {min: '5'}}", "range.a.min: expected a number, found '5'"),
        ("range: {a: {min: true}}", "range.a.min: expected a number, found true"),
        ("range: {a: {min: .nan}}", "range.a.min: expected a number, found '.nan'"),
        ("range: {a: {min: [1]}}", "range.a.min: expected a number, found a list"),
        ("range: {a: {min: 3, max: 1}}", "range.a: expected a min that is not above max (3 is above 1)"),
        ("range: {a: {mn: 3}}", "range.a.mn: unknown key; known here: min, max"),
        ('range: {a: {"m\\nn": 3}}', "range.a.'m\\nn': unknown key; known here: min, max"),
        ("range: {}", "range: expected one field or more, found an empty mapping"),
        ("range: {a..b: {min: 1}}", f"range.a..b: this key must be {PATH}"),
        ("length: {a: {min: 1.5}}", "length.a.min: expected a whole number, found the number 1.5"),
        ("length: {a: {min: -1}}", "length.a: expected lengths of 0 or more"),
        ("length: {a: {min: 0}}", "length.a: expected min, max or both"),
        ("length: {a: {min: 5, max: 1}}", "length.a: expected a min that is not above max (5 is above 1)"),
        (
            "matches: {a: '('}",
            "matches.a: expected a regular expression (missing ), unterminated subpattern at position 0), found '('",
        ),
        ("matches: {a: 5}", "matches.a: expected a regular expression, found the number 5"),
        ("matches: {a: [x]}", "matches.a: expected a regular expression, found a list"),
        ("matches: {a: }", "matches.a: expected a regular expression, found nothing"),
        ("matches: {a: {pattern: [x]}}", "matches.a.pattern: expected a regular expression, found a list"),
        (
            "matches: [a]",
            "matches: expected a mapping of fields, each with a regular expression, found a list",
        ),
        (
            f"matches: {{a: '{'(' * 20000}'}}",
            f"matches.a: expected a regular expression that is not nested so deeply, found '{'(' * 59}…'",
        ),
        (
            "matches: {a: 'a{99999999999}'}",
            "matches.a: expected a regular expression (the repetition number is too large), found 'a{99999999999}'",
        ),
        ("one_of: {a: []}", "one_of.a: expected a list of one value at least, found an empty list"),
        ("one_of: {a: x}", "one_of.a: expected a list of values, found 'x'"),
        ("one_of: {a: [x, null]}", "one_of.a[1]: expected a text, a number, true or false, found nothing"),
        ("one_of: {a: [[x]]}", "one_of.a[0]: expected a text, a number, true or false, found a list"),
        (
            "one_of: {a: {values: [x, {}]}}",
            "one_of.a.values[1]: expected a text, a number, true or false, found an empty mapping",
        ),
        ("one_of: [a, b]", "one_of: expected a mapping of fields, each with a list of values, found a list"),
        ("not_one_of: {a: 5}", "not_one_of.a: expected a list of values, found the number 5"),
        ("timestamp: {a: {form: x}}", "timestamp.a.form: expected iso, epoch_s or epoch_ms, found 'x'"),
        ("timestamp: {a: {max_age: 5}}", f"timestamp.a.max_age: {DURATION}, found the number 5"),
        ("timestamp: {a: {max_age: x}}", f"timestamp.a.max_age: {DURATION}, found 'x'"),
        ("timestamp: {a: {max_age: 0s}}", "timestamp.a.max_age: expected a duration above zero, found '0s'"),
        (
            "timestamp: {a: {not_in_future: 5}}",
            "timestamp.a.not_in_future: expected true, or a duration with its unit, such as 5s, found the number 5",
        ),
        ("timestamp: {a: {not_in_future: x}}", f"timestamp.a.not_in_future: {DURATION}, found 'x'"),
        (
            "timestamp: {a: iso}",
            "timestamp.a: expected a mapping of form, not_in_future, max_age, found 'iso'",
        ),
        ("type: {a: str}", f"type.a: expected {TYPES}, found 'str'"),
        ("type: {a: [string]}", f"type.a: expected {TYPES}, found a list"),
        ("type: {a: }", f"type.a: expected {TYPES}, found nothing"),
        ("type: [a]", f"type: expected a mapping of fields, each with {TYPES}, found a list"),
        ("unique: {a: {keep: 5}}", "unique.a: expected from 100 to 10000000 values to keep"),
        ("unique: {a: {keep: x}}", "unique.a.keep: expected a whole number, found 'x'"),
        ("unique: {a: 5}", "unique.a: expected a mapping of keep, found the number 5"),
        ("unique: []", "unique: expected the name of a field, or a list of them, found an empty list"),
        ("equal_to: {a: 5}", "equal_to.a: expected the path of another field, found the number 5"),
        ("equal_to: {a: ''}", "equal_to.a: expected the path of another field, found an empty text"),
        ("equal_to: {a: b..c}", "equal_to.a: expected the path of another field, found 'b..c'"),
        ("equal_to: {a: a}", "equal_to.a: expected the path of another field, found 'a'"),
        (
            "compare: {a: {}}",
            (
                "compare.a: expected one of less_than, at_most, greater_than, at_least, not_equal_to,"
                " found an empty mapping"
            ),
        ),
        (
            "compare: {a: {at_least: b, at_most: c}}",
            "compare.a: expected one of less_than, at_most, greater_than, at_least, not_equal_to",
        ),
        ("compare: {a: {at_least: b, by: x}}", "compare.a.by: expected value or time, found 'x'"),
        (
            "compare: {a: {at_least: 5}}",
            "compare.a.at_least: expected the path of another field, found the number 5",
        ),
        (
            "compare: {a: {at_least: ' '}}",
            "compare.a.at_least: expected the path of another field, found ' '",
        ),
        ("no_unknown_fields: [a]", "no_unknown_fields: the rule no_unknown_fields takes no arguments"),
        ("no_unknown_fields: {a: 1}", "no_unknown_fields: the rule no_unknown_fields takes no arguments"),
        ("row_count: 5", "row_count: expected a mapping of min, max, found the number 5"),
        ("row_count: {min: 0}", "row_count: expected min, max or both"),
        ("row_count: {min: -1}", "row_count: expected numbers of 0 or more"),
        ("row_count: {minimum: 1}", "row_count.minimum: unknown key; known here: min, max"),
        ("freshness: 5", f"freshness: {DURATION}, found the number 5"),
        ("freshness: 5x", f"freshness: {DURATION}, found '5x'"),
        (
            "freshness: {field: a}",
            f"freshness: expected max_age as well: {DURATION.removeprefix('expected ')}",
        ),
        ("freshness: {max_age: 5}", f"freshness.max_age: {DURATION}, found the number 5"),
        (
            "freshness: {max_age: 5m, field: 5}",
            "freshness.field: expected the path of a field, found the number 5",
        ),
        ("freshness: {max_age: 5m, field: a..b}", f"freshness.field: expected {PATH}, found 'a..b'"),
        ("invalid_ratio: 5%", f"invalid_ratio: {SHARE}, found '5%'"),
        ("invalid_ratio: 0", f"invalid_ratio: {SHARE}, found the number 0"),
        ("invalid_ratio: {below: 1.5}", f"invalid_ratio.below: {SHARE}, found the number 1.5"),
        (
            "json_schema: 5",
            "json_schema: expected a JSON Schema, or the path of its file, found the number 5",
        ),
        ("json_schema: ''", "json_schema: expected a path, found an empty text"),
        (
            "json_schema: {properties: {a: {type: strin}}}",
            (
                "json_schema: this is not a JSON Schema: at /properties/a/type,"
                " \"strin\" is not valid under any of the schemas listed in the 'anyOf' keyword"
            ),
        ),
        (
            "json_schema: {pattern: (}",
            'json_schema: this is not a JSON Schema: at /pattern, "(" is not a "regex"',
        ),
        (
            "json_schema: {$ref: 'http://localhost:1/x.json'}",
            (
                "json_schema: nothing is fetched, and the schema has no http://localhost:1/x.json inside;"
                " a $ref must point into the schema itself"
            ),
        ),
        (
            "json_schema: {$ref: 'file:///etc/hostname'}",
            (
                "json_schema: nothing is fetched, and the schema has no file:///etc/hostname inside;"
                " a $ref must point into the schema itself"
            ),
        ),
        (
            "json_schema: {$ref: other.json}",
            (
                "json_schema: nothing is fetched, and the schema has no other.json inside;"
                " a $ref must point into the schema itself"
            ),
        ),
        (
            "json_schema: {$ref: '#/definitions/x'}",
            (
                "json_schema: nothing is fetched, and the schema has no /definitions/x inside;"
                " a $ref must point into the schema itself"
            ),
        ),
        (
            "not_empty: {}",
            "not_empty: expected a list of fields: not_empty: [user_id, page], found an empty mapping",
        ),
        (
            "not_empty: {a: 1}",
            "not_empty: expected a list of fields: not_empty: [user_id, page], found a mapping",
        ),
        ("not_empty: [a, ' ']", f"not_empty[1]: expected {PATH}, found ' '"),
        (
            f"not_empty: [{'.'.join('a' * 51)}]",
            (
                "not_empty[0]: expected the path of a field, of at most 1000 characters and 50 parts,"
                f" found '{('a.' * 30)[:59]}…'"
            ),
        ),
        (
            f"not_empty: [{'a' * 1001}]",
            (
                "not_empty[0]: expected the path of a field, of at most 1000 characters and 50 parts,"
                f" found '{'a' * 59}…'"
            ),
        ),
        ("present: 5", "present: expected the name of a field, or a list of them, found the number 5"),
        ("{not_empty: a, severity: fatal}", "severity: expected warn or error, found 'fatal'"),
        ("{not_empty: a, severity: }", "severity: expected warn or error, found nothing"),
        ("{not_empty: a, severity: [warn]}", "severity: expected warn or error, found a list"),
        (
            "{not_empty: a, name: '...'}",
            "name: expected a name of one line and at most 100 characters, a letter among them, found '...'",
        ),
        (
            '{not_empty: a, name: "a\\nb"}',
            "name: expected a name of one line and at most 100 characters, a letter among them, found 'a\\nb'",
        ),
        (
            "{not_empty: [a, b], name: x}",
            "name: a rule with a name is for one field; write the others as rules of their own",
        ),
    ],
)
def test_a_rule_that_cannot_run(tmp_path: Path, rule: str, message: str) -> None:
    assert refusal(tmp_path, rule) == f"8: rules[0].{message}"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("row_count", "the rule row_count cannot stand alone: expected min, max or both"),
        ("freshness", f"the rule freshness cannot stand alone: {DURATION}"),
        ("invalid_ratio", f"the rule invalid_ratio cannot stand alone: {SHARE}"),
        (
            "json_schema",
            "the rule json_schema cannot stand alone: expected a JSON Schema, or the path of its file",
        ),
        (
            "matches",
            "the rule matches cannot stand alone: expected a mapping of fields, each with a regular expression",
        ),
        (
            "not_empty",
            "the rule not_empty cannot stand alone: expected the name of a field, or a list of them",
        ),
        (
            "no_unknown_fields",
            "without the dataset's fields nothing tells which are known; declare them: fields: {…}",
        ),
        ("5", "expected a rule, such as not_empty: [user_id, page], found the number 5"),
        ("", "expected a rule, such as not_empty: [user_id, page], found nothing"),
        (
            "{not_empty: a, present: b}",
            (
                "each rule is a list element of its own, with one key: - not_empty: [user_id, page]"
                " (severity and name may stand beside it)"
            ),
        ),
    ],
)
def test_an_element_that_is_no_rule(tmp_path: Path, rule: str, message: str) -> None:
    assert refusal(tmp_path, rule) == f"8: rules[0]: {message}"


@pytest.mark.parametrize(
    ("fields", "rules", "message"),
    [
        (
            "",
            ["not_empty: a", "not_empty: [b, a]"],
            "9: rules[1].not_empty[1]: the rule not_empty on the field 'a'",
        ),
        (
            "",
            ["{present: a, name: x}", "{present: b, name: x}"],
            "9: rules[1].present: two rules would both be broken_x",
        ),
        (
            "",
            ["{present: a, name: x y}", "{present: b, name: x-y}"],
            "9: rules[1].present: two rules would both be broken_x_y",
        ),
        (
            "",
            ["not_empty: a", "{present: b, name: a.not_empty}"],
            "9: rules[1].present: two rules would both be broken_a_not_empty",
        ),
        (
            "",
            ["{present: b, name: unparseable}"],
            "8: rules[0].present: two rules would both be broken_unparseable",
        ),
        (
            "",
            ["not_empty: [a.b, a_b]"],
            "8: rules[0].not_empty[1]: the fields 'a.b' and 'a_b' would both be invalid_a_b",
        ),
        ("{a.b: string, a_b: string}", [], "7: pipelines[0].dataset.fields.a_b: the fields 'a.b' and 'a_b'"),
        (
            "{a: string, a.b: string}",
            [],
            "7: pipelines[0].dataset.fields.a.b: the field 'a' around it is declared as string",
        ),
        ("{a: strin}", [], f"7: pipelines[0].dataset.fields.a: expected {TYPES}, found 'strin'"),
        ("{a..b: string}", [], f"7: pipelines[0].dataset.fields.a..b: expected {PATH}, found 'a..b'"),
        ("[a]", [], "7: pipelines[0].dataset.fields: expected a mapping of keys to values, found a list"),
        (
            "{a: string}",
            ["range: {zz: {min: 1}}"],
            "9: rules[0].range.zz: the field 'zz' is not among the dataset's fields",
        ),
        (
            "{a: string}",
            ["equal_to: {a: zz}"],
            "9: rules[0].equal_to.a: the field 'zz' is not among the dataset's fields",
        ),
        (
            "{a: string}",
            ["compare: {a: {at_least: zz}}"],
            "9: rules[0].compare.a: the field 'zz' is not among the dataset's fields",
        ),
        (
            "{a: string}",
            ["freshness: {max_age: 5m, field: zz}"],
            "9: rules[0].freshness: the field 'zz' is not among",
        ),
        (
            "{}",
            ["no_unknown_fields"],
            "9: rules[0]: without the dataset's fields nothing tells which are known",
        ),
        (
            "",
            ["freshness: 5m", "{freshness: {max_age: 5m, field: record}, name: q}"],
            "9: rules[1].freshness: two newest times would both be newest_record in the documents",
        ),
        (
            "",
            [
                "{freshness: {max_age: 5m, field: a_b}, name: p}",
                "{freshness: {max_age: 5m, field: a.b}, name: q}",
            ],
            "9: rules[1].freshness: two newest times would both be newest_a_b in the documents",
        ),
        (
            "",
            [
                "{freshness: {max_age: 5m, field: a}, name: p}",
                "{freshness: {max_age: 5m, field: a, form: epoch_s}, name: q}",
            ],
            "9: rules[1].freshness: another rule reads a as iso; a field's times are of one form",
        ),
        (
            "{x.y: string, x_y.z: string}",
            [],
            "7: pipelines[0].dataset.fields.x_y.z: the fields 'x.y' and 'x_y' would both be invalid_x_y",
        ),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, fields: str, rules: list[str], message: str) -> None:
    first = refusal(tmp_path, *(rules or ["not_empty: a"]), fields=fields).splitlines()[0]
    assert first.startswith(message)


@pytest.mark.parametrize(
    "rule",
    [
        "range: {a: {max: 9223372036854775807}}",
        "range: {a: {min: 5, max: 5}}",
        "length: {a: {max: 0}}",
        "matches: {a: '[[a]'}",
        "matches: {a: ''}",
        "timestamp: {a: {not_in_future: 999999999d, max_age: 999999999d}}",
        "timestamp: a",
        "type: {a: {expected: string}}",
        "one_of: {a: ['1', 1, 1.0, true, 2024-01-01]}",
        "json_schema: {type: object}",
        "json_schema: {$ref: '#/$defs/x', $defs: {x: {}}}",
        "row_count: {max: 0}",
        "freshness: {max_age: 5m, field: a.b}",
        "invalid_ratio: 1",
        f"not_empty: [{'.'.join('a' * 50)}]",
        'not_empty: ["quote\\"d", "back\\\\slash", "\u00e9", "a b", "tab\\t"]',
    ],
)
def test_what_is_accepted_runs(tmp_path: Path, rule: str) -> None:
    (pipeline,) = read(tmp_path, rule).pipelines
    assert pipeline.dataset is not None
    kernel = Kernel(KernelSpec(rules=pipeline.dataset.rule_list(), fields=pipeline.dataset.fields))
    assert kernel([b'{"a":"x"}', b"{}", b"x"]).all_events == 3


def test_a_number_of_nineteen_digits_is_a_number(tmp_path: Path) -> None:
    (pipeline,) = read(tmp_path, "one_of: {id: [1234567890123456789]}").pipelines
    assert pipeline.dataset is not None
    kernel = Kernel(KernelSpec(rules=pipeline.dataset.rule_list()))
    assert kernel([b'{"id":1234567890123456789}', b'{"id":1234567890123456788}']).broken == {"id.one_of": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "is not a JSON object"),
        ("\udcff", "is not JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "is nested too deeply"),
        (" " * 5_000_001, "has more than 5000000 characters"),
    ],
)
def test_a_file_that_is_no_schema(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "s.json"
    if text is not None:
        path.write_bytes(text.encode(errors="surrogateescape"))
    assert refusal(tmp_path, "json_schema: s.json") == f"8: rules[0].json_schema: the schema {path} {message}"


def test_other_schemas_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    for depth in (200, 400, 450):
        path.write_text('{"properties":{"a":' * depth + "{}" + "}}" * depth)
        assert refusal(tmp_path, "json_schema: s.json").startswith("8: rules[0].json_schema: this ")
    path.write_text('{"$ref": "http://localhost:1/x"}')
    assert "nothing is fetched" in refusal(tmp_path, "json_schema: s.json")
    assert "cannot be read: Is a directory" in refusal(tmp_path, "json_schema: .")
    assert "'" in refusal(tmp_path, 'json_schema: "line\\nbreak"')
    path.write_text(json.dumps({"required": ["a"]}))
    (pipeline,) = read(tmp_path, "json_schema: ./s.json").pipelines
    assert pipeline.dataset is not None
    assert Kernel(KernelSpec(rules=pipeline.dataset.rule_list()))([b"{}"]).broken == {"json_schema": 1}


def test_very_many_rules_are_read_in_moderate_time(tmp_path: Path) -> None:
    started = time.process_time()
    names = ", ".join(f"f{n}" for n in range(5000))
    assert len(read(tmp_path, f"not_empty: [{names}]").pipelines) == 1
    assert "and 4990 more" in refusal(tmp_path, f"not_empty: [{names}]", fields="{a: string}")
    assert refusal(tmp_path, f"not_empty: [{names}, f0]").startswith("8: rules[0].not_empty[5000]: ")
    assert time.process_time() - started < 30


arguments = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "5m"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["a", "min", "max", "values", "pattern", "by", "at_least", "field", "max_age", "x\n"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(
    name=st.sampled_from(sorted(RULES)),
    value=arguments,
    rest=st.dictionaries(st.sampled_from(["severity", "name"]), arguments, max_size=1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rule_is_refused_in_lines_or_runs(
    tmp_path: Path, name: str, value: object, rest: dict[str, object]
) -> None:
    try:
        (pipeline,) = read(tmp_path, json.dumps({name: value, **rest})).pipelines
    except ConfigError as error:
        for line in str(error).splitlines():
            assert line.startswith(f"{tmp_path}/o.yaml:")
            assert line.isprintable()
        return
    assert pipeline.dataset is not None
    kernel = Kernel(KernelSpec(rules=pipeline.dataset.rule_list()))
    assert kernel([b'{"a":[1]}', b"{}", None]).all_events == 3
