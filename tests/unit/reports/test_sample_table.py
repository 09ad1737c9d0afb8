import json
from collections.abc import Sequence
from math import inf

import pytest

from offline_observer.formats.json_text import JsonFormat
from offline_observer.profile.profile import Profile
from offline_observer.quality.content import MASK
from offline_observer.reports.kept_window import Cell
from offline_observer.reports.sample_table import sample_columns
from offline_observer.reports.variable_kind import Kind
from support.reports import profile_of, records

PARSE = JsonFormat().parse


def column(values: Sequence[object]) -> tuple[list[Cell], Kind]:
    """The cells of a field `a` in records with these values, and its kind."""
    found = records({"a": value} for value in values)
    columns, kinds = sample_columns(found, profile_of(found, ["a"]), PARSE)
    return columns["a"], kinds["a"]


@pytest.mark.parametrize(
    ("values", "cells", "kind"),
    [
        ([None], [None], Kind.UNSUPPORTED),
        (["x", None, ""], ["x", None, ""], Kind.CATEGORICAL),
        ([1, None, 2.5, 2**53], [1, None, 2.5, 2.0**53], Kind.NUMERIC),
        ([10**30, -(10**400), 10**400], [1e30, -inf, inf], Kind.NUMERIC),
        ([True, None, False], [True, None, False], Kind.BOOLEAN),
        ([True, 1, 1.0, "1"], ["true", "1", "1.0", "1"], Kind.CATEGORICAL),
        ([[1, "é"], {"b": None}, []], ['[1,"é"]', '{"b":null}', "[]"], Kind.CATEGORICAL),
        (
            ["2024-05-01T12:00:00.5+02:00", None, "", "2024-05-01"],
            ["2024-05-01T10:00:00.500000", None, None, "2024-05-01T00:00:00"],
            Kind.DATE_TIME,
        ),
        (["1677-12-31T00:00:00Z"], ["1677-12-31T00:00:00Z"], Kind.TEXT),
        (
            ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-05-01"],
            ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-05-01"],
            Kind.TEXT,
        ),
        (
            ["1678-01-01T00:00:00Z", "2261-12-31T23:59:59Z"],
            ["1678-01-01T00:00:00", "2261-12-31T23:59:59"],
            Kind.DATE_TIME,
        ),
        (["\ud800x", "x\udfff", "😀"], ["\\ud800x", "x\\udfff", "😀"], Kind.CATEGORICAL),
        (["x" * 200, "x" * 201], ["x" * 200, "x" * 199 + "…"], Kind.CATEGORICAL),
        ([["é" * 300]], ['["' + "é" * 197 + "…"], Kind.CATEGORICAL),
    ],
)
def test_cells(values: Sequence[object], cells: Sequence[Cell], kind: Kind) -> None:
    found, found_kind = column(values)
    assert found == cells
    assert list(map(type, found)) == list(map(type, cells))
    assert found_kind is kind


@pytest.mark.parametrize(
    ("number", "cell"),
    [("1e999", inf), ("-1e999", -inf), ("1.7e308", inf), ("-1e300", -1e300), ("5e-324", 5e-324)],
)
def test_numbers_that_cannot_be_charted_are_infinite(number: str, cell: float) -> None:
    values = [f'{{"a":{number}}}'.encode()]
    columns, kinds = sample_columns(values, profile_of(values, ["a"]), PARSE)
    assert (columns, kinds) == ({"a": [cell]}, {"a": Kind.NUMERIC})


def test_a_value_that_the_profile_has_not_seen_makes_texts_of_a_column() -> None:
    # The sample may have been fetched again from a topic that was made anew.
    profile = profile_of(records([{"a": 1}]), ["a"])
    columns, kinds = sample_columns(records([{"a": 1}, {"a": "x"}]), profile, PARSE)
    assert (columns, kinds) == ({"a": ["1", "x"]}, {"a": Kind.TEXT})


def test_each_record_has_a_cell_in_each_column_and_what_is_no_record_has_none() -> None:
    values = [
        b'{"a":{"b":1}}',
        b"no json",
        b"",
        b"[]",
        b'{"a":7}',
        b'{"a":{}}',
        b'{"a":{"b":null}}',
        b'{"a.b":3}',
    ]
    columns, _ = sample_columns(values, profile_of(values, ["a", "a.b", "c"]), PARSE)
    assert {len(cells) for cells in columns.values()} == {5}
    assert columns["a.b"] == [1, None, None, None, None]
    assert columns["c"] == [None] * 5


def test_what_is_nested_too_deeply_for_a_text_is_said() -> None:
    values = [b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"]
    columns, _ = sample_columns(values, profile_of(values, ["a"]), PARSE)
    assert columns["a"] == ["(nested too deeply)"]


HIDDEN = "4711"


@pytest.mark.parametrize(
    ("record", "mask", "shown"),
    [
        ({"a": {"b": HIDDEN}}, ["a.b"], {"a": '{"b":"***"}', "a.b": MASK}),
        ({"a": {"b": HIDDEN}}, ["a"], {"a": MASK, "a.b": None}),
        ({"a": {"b": {"c": HIDDEN, "d": 1}}}, ["a.b"], {"a": '{"b":"***"}', "a.b": MASK}),
        ({"a": {"b": 4711}}, ["a.b"], {"a": '{"b":"***"}', "a.b": MASK}),
        ({"a": HIDDEN}, ["a.b"], {"a": MASK, "a.b": None}),
        ({"a": [{"b": HIDDEN}]}, ["a.b"], {"a": '[{"b":"***"}]', "a.b": None}),
        ({"a.b": HIDDEN, "a": {"b": None}}, ["a.b"], {"a": '{"b":null}', "a.b": None}),
        ({"a": {"b": "2024-04-71T12:00:00Z"}}, ["a.b"], {"a": '{"b":"***"}', "a.b": MASK}),
    ],
)
def test_a_mask_hides_values_everywhere(
    record: dict[str, object], mask: list[str], shown: dict[str, Cell]
) -> None:
    fields = ["a", "a.b"]
    values = records([record])
    profile = profile_of(values, fields, [path for path in fields if path in mask or f"{path}.b" in mask])
    columns, _ = sample_columns(values, profile, PARSE, mask)
    assert {path: cells[0] for path, cells in columns.items()} == shown
    assert HIDDEN not in json.dumps(columns)


def test_of_what_is_hidden_one_sees_whether_it_is_there_and_nothing_else() -> None:
    values = records([{"a": 1}, {"a": None}, {}, {"a": ""}, {"a": [1]}])
    columns, kinds = sample_columns(values, profile_of(values, ["a"], ["a"]), PARSE, ["a"])
    assert columns["a"] == [MASK, None, None, MASK, MASK]
    assert kinds["a"] is Kind.CATEGORICAL


def test_no_records() -> None:
    assert sample_columns([], Profile(), PARSE) == ({}, {})
    columns, kinds = sample_columns([], profile_of([], ["a"]), PARSE)
    assert (columns, kinds) == ({"a": []}, {"a": Kind.UNSUPPORTED})
