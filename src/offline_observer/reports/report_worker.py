"""The process that makes reports, seen from the observer: none of its faults is the observer's."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        if self._is_closed:
            return
        ours, theirs = socket.socketpair()
        with theirs:
            # No process of `multiprocessing`: what its libraries leave behind when it is killed is not ours to clear up.
            process = subprocess.Popen(  # noqa: S603 - this program
                [sys.executable, "-m", report_process.__name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
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
                raise ReportError("the observer was stopped")
            if self._running is None or not self._running.is_alive:
                self._end()
                self._start()
            if not self._is_ready:
                self._answer(_START_SECONDS, stop, "load its libraries")
                self._is_ready = True
            self._send(task, seconds, stop)
            made = self._answer(seconds, stop, "make the report")
            if not isinstance(made, MadeReport):
                self._end()
                raise ReportError(
                    "fault in this program: the process that makes reports answered something else"
                )
            if made.resident_bytes > self._largest_bytes:
                self._end()
                self._start()
            return made

    def _send(self, task: ReportTask, seconds: float, stop: Stop) -> None:
        with self._or_lost() as connection:
            # A process that hangs takes nothing, and so what is sent to it has no end.
            part: Part[None] = Part("sending")
            part.start(lambda: connection.send(task))
            try:
                part.result(seconds, stop)
            except TookTooLongError:
                self._end()
                if stop.is_set():
                    raise ReportError("the observer was stopped") from None
                self._start()
                raise ReportError(
                    f"the process that makes reports did not take the records within {seconds:g} s"
                ) from None

    def _answer(self, seconds: float, stop: Stop, what: str) -> object:
        last = time.monotonic() + seconds
        with self._or_lost() as connection:
            while not connection.poll(_LOOK_SECONDS):
                if stop.is_set() or self._is_closed:
                    self._end()
                    raise ReportError("the observer was stopped")
                if time.monotonic() > last:
                    self._end()
                    self._start()
                    raise ReportError(f"the process that makes reports did not {what} within {seconds:g} s")
            answer = connection.recv()
        if isinstance(answer, Failed):
            # A new one knows nothing of what has gone wrong.
            self._end()
            self._start()
            raise ReportError(answer.reason)
        return answer

    @contextmanager
    def _or_lost(self) -> Iterator[Connection]:
        """The connection; what breaks it becomes a sentence."""
        if self._running is None:
            raise ReportError("there is no process that makes reports")
        try:
            yield self._running.connection
        except (EOFError, OSError):
            code = self._end(patience=_STOP_SECONDS)
            self._start()
            raise ReportError(
                OUT_OF_MEMORY
                if code == OUT_OF_MEMORY_CODE
                else f"the process that makes reports {_how_ended(code)}"
            ) from None

    def _end(self, patience: float = 0.0) -> int | None:
        """Ends the process, if there is one; returns the code that it has ended with by itself, within some seconds."""
        running, self._running = self._running, None
        if running is None:
            return None
        code = running.join(patience)
        if code is None:
            running.process.kill()
            running.join(_STOP_SECONDS)
        running.connection.close()
        return code

    def close(self) -> None:
        """Ends the process. There is nothing in it that could be lost."""
        self._is_closed = True
        running = self._running
        if running is not None:
            running.process.kill()
            running.join(_STOP_SECONDS)
        # Who waits for a report has seen by now that there will be none.
        if self._turn.acquire(timeout=_STOP_SECONDS):
            self._end()
            self._turn.release()


def _how_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"has ended (exit code {code})" if code else "has ended"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + ("; was there too little memory?" if -code == signal.SIGKILL else "")
