"""Checkpoints on HDFS, read through WebHDFS: a real NameNode and DataNode, and a job that purges meanwhile."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.demo.java import Java
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.errors import CheckpointError
from support.hdfs import MiniHdfs
from support.purging_job import PurgingJob, watch

SAMPLES = Path(__file__).parents[1] / "data" / "checkpoints"
COMMITTED = {"t3": {0: 118, 1: 382}}


@pytest.fixture(scope="module")
def hdfs(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniHdfs]:
    cluster = MiniHdfs(tmp_path_factory.mktemp("hdfs"), java)
    try:
        cluster.start()
        sample = SAMPLES / "processing_time"
        for path in sample.rglob("*"):
            if path.is_file():
                cluster.put(f"/jobs/a b/{path.relative_to(sample).as_posix()}", path.read_bytes())
        yield cluster
    finally:
        cluster.stop()


class Files:
    """A checkpoint's files, written with a client other than the program's."""

    def __init__(self, hdfs: MiniHdfs, folder: str) -> None:
        self.hdfs = hdfs
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        # As Spark does on HDFS, where a file that is being written is there, and empty.
        self.hdfs.put(f"{self.folder}/.new.tmp", content)
        self.hdfs.rename(f"{self.folder}/.new.tmp", f"{self.folder}/{name}")

    def delete(self, name: str) -> None:
        self.hdfs.delete(f"{self.folder}/{name}")


def message(url: str, options: dict[str, object] | None = None) -> str:
    with pytest.raises(CheckpointError) as caught:
        CheckpointFolder(url, options).read()
    return str(caught.value)


def test_a_checkpoint_on_hdfs(hdfs: MiniHdfs) -> None:
    for url in (f"webhdfs://{hdfs.address}/jobs/a b", f"webhdfs://{hdfs.user}@{hdfs.address}/jobs/a b/"):
        progress = CheckpointFolder(url).read(with_initial=True)
        assert (progress.committed, progress.batch_id, progress.warnings) == (COMMITTED, 2, ())
        assert progress.committed_at is not None
        assert set(progress.initial) == {"t3"}


def test_a_purge_while_it_is_read_neither_fails_nor_turns_an_offset_back(hdfs: MiniHdfs) -> None:
    with PurgingJob(Files(hdfs, "/jobs/purged"), keep=1) as job:
        watch(CheckpointFolder(f"webhdfs://{hdfs.address}/jobs/purged"), job, 5)
    assert job.committed > 5  # purged as many times meanwhile


def test_a_torn_empty_file_falls_back_to_the_batch_before_it(hdfs: MiniHdfs) -> None:
    files = Files(hdfs, "/jobs/torn")
    job = PurgingJob(files, keep=5)
    for _ in range(3):
        job.batch()
    hdfs.put("/jobs/torn/offsets/2", b"")
    progress = CheckpointFolder(f"webhdfs://{hdfs.address}/jobs/torn").read()
    assert (progress.batch_id, progress.committed) == (1, {"visits": {0: 10}})
    assert progress.warnings == ("offsets/2 is left out. The file is empty.",)


def test_a_missing_folder_is_said(hdfs: MiniHdfs) -> None:
    url = f"webhdfs://{hdfs.address}/jobs"
    assert f"{url}/nowhere does not exist." in message(f"{url}/nowhere")
    assert f"A folder in it looks like one: {url}/a b" in message(url)
    assert "is a file, and should be a folder" in message(f"{url}/a b/metadata")


def test_a_user_who_may_not_read(hdfs: MiniHdfs) -> None:
    files = Files(hdfs, "/jobs/private")
    PurgingJob(files, keep=5).batch()
    hdfs.set_mode("/jobs/private", "700")
    url = f"webhdfs://{hdfs.address}/jobs/private"
    assert CheckpointFolder(url, {"user": hdfs.user}).read().batch_id == 0
    assert "may not be read: permission denied. The observer needs read and execute" in message(
        url, {"user": "stranger"}
    )


def test_a_namenode_that_is_not_there_is_said_within_seconds() -> None:
    (port,) = free_ports(1)
    started = time.monotonic()
    text = message(f"webhdfs://watcher:hunter22@{LOOPBACK}:{port}/jobs/visits")
    assert time.monotonic() - started < 5
    assert "See whether its disk or service is up" in text
    assert "hunter22" not in text


def test_a_namenode_that_hangs_is_given_up_and_read_again_when_it_goes_on(hdfs: MiniHdfs) -> None:
    folder = CheckpointFolder(f"webhdfs://{hdfs.address}/jobs/a b")
    assert folder.read().batch_id == 2
    hdfs.pause()
    try:
        started = time.monotonic()
        with pytest.raises(CheckpointError, match="See whether its disk or service is up"):
            folder.read()
        assert time.monotonic() - started < 10
    finally:
        hdfs.go_on()
    assert folder.read().batch_id == 2
