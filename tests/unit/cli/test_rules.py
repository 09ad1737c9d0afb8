import json

import pytest

from offline_observer.cli.app import run_command
from offline_observer.quality.rules import RULES


def test_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["rules"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n  {name} " in printed for name in RULES)
    assert "min: whole number (0); max: whole number" in printed
    assert max(map(len, printed.splitlines())) <= 120
    for heading in ("on a field:", "on a record:", "on a dataset:"):
        assert heading in printed


def test_one_rule_is_shown_with_its_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["rules", "freshness"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("freshness, on a dataset\n\nThe newest record is not older than a time")
    assert "  max_age: length of time, required\n  field: path of a field\n" in printed
    assert "\n  rules:\n    - freshness: 5m\n" in printed


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["rules", "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert [rule["name"] for rule in rules] == list(RULES)
    assert run_command(["rules", "unique", "--json"]) == 0
    rule = json.loads(capsys.readouterr().out)
    assert rule == next(one for one in rules if one["name"] == "unique")
    assert rule["on"] == "field"
    assert rule["arguments"] == [
        {"name": "keep", "type": "whole number", "required": False, "default": 100000, "nameless": False}
    ]


def test_a_rule_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["rules", "not_emty"]) == 2
    assert capsys.readouterr().err == "error: there is no rule 'not_emty'; did you mean 'not_empty'?\n"
