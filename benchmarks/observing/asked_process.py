"""A process that is asked, over a Unix socket, and answers."""

import json
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Client, Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offline_observer.demo.process import ChildProcess

_START_SECONDS = 120.0
_RUN_SECONDS = 600.0
_POLL_SECONDS = 0.05


class AskedProcess:
    """Starts the process at the first request.

    Args:
        name: What it is, for messages.
        begin: Starts it, with a folder of its own and the socket that it is to listen at.
    """

    def __init__(self, name: str, begin: Callable[[Path, Path], ChildProcess]) -> None:
        self._name = name
        self._begin = begin
        self._folder: TemporaryDirectory[str] | None = None
        self._process: ChildProcess | None = None
        self._connection: Connection[Any, Any] | None = None

    @property
    def pid(self) -> int | None:
        """Its id; None when it was not started, or is closed."""
        return self._process.mark.pid if self._process else None

    def start(self) -> None:
        """Starts it, unless it runs."""
        if self._connection is not None:
            return
        self._folder = TemporaryDirectory(prefix="asked-")
        folder = Path(self._folder.name)
        socket = folder / "socket"
        self._process = self._begin(folder, socket)
        deadline = time.monotonic() + _START_SECONDS
        while self._connection is None:
            self._expect_running(self._process, deadline)
            try:
                self._connection = Client(str(socket), "AF_UNIX")
            except OSError:
                time.sleep(_POLL_SECONDS)

    def ask(self, request: Mapping[str, object], seconds: float = _RUN_SECONDS) -> Mapping[str, Any]:
        """Has a request answered; its `job` names it in messages.

        Raises:
            RuntimeError: It failed.
            TimeoutError: It did not end in time.
        """
        if self._connection is None or self._process is None:
            raise RuntimeError(f"the {self._name} was not started")
        self._connection.send_bytes(json.dumps(request).encode())
        deadline = time.monotonic() + seconds
        while not self._connection.poll(_POLL_SECONDS):
            self._expect_running(self._process, deadline)
        try:
            answer: Mapping[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise self._process.died() from None
        if "error" in answer:
            raise RuntimeError(f"{self._name}, job {request['job']}: {answer['error']}")
        return answer

    def _expect_running(self, process: ChildProcess, deadline: float) -> None:
        if not process.running:
            raise process.died()
        if time.monotonic() > deadline:
            raise TimeoutError(f"the {self._name} does not answer; the end of its log:\n{process.tail()}")

    def close(self) -> None:
        """Ends it; a second call does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.stop(10)
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
