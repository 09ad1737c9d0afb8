"""The program with the dependencies that everybody has, and with each extra alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from offline_observer.journal.journal import Journal
from support.installed import extras, run_installed

NEEDS: dict[str, dict[str, Any]] = {
    "profile": {"dataset": {"fields": {"a": "string"}, "profile": {"every": "1m", "folder": "./reports"}}},
    "schema-registry": {"dataset": {"format": "avro", "schema_registry": {"url": "http://127.0.0.1:1"}}},
    "json-schema": {"dataset": {"rules": [{"json_schema": {"type": "object"}}]}},
    "elasticsearch": {"export": {"elasticsearch": {"url": "http://127.0.0.1:1"}}},
    "opensearch": {"export": {"opensearch": {"url": "http://127.0.0.1:1"}}},
    "dashboard": {"dashboard": {"port": 0}},
    "notify": {"notify": {"team": {"url": "json://127.0.0.1:1"}}},
    "s3": {"job": {"name": "j", "checkpoint": "s3a://bucket/checkpoint"}},
}
"""What each extra is for, in a configuration."""

OTHER = {"spark", "metrics", "speed", "grafana", "gcs", "azure", "hdfs", "webhdfs", "demo"}


def written(folder: Path, part: dict[str, Any]) -> str:
    part = dict(part)
    pipeline: dict[str, Any] = {"name": "p", "job": part.pop("job", {"name": "j", "checkpoint": "./none"})}
    pipeline["dataset"] = {"topic": "t", "rules": [{"not_empty": ["a"]}], **part.pop("dataset", {})}
    content = {
        "name": "test",
        "every": "1s",
        "kafka": {"bootstrap.servers": "127.0.0.1:1"},
        "journal": "./observations.db",
        "pipelines": [pipeline],
        **part,
    }
    path = folder / "observer.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_each_extra_is_thought_of() -> None:
    assert NEEDS.keys() | OTHER == set(extras())
    assert not NEEDS.keys() & OTHER


def test_without_any_extra_the_program_has_all_its_commands_and_observes(tmp_path: Path) -> None:
    done = run_installed([], "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  observations  " in done.stdout
    config = written(tmp_path, {})
    done = run_installed([], "run", "-c", config, "--once")
    assert (done.returncode, done.stderr) == (0, "")
    done = run_installed([], "observations", "-c", config)
    assert "Connection refused" in done.stdout


@pytest.mark.parametrize("extra", sorted(NEEDS))
def test_an_extra_alone_is_enough_and_where_it_is_not_there_it_is_named(extra: str, tmp_path: Path) -> None:
    config = written(tmp_path, NEEDS[extra])
    done = run_installed([], "run", "-c", config, "--once")
    if extra == "s3":  # a checkpoint that cannot be read is a status
        assert done.returncode == 0
    else:
        assert done.returncode == 2
        assert f"pip install 'offline-observer[{extra}]'" in done.stderr
        assert "Traceback" not in done.stderr
    done = run_installed([extra], "run", "-c", config, "--once")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["profile", "--from", "earliest"], "profile"),
        (["profile", "compare", "latest"], "profile"),
        (["suggest", "--from", "earliest"], "profile"),
        (["grafana", "--out", "files"], "grafana"),
        (["serve"], "dashboard"),
    ],
)
def test_a_command_names_the_extra_that_it_needs(arguments: list[str], extra: str, tmp_path: Path) -> None:
    Journal(tmp_path / "observations.db").close()
    done = run_installed([], *arguments, "-c", written(tmp_path, {}))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"pip install 'offline-observer[{extra}]'\n")


def test_the_demo_names_its_extra() -> None:
    done = run_installed([], "demo")
    assert done.returncode == 2
    assert done.stderr.endswith("pip install 'offline-observer[demo]'\n")
