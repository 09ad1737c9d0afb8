"""Child processes of the demo: started in a session of their own, found again, and stopped to the last one."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from offline_observer.errors import DemoError

_TAIL_LINES = 15
_POLL_SECONDS = 0.05
_KILL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """What tells a process from another one that got its number later.

    Attributes:
        pid: Process id; of its session as well.
        created: Time of its creation, seconds since the epoch.
    """

    pid: int
    created: float


class ChildProcess:
    """A running child. Its output goes to a file, its terminal signals to nobody: a Ctrl-C is ours alone.

    Args:
        name: What it is, for messages.
        command: Program and arguments.
        log: File for its output.
        environment: Its environment.
        folder: Its working folder.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the demo's own programs
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )
        self.mark = ProcessMark(self._process.pid, psutil.Process(self._process.pid).create_time())

    @property
    def running(self) -> bool:
        """Whether it is alive."""
        return self._process.poll() is None

    def tail(self) -> str:
        """The end of its output."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-_TAIL_LINES:])

    def died(self) -> DemoError:
        """The error that says that it ended on its own."""
        return DemoError(
            f"the {self.name} ended with exit code {self._process.poll()}; the end of {self.log}:\n{self.tail()}"
        )

    def stop(self, seconds: float) -> None:
        """Asks it and all its descendants to end, and ends them when they have not in the given time."""
        stop_session(self.mark, seconds)
        self._process.wait()


def _members(mark: ProcessMark) -> list[psutil.Process]:
    """The processes of a session, by its leader's mark; none when the number belongs to another session now."""
    try:
        if psutil.Process(mark.pid).create_time() != mark.created:
            return []
    except psutil.NoSuchProcess:
        pass  # the leader is gone, but what it started can still be there, in its session
    found = []
    for process in psutil.process_iter():
        try:
            if (
                os.getsid(process.pid) == mark.pid
                and process.create_time() >= mark.created
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it ended while it was looked at
    return found


def stop_session(mark: ProcessMark, seconds: float) -> bool:
    """Ends all processes of a session.

    Args:
        mark: The session's leader.
        seconds: How long they may take before they are killed.

    Returns:
        Whether there was any.
    """
    if not _members(mark):
        return False
    _signal(_members(mark), signal.SIGTERM)
    if _still_there(mark, seconds):
        # Again and again: one may start another while it is looked for.
        while members := _members(mark):
            _signal(members, signal.SIGKILL)
            _still_there(mark, _KILL_SECONDS)
    return True


def _still_there(mark: ProcessMark, seconds: float) -> bool:
    """Waits until a session has no processes (False) or the time is over (True).

    Asked by session, not by process: one whose parent does not take note of its end stays as a zombie for ever.
    """
    deadline = time.monotonic() + seconds
    while _members(mark):
        if time.monotonic() > deadline:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
