"""What is answered to which request, as a WSGI application."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from offline_observer.errors import ObserverError
from offline_observer.web.access import Access
from offline_observer.web.security_headers import NOTHING, security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MOST_PARAMETERS = 50
_TEXT = "text/plain; charset=utf-8"
_CHALLENGES = (
    ("WWW-Authenticate", 'Basic realm="offline-observer", charset="UTF-8"'),
    ("WWW-Authenticate", "Bearer"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer.

    Attributes:
        body: Its bytes.
        content_type: What they are.
        status: The HTTP status.
        policy: Its content security policy.
    """

    body: bytes
    content_type: str = _TEXT
    status: HTTPStatus = HTTPStatus.OK
    policy: str = NOTHING


def text_page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Page:
    """An answer of one sentence."""
    return Page(f"{text}\n".encode(), status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a route is asked.

    Attributes:
        accept: The header `Accept`.
        rest: What comes in the path after the route's own.
        query: The parameters by their names, as they stand in the address.
    """

    accept: str = ""
    rest: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """What answers to a path.

    Attributes:
        page: Makes the answer.
        is_open: It is answered without the token, too: it says nothing of what is observed.
    """

    page: Callable[[Request], Page]
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Another WSGI application, which answers to some paths.

    Attributes:
        run: The application.
        paths: The paths; one that ends with a slash stands for all below it, but `/` for itself alone.
        posted: The paths to which a request may be a POST, which here is a question, too.
        policy: The content security policy of its answers.
    """

    run: "Callable[[], WSGIApplication]"
    paths: tuple[str, ...]
    posted: tuple[str, ...] = ()
    policy: Callable[[], str]


class Site:
    """The application.

    Args:
        routes: By path what answers. A path that ends with a slash stands for all below it, but `/` for itself alone.
        access: Who is answered.
        application: What answers to some paths more.
    """

    def __init__(
        self, routes: Mapping[str, Route], access: Access, application: Application | None = None
    ) -> None:
        self._routes = routes
        self._access = access
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers a request, as WSGI has it."""
        path = environ.get("PATH_INFO", "") or "/"
        other = self._application
        if other is not None and _place(other.paths, path) is not None:
            refusal = self._refusal(environ, is_open=False, may_post=path in other.posted)
            if refusal is None:
                return _of_application(other, environ, start_response)
            return _answered(refusal, environ, start_response)
        return _answered(self._page(environ, path), environ, start_response)

    def _page(self, environ: "WSGIEnvironment", path: str) -> Page:
        place = _place(self._routes, path)
        route = None if place is None else self._routes[place]
        if refusal := self._refusal(environ, is_open=route is not None and route.is_open):
            return refusal
        if route is None or place is None:
            known = sorted({*self._routes, *(("/",) if self._application else ())})
            return text_page(f"there are {', '.join(known)}", HTTPStatus.NOT_FOUND)
        try:
            query = parse_qs(
                environ.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
            )
        except ValueError:
            return text_page("these are too many parameters", HTTPStatus.BAD_REQUEST)
        request = Request(
            accept=environ.get("HTTP_ACCEPT", ""),
            rest=path.removeprefix(place),
            query={name: values[-1] for name, values in query.items()},
        )
        try:
            return route.page(request)
        except ObserverError as error:
            return text_page(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - a request that fails ends nothing
            text = f"fault in this program: {type(error).__name__}: {error}"
            return text_page(text, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _refusal(self, environ: "WSGIEnvironment", *, is_open: bool, may_post: bool = False) -> Page | None:
        """What is answered to a request that is not served; None when it is."""
        if not self._access.knows_host(environ.get("HTTP_HOST", "")):
            return text_page(
                "this is not called by that name; see dashboard.allowed_hosts", HTTPStatus.MISDIRECTED_REQUEST
            )
        method = environ.get("REQUEST_METHOD")
        if method not in ("GET", "HEAD") and not (may_post and method == "POST"):
            return text_page("nothing here can be changed", HTTPStatus.METHOD_NOT_ALLOWED)
        if not is_open and not self._access.has_token(environ.get("HTTP_AUTHORIZATION", "")):
            return text_page(
                "this wants the token: as the password in a browser, or as Authorization: Bearer TOKEN",
                HTTPStatus.UNAUTHORIZED,
            )
        return None


def _place(places: Iterable[str], path: str) -> str | None:
    """The place that stands for a path; None when none does."""
    for place in places:
        if path == place or (len(place) > 1 and place.endswith("/") and path.startswith(place)):
            return place
    return None


def _answered(page: Page, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    headers = [
        ("Content-Type", page.content_type),
        ("Content-Length", str(len(page.body))),
        ("Cache-Control", "no-store"),
        *security_headers(page.policy),
    ]
    if page.status is HTTPStatus.UNAUTHORIZED:
        headers.extend(_CHALLENGES)
    if page.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "GET, HEAD"))
    start_response(f"{page.status.value} {page.status.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [page.body]


def _of_application(
    application: Application, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    """The answer of another application, with the headers of this one."""
    try:
        run = application.run()
        own = security_headers(application.policy())
    except ObserverError as error:
        return _answered(text_page(str(error), HTTPStatus.SERVICE_UNAVAILABLE), environ, start_response)

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - as it comes
        names = {name.lower() for name, _ in own}
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        # What never changes says so itself.
        if not any(name.lower() == "cache-control" for name, _ in kept):
            kept.append(("Cache-Control", "no-store"))
        return start_response(status, [*kept, *own], *more)

    return run(environ, start)
