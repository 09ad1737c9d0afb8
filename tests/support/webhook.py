"""A receiver of messages that can be away, refuse, or hang."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """A receiver on this machine.

    Attributes:
        port: Its port, the same whenever it comes back.
        status: What it answers.
        hang: Seconds that it takes to answer.
        received: The messages that it has taken.
        asked: How many requests came, of whatever kind.
        paths: The paths of the requests.
        logins: Their headers with a user and a password; None without.
    """

    port: int = 0
    status: int = 200
    hang: float = 0.0
    received: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    paths: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/hunter2-path"

    def titles(self) -> list[str]:
        return [one["title"] for one in self.received]

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                receiver.asked += 1
                receiver.paths.append(self.path)
                receiver.logins.append(self.headers.get("Authorization"))
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if receiver.hang:
                    time.sleep(receiver.hang)
                if body and receiver.status == 200 and not receiver.hang:
                    receiver.received.append(json.loads(body))
                try:
                    self.send_response(receiver.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    return

            do_POST = do_GET = _answer  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:
                del request, client_address

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Its port is closed."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    made.start()
    try:
        yield made
    finally:
        made.stop()
