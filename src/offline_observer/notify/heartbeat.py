"""Calls a URL after each tick that was written: who is called there misses an observer that has died."""

from base64 import b64encode
from http import HTTPStatus
from threading import Condition, Thread
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from offline_observer import __version__

_TIMEOUT_SECONDS = 10.0


class Heartbeat:
    """The thread that calls. A call that is slow or fails delays nothing: at most one waits.

    Args:
        url: An http or https URL; a secret, but for its host.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._condition = Condition()
        self._is_due = False
        self._is_closed = False
        self._problem: str | None = None
        # A daemon: a call that hangs does not keep the process alive.
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    @property
    def problem(self) -> str | None:
        """What is wrong; None when the last call was answered well."""
        return self._problem

    def start(self) -> None:
        """Begins to wait for ticks."""
        self._thread.start()

    def beat(self) -> None:
        """A tick was written."""
        with self._condition:
            self._is_due = True
            self._condition.notify()

    def close(self, seconds: float) -> None:
        """Ends it; what is under way has so long."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._is_due and not self._is_closed:
                    self._condition.wait()
                if not self._is_due:
                    return
                self._is_due = False
            reason = self._call()
            self._problem = None if reason is None else f"the heartbeat at {self._host} fails: {reason}"
            if self._is_closed:
                return

    def _call(self) -> str | None:
        """Why the call failed; None when it did not. No part of the URL is in it."""
        try:
            address, login = _without_login(self._url)
            request = Request(address, headers={"User-Agent": f"offline-observer/{__version__}"})  # noqa: S310 - http or https by the configuration
            if login is not None:
                # Not for where the call is sent on to.
                request.add_unredirected_header("Authorization", login)
            with urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310 - likewise
                return None
        except HTTPError as error:
            error.close()
            phrase = HTTPStatus(error.code).phrase if error.code in set(HTTPStatus) else ""
            return f"HTTP {error.code} {phrase}".strip()
        except URLError as error:
            reason = error.reason
            if isinstance(reason, TimeoutError):
                return f"no answer in {_TIMEOUT_SECONDS:.0f} s"
            return (reason.strerror or type(reason).__name__) if isinstance(reason, OSError) else "no answer"
        except TimeoutError:
            return f"no answer in {_TIMEOUT_SECONDS:.0f} s"
        except Exception as error:  # noqa: BLE001 - of whatever kind: it must not end the thread
            return type(error).__name__


def _without_login(url: str) -> tuple[str, str | None]:
    """A URL without its user and password, and the header that brings them: urllib would take them for a part of the host."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = login.partition(":")
    token = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")
    return urlunsplit(parts._replace(netloc=host)), f"Basic {token}"
