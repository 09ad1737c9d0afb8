"""Where a checkpoint can be: odd local paths, links, other filesystems, and times of files."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import fsspec
import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.modified import modification_time
from offline_observer.errors import CheckpointError

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"
COMMITTED = {"visits": {0: 609, 1: 391}}


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        "100%25",
        "a#b",
        "star*",
        "[x]",
        "who?",
        "~tilde",
        "a~",
        "a::b",
        "s3:",
        "ключ",
        "quote'\"",
        "{a,b}",
        "trailing ",
        "new\nline",
        "$HOME",
        "file:x",
    ],
)
@pytest.mark.parametrize("prefix", ["", "file://", "file:"])
def test_local_paths_are_literal(tmp_path: Path, name: str, prefix: str) -> None:
    folder = tmp_path / name / "visits"
    shutil.copytree(SAMPLES / "base", folder)
    if glob := {"star*": "stars", "[x]": "x", "who?": "whom"}.get(name):
        shutil.copytree(SAMPLES / "once", tmp_path / glob / "visits")  # what the glob would find instead
    assert CheckpointFolder(f"{prefix}{folder}").read(with_initial=True).committed == COMMITTED
    assert CheckpointFolder(f"{prefix}{folder}/").read().committed == COMMITTED


def test_a_path_that_is_not_text(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    with pytest.raises(CheckpointError, match=r"/\\udcff does not exist"):
        CheckpointFolder(folder).read()
    shutil.copytree(SAMPLES / "base", folder)
    assert CheckpointFolder(folder).read().committed == COMMITTED


def test_home_and_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SAMPLES / "base", tmp_path / "visits")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert CheckpointFolder("~/visits").read().committed == COMMITTED
    monkeypatch.chdir(tmp_path)
    for path in ("visits", "./visits", "visits/../visits", "visits/", "file://visits"):
        assert CheckpointFolder(path).read().committed == COMMITTED
    monkeypatch.chdir(tmp_path / "visits")
    assert CheckpointFolder(".").read().committed == COMMITTED


def test_linked_folders(tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(SAMPLES / "base", real)
    (tmp_path / "link").symlink_to(real)
    assert CheckpointFolder(str(tmp_path / "link")).read(with_initial=True).committed == COMMITTED
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for part in ("metadata", "offsets", "commits", "sources"):
        (mixed / part).symlink_to(real / part)
    assert CheckpointFolder(str(mixed)).read(with_initial=True).warnings == ()


def test_broken_link(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(SAMPLES / "base", folder)
    (folder / "offsets" / "1").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"offsets/1 does not exist\. Try again; .* a broken link"):
        CheckpointFolder(str(folder)).read()


@pytest.fixture
def in_memory() -> Iterator[str]:
    filesystem = fsspec.filesystem("memory")
    for path in (SAMPLES / "base").rglob("*"):
        if path.is_file():
            filesystem.pipe_file(f"/places/base/{path.relative_to(SAMPLES / 'base')}", path.read_bytes())
    yield "memory://places/base"
    filesystem.rm("/places", recursive=True)


def test_another_filesystem(in_memory: str) -> None:
    folder = CheckpointFolder(in_memory)
    before = folder.read(with_initial=True)
    assert (before.committed, before.initial) == (COMMITTED, {"visits": {0: 0, 1: 0}})
    assert before.committed_at is not None
    # No listing is kept from the read before.
    fsspec.filesystem("memory").pipe_file("/places/base/offsets/1", b'v1\n\n{"visits":{"0":700}}')
    assert folder.read().planned == {"visits": {0: 700}}


TIME = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "info",
    [
        {"mtime": TIME.timestamp(), "created": 0.0},
        {"mtime": TIME},
        {"LastModified": TIME.astimezone(timezone(timedelta(hours=2)))},
        {"last_modified": TIME.replace(tzinfo=None)},
        {"updated": "2026-11-25T01:02:03Z"},
        {"modificationTime": int(TIME.timestamp() * 1000)},
        {"mtime": None, "created": TIME},
        {"mtime": "yesterday", "created": TIME},
    ],
)
def test_times_of_filesystems(info: dict[str, object]) -> None:
    found = modification_time(info)
    assert found == TIME
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "value", [None, "", True, 1e300, float("nan"), float("inf"), [], "0001-01-01T00:00:00+14:00"]
)
def test_times_that_make_no_sense(value: object) -> None:
    assert modification_time({"mtime": value}) is None
    assert modification_time({}) is None
