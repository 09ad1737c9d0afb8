"""A small HTTP proxy in front of a search server: it asks for a login, speaks TLS, and fails as it is told to."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import trustme

from offline_observer.demo.ports import LOOPBACK
from support.search_faults import Answer, Cut, Delay, Where
from support.search_listener import Listener, Rules


class SearchProxy(Rules):
    """The proxy. It can be stopped and started again, on the same port.

    Args:
        target: The server's address.
        certificates: A folder for the authority's certificate, `ca.pem`; without one it speaks no TLS.
        port: Where it listens; 0: on a free port, which it keeps.
    """

    def __init__(self, target: str, *, certificates: Path | None = None, port: int = 0) -> None:
        super().__init__(target)
        self._port = port
        self._server: Listener | None = None
        self._tls = _tls(certificates) if certificates else None

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://{LOOPBACK}:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server = Listener(self, self._port, self._tls)
        self._port = self._server.server_port

    def stop(self) -> None:
        """Closes the port, and the connections that are open."""
        if self._server:
            self._server.stop()
            self._server = None

    def require_api_key(self, key: str) -> None:
        """Answers 401 to all that do not bring it: as a server gives it out, encoded."""
        self.authorization = f"ApiKey {key}"

    def require_login(self, user: str, password: str) -> None:
        self.authorization = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

    def require_nothing(self) -> None:
        self.authorization = None

    def answer_next(
        self,
        count: int,
        status: int,
        body: str = "",
        *,
        path: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answers so many requests in place of the server, of those that have this in their path."""
        self.faults.add(Answer(count, path, status, body, dict(headers or {})))

    def cut_next(self, count: int, where: Where, *, path: str = "") -> None:
        """Cuts the connection of so many requests: `before` the server is asked, `after` it has done what was
        asked, or in the `middle` of its answer.
        """
        self.faults.add(Cut(count, path, where))

    def delay_next(self, count: int, seconds: float, *, path: str = "") -> None:
        """Lets so many requests wait before the server is asked."""
        self.faults.add(Delay(count, path, seconds))

    def behave(self) -> None:
        """Forgets the faults that have not happened yet."""
        self.faults.clear()

    def forget(self) -> None:
        """Counts from here on."""
        self.asked.clear()

    @property
    def bulk_sizes(self) -> list[int]:
        """Bytes of each bulk request, as they came."""
        return [asked.size for asked in self.asked if asked.is_bulk]


def _tls(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(LOOPBACK, "localhost").configure_cert(context)
    return context
