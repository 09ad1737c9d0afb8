"""A checkpoint that changes while it is read, what a read costs, and that it writes nothing."""

import itertools
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.errors import CheckpointError

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"
OFFSETS = b'v1\n\n{"visits":{"0":%d}}'


class MovingFileSystem(LocalFileSystem):  # type: ignore[misc]
    """A local filesystem on which a job goes on right after each listing of a folder."""

    protocol = "moving"
    calls: ClassVar[Counter[str]] = Counter()
    after_listing: ClassVar[dict[str, Iterator[Any]]] = {}

    def ls(self, path: str, detail: bool = False, **kwargs: Any) -> Any:
        type(self).calls["ls"] += 1
        assert not detail
        listed = super().ls(path, detail=detail, **kwargs)
        next(type(self).after_listing.get(Path(path).name, iter(())), None)
        return listed

    def info(self, path: Any, **kwargs: Any) -> Any:
        if isinstance(path, str) and Path(path).is_file():
            type(self).calls[f"info {Path(path).parent.name}/{Path(path).name}"] += 1
        return super().info(path, **kwargs)

    def _open(self, path: str, mode: str = "rb", *args: Any, **kwargs: Any) -> Any:
        assert mode == "rb"
        type(self).calls[f"open {Path(path).parent.name}/{Path(path).name}"] += 1
        return super()._open(path, mode, *args, **kwargs)


fsspec.register_implementation("moving", MovingFileSystem, clobber=True)


@pytest.fixture(autouse=True)
def reset() -> None:
    MovingFileSystem.calls.clear()
    MovingFileSystem.after_listing.clear()


class Job:
    """A job that keeps the newest two batches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.batch = 0
        (folder / "offsets").mkdir(parents=True)
        (folder / "commits").mkdir()
        (folder / "metadata").write_text('{"id":"one"}')
        self.run()

    def run(self, batches: int = 1) -> int:
        for _ in range(batches):
            (self.folder / "offsets" / str(self.batch)).write_bytes(OFFSETS % (self.batch * 10))
            (self.folder / "commits" / str(self.batch)).touch()
            (self.folder / "commits" / str(self.batch)).write_text("v1\n{}")
            for log in ("offsets", "commits"):
                (self.folder / log / str(self.batch - 2)).unlink(missing_ok=True)
            self.batch += 1
        return self.batch


def test_files_that_are_purged_after_their_listing(tmp_path: Path) -> None:
    job = Job(tmp_path / "visits")
    MovingFileSystem.after_listing["offsets"] = (job.run(5) for _ in range(3))
    progress = CheckpointFolder(f"moving://{job.folder}").read()
    assert (progress.batch_id, progress.committed) == (15, {"visits": {0: 150}})
    assert progress.warnings == ()


def test_all_commits_are_purged_before_offsets_are_listed(tmp_path: Path) -> None:
    job = Job(tmp_path / "visits")
    MovingFileSystem.after_listing["commits"] = (job.run(5) for _ in range(2))
    progress = CheckpointFolder(f"moving://{job.folder}").read()
    assert (progress.batch_id, progress.warnings) == (10, ())


def test_a_batch_that_is_committed_between_the_listings(tmp_path: Path) -> None:
    job = Job(tmp_path / "visits")
    MovingFileSystem.after_listing["commits"] = (job.run() for _ in range(1))
    progress = CheckpointFolder(f"moving://{job.folder}").read()
    assert (progress.batch_id, progress.planned_batch_id, progress.in_flight) == (0, 1, True)
    assert progress.warnings == ()


def test_a_folder_that_never_stands_still(tmp_path: Path) -> None:
    job = Job(tmp_path / "visits")
    MovingFileSystem.after_listing["offsets"] = (job.run(5) for _ in itertools.count())
    with pytest.raises(CheckpointError, match="changed 5 times while it was read"):
        CheckpointFolder(f"moving://{job.folder}").read()


def test_a_folder_that_is_deleted(tmp_path: Path) -> None:
    job = Job(tmp_path / "visits")

    def delete() -> Iterator[None]:
        shutil.rmtree(job.folder)
        yield

    MovingFileSystem.after_listing["commits"] = delete()
    with pytest.raises(CheckpointError, match="does not exist"):
        CheckpointFolder(f"moving://{job.folder}").read()


def test_what_a_read_costs() -> None:
    folder = CheckpointFolder(f"moving://{SAMPLES}/processing_time")
    folder.read()
    # The times of the newest commits make the job's rhythm; they are asked for once.
    assert MovingFileSystem.calls == {
        "ls": 3,
        "info processing_time/metadata": 1,
        "open processing_time/metadata": 1,
        "open offsets/2": 1,
        "info commits/0": 1,
        "info commits/1": 1,
        "info commits/2": 1,
    }
    MovingFileSystem.calls.clear()
    folder.read()
    # The query's id is read again only when its file is another one.
    assert MovingFileSystem.calls == {
        "ls": 3,
        "info processing_time/metadata": 1,
        "open offsets/2": 1,
        "info commits/2": 1,
    }
    MovingFileSystem.calls.clear()
    assert folder.read(look_back=timedelta(minutes=1)).earlier is not None
    folder.read(look_back=timedelta(minutes=1))
    assert {call: count for call, count in MovingFileSystem.calls.items() if call.startswith("open")} == {
        "open offsets/2": 2,
        "open offsets/0": 1,
    }


def test_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    shutil.copytree(SAMPLES, folder)
    (folder / "base" / "offsets" / "1").write_text("torn")

    def snapshot() -> dict[str, tuple[int, int, int]]:
        found = {}
        for path in (folder, *folder.rglob("*")):
            status = path.stat()
            found[str(path)] = (status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        return found

    before = snapshot()
    for sample in folder.iterdir():
        if sample.is_dir():
            CheckpointFolder(str(sample)).read(with_initial=True)
    with pytest.raises(CheckpointError):
        CheckpointFolder(str(folder)).read()
    assert snapshot() == before


def test_a_folder_of_100_000_files(tmp_path: Path) -> None:
    batches = 50_000
    job = Job(tmp_path / "visits")
    for log in ("offsets", "commits"):
        directory = os.open(job.folder / log, os.O_RDONLY)
        for batch in range(1, batches):
            os.link("0", str(batch), src_dir_fd=directory, dst_dir_fd=directory)
        os.close(directory)
    folder = CheckpointFolder(str(job.folder))
    started = time.perf_counter()
    progress = folder.read()
    seconds = time.perf_counter() - started
    shutil.rmtree(job.folder)  # pytest would keep it for three runs
    assert (progress.batch_id, progress.in_flight) == (batches - 1, False)
    assert seconds < 1
