"""Files: what stands in them, what messages say about them, and that nothing in them does harm."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from offline_observer.config.load import load_config
from offline_observer.config.yaml_file import load_yaml_model
from offline_observer.config.yaml_values import read_yaml, substitute
from offline_observer.errors import ConfigError
from offline_observer.quality.rules import RULES

SECRET = "hunter2"  # noqa: S105
HEAD = "name: visits\nkafka: {bootstrap.servers: a}\n"
TAIL = "pipelines:\n  - {name: p, dataset: {topic: t}}\n"
DATASET = HEAD + "pipelines:\n  - name: p\n    dataset:\n      topic: t\n"

FULL = """\
name: visits
every: ${EVERY:-1m30s}
kafka:
  bootstrap.servers: ${BROKERS}
  sasl.password: ${PASSWORD}
  socket.keepalive.enable: true
  fetch.wait.max.ms: 100
  some.version: 1.10
  leading.zeros: 0123
  says: yes
  time: 12:30:45
journal: ./observations.db
pipelines:
  - name: visits
    job:
      name: passthrough visits
      checkpoint: ./checkpoints/passthrough
    dataset:
      topic: processed_visits
      start_from: 2024-01-01T00:00:00Z
      fields: {visit_id: string, event_time: timestamp, user_id: string, context.user.ip: string}
      rules:
        - not_empty: [event_time, user_id, context]
        - not_empty: visit_id
"""


class Models:
    """A model of its own, to show that nothing here is the observer's only."""

    class Inner(BaseModel):
        model_config = ConfigDict(extra="forbid")
        rate: float = Field(default=1, gt=0)
        kind: Literal["a", "b"] = "a"

    class Outer(BaseModel):
        model_config = ConfigDict(extra="forbid")
        count: int = 1
        on: bool = True
        either: int | bool = 1
        password: SecretStr = SecretStr("")
        hidden: dict[str, int] = Field(default_factory=dict, repr=False)
        inner: "Models.Inner | None" = None
        by_name: "dict[str, Models.Inner]" = Field(default_factory=dict)
        many: "list[Models.Inner]" = Field(default_factory=list)
        anything: Any = None


Models.Outer.model_rebuild()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "observer.yaml"


