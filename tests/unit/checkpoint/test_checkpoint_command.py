"""`offline-observer checkpoint`."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from offline_observer.cli.checkpoint import checkpoint
from offline_observer.errors import CheckpointError

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"

app = typer.Typer()
app.command()(checkpoint)


def run(*arguments: str) -> str:
    result = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}).invoke(
        app, arguments, catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.stdout


def test_json_is_one_object_on_one_line() -> None:
    output = run(str(SAMPLES / "add_partition"), "--json")
    assert output.count("\n") == 1
    progress = json.loads(output)
    assert list(progress) == [
        "query_id",
        "log_version",
        "batch_id",
        "committed_at",
        "committed",
        "planned_batch_id",
        "planned",
        "initial",
        "in_flight",
        "warnings",
    ]
    assert progress["committed"] == {"t5": {"0": 379, "1": 212, "2": 109}}
    assert progress["initial"] == {"t5": {"0": 0, "1": 0}}


def test_text(tmp_path: Path) -> None:
    folder = tmp_path / "visits"
    shutil.copytree(SAMPLES / "add_partition", folder)
    (folder / "commits" / "1").unlink()
    (folder / "offsets" / "2").write_text("")
    (folder / "sources" / "0" / "0").write_bytes(b'\0v1\n{"t5":{"0":-2,"1":-1}}')
    output = run(str(folder))
    for line in (
        "Query id          27f676c3-a051-413a-8298-413c5882382e",
        "Offset log        version 1",
        "Planned batch     1, in flight: a batch is running, stuck or was cut short",
        "Warning: offsets/2 is left out. The file is empty.",
    ):
        assert line in output.splitlines()
    cells = [line.replace("│", " ").split() for line in output.splitlines()]
    assert ["t5", "0", "earliest", "284", "379"] in cells
    assert ["t5", "1", "latest", "116", "212"] in cells
    assert ["t5", "2", "-", "-", "109"] in cells


def test_text_of_a_query_that_has_just_started(tmp_path: Path) -> None:
    (tmp_path / "metadata").write_text('{"id":"[red]x"}')
    assert run(str(tmp_path)).splitlines() == [
        "Query id          [red]x",
        "Offset log        nothing readable yet",
        "Committed batch   none yet",
        "Planned batch     none, nothing in flight",
    ]


def test_errors_are_the_callers_to_print(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        run(str(tmp_path / "nowhere"))


def test_help() -> None:
    output = " ".join(run("--help").replace("│", " ").split())
    assert "Show how far a Spark Structured Streaming query is" in output
    assert "--json" in output
    assert "DIR" in output
