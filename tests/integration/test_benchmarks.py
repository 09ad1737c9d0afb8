"""The benchmarks run; their figures, at such sizes, say nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_lag() -> None:
    sizes = ("--topics", "2", "--partitions", "3", "--rounds", "2", "--polls", "12")
    found: dict[str, Any] = json.loads(run("lag", "--json", *sizes))
    assert (found["partitions"], found["topics"], found["checkpoints"]) == (6, 2, 2)
    assert found["loopback"]["plain_measured_partitions"] == 6
    assert found["loopback"]["ratio"] > 0
    # Two milliseconds were added to each of six calls.
    assert found["with_2_ms"]["plain_seconds"] > 0.012
    assert found["seconds_behind"]["partitions"] == 6
    assert found["memory"]["partitions"] == 6
    assert found["memory_ratio"] > 0


def test_checkpoint_folder_for_people() -> None:
    assert "ratio" in run("checkpoint_folder", "--batches", "20", "--rounds", "1")


def test_ways_to_observe_agree(tmp_path: Path) -> None:
    names = "raw_consume,local_three_rules,local_three_rules_two_processes,local_ten_rules,local_full_summary,duckdb,polars"
    out = tmp_path / "results.json"
    run("observe", "--records", "3000", "--rounds", "1", "--only", names, "--out", str(out))
    found = json.loads(out.read_text())
    assert list(found["workloads"]) == names.split(",")
    assert found["found"]["unparseable"] > 0
    assert found["compared"]["local_three_rules / raw_consume"]["ratio"] > 0


def test_memory_of_the_local_engine() -> None:
    sizes = ("--few", "1000", "--many", "3000", "--topic-records", "1000")
    assert json.loads(run("local_engine_memory", "--json", *sizes))["ratio"] > 0


def test_ways_to_make_a_report_agree(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    sizes = ("--rows", "200", "--rounds", "1", "--only", "ours,defaults")
    run("profile", *sizes, "--out", str(out))
    found = json.loads(out.read_text())
    ways = found["rows"]["200"]
    assert list(ways) == ["ours", "defaults"]
    assert all(one["observations"] == 200 and one["peak_bytes"] > 0 for one in ways.values())
    assert found["ratios"]["defaults / ours at 200"]["ratio"] > 0


def test_a_report_that_takes_too_long_is_said(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    # One with the library's defaults takes some seconds, however few rows it is of.
    run("profile", "--rows", "200", "--only", "defaults", "--time-limit", "1", "--out", str(out))
    found = json.loads(out.read_text())["rows"]["200"]["defaults"]
    assert (found["seconds"], found["over"]) == (None, 1)
    assert found["peak_bytes"] > 0


def test_ways_to_send_documents_agree() -> None:
    found = json.loads(run("export", "--json", "--documents", "900", "--rounds", "1"))
    assert found["documents"] == 900
    assert found["exporter / helper"] > 0


def test_the_page(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    run("page", "--rows", "8000", "--rounds", "1", "--out", str(out))
    found = json.loads(out.read_text())
    assert found["rows"] > 7000
    assert len(found["refresh_seconds"]) == 12
    assert 0 < found["first_paint_seconds"] < found["charts_drawn_seconds"]
