"""The benchmarks run; their figures, at such sizes, say nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
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


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("checkpoint_folder", ("--batches", "20")), ("local_engine", ("--records", "2000"))],
)
def test_for_people(name: str, sizes: tuple[str, str]) -> None:
    assert "ratio" in run(name, *sizes, "--rounds", "1")