def error_of(file: Path, content: str | bytes, **environment: str) -> list[str]:
    """The message's lines, without the file's folder."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(file, environment)
    assert caught.value.__context__ is None or SECRET not in repr(caught.value.__context__)
    return str(caught.value).replace(f"{file.parent}/", "").splitlines()


def outer(file: Path, content: str, **environment: str) -> Models.Outer:
    file.write_text(content)
    return load_yaml_model(file, Models.Outer, environment)


def outer_error(file: Path, content: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        outer(file, content, **environment)
    return str(caught.value).replace(f"{file.parent}/", "")


def test_files_among_the_kafka_properties_are_relative_to_the_file(file: Path) -> None:
    file.write_text(
        "name: a\nkafka: {bootstrap.servers: a, ssl.ca.location: probe, ssl.key.location: /etc/a.key}\n"
        "pipelines:\n  - name: a\n    dataset:\n      topic: t\n"
        "      kafka: {bootstrap.servers: b, ssl.ca.location: ./ca.pem, ssl.certificate.location: '${CERTIFICATE}'}\n"
    )
    config = load_config(file, {"CERTIFICATE": "certificates/a.pem"})
    assert (config.kafka["ssl.ca.location"], config.kafka["ssl.key.location"]) == ("probe", "/etc/a.key")
    own = config.kafka_of_dataset(config.pipelines[0])
    assert own["ssl.ca.location"] == str(file.parent / "ca.pem")
    assert own["ssl.certificate.location"] == str(file.parent / "certificates/a.pem")


def test_a_whole_file(file: Path) -> None:
    file.write_text(FULL)
    config = load_config(file, {"BROKERS": "a:1,b:2", "PASSWORD": "a: [b\n# ${X} $$"})
    assert config.every.total_seconds() == 90
    assert config.kafka == {
        "bootstrap.servers": "a:1,b:2",
        "sasl.password": "a: [b\n# ${X} $$",
        "socket.keepalive.enable": "true",
        "fetch.wait.max.ms": "100",
        "some.version": "1.10",
        "leading.zeros": "0123",
        "says": "yes",
        "time": "12:30:45",
    }
    assert config.journal == file.parent / "observations.db"
    (pipeline,) = config.pipelines
    assert pipeline.job is not None
    assert pipeline.job.checkpoint == str(file.parent / "checkpoints/passthrough")
    assert pipeline.dataset is not None
    assert [rule.field for rule in pipeline.dataset.rule_list()] == [
        *("event_time", "user_id", "context", "visit_id"),
    ]


def test_a_relative_file_gives_absolute_paths(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(HEAD + TAIL)
    monkeypatch.chdir(file.parent)
    assert load_config(Path(file.name), {}).journal == file.parent / "observations.db"


def test_a_byte_order_mark_and_foreign_line_ends_are_fine(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + TAIL).replace("\n", "\r\n").encode())
    assert load_config(file, {}).name == "visits"


@pytest.mark.parametrize(
    ("content", "start", "words"),
    [
        # Keys.
        (
            HEAD + "jurnal: x\n" + TAIL,
            "observer.yaml:3: jurnal: ",
            ["unknown key", "did you mean 'journal'?"],
        ),
        (
            HEAD + TAIL + "watching: {}\n",
            "observer.yaml:5: watching: ",
            ["unknown key", "known here: name, every"],
        ),
        (HEAD + "alert: []\n" + TAIL, "observer.yaml:3: alert: ", ["unknown key", "did you mean 'alerts'?"]),
        (HEAD + "grafana: {}\n" + TAIL, "observer.yaml:3: grafana: ", ["unknown key"]),
        (
            DATASET + "      watermark: {}\n",
            "observer.yaml:7: pipelines[0].dataset.watermark: ",
            ["unknown key", "known here: topic, start_from"],
        ),
        ("kafka: {bootstrap.servers: a}\n" + TAIL, "observer.yaml:1: name: ", ["required", "missing"]),
        (HEAD, "observer.yaml:1: pipelines: ", ["required", "missing"]),
        (
            HEAD + "pipelines:\n  - name: p\n    job:\n      name: j\n",
            "observer.yaml:5: pipelines[0].job.checkpoint: ",
            ["required", "missing"],
        ),
        # Kinds of values.
        ("name: [a]\n" + HEAD[13:] + TAIL, "observer.yaml:1: name: ", ["expected a text", "found a list"]),
        (
            "name: 2024\n" + HEAD[13:] + TAIL,
            "observer.yaml:1: name: ",
            ["found the number 2024", "in quotes"],
        ),
        ("name:\n" + HEAD[13:] + TAIL, "observer.yaml:1: name: ", ["expected a text", "found nothing"]),
        ("name: ''\n" + HEAD[13:] + TAIL, "observer.yaml:1: name: ", ["found an empty text"]),
        ("name: a b\n" + HEAD[13:] + TAIL, "observer.yaml:1: name: ", ["letters, digits", "found 'a b'"]),
        (
            HEAD + "pipelines: []\n",
            "observer.yaml:3: pipelines: ",
            ["1 or more values", "found an empty list"],
        ),
        (HEAD + "pipelines: {name: p}\n", "observer.yaml:3: pipelines: ", ["expected a list", "a mapping"]),
        (
            HEAD + "pipelines:\n\n  - p\n",
            "observer.yaml:5: pipelines[0]: ",
            ["expected a mapping of keys to values (name, job, dataset), found 'p'"],
        ),
        (HEAD + "pipelines:\n  - name: p\n", "observer.yaml:4: pipelines[0]: ", ["a job or a dataset"]),
        (HEAD + "pipelines: [{name: p, job: }]\n", "observer.yaml:3: pipelines[0]: ", ["a job or a dataset"]),
        # Durations.
        (HEAD + "every: 10\n" + TAIL, "observer.yaml:3: every: ", ["500ms", "1m30s", "found the number 10"]),
        (HEAD + "every: '10'\n" + TAIL, "observer.yaml:3: every: ", ["with its unit", "found '10'"]),
        (HEAD + "every: 999ms\n" + TAIL, "observer.yaml:3: every: ", ["from 1s to 1h", "found '999ms'"]),
        (HEAD + "every: 1h1s\n" + TAIL, "observer.yaml:3: every: ", ["from 1s to 1h"]),
        (HEAD + "every: yes\n" + TAIL, "observer.yaml:3: every: ", ["expected a duration", "found 'yes'"]),
        # Kafka.
        ("name: a\nkafka: {}\n" + TAIL, "observer.yaml:2: kafka: ", ["bootstrap.servers", "required"]),
        (f"name: a\nkafka: {SECRET}\n" + TAIL, "observer.yaml:2: kafka: ", ["mapping of librdkafka"]),
        (
            f"name: a\nkafka:\n  bootstrap.servers: a\n  sasl.password: [{SECRET}]\n" + TAIL,
            "observer.yaml:4: kafka.sasl.password: ",
            ["must have one value"],
        ),
        *(
            (
                f"name: a\nkafka:\n  bootstrap.servers: a\n  {name}: {SECRET}\n" + TAIL,
                f"observer.yaml:4: kafka.{name}: ",
                words,
            )
            for name, words in [
                ("isolation.level", ["use isolation_level"]),
                ("enable.auto.commit", ["sets this property itself"]),
                ("enable.partition.eof", ["sets this property itself"]),
                ("auto.offset.reset", ["start_from"]),
                ("metadata.broker.list", ["use bootstrap.servers"]),
            ]
        ),
        # Journal.
        (HEAD + f"journal: s3://u:{SECRET}@x\n" + TAIL, "observer.yaml:3: journal: ", ["local disk"]),
        (HEAD + "journal: [x]\n" + TAIL, "observer.yaml:3: journal: ", ["expected a path, found a list"]),
        # Dataset.
        (
            DATASET + "      start_from: 2024-01-01 00:00:00\n",
            "observer.yaml:7: pipelines[0].dataset.start_from: ",
            ["give a zone, for instance 2024-01-01T00:00:00Z"],
        ),
        (
            DATASET + "      start_from: lastest\n",
            "observer.yaml:7: pipelines[0].dataset.start_from: ",
            ["expected latest, earliest, or a time", "found 'lastest'"],
        ),
        (
            DATASET + "      isolation_level: commited\n",
            "observer.yaml:7: pipelines[0].dataset.isolation_level: ",
            ["expected read_uncommitted or read_committed, found 'commited'"],
        ),
        (
            DATASET + "      fields:\n        a: string\n        b: text\n",
            "observer.yaml:9: pipelines[0].dataset.fields.b: ",
            ["expected string, integer, number, boolean, timestamp, object or array, found 'text'"],
        ),
        (
            DATASET + "      fields:\n        a..b: string\n",
            "observer.yaml:8: pipelines[0].dataset.fields.a..b: ",
            ["no part of it empty"],
        ),
        (
            DATASET + "      fields:\n        a: string\n        a.b: string\n",
            "observer.yaml:9: pipelines[0].dataset.fields.a.b: ",
            ["'a' around it is declared as string"],
        ),
        (
            DATASET + "      fields:\n        a.b: string\n        a_b: string\n",
            "observer.yaml:9: pipelines[0].dataset.fields.a_b: ",
            ["'a.b' and 'a_b'", "invalid_a_b"],
        ),
        # Rules.
        (
            DATASET + "      rules:\n        - not_emty: [a]\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].not_emty: ",
            ["unknown rule", "did you mean 'not_empty'?", "known here", *RULES],
        ),
        (
            DATASET + "      rules:\n        - xyzzy: [a]\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].xyzzy: ",
            ["unknown rule", "known here", *RULES],
        ),
        (
            DATASET + "      rules:\n        - not_empty\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0]: ",
            ["expected the name of a field, or a list of them"],
        ),
        (
            DATASET + "      rules: {not_empty: [a]}\n",
            "observer.yaml:7: pipelines[0].dataset.rules: ",
            ["expected a list", "found a mapping"],
        ),
        (
            DATASET + "      rules:\n        - {}\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0]: ",
            ["with one key"],
        ),
        (
            DATASET + "      rules:\n        - not_empty: []\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].not_empty: ",
            ["expected the name of a field, or a list of them", "found an empty list"],
        ),
        (
            DATASET + "      rules:\n        - not_empty:\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].not_empty: ",
            ["expected the name of a field, or a list of them", "found nothing"],
        ),
        (
            DATASET + "      rules:\n        - not_empty:\n          - a\n          - 5\n",
            "observer.yaml:10: pipelines[0].dataset.rules[0].not_empty[1]: ",
            ["expected the path of a field", "found the number 5"],
        ),
        (
            DATASET + "      rules:\n        - not_empty: [a]\n        - not_empty: a\n",
            "observer.yaml:9: pipelines[0].dataset.rules[1].not_empty: ",
            ["not_empty on the field 'a'", "twice"],
        ),
        (
            DATASET + "      rules:\n        - not_empty:\n          - a.b\n          - a_b\n",
            "observer.yaml:10: pipelines[0].dataset.rules[0].not_empty[1]: ",
            ["invalid_a_b"],
        ),
        (
            DATASET + "      fields: {user_id: string}\n      rules: [{not_empty: usr_id}]\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].not_empty: ",
            ["'usr_id' is not among the dataset's fields", "did you mean 'user_id'?"],
        ),
        (
            DATASET + "      fields: {a: object}\n      rules: [{not_empty: a.b}]\n",
            "observer.yaml:8: pipelines[0].dataset.rules[0].not_empty: ",
            ["'a.b' is not among"],
        ),
        # Two pipelines.
        (
            HEAD + TAIL + "  - {name: p, dataset: {topic: u}}\n",
            "observer.yaml:5: pipelines[1].name: ",
            ["pipelines[0] has this name already"],
        ),
        (
            HEAD + TAIL + "  - {name: q, dataset: {topic: t}}\n",
            "observer.yaml:5: pipelines[1].dataset.topic: ",
            ["pipelines[0] has this topic of the same cluster already"],
        ),
        (
            HEAD + "pipelines:\n  - name: p\n    job: {name: j, checkpoint: c}\n"
            "  - name: q\n    job:\n      name: k\n      checkpoint: ./c/\n",
            "observer.yaml:9: pipelines[1].job.checkpoint: ",
            ["pipelines[0] has the job with this checkpoint already"],
        ),
        (
            HEAD + "pipelines:\n  - name: p\n    job: {name: j, checkpoint: c}\n"
            "  - name: q\n    job:\n      name: j\n      checkpoint: d\n",
            "observer.yaml:8: pipelines[1].job.name: ",
            ["pipelines[0] has a job of this name already"],
        ),
        # Environment.
        (
            HEAD + "every: ${NOT_SET}\n" + TAIL,
            "observer.yaml:3: ",
            ["NOT_SET is not set", "${NOT_SET:-default}"],
        ),
        (HEAD + "every: ${PASSWORD}\n" + TAIL, "observer.yaml:3: every: ", ["a duration", "'${PASSWORD}'"]),
        *(
            (HEAD + f"journal: 'x{text}y'\n" + TAIL, "observer.yaml:3: ", ["${NAME:-default}", "$${"])
            for text in ["${", "${}", "${1}", "${A", "${A-b}", "${A:b}", "${ A }", "${A:-${B}}", "${A:-{}}"]
        ),
        # YAML.
        (HEAD + "rules: [a, ${A}]\n" + TAIL, "observer.yaml:3:13: ", ["${NAME} must be in quotes"]),
        (HEAD + "rules: {a: ${A}}\n" + TAIL, "observer.yaml:3:13: ", ["${NAME} must be in quotes"]),
        (HEAD + "journal: a: b\n" + TAIL, "observer.yaml:3:11: ", ["second colon"]),
        (HEAD + "\tevery: 10s\n" + TAIL, "observer.yaml:3:1: ", ["tab", "spaces"]),
        (HEAD + "journal: [a\n" + TAIL, "observer.yaml:4:10: ", ["not YAML", "begins in line 3"]),
        (HEAD + "journal: 'a\n", "observer.yaml:4:1: ", ["not YAML", "quoted", "begins in line 3"]),
        (HEAD + f"journal: *{SECRET}\n" + TAIL, "observer.yaml:3:10: ", ["alias", "in quotes"]),
        (HEAD + f"journal: !{SECRET} x\n" + TAIL, "observer.yaml:3: ", ["tags", "in quotes"]),
        (HEAD + f"journal: !{SECRET}!x x\n" + TAIL, "observer.yaml:3:10: ", ["tag", "in quotes"]),
        (HEAD + "journal: !!python/object:os.system x\n" + TAIL, "observer.yaml:3: ", ["tags"]),
        (HEAD + 'journal: "\\UFFFFFFFF"\n' + TAIL, "observer.yaml:3:", ["stands for no character"]),
        (HEAD + 'journal: "\\ud800"\n' + TAIL, "observer.yaml:3: ", ["no text may hold"]),
        (HEAD + 'journal: "a\\0b"\n' + TAIL, "observer.yaml:3: ", ["no text may hold"]),
        (HEAD + "journal: a\0b\n" + TAIL, "observer.yaml:3:11: ", [r"'\x00'", "not allowed"]),
        (HEAD + "name: again\n" + TAIL, "observer.yaml:3: ", ["'name' stands here again", "in line 1"]),
        (HEAD + "[a, b]: c\n" + TAIL, "observer.yaml:3: ", ["key must be a plain text"]),
        (HEAD + "<<: x\n" + TAIL, "observer.yaml:3: ", ["merges a mapping"]),
        (HEAD + TAIL + "---\nname: b\n", "observer.yaml:5:1: ", ["second document"]),
        # The whole file.
        ("", "observer.yaml: ", ["empty", "name, kafka, pipelines"]),
        ("# nothing\n", "observer.yaml: ", ["empty"]),
        ("~", "observer.yaml: ", ["empty"]),
        ("\n- name: a\n", "observer.yaml:2: ", ["here stands a list", "name, kafka, pipelines"]),
        (SECRET, "observer.yaml:1: ", ["here stands a text"]),
        (b"name: a\nkafka: \xff\n", "observer.yaml:2: ", ["not UTF-8"]),
        ("name: a".encode("utf-16"), "observer.yaml:1: ", ["not UTF-8"]),
        (b"#" * 600_000, "observer.yaml: ", ["larger than"]),
    ],
)
def test_one_problem(file: Path, content: str | bytes, start: str, words: list[str]) -> None:
    (line,) = error_of(file, content, PASSWORD=SECRET)
    assert line.startswith(start)
    for word in words:
        assert word in line
    assert SECRET not in line
    for jargon in ("Input", "Value error", "pydantic", "[type="):
        assert jargon not in line


def test_all_problems_are_listed_in_the_order_of_the_lines(file: Path) -> None:
    lines = error_of(file, "every: 5\nname: a b\nkafka: {}\npipelines: [{nme: x}]\nx: 1\n")
    assert [line.split(": ")[:2] for line in lines] == [
        ["observer.yaml:1", "every"],
        ["observer.yaml:2", "name"],
        ["observer.yaml:3", "kafka"],
        ["observer.yaml:4", "pipelines[0].name"],
        ["observer.yaml:4", "pipelines[0].nme"],
        ["observer.yaml:5", "x"],
    ]


def test_a_long_list_of_problems_ends(file: Path) -> None:
    lines = error_of(file, HEAD + TAIL + "".join(f"unknown{number}: 1\n" for number in range(25)))
    assert len(lines) == 11
    assert lines[-1] == "observer.yaml: and 15 more"


def test_all_variables_that_are_not_set_are_listed(file: Path) -> None:
    lines = error_of(file, HEAD + "every: ${A}\njournal: ${B}\n" + TAIL)
    assert [line.split(" is not set")[0] for line in lines] == [
        "observer.yaml:3: the environment variable A",
        "observer.yaml:4: the environment variable B",
    ]


def test_a_message_stays_on_its_line(file: Path) -> None:
    (line,) = error_of(file, HEAD + '"a\\nb\\e[31m": 1\n' + TAIL)
    assert line.startswith(r"observer.yaml:3: 'a\nb\x1b[31m': unknown key")
    (line,) = error_of(file, HEAD + '"' + "k" * 10_000 + '": 1\n' + TAIL)
    assert len(line) < 300
    (line,) = error_of(file, HEAD + 'every: "' + r"\n" * 10_000 + '"\n' + TAIL)
    assert len(line) < 300


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, words in [
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / "loop", "cannot be read"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (tmp_path / "a\0b", "cannot be read"),
    ]:
        with pytest.raises(ConfigError, match=words):
            load_config(path, {})


@pytest.fixture
def not_root() -> Iterator[None]:
    """Root may read every file; so it becomes nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_a_file_without_permission(file: Path, request: pytest.FixtureRequest) -> None:
    file.touch(mode=0)
    request.getfixturevalue("not_root")
    with pytest.raises(ConfigError, match="may not read"):
        load_config(file, {})


