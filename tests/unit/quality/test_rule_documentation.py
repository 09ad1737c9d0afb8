"""What each rule says of itself is true."""

from pathlib import Path
from textwrap import indent

import pytest

from offline_observer.config.load import load_config
from offline_observer.config.model import Dataset
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules import RULES
from offline_observer.quality.rules.registry import Argument

HEAD = "name: a\nkafka: {bootstrap.servers: a}\npipelines:\n- name: b\n  dataset:\n    topic: t\n"


def dataset_of(example: str, folder: Path) -> Dataset:
    path = folder / "observer.yaml"
    path.write_text(HEAD + indent(example, "    ") + "\n")
    dataset = load_config(path, {}).pipelines[0].dataset
    assert dataset is not None
    return dataset


@pytest.mark.parametrize("name", RULES)
def test_every_example_is_a_configuration_whose_checks_can_be_built(name: str, tmp_path: Path) -> None:
    dataset = dataset_of(RULES[name].example, tmp_path)
    rules = dataset.rule_list()
    assert {rule.name for rule in rules} == {name}
    for rule in rules:
        assert rule.check() is not None
    summary = Kernel(KernelSpec(rules=rules, fields=dataset.fields))([b"{}", b"[]", None])
    assert (summary.all_events, summary.unparseable, summary.tombstones) == (3, 1, 1)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_what_it_is_in_one_sentence(name: str) -> None:
    kind = RULES[name]
    assert kind.sentence.endswith(".")
    assert len(kind.sentence) < 130
    assert kind.documentation.startswith(kind.sentence[:20])
    assert "Example:" not in kind.documentation


def test_arguments_in_words() -> None:
    def arguments(name: str) -> list[Argument]:
        return list(RULES[name].listed_arguments())

    assert arguments("not_empty") == []
    assert arguments("matches") == [
        Argument(name="pattern", type="text", is_required=True, default=None, is_first=True)
    ]
    assert [(one.type, one.default) for one in arguments("range")] == [("number", None), ("number", None)]
    assert [one.type for one in arguments("timestamp")] == [
        "iso, epoch_s or epoch_ms",
        "true or false, or length of time",
        "length of time",
    ]
    assert [one.type for one in arguments("one_of")] == ["list of values"]
    assert [(one.is_required, one.is_first) for one in arguments("freshness")] == [
        (True, True),
        (False, False),
        (False, False),
    ]
