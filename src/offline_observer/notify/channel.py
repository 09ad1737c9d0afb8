"""A channel: one URL that Apprise knows how to bring a message to.

Apprise (https://appriseit.com) says only whether it worked. The reason is taken from what it logs, and a log may hold the URL,
which is a secret: what is handed on holds no part of it.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

import apprise

from offline_observer.errors import ObserverError

# What libraries under Apprise say goes nowhere: without a handler Python would print their warnings.
_SILENT = (
    "apprise",
    "markdown",
    "requests",
    "urllib3",
    "asyncio",
    "httpx",
    "httpcore",
    "oauthlib",
    "requests_oauthlib",
)
# Shorter parts of a URL are words that may stand in any text.
_LEAST_SECRET = 4
_LONGEST_REASON = 300
# A workflow of Teams takes 28 KB, more than any message has; Apprise knows of 1,000 characters.
_TAKES_MORE = frozenset({"NotifyWorkflows"})
_TYPES = {
    "info": apprise.NotifyType.INFO,
    "warn": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}


class DeliveryError(ObserverError):
    """A message did not arrive."""


def is_usable(url: str) -> bool:
    """Whether Apprise can make anything of a URL."""
    with _log_of_this_thread():
        return bool(url.strip()) and apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


class Channel:
    """A channel.

    Args:
        name: Its name in the configuration.
        url: Where to; a secret.

    Raises:
        ValueError: Apprise can make nothing of the URL.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._secrets = secret_parts(url)
        with _log_of_this_thread():
            service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
        if service is None:
            raise ValueError(f"the URL of the channel {name} is none that Apprise can make anything of")
        # As `?format=text` in the URL: else a service takes a text for what it likes best, HTML in an e-mail, say. The service
        # itself is called, and not through an `Apprise`, whose threads would keep the program from its end.
        service.notify_format = apprise.NotifyFormat.TEXT
        # What is longer than a service takes it refuses, today as tomorrow, and all that comes after would wait for that.
        if (
            service.overflow_mode is apprise.OverflowMode.UPSTREAM
            and type(service).__name__ not in _TAKES_MORE
        ):
            service.overflow_mode = apprise.OverflowMode.TRUNCATE
        self._service = service

    def send(self, title: str, body: str, kind: str, severity: str) -> None:
        """Brings a message there.

        Args:
            title: One line.
            body: The text.
            kind: `firing`, `resolved`, `reminder` or `test`.
            severity: `info`, `warn` or `critical`; marks the message where the channel has marks.

        Raises:
            DeliveryError: It did not arrive, with the reason.
        """
        mark = (
            apprise.NotifyType.SUCCESS
            if kind == "resolved"
            else _TYPES.get(severity, apprise.NotifyType.INFO)
        )
        with _log_of_this_thread() as said:
            try:
                arrived = self._service.notify(
                    body=body, title=title, notify_type=mark, body_format=apprise.NotifyFormat.TEXT
                )
            except Exception as error:  # noqa: BLE001 - one of a hundred services' own errors
                said.append(f"{type(error).__name__}: {error}")
                arrived = False
        if not arrived:
            reason = " ".join(said) or "it does not say why"
            raise DeliveryError(self._cleaned(reason))

    def _cleaned(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        text = re.sub(r"\w+://\S+", "…", text)
        text = " ".join("".join(one if one.isprintable() else " " for one in text).split()).rstrip(".")
        return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def secret_parts(url: str) -> tuple[str, ...]:
    """What must not be told of a URL: all but its scheme and, for what has a path or a user, its host; the longest first."""
    parts = re.split(r"://", url, maxsplit=1)
    rest = parts[-1]
    found = {url, rest}
    for text in (rest, unquote(rest)):
        found.update(re.split(r"[/?&=@:,;#]+", text))
    # A part may be told as it was meant, with what ends parts within it, and with that written in other ways.
    for part in tuple(found):
        for text in (unquote(part), unquote_plus(part)):
            found.update((text, repr(text)[1:-1], quote(text), quote(text, safe=""), quote_plus(text)))
    host = _host(url)
    return tuple(
        sorted((one for one in found if len(one) >= _LEAST_SECRET and one != host), key=len, reverse=True)
    )


def _host(url: str) -> str | None:
    """The host, where it is one: a token may stand in its place, as in `slack://TOKEN/…`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    is_plain = parts.scheme.lower() in (
        "http",
        "https",
        "json",
        "jsons",
        "xml",
        "xmls",
        "form",
        "forms",
        "mailto",
        "mailtos",
    )
    return host if is_plain else None


class _OfThisThread(logging.Handler):
    """Keeps what one thread says in warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a sentence."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())


class _NotWhileSending(logging.Filter):
    """Lets nothing through that a thread says which is busy with a channel: urllib3 names the path of each request."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a sentence is somebody else's."""
        return record.thread not in self.threads


_NOT_WHILE_SENDING = _NotWhileSending()


def _others() -> Iterator[logging.Logger]:
    """The loggers of the libraries under Apprise. A filter counts for its own logger alone, and not for those below it."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in _SILENT and name != "apprise":
            yield logger


@contextmanager
def _log_of_this_thread() -> Iterator[list[str]]:
    """What Apprise says meanwhile in this thread. Nothing of it goes anywhere else."""
    for name in _SILENT:
        logger = logging.getLogger(name)
        if not any(isinstance(one, logging.NullHandler) for one in logger.handlers):
            logger.addHandler(logging.NullHandler())
    logger = logging.getLogger("apprise")
    logger.propagate = False
    handler = _OfThisThread()
    logger.addHandler(handler)
    for other in _others():
        other.addFilter(_NOT_WHILE_SENDING)
    _NOT_WHILE_SENDING.threads.add(threading.get_ident())
    try:
        yield handler.said
    finally:
        _NOT_WHILE_SENDING.threads.discard(threading.get_ident())
        logger.removeHandler(handler)