def test_anchors_and_merges(file: Path) -> None:
    made = outer(
        file,
        "by_name:\n  x: &x {rate: 2, kind: b}\n  y: &y\n    <<: *x\n    rate: 3\n  z: *y\n  w:\n    <<: [*y, *x]\n",
    )
    assert {name: (inner.rate, inner.kind) for name, inner in made.by_name.items()} == {
        "x": (2, "b"),
        "y": (3, "b"),
        "z": (3, "b"),
        "w": (3, "b"),
    }


def test_a_problem_in_what_is_merged_has_its_own_line(file: Path) -> None:
    message = outer_error(file, "by_name:\n  x: &x\n    rate: -1\n  y:\n    <<: *x\n")
    assert message.splitlines() == [
        "observer.yaml:3: by_name.x.rate: expected a value above 0.0, found the number -1",
        "observer.yaml:3: by_name.y.rate: expected a value above 0.0, found the number -1",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)),
        "a0: &a0 {x: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 30)),
        "a: &a [*a, *a]",
        "a: &a {<<: *a}",
        "a: &a {<<: [*a, *a], b: *a}",
        "&a [*a]",
        "? &a [*a]\n: 1",
        "a: " + "[" * 100_000,
        "a: " + "{x: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: " + "[" * 39 + "]" * 38,
        "a: " + "[" * 200 + "]" * 200,
        "\n".join(" " * n + "a:" for n in range(300)),
        "a: " + "${A:-" * 60_000,
        "a: " + "$" * 300_000,
        "a: " + "9" * 300_000,
        "a: " + "9" * 100_000 + ".5e" + "9" * 100_000,
    ],
)
def test_nothing_hangs_or_breaks(file: Path, content: str) -> None:
    started = time.monotonic()
    error_of(file, content)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None)),
        *(("5", 5), ("-5", -5), ("0", 0), ("1.50", 1.5), ("1e3", 1000.0), (".5", 0.5), ("-1.e2", -100.0)),
        *(("yes", "yes"), ("off", "off"), ("007", "007"), ("1_000", "1_000"), ("0x1F", "0x1F"), ("+5", "+5")),
        *(("1:30", "1:30"), ("2024-01-01", "2024-01-01"), (".inf", ".inf"), ("1e999", "1e999")),
        *(("'5'", "5"), ('"true"', "true"), ("''", ""), ("!!str 5", "5"), ("'a\\b'", "a\\b")),
        *(("$$", "$"), ("$$$$", "$$"), ("$", "$"), ("a$b", "a$b"), ("$A", "$A"), ("$${A}", "${A}")),
        *(("${A}", "x"), ("'a${A}b${A}'", "axbx"), ("${E}", ""), ("${E:-d}", "d"), ("${N:-d}", "d")),
        *(
            ("${N:-}", ""),
            ("${N:-a b:c}", "a b:c"),
            ("${N:-$$1}", "$1"),
            ("${A:-d}", "x"),
            ("${D}", "${A}$$"),
        ),
        ("|\n  a\n  ${A}\n", "a\nx\n"),
        ("[a, '${A}']", ["a", "x"]),
        ("{'${A}': 1}", {"${A}": 1}),
    ],
)
def test_values(file: Path, written: str, value: object) -> None:
    file.write_text(f"anything: {written}\n")
    environment = {"A": "x", "E": "", "D": "${A}$$"}
    assert read_yaml(file, environment).value == {"anything": value}


