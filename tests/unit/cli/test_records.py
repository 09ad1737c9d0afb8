import json
from pathlib import Path

import pytest

from offline_observer.cli import records as command
from offline_observer.cli.app import run_command
from offline_observer.cli.record_text import HIDDEN, Sample, json_line, lines
from offline_observer.engine.fetch import GONE, Answer, Fetched, _by_partition, _rounds
from offline_observer.errors import BrokerError, SchemaRegistryError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import read_offenders
from offline_observer.kafka.records import OffsetRange
from offline_observer.quality.record import parse_object

CONFIG = """
name: test
kafka: {bootstrap.servers: 'localhost:1'}
pipelines:
  - name: visits
    dataset:
      topic: visits
      mask: [user.ip]
      rules:
        - not_empty: [user_id]
        - range: {age: {min: 0}}
          name: ages
        - unique: [visit_id]
        - row_count: {min: 1}
  - name: clicks
    dataset: {topic: clicks, rules: [not_empty: [user_id]]}
  - name: lonely
    job: {name: job, checkpoint: /checkpoint}
"""


def offender(
    rule: str, offset: int, *, topic: str = "visits", partition: int = 0, second: int | None = None
) -> dict[str, object]:
    at = f"2026-11-25T03:00:{offset if second is None else second:02}.000Z"
    return {"rule": rule, "topic": topic, "partition": partition, "offset": offset, "timestamp": at}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "observer.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def journal(config: Path) -> Path:
    """Three observations of visits, one of clicks."""
    written = Journal(config.parent / "observations.db")
    for pipeline, offenders in [
        ("visits", [offender("user_id.not_empty", 1), offender("user_id.not_empty", 2)]),
        ("visits", None),
        ("clicks", [offender("user_id.not_empty", 5, topic="clicks")]),
        ("visits", [offender("user_id.not_empty", 9, topic="before")]),
        (
            "visits",
            [
                offender("ages", 7),
                offender("unparseable", 8),
                offender("user_id.not_empty", 6),
                offender("user_id.not_empty", 7),
            ],
        ),
    ]:
        document: dict[str, object] = {"kind": "observation"}
        if offenders is not None:
            document["offenders"] = offenders
        written.append(Entry(pipeline=pipeline, document=document))
    written.close()
    return written.path


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], Answer]:
    """What stands in Kafka, by topic and offset; an empty object elsewhere."""
    there: dict[tuple[str, int], Answer] = {}

    def fetch(
        _properties: object, topic: str, _isolation: str, offsets: set[tuple[int, int]], _time_left: object
    ) -> dict[tuple[int, int], Answer]:
        # 2026-11-25T03:00:00Z
        def default(offset: int) -> Answer:
            return Fetched(timestamp=1_795_575_600_000 + 1000 * offset, key=None, value=b"{}")

        return {(p, offset): there.get((topic, offset)) or default(offset) for p, offset in offsets}

    monkeypatch.setattr(command, "fetch", fetch)
    return there


def run(config: Path, *arguments: str) -> int:
    return run_command(["records", "-c", str(config), *arguments])


def shown(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int, list[str]]]:
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(one["pipeline"], one["offset"], one["rules"]) for one in found]


@pytest.mark.usefixtures("kafka", "journal")
def test_the_newest_of_a_rule(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "--rule", "user_id.not_empty", "--pipeline", "visits", "--json", "--last", "3") == 0
    rule = ["user_id.not_empty"]
    assert shown(capsys) == [("visits", 2, rule), ("visits", 6, rule), ("visits", 7, rule)]
    assert run(config, "--rule", "user_id.not_empty", "--json", "--last", "1") == 0
    assert shown(capsys) == [("clicks", 5, rule), ("visits", 7, rule)]
    assert run(config, "--rule", "unparseable", "--json") == 0
    assert shown(capsys) == [("visits", 8, ["unparseable"])]


@pytest.mark.usefixtures("kafka", "journal")
def test_of_all_rules_each_record_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "--pipeline", "visits", "--json", "--last", "1") == 0
    assert shown(capsys) == [("visits", 7, ["user_id.not_empty", "ages"]), ("visits", 8, ["unparseable"])]


