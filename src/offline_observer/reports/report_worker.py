"""The process that makes reports, seen from the observer: none of its faults is the observer's."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from typing import NamedTuple

from offline_observer.errors import ReportError, TookTooLongError
from offline_observer.part import Part
from offline_observer.reports import report_process
from offline_observer.reports.report_process import OUT_OF_MEMORY, OUT_OF_MEMORY_CODE, Failed
from offline_observer.reports.report_task import MadeReport, ReportTask
from offline_observer.stop import Stop

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 2.0
# What the libraries take until they are there is not the report's time.
_START_SECONDS = 120.0
# A process that has become larger is replaced by a new one: what grows, grows on.
_LARGEST_BYTES = 1_500_000_000
_STOPPED = "the observer was stopped"


class _LostError(ReportError):
    """The process has ended by itself."""


class _Process(NamedTuple):
    process: "subprocess.Popen[bytes]"
    connection: Connection

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def join(self, seconds: float) -> int | None:
        """Waits for its end; returns the code that it ended with, None when it goes on."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode


class ReportWorker:
    """One long-lived process that makes one report at a time.

    It is started at once, because its libraries take seconds to load, and started anew when it has ended, hangs, or has
    grown.

    Args:
        largest_bytes: With more resident memory than this it is replaced.
    """

    def __init__(self, largest_bytes: int = _LARGEST_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._turn = Lock()
        # No process is started once it is closed.
        self._change = Lock()
        self._is_closed = False
        self._is_ready = False
        self._running: _Process | None = None
        self._start()

    @property
    def pid(self) -> int | None:
        """The process's id; None when there is none."""
        running = self._running
        return running.process.pid if running else None

    def _start(self) -> None:
        with self._change:
            if self._is_closed:
                return
            ours, theirs = socket.socketpair()
            with theirs:
                # None of `multiprocessing`: that would run the script again that has started this program, and complain
                # about what libraries leave behind in a process that is killed.
                process = subprocess.Popen(  # noqa: S603 - this program
                    [sys.executable, "-m", report_process.__name__, str(theirs.fileno()), str(os.getpid())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    # Ctrl-C goes to the terminal's own group; who started this one says when to end.
                    process_group=0,
                )
            self._running = _Process(process, Connection(ours.detach()))
            self._is_ready = False

    def make(self, task: ReportTask, seconds: float, stop: Stop) -> MadeReport:
        """Makes a report. Who comes while another one is made waits.

        Args:
            task: What it is made of.
            seconds: How long it may take.
            stop: When it is set, waiting ends.

        Raises:
            ReportError: It could not be made; the message says why. The next one can.
        """
        with self._turn:
            if self._is_closed:
                raise ReportError(_STOPPED)
            if self._running is None or not self._running.is_alive:
                self._end()
                self._start()
            self._get_ready(stop)
            made = self._answer(task, seconds, stop, "make the report")
            if not isinstance(made, MadeReport):
                self._end()
                raise ReportError(
                    "fault in this program: the process that makes reports answered something else"
                )
            if made.resident_bytes > self._largest_bytes:
                self._end()
                self._start()
            return made

    def _get_ready(self, stop: Stop) -> None:
        """Waits until the libraries are there. A process that is lost before it has a task is replaced, once."""
        if self._is_ready and self._running is not None and self._running.connection.poll():
            self._end()  # nothing was asked of it, so this is its end
            self._start()
        for is_last in (False, True):
            if self._is_ready:
                return
            try:
                self._answer(None, _START_SECONDS, stop, "load its libraries")
                self._is_ready = True
            except _LostError:
                if is_last:
                    raise

    def _answer(self, task: ReportTask | None, seconds: float, stop: Stop, what: str) -> object:
        """What the process answers, to a task if there is one."""
        if self._running is None:
            raise ReportError("there is no process that makes reports")
        connection = self._running.connection
        last = time.monotonic() + seconds
        # In a thread: a process that hangs takes nothing out of a pipe that is full, and may stop in an answer's midst.
        part: Part[object] = Part("waiting for the process that makes reports")
        part.start(lambda: _exchange(connection, task))
        try:
            while (answer := _within(part, stop)) is None:
                if stop.is_set() or self._is_closed:
                    self._end()
                    raise ReportError(_STOPPED)
                if time.monotonic() > last:
                    self._end()
                    self._start()
                    raise ReportError(f"the process that makes reports did not {what} within {seconds:g} s")
        except (EOFError, OSError):
            code = self._end(patience=_STOP_SECONDS)
            self._start()
            if self._is_closed:
                raise ReportError(_STOPPED) from None
            if code == OUT_OF_MEMORY_CODE:
                raise ReportError(OUT_OF_MEMORY) from None
            raise _LostError(f"the process that makes reports {_how_ended(code)}") from None
        if isinstance(answer, Failed):
            # A new one knows nothing of what has gone wrong.
            self._end()
            self._start()
            raise ReportError(answer.reason)
        return answer

    def _end(self, patience: float = 0.0) -> int | None:
        """Ends the process, if there is one; returns the code that it has ended with by itself, within some seconds."""
        running, self._running = self._running, None
        if running is None:
            return None
        # The connection is closed with the last reference to it: another thread may still be at it.
        code = running.join(patience)
        if code is None:
            running.process.kill()
            running.join(_STOP_SECONDS)
        return code

    def close(self) -> None:
        """Ends the process. There is nothing in it that could be lost."""
        with self._change:
            self._is_closed = True
            running = self._running
        if running is not None:
            running.process.kill()
            running.join(_STOP_SECONDS)


def _exchange(connection: Connection, task: ReportTask | None) -> object:
    if task is not None:
        connection.send(task)
    return connection.recv()


def _within(part: Part[object], stop: Stop) -> object | None:
    """The answer; None when it is not there after a moment."""
    try:
        return part.result(_LOOK_SECONDS, stop)
    except TookTooLongError:
        return None


def _how_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"has ended (exit code {code})" if code else "has ended"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + ("; was there too little memory?" if -code == signal.SIGKILL else "")
