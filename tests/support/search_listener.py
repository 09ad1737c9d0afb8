"""The listener of a proxy in front of a search server: connections, and what becomes of their requests."""

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from offline_observer.demo.ports import LOOPBACK
from support.search_faults import Answer, Cut, Delay, Fault, Faults

_TARGET_SECONDS = 60
# Of one connection, not of what is asked; the body's length is written anew.
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "host",
    "authorization",
    "date",
}


@dataclass(frozen=True)
class Asked:
    """A request that came, and what the client was told; `status` is None when it was told nothing."""

    method: str
    path: str
    size: int
    status: int | None

    @property
    def is_bulk(self) -> bool:
        return self.path.partition("?")[0].endswith("/_bulk")


@dataclass
class Rules:
    """What becomes of requests; it may change at any time.

    Attributes:
        target: The server's address; nothing need be there.
        asked: What was asked.
        largest: Bytes that a request's body may have; more is answered with 413.
        authorization: The header that a request must have; others are answered with 401.
        faults: What is to happen to the next requests.
    """

    target: str
    asked: list[Asked] = field(default_factory=list)
    largest: int | None = None
    authorization: str | None = None
    faults: Faults = field(default_factory=Faults)

    def refused(self, authorization: str | None, size: int) -> Answer | None:
        """The answer to a request that the server is not to see."""
        if self.authorization is not None and authorization != self.authorization:
            said = '{"error": {"type": "security_exception", "reason": "%s"}, "status": 401}'
            reason = (
                "missing authentication credentials" if authorization is None else "unable to authenticate"
            )
            return Answer(1, "", 401, said % reason, {"WWW-Authenticate": 'Basic realm="security", ApiKey'})
        if self.largest is not None and size > self.largest:
            # As the servers say it: without a word.
            return Answer(1, "", 413, "", {})
        return None


class Listener(ThreadingHTTPServer):
    """The listener, with the connections that it has open."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, rules: Rules, port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.rules = rules
        self.stopping = threading.Event()
        self.open: set[socket.socket] = set()
        if tls is not None:
            # The handshake is for the connection's own thread.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self.open):
            _cut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of clients that go away or do not trust the certificate."""


def _cut(connection: socket.socket) -> None:
    # The other side may be quicker.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        rules = self.server.rules
        body = self._body()
        fault = rules.faults.take(self.path)
        if isinstance(fault, Delay) and self.server.stopping.wait(fault.seconds):
            self._end(len(body))
            return
        answer = fault if isinstance(fault, Answer) else None
        answer = answer or rules.refused(self.headers.get("Authorization"), len(body))
        if isinstance(fault, Cut) and fault.where == "before":
            self._end(len(body))
        elif answer:
            self._answer(answer.status, answer.headers, answer.body.encode(), len(body))
        else:
            self._forward(body, fault)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forward(self, body: bytes, fault: Fault | None) -> None:
        target = urlsplit(self.server.rules.target)
        connection = HTTPConnection(target.hostname or "", target.port, timeout=_TARGET_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            self._answer(HTTPStatus.BAD_GATEWAY, {}, b"", len(body))
            return
        finally:
            connection.close()
        if isinstance(fault, Cut) and fault.where == "after":
            self._end(len(body))
        elif isinstance(fault, Cut):
            self._headers(answer.status, _kept(answer), len(content))
            self.wfile.write(content[: len(content) // 2])
            self._end(len(body))
        else:
            self._answer(answer.status, _kept(answer), content, len(body))

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes, size: int) -> None:
        self.server.rules.asked.append(Asked(self.command, self.path, size, status))
        self._headers(status, headers, len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _headers(self, status: int, headers: Mapping[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _end(self, size: int) -> None:
        self.server.rules.asked.append(Asked(self.command, self.path, size, None))
        self.close_connection = True
        _cut(self.connection)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _kept(answer: HTTPResponse) -> dict[str, str]:
    return {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
