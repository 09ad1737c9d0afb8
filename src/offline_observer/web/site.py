"""What is answered to which request, as a WSGI application."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from offline_observer.errors import ObserverError
from offline_observer.web.access import Access

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TEXT = "text/plain; charset=utf-8"
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer.

    Attributes:
        body: Its bytes.
        content_type: What they are.
        status: The HTTP status.
    """

    body: bytes
    content_type: str = _TEXT
    status: HTTPStatus = HTTPStatus.OK


def text_page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Page:
    """An answer of one sentence."""
    return Page(f"{text}\n".encode(), status=status)


@dataclass(frozen=True, slots=True)
class Route:
    """What answers to a path.

    Attributes:
        page: Makes the answer, of the request's header `Accept`.
        is_open: It is answered without the token, too: it says nothing of what is observed.
    """

    page: Callable[[str], Page]
    is_open: bool = False


class Site:
    """The application.

    Args:
        routes: By path what answers.
        access: Who is answered.
    """

    def __init__(self, routes: Mapping[str, Route], access: Access) -> None:
        self._routes = routes
        self._access = access

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers a request, as WSGI has it."""
        page = self._page(environ)
        headers = [("Content-Type", page.content_type), ("Content-Length", str(len(page.body))), *_HEADERS]
        if page.status is HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", "Bearer"))
        start_response(f"{page.status.value} {page.status.phrase}", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [page.body]

    def _page(self, environ: "WSGIEnvironment") -> Page:
        route = self._routes.get(environ.get("PATH_INFO", "/"))
        if refusal := self._refusal(environ, is_open=route is not None and route.is_open):
            return refusal
        if route is None:
            return text_page(f"there are {', '.join(sorted(self._routes))}", HTTPStatus.NOT_FOUND)
        try:
            return route.page(environ.get("HTTP_ACCEPT", ""))
        except ObserverError as error:
            return text_page(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - a request that fails ends nothing
            text = f"fault in this program: {type(error).__name__}: {error}"
            return text_page(text, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _refusal(self, environ: "WSGIEnvironment", *, is_open: bool) -> Page | None:
        """What is answered to a request that is not served; None when it is."""
        if not self._access.knows_host(environ.get("HTTP_HOST", "")):
            return text_page(
                "this is not called by that name; see dashboard.allowed_hosts", HTTPStatus.MISDIRECTED_REQUEST
            )
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return text_page("nothing here can be changed", HTTPStatus.METHOD_NOT_ALLOWED)
        if not is_open and not self._access.has_token(environ.get("HTTP_AUTHORIZATION", "")):
            return text_page("this wants a token: Authorization: Bearer TOKEN", HTTPStatus.UNAUTHORIZED)
        return None
