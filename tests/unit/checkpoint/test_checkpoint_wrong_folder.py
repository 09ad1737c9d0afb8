"""Folders that are no checkpoint or cannot be read: the message says what to do."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.errors import EXIT_UNREACHABLE, CheckpointError

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"


class RefusingFileSystem(LocalFileSystem):  # type: ignore[misc]
    """A local filesystem that raises an error for paths that end with a name."""

    protocol = "refusing"
    ending = "\n"  # no path
    error: Exception = OSError()

    def _refuse(self, path: str) -> None:
        if path.endswith(type(self).ending):
            raise type(self).error

    def ls(self, path: str, detail: bool = False, **kwargs: Any) -> Any:
        self._refuse(path)
        return super().ls(path, detail=detail, **kwargs)

    def info(self, path: Any, **kwargs: Any) -> Any:
        self._refuse(os.fspath(path))
        return super().info(path, **kwargs)

    def _open(self, path: str, *args: Any, **kwargs: Any) -> Any:
        self._refuse(path)
        return super()._open(path, *args, **kwargs)


fsspec.register_implementation("refusing", RefusingFileSystem, clobber=True)


def message(url: Path | str, **options: object) -> str:
    with pytest.raises(CheckpointError) as caught:
        CheckpointFolder(str(url), options).read(with_initial=True)
    assert caught.value.exit_code == EXIT_UNREACHABLE
    text = str(caught.value)
    assert text.endswith(".")
    assert text.isprintable()
    return text


def test_missing_folder(tmp_path: Path) -> None:
    assert f"{tmp_path}/nowhere does not exist" in message(tmp_path / "nowhere")
    assert "checkpointLocation" in message(f"file://{tmp_path}/nowhere")
    assert "does not exist" in message("memory://nowhere")


def test_file_instead_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file, and should be a folder" in message(tmp_path / "file")
    assert "is a file, and should be a folder" in message(f"refusing://{tmp_path}/file")
    assert "does not exist" in message(tmp_path / "file" / "below")
    (tmp_path / "offsets").touch()
    assert "offsets is a file, and should be a folder" in message(tmp_path)


def test_empty_folder(tmp_path: Path) -> None:
    text = message(tmp_path)
    assert "no query has started with this checkpoint yet, or the path is wrong" in text


def test_no_path() -> None:
    assert "No checkpoint folder is given" in message("")


def test_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    text = message(tmp_path)
    assert "is not a Spark checkpoint" in text
    assert "looks like one" not in text


def test_metadata_of_another_program(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    assert "is not a Spark checkpoint" in message(tmp_path)
    (tmp_path / "metadata").rmdir()
    (tmp_path / "metadata").write_text("hello")
    assert "nothing of a Spark checkpoint but a file metadata" in message(tmp_path)


def test_the_folder_above_is_given(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "base", tmp_path / "visits")
    (tmp_path / "metadata of a lake").mkdir()
    assert f"A folder in it looks like one: {tmp_path}/visits. Give that." in message(tmp_path)
    for number in range(4):
        shutil.copytree(SAMPLES / "base", tmp_path / f"a{number}")
    assert message(tmp_path).endswith(f"{tmp_path}/a0, {tmp_path}/a1, {tmp_path}/a2, …. Give that.")


@pytest.mark.parametrize("part", ["offsets", "commits", "sources"])
def test_a_folder_below_is_given(part: str) -> None:
    assert f'It may be the "{part}" of one: give the folder above it' in message(SAMPLES / "base" / part)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Gives up root's right to read everything; does nothing for other users."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_folder_that_may_not_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(SAMPLES / "base", folder)
    folder.chmod(0)
    try:
        with without_privileges():
            text = message(folder)
    finally:
        folder.chmod(0o700)
    assert "permission denied" in text
    assert "the right to read" in text


@pytest.mark.parametrize("ending", ["/base", "/metadata", "/commits", "/offsets", "/offsets/0", "/commits/0"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied. Give the observer's user"),
        (
            OSError(errno.EIO, "Input/output error"),
            "cannot be read: Input/output error. See whether its disk",
        ),
        (TimeoutError(), "cannot be read: TimeoutError. See"),
        (RuntimeError("the service\nis away."), r"cannot be read: the service\nis away. See whether"),
    ],
)
def test_any_part_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, ending: str, error: Exception, says: str
) -> None:
    monkeypatch.setattr(RefusingFileSystem, "ending", ending)
    monkeypatch.setattr(RefusingFileSystem, "error", error)
    text = message(f"refusing://{SAMPLES}/base")
    assert text.startswith(f"refusing://{SAMPLES}/base")
    assert f"{ending} " in text
    assert says in text


def test_unknown_protocol() -> None:
    assert '"nosuch://", which is not a protocol' in message("nosuch://bucket/folder")


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, **_options: object) -> None:
        raise ImportError(url)

    monkeypatch.setattr("offline_observer.checkpoint.location.url_to_fs", refuse)
    assert "pip install 'offline-observer[s3]'" in message("s3://bucket/folder")
    assert "pip install 'offline-observer[gcs]'" in message("gs://bucket/folder")
    assert "Install the package that brings it" in message("oci://bucket/folder")


def test_protocol_that_only_its_package_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, **_options: object) -> None:
        raise ValueError("Protocol not known: " + url.partition(":")[0])

    monkeypatch.setattr("offline_observer.checkpoint.location.url_to_fs", refuse)
    assert "pip install 'offline-observer[azure]'" in message("abfss://container@account/folder")


def failing_with(error: Exception) -> Callable[..., None]:
    def fail(_url: str, **_options: object) -> None:
        raise error

    return fail


def test_no_credential_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ValueError("no login for watcher with hunter22 or s3cr3t-key or nested-secret at /x?sig=abcdef")
    monkeypatch.setattr("offline_observer.checkpoint.location.url_to_fs", failing_with(error))
    text = message(
        "sftp://watcher:hunter22@host/x?sig=abcdef", option="s3cr3t-key", more={"a": ["nested-secret"]}
    )
    assert text.startswith("sftp://watcher:***@host/x?*** cannot be opened: no login for watcher with ***")
    for secret in ("hunter22", "s3cr3t-key", "nested-secret", "abcdef"):
        assert secret not in text
