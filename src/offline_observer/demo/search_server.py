"""A real search server, Elasticsearch or OpenSearch: one node that listens on the loopback interface only."""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from offline_observer.demo.java import Java
from offline_observer.demo.ports import LOOPBACK, is_free
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.search_program import SearchProgram, check_java
from offline_observer.errors import DemoError
from offline_observer.stop import Stop

Setting = str | int | bool
"""A value of a setting, as the server's configuration takes it."""

_START_SECONDS = 120.0
_ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.05
_JVM_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Without it a server out of heap hangs, alive.
    "-XX:+ExitOnOutOfMemoryError",
    # The node itself ends what it logs, when it has closed.
    "-Dlog4j.shutdownHookEnabled=false",
)
# From this Java on, what is usual to Lucene and Netty is warned of at length, and hides the log's end.
_WARNING_JAVA = 24
_JVM_PERMISSIONS = ("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
_SINGLE_NODE: Mapping[str, Setting] = {
    "cluster.name": "offline-observer",
    "node.name": "node",
    "discovery.type": "single-node",
    "http.host": LOOPBACK,
    "transport.host": LOOPBACK,
    "transport.port": 0,
    # Where it listens is written to a file.
    "node.portsfile": True,
    "node.processors": 1,
    # A disk that others have filled up to 95 % would make every index read-only.
    "cluster.routing.allocation.disk.threshold_enabled": False,
}


class SearchServer:
    """The server. Its data outlive it: started again in the same folder, it goes on.

    Args:
        folder: For its configuration, data and log.
        port: Where it listens; 0: on a free port, which it takes at its first start and keeps.
        java: The Java to run it.
        program: The server to run.
        settings: Settings on top of its own.
        heap: Its largest heap, as Java takes it. 256 MB holds some hundred indices.
        options: Java options on top of its own.

    Raises:
        DemoError: The Java is too old for it.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        java: Java,
        program: SearchProgram,
        settings: Mapping[str, Setting] | None = None,
        *,
        heap: str = "256m",
        options: Sequence[str] = (),
    ) -> None:
        check_java(program.release, java)
        self.release = program.release
        # It is started in its folder, and would look for a relative path from there.
        self._folder = folder.absolute()
        self._port = port
        self._java = java
        self._program = program
        self._settings = dict(settings or {})
        self._heap = heap
        self._options = tuple(options)
        self._process: ChildProcess | None = None

    @property
    def process(self) -> ChildProcess:
        """The running process."""
        if self._process is None:
            raise DemoError(f"{self.release.name} is not running")
        return self._process

    @property
    def port(self) -> int:
        """Where it listens."""
        if not self._port:
            raise DemoError(f"{self.release.name} has no port before it was started")
        return self._port

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(
        self, started: Callable[[ChildProcess], None] = lambda _: None, stop: Stop | None = None
    ) -> None:
        """Starts it and waits until it answers and what is in it can be read.

        Args:
            started: Told of the process as soon as there is one.
            stop: Ends the waiting, when it is set.

        Raises:
            DemoError: It runs already, its port is taken, it ended, or it was not ready in time; the message has the
                end of its log.
        """
        if self._process is not None and self._process.running:
            raise DemoError(f"{self.release.name} is already running in {self._folder}")
        if self._port and not is_free(self._port):
            raise DemoError(
                f"port {self._port} on {LOOPBACK} is taken, and {self.release.name} cannot listen there; stop what "
                "does, or name another port"
            )
        self._write_config()
        log = self._folder / "server.log"
        name = f"{self.release.name} server"
        self._process = ChildProcess(name, self._command(), log, os.environ, self._folder)
        started(self._process)
        self._wait_until_ready(stop or Stop())

    @property
    def _ports_file(self) -> Path:
        return self._folder / "logs" / "http.ports"

    def _write_config(self) -> None:
        settings = {
            **_SINGLE_NODE,
            "http.port": self._port,
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._ports_file.parent),
            **self._settings,
        }
        config = self._folder / "config" / self.release.configuration
        try:
            config.parent.mkdir(parents=True, exist_ok=True)
            self._ports_file.parent.mkdir(exist_ok=True)
            # JSON is YAML.
            config.write_text(json.dumps(settings, indent=2))
            # That of an earlier start would be taken for this one's.
            self._ports_file.unlink(missing_ok=True)
        except OSError as error:
            raise DemoError(f"cannot write to {self._folder}: {error.strerror}") from None

    def _command(self) -> list[str]:
        class_path = os.pathsep.join(str(path) for path in self._program.class_path)
        permissions = _JVM_PERMISSIONS if self._java.version >= _WARNING_JAVA else ()
        return [
            *(str(self._java.executable), f"-Xmx{self._heap}", *_JVM_OPTIONS, *permissions, *self._options),
            *("-cp", class_path, self.release.main, str(self._folder), str(self._program.modules)),
        ]

    def _wait_until_ready(self, stop: Stop) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and not stop.is_set():
            if not self.process.running:
                raise self.process.died()
            if self._is_ready():
                return
            time.sleep(_POLL_SECONDS)
        if stop.is_set():
            return
        raise DemoError(
            f"{self.release.name} was not ready within {_START_SECONDS:g} s; the end of {self.process.log}:\n"
            f"{self.process.tail()}"
        )

    def _is_ready(self) -> bool:
        """Whether it answers, and has opened all indices that an earlier start has left."""
        try:
            listens = self._ports_file.read_text().split()
        except FileNotFoundError:
            return False
        self._port = int(listens[0].rpartition(":")[2])
        connection = HTTPConnection(LOOPBACK, self._port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
            return connection.getresponse().status == 200  # noqa: PLR2004 - OK; 408 when it has to wait longer
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def stop(self, seconds: float = 10.0) -> None:
        """Stops it, if it runs: what it was told is written down."""
        if self._process is not None:
            self._process.stop(seconds)
            self._process = None
