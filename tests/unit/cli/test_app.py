import json
from pathlib import Path

import pytest

from offline_observer.cli.app import run_command
from offline_observer.journal.journal import Entry, Journal

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["no-such-command"], 2, "No such command 'no-such-command'"),
        (["run"], 2, "Missing option '--config'"),
        (["run", "--nonsense"], 2, "No such option"),
        (["lag", "--checkpoint", "x"], 2, "Missing option '--bootstrap-servers'"),
        (["lag"], 2, "Missing option '--checkpoint'; or name a configuration"),
        (["lag", "-c", "x", "--checkpoint", "y"], 2, "leave the other options out"),
        (["lag", "-c", "no-such.yaml"], 2, "no such file"),
        (["lag", "--checkpoint", "x", "--bootstrap-servers", "h:1", "--every", "1s"], 2, "only with --watch"),
        (["lag", "--checkpoint", "x", "--bootstrap-servers", "h", "-X", "secret"], 2, "expected KEY=VALUE"),
        (
            ["lag", "--checkpoint", "x", "--bootstrap-servers", "h", "-X", "sasl.password=${NO_SUCH_ONE}"],
            2,
            "--kafka sasl.password: the environment variable NO_SUCH_ONE is not set",
        ),
        (["lag", "--checkpoint", "x", "--bootstrap-servers", "h", "--timeout", "0"], 2, "'--timeout'"),
        (
            ["lag", "--checkpoint", "x", "--bootstrap-servers", "h", "--isolation-level", "x"],
            2,
            "is not one of",
        ),
        (["observations"], 2, "name the journal by one of"),
        (["observations", "--journal", "a", "-c", "b"], 2, "name the journal by one of"),
        (["observations", "--journal", "a", "--last", "0"], 2, "'--last'"),
        (["observations", "--journal", "no-such.db"], 3, "there is no journal at no-such.db"),
        (["observations", "-c", "no-such.yaml"], 2, "no such file"),
        (["run", "-c", "no-such.yaml"], 2, "no such file"),
        (["run", "-c", "x", "--for", "10"], 2, "no such file"),
        (["checkpoint", "no-such-folder"], 3, "no-such-folder"),
        (["lag", "--checkpoint", "no-such-folder", "--bootstrap-servers", "h:1"], 3, "no-such-folder"),
    ],
)
def test_errors_have_a_message_and_their_exit_code(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert words in printed.err
    assert "Traceback" not in printed.err


def test_a_value_that_may_be_a_password_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run_command(["lag", "--checkpoint", "x", "--bootstrap-servers", "h:1", "-X", "no.such=hunter2"])
    assert "hunter2" not in "".join(capsys.readouterr())


def test_the_configurations_errors_name_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "observer.yaml"
    config.write_text(
        "name: visits\nkafka: {bootstrap.servers: 'localhost:9092'}\npipelines:\n  - name: a\n    dataset:\n"
        "      topik: visits\n"
    )
    assert run_command(["run", "-c", str(config)]) == 2
    assert f"{config}:6: " in capsys.readouterr().err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--version"]) == 0
    assert capsys.readouterr().out.startswith("offline-observer ")
    for command in (
        [],
        ["run"],
        ["lag"],
        ["checkpoint"],
        ["observations"],
        ["records"],
        ["rules"],
        ["demo"],
        ["demo", "generate"],
    ):
        assert run_command([*command, "--help"]) == 0
        assert "Usage: " in capsys.readouterr().out


def test_checkpoint_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["checkpoint", str(SAMPLES / "two_sources"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["committed"] == {"t1": {"0": 63, "1": 437}, "t2": {"0": 247, "1": 53}}


def test_observations_print_one_object_per_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path / "observations.db")
    for number in range(3):
        partition = {"kind": "partition", "topic": "t", "partition": 0, "lag": number}
        document = {"kind": "observation", "@timestamp": "2026-01-01T00:00:00.000Z", "all_events": number}
        journal.append(Entry(pipeline="p", document=document, partitions=[partition]))
    path = str(journal.path)
    for arguments, expected in [
        ([], [0, 1, 2]),
        (["--json"], [0, 1, 2]),
        (["--last", "2"], [1, 2]),
        (["--kind", "observation", "--last", "1"], [2]),
    ]:
        assert run_command(["observations", "--journal", path, *arguments]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [json.loads(line)["all_events"] for line in lines] == expected
    assert run_command(["observations", "--journal", path, "--kind", "partition"]) == 0
    assert [json.loads(line)["lag"] for line in capsys.readouterr().out.splitlines()] == [0, 1, 2]
    journal.close()
