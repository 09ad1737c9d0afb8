"""The server of the observer's own web address, in a thread of its own."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Any

from waitress.server import create_server

from offline_observer.errors import WebError

_THREADS = 4
_CLOSE_SECONDS = 1.0
# What is asked here is short. A body is taken in before anybody knows who sends it.
_MOST_BODY_BYTES = 256 * 1024
_MOST_HEADER_BYTES = 64 * 1024
# There are a hundred connections: those on which nothing comes must not keep others out for long.
_SILENT_SECONDS = 15
_LOOK_SECONDS = 5

# What goes wrong with a request goes into its answer.
logging.getLogger("waitress").addHandler(logging.NullHandler())
logging.getLogger("waitress").propagate = False


class WebServer:
    """A server.

    Args:
        application: The WSGI application.
        host: The address that it listens on.
        port: The port; 0 for any that is free.

    Raises:
        WebError: It cannot listen there.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], host: str, port: int) -> None:
        try:
            self._server: Any = create_server(
                application,
                host=host,
                port=port,
                threads=_THREADS,
                ident=None,
                clear_untrusted_proxy_headers=True,
                max_request_body_size=_MOST_BODY_BYTES,
                max_request_header_size=_MOST_HEADER_BYTES,
                channel_timeout=_SILENT_SECONDS,
                cleanup_interval=_LOOK_SECONDS,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise WebError(
                f"cannot listen on {host}:{port}: {reason}; name another address or port (dashboard in the configuration)"
            ) from None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{_port(self._server)}"
        self._thread = Thread(target=self._run, name="web", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        # When it is closed meanwhile its sockets are gone.
        with suppress(OSError, ValueError):
            self._server.run()

    def close(self) -> None:
        """Ends it."""
        self._server.close()
        with suppress(OSError, ValueError):
            self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)


def _port(server: object) -> int:
    """The port that it listens on; a name that stands for several addresses has one on each."""
    several = getattr(server, "effective_listen", None)
    return int(several[0][1] if several else getattr(server, "effective_port", 0))
