"""A query that commits batch after batch into a remote checkpoint, and purges the old ones as Spark does."""

import threading
import time
from typing import Protocol

from offline_observer.checkpoint.folder import CheckpointFolder
from support.kafka import eventually

METADATA = b'{"id":"5f3c86dd-9b2a-4d7e-a7a5-4a8f6d6a1c55"}'
COMMIT = b'v1\n{"nextBatchWatermarkMs":0}'


def offsets(end: int) -> bytes:
    return b'v1\n{"batchWatermarkMs":0,"batchTimestampMs":1795567405639,"conf":{}}\n{"visits":{"0":%d}}' % end


class Files(Protocol):
    """Writes and deletes files of one checkpoint."""

    def put(self, name: str, content: bytes) -> None: ...

    def delete(self, name: str) -> None: ...


class PurgingJob:
    """Batch N ends at offset 10 * N. Of each log the newest `keep` files stay.

    Attributes:
        committed: The newest batch whose commit is written for certain.
        planned: The newest batch whose offsets may be there.
    """

    def __init__(self, files: Files, keep: int) -> None:
        self.committed = -1
        self.planned = -1
        self._files = files
        self._keep = keep
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        files.put("metadata", METADATA)

    def batch(self) -> None:
        number = self.committed + 1
        self.planned = number
        self._files.put(f"offsets/{number}", offsets(number * 10))
        self._files.put(f"commits/{number}", COMMIT)
        self.committed = number
        if number >= self._keep:
            # Spark, too, purges both logs only after the commit.
            self._files.delete(f"offsets/{number - self._keep}")
            self._files.delete(f"commits/{number - self._keep}")

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.batch()
        except BaseException as error:  # noqa: BLE001 - for the test
            self._error = error

    def __enter__(self) -> "PurgingJob":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert self._error is None, self._error


def watch(folder: CheckpointFolder, job: PurgingJob, seconds: float) -> None:
    """Looks again and again: never an error, never a step back, never what is not or was not so."""
    eventually(lambda: job.committed >= 0, 20, "the first batch")
    before, looks = -1, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        at_least = job.committed
        progress = folder.read()
        assert progress.batch_id is not None
        assert max(before, at_least) <= progress.batch_id <= job.planned
        assert progress.committed == {"visits": {0: progress.batch_id * 10}}
        assert progress.planned_batch_id is not None
        assert progress.batch_id <= progress.planned_batch_id <= job.planned
        assert progress.warnings == ()
        before = progress.batch_id
        looks += 1
    assert looks > 10