@pytest.mark.usefixtures("journal")
def test_what_people_see(
    config: Path, kafka: dict[tuple[str, int], Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    at = 1_795_575_600_000
    value = '{"user":{"ip":"1.2.3.4","login":"\\u001b[2Jada"},"tags":["ü"]}'.encode()
    kafka["visits", 7] = Fetched(timestamp=at + 7000, key=b"ada", value=value)
    kafka["visits", 6] = GONE
    kafka["visits", 2] = Fetched(timestamp=at, key=None, value=b"{}")  # another one, in a topic made anew
    kafka["visits", 8] = Fetched(timestamp=at + 8000, key=None, value=b"cut {\x1b\xff")
    assert run(config, "--pipeline", "visits", "--last", "3") == 0
    assert capsys.readouterr().out.splitlines() == [
        "visits-0 offset 2, 2026-11-25 03:00:02.000 UTC: user_id.not_empty",
        "  no longer in Kafka",
        "",
        "visits-0 offset 6, 2026-11-25 03:00:06.000 UTC: user_id.not_empty",
        "  no longer in Kafka",
        "",
        "visits-0 offset 7, 2026-11-25 03:00:07.000 UTC: user_id.not_empty, ages",
        "  key ***",
        "  {",
        '    "user": {',
        '      "ip": "***",',
        '      "login": "\\u001b[2Jada"',
        "    },",
        '    "tags": [',
        '      "ü"',
        "    ]",
        "  }",
        "",
        "visits-0 offset 8, 2026-11-25 03:00:08.000 UTC: unparseable",
        f"  {HIDDEN}",
    ]
    assert run(config, "--pipeline", "visits", "--last", "1", "--unmasked") == 0
    printed = capsys.readouterr().out
    assert "  key ada\n" in printed
    assert '"ip": "1.2.3.4"' in printed
    assert printed.endswith("\n  not readable: cut {\\x1b\\xff\n")
    assert "\x1b" not in printed


@pytest.mark.usefixtures("journal")
def test_for_programs(
    config: Path, kafka: dict[tuple[str, int], Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    kafka["visits", 8] = Fetched(timestamp=1_795_575_608_000, key=b"k\x7f\xc2\x9b", value=b"\xff")
    assert run(config, "--rule", "unparseable", "--json", "--unmasked") == 0
    printed = capsys.readouterr().out
    assert printed.rstrip("\n").isprintable()
    assert printed.isascii()
    assert json.loads(printed) == {
        "pipeline": "visits",
        "topic": "visits",
        "partition": 0,
        "offset": 8,
        "timestamp": "2026-11-25T03:00:08.000Z",
        "rules": ["unparseable"],
        "key": "k\x7f\x9b",
        "value": None,
        "text": "\\xff",
        "problem": None,
    }


@pytest.mark.usefixtures("journal")
def test_what_cannot_be_read_is_said_after_the_others(
    config: Path, kafka: dict[tuple[str, int], Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    kafka["visits", 6] = "not read in time"
    assert run(config, "--rule", "user_id.not_empty", "--pipeline", "visits") == 3
    printed = capsys.readouterr()
    assert "visits-0 offset 7" in printed.out
    assert printed.err == "error: not all of the records could be read: not read in time\n"


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("error", [BrokerError("no answer"), SchemaRegistryError("no answer")])
def test_errors(
    config: Path, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fetch(*_arguments: object) -> dict[tuple[int, int], Answer]:
        raise error

    monkeypatch.setattr(command, "fetch", fetch)
    assert run(config) == 3
    assert capsys.readouterr() == ("", "error: no answer\n")


def test_nothing_to_show(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("there is no journal at ")
    assert "`offline-observer run` makes it" in printed
    Journal(config.parent / "observations.db").close()
    assert run(config, "--rule", "ages") == 0
    assert capsys.readouterr().out.endswith("observations.db names no record that broke ages\n")
    assert run(config, "--json") == 0
    printed_as_json = capsys.readouterr()
    assert (printed_as_json.out, "names no record" in printed_as_json.err) == ("", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--rule", "user_id.not_emty"],
            "no rule is called 'user_id.not_emty'; did you mean 'user_id.not_empty'?",
        ),
        (["--rule", "ages", "--pipeline", "clicks"], "no rule is called 'ages'; "),
        (["--pipeline", "visit"], "no pipeline 'visit'; did you mean 'visits'?"),
        (["--pipeline", "lonely"], "the pipeline lonely has no dataset"),
        (["--rule", "row_count"], "the rule row_count is about the records together"),
        (["--rule", "visit_id.unique"], "the rule visit_id.unique is about the records together"),
        (["--last", "0"], "'--last'"),
        (["--timeout", "0"], "'--timeout'"),
    ],
)
def test_what_is_refused(
    config: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config, *arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("kafka")
def test_while_an_observer_owns_the_journal(
    config: Path, journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = Journal(journal)
    assert run(config, "--rule", "ages") == 0
    assert "visits-0 offset 7" in capsys.readouterr().out
    owner.close()


def test_so_many_documents_are_looked_through_and_no_more(journal: Path) -> None:
    assert [pipeline for pipeline, _ in read_offenders(journal, 100)] == [
        "visits",
        "visits",
        "clicks",
        "visits",
    ]
    assert len(list(read_offenders(journal, 4))) == 3
    assert list(read_offenders(journal, 0)) == []


def test_offsets_that_are_close_are_read_in_one_go() -> None:
    offsets = {(0, 5), (0, 7), (0, 900), (1, 3), (1, 3000), (1, 9000)}
    assert list(_rounds(_by_partition(offsets))) == [
        {0: OffsetRange(5, 8), 1: OffsetRange(3, 4)},
        {0: OffsetRange(900, 901), 1: OffsetRange(3000, 3001)},
        {1: OffsetRange(9000, 9001)},
    ]
    assert list(_rounds(_by_partition([]))) == []


def test_a_record_that_is_nested_too_deeply() -> None:
    def parse(_value: bytes) -> dict[str, object]:
        record: dict[str, object] = {}
        for _ in range(100_000):
            record = {"a": record}
        return record

    def sample(*mask: str) -> Sample:
        made = Sample(pipeline="p", topic="t", partition=0, offset=0, timestamp=None, rules=["r"])
        made.take(Fetched(timestamp=-1, key=None, value=b"{"), parse, mask)
        return made

    assert list(lines(sample(), with_pipeline=True)) == ["p: t-0 offset 0, no time: r", "  not readable: {"]
    assert sample("b").problem == HIDDEN


def test_a_long_record_is_cut_for_people_alone() -> None:
    made = Sample(pipeline="p", topic="t", partition=0, offset=0, timestamp=None, rules=["r"])
    made.take(Fetched(timestamp=-1, key=None, value=b'{"a":"' + b"x" * 20_000 + b'"}'), parse_object, ())
    assert list(lines(made, with_pipeline=False))[-1].endswith("x… (20,013 characters; --json has all)")
    assert len(json_line(made)) > 20_000


def test_a_time_that_no_calendar_has() -> None:
    made = Sample(pipeline="p", topic="t", partition=0, offset=0, timestamp=None, rules=["r"])
    made.take(Fetched(timestamp=2**63 - 1, key=None, value=b"{}"), parse_object, ())
    assert made.problem is None
