"""The demo's folder: what is in it, who uses it, and what an earlier demo left running."""

import json
import os
import shutil
from pathlib import Path

from filelock import FileLock, Timeout

from offline_observer.demo.process import ChildProcess, ProcessMark, stop_session
from offline_observer.errors import DemoError

_NEEDED_BYTES = 1024**3
_STOP_SECONDS = 5.0
_MARKER = ".offline-observer-demo"


class Workplace:
    """A folder that holds all that the demo writes, owned by one demo at a time.

    Args:
        folder: The folder; made when it is not there.

    Raises:
        DemoError: It cannot be used: another demo runs in it, the disk is full, no permission.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kafka = folder / "kafka"
        self.elasticsearch = folder / "elasticsearch"
        self.jobs = folder / "jobs"
        self.checkpoint = folder / "checkpoints" / "passthrough"
        self.journal = folder / "observations.db"
        self._processes = folder / "processes.json"
        self._children: list[ChildProcess] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._claim()
            free = shutil.disk_usage(folder).free
            if free < _NEEDED_BYTES:
                raise DemoError(
                    f"the disk of {folder} is full: {free // 1024**2} MiB are free, the demo needs "
                    f"{_NEEDED_BYTES // 1024**2} MiB; free some space or name another folder with --data-dir"
                )
            self._lock = FileLock(folder / ".lock")
            self._lock.acquire(blocking=False)
        except Timeout:
            raise DemoError(
                f"another demo runs in {folder}; stop it, or name another folder with --data-dir"
            ) from None
        except OSError as error:
            raise DemoError(
                f"cannot use the folder {folder}: {error.strerror}; name another one with --data-dir"
            ) from None

    def _claim(self) -> None:
        """Marks a new or empty folder as the demo's; refuses one that holds something else."""
        marker = self.folder / _MARKER
        if marker.is_file():
            return
        if any(self.folder.iterdir()):
            raise DemoError(
                f"the folder {self.folder} is not empty and not made by the demo; name another one with --data-dir"
            )
        marker.write_text("Made by `offline-observer demo`, which may delete what it wrote here.\n")

    def stop_left_over(self) -> bool:
        """Ends what a demo that was killed has left running. True when there was something."""
        try:
            marks = [ProcessMark(**mark) for mark in json.loads(self._processes.read_text())]
        except (OSError, ValueError, TypeError):
            return False
        # Every one of them, not only up to the first that runs.
        stopped = [stop_session(mark, _STOP_SECONDS) for mark in reversed(marks)]
        self._processes.unlink(missing_ok=True)
        return any(stopped)

    def clear(self) -> None:
        """Removes what earlier demos wrote; nothing else that may be in the folder.

        Raises:
            DemoError: An observer still owns the journal.
        """
        # The lock's file stays: an owner that has it open would not see another one.
        lock = FileLock(f"{self.journal.resolve()}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise DemoError(f"an observer still uses the journal {self.journal}; stop it first") from None
        try:
            for path in (self.kafka, self.elasticsearch, self.jobs, self.checkpoint.parent):
                shutil.rmtree(path, ignore_errors=True)
            for suffix in ("", "-wal", "-shm"):
                self.journal.with_name(self.journal.name + suffix).unlink(missing_ok=True)
        finally:
            lock.release()

    def add(self, child: ChildProcess) -> None:
        """Remembers a child, on disk too: the next demo ends it if this one cannot."""
        self._children.append(child)
        partial = self._processes.with_suffix(".tmp")
        marks = [{"pid": c.mark.pid, "created": c.mark.created} for c in self._children]
        partial.write_text(json.dumps(marks))
        os.replace(partial, self._processes)  # noqa: PTH105 - atomic, also over an existing file

    @property
    def has_children(self) -> bool:
        """Whether there is something to stop."""
        return bool(self._children)

    def stop_all(self) -> None:
        """Ends all children, the one that was started last first, and gives the folder up."""
        for child in reversed(self._children):
            child.stop(_STOP_SECONDS)
        self._children.clear()
        self._processes.unlink(missing_ok=True)
        self._lock.release()