def test_values_of_the_environment_become_what_the_model_wants(file: Path) -> None:
    made = outer(
        file, "count: ${N}\non: ${B}\ninner: {rate: '${F}', kind: '${K}'}\n", N="5", B="false", F="1.5", K="b"
    )
    assert (made.count, made.on) == (5, False)
    assert made.inner is not None
    assert (made.inner.rate, made.inner.kind) == (1.5, "b")


def test_other_models_get_the_same_messages(file: Path) -> None:
    message = outer_error(
        file,
        "count: 1.5\n"
        "on: maybe\n"
        "either: x\n"
        f"password: [{SECRET}]\n"
        f"hidden: {{x: {SECRET}}}\n"
        "inner: {rte: 1}\n"
        "by_name: {x: {rate: '${ENV}'}}\n"
        "many: [{kind: c}, 5]\n",
        ENV=SECRET,
    )
    assert message.splitlines() == [
        "observer.yaml:1: count: expected a whole number, found the number 1.5",
        "observer.yaml:2: on: expected true or false, found 'maybe'",
        "observer.yaml:3: either: expected a whole number or true or false, found 'x'",
        "observer.yaml:4: password: expected a text, found a list",
        "observer.yaml:5: hidden.x: expected a whole number, found a text",
        "observer.yaml:6: inner.rte: unknown key; did you mean 'rate'?",
        "observer.yaml:7: by_name.x.rate: expected a number, found '${ENV}' (its value in the environment is not shown)",
        "observer.yaml:8: many[0].kind: expected a or b, found 'c'",
        "observer.yaml:8: many[1]: expected a mapping of keys to values (rate, kind), found the number 5",
    ]


def test_a_password_in_a_url_is_not_repeated(file: Path) -> None:
    message = outer_error(file, f"count: http://me:{SECRET}@host/\n")
    assert SECRET not in message
    assert "host" in message


def test_a_value_of_the_environment_that_is_no_text(file: Path) -> None:
    (line,) = error_of(file, HEAD + "journal: ${A}\n" + TAIL, A="\udcff")
    assert line == "observer.yaml:3: the value of the environment variable A is not UTF-8"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_value_of_the_environment_arrives_as_it_is(value: str) -> None:
    assert substitute("<${A}>${A}", {"A": value}) == f"<{value}>{value}"


@given(st.text())
def test_doubled_dollars_write_any_text(text: str) -> None:
    assert substitute(text.replace("$", "$$"), {}) == text


@given(st.text(alphabet="$${}:-Aa1_ "))
def test_substitution_gives_a_text_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(substitute(text, {"A": "x"}), str)
    except ValueError as error:
        assert "$" in str(error)  # noqa: PT017


FUZZ = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.sampled_from(
    [
        *FULL.splitlines(keepends=True),
        *(
            ": ",
            "- ",
            "\n",
            "  ",
            "[",
            "]",
            "{",
            "}",
            "'",
            '"',
            "#",
            "&a ",
            "*a",
            "!!",
            "!x ",
            "|",
            ">",
            "%",
            "? ",
        ),
        *(
            "<<: ",
            "---\n",
            "...\n",
            "\t",
            "\0",
            "\\x",
            "${A",
            "${A}",
            "~",
            "null",
            "1.5",
            "\ufeff",
            "\x85",
            "é",
            "name: ",
        ),
    ],
)


@FUZZ
@given(st.binary() | st.text().map(str.encode) | st.lists(PIECES).map("".join).map(str.encode))
def test_any_file_is_a_config_or_a_config_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        load_config(file, {"BROKERS": "a", "PASSWORD": SECRET})
    except ConfigError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
        assert SECRET not in str(error)  # noqa: PT017


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
KEYS = [
    *(
        "name",
        "every",
        "kafka",
        "journal",
        "pipelines",
        "job",
        "dataset",
        "checkpoint",
        "topic",
        "start_from",
    ),
    *("isolation_level", "fields", "rules", "not_empty", "bootstrap.servers", "x"),
]


@FUZZ
@given(st.data())
def test_any_values_are_a_config_or_a_config_error(file: Path, data: st.DataObject) -> None:
    part = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5)
    value = {
        "name": "n",
        "kafka": data.draw(part) | {"bootstrap.servers": "a"},
        "pipelines": [{"name": "p", "dataset": {"topic": "t"} | data.draw(part), "job": data.draw(part)}],
    } | data.draw(part)
    file.write_text(yaml.safe_dump(value, allow_unicode=True).replace("$", "$$"))
    try:
        load_config(file, {})
    except ConfigError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
