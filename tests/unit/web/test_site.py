import base64
from typing import Any

import pytest

from offline_observer.config.dashboard import Dashboard
from offline_observer.errors import JournalError
from offline_observer.web.access import Access, host_name
from offline_observer.web.site import Application, Page, Request, Route, Site, text_page

TOKEN = "hunter2"  # noqa: S105


def broken(_request: Request) -> Page:
    raise JournalError("the journal is away")


def faulty(_request: Request) -> Page:
    raise KeyError("x")


ROUTES = {
    "/metrics": Route(lambda request: text_page(f"metrics for {request.accept}")),
    "/healthz": Route(lambda _: text_page("ok"), is_open=True),
    "/below/": Route(
        lambda request: text_page(f"{request.rest} {','.join(f'{k}={v}' for k, v in request.query.items())}")
    ),
    "/broken": Route(broken),
    "/faulty": Route(faulty),
}


def ask(
    path: str = "/metrics",
    *,
    token: str | None = None,
    host: str = "localhost:8765",
    method: str = "GET",
    **more: str,
) -> tuple[int, str, dict[str, str]]:
    dashboard = Dashboard.model_validate(
        {"token": token, "allowed_hosts": ["observer.example", "with-port.example:8765"]}
    )
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": host, **more}
    said: list[Any] = []
    body = b"".join(Site(ROUTES, Access(dashboard))(environ, lambda *what: said.append(what)))  # type: ignore[arg-type]
    ((status, headers),) = said
    return int(status.split()[0]), body.decode(), dict(headers)


def test_a_page() -> None:
    status, body, headers = ask(HTTP_ACCEPT="text/plain")
    assert (status, body) == (200, "metrics for text/plain\n")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(body))
    assert ask(method="HEAD")[1] == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(method: str) -> None:
    assert ask(method=method)[0] == 405


def test_what_is_not_there_says_what_is() -> None:
    status, body, _ = ask("/nothing")
    assert status == 404
    assert "/metrics" in body


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8765",
        "[::1]:8765",
        "observer.example:80",
        "with-port.example:80",
        "192.0.2.7:8765",
        "[2001:db8::1]",
    ],
)
def test_names_of_its_own(host: str) -> None:
    assert ask(host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "", "localhost.evil.example", "192.0.2.7.evil.example"]
)
def test_a_name_of_somebody_else_is_not_answered(host: str) -> None:
    assert ask(host=host)[0] == 421
    assert ask("/healthz", host=host)[0] == 421


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def test_a_token() -> None:
    for wrong in (
        "",
        "Bearer",
        "Bearer x",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \udcff",
        "Basic",
        "Basic ****",
        basic(f":{TOKEN}x"),
        basic(TOKEN),
    ):
        status, body, headers = ask(token=TOKEN, HTTP_AUTHORIZATION=wrong)
        assert status == 401
        assert headers["WWW-Authenticate"] == "Bearer"
        assert TOKEN not in body
    assert ask("/nothing", token=TOKEN)[0] == 401, "what there is, is not told either"
    assert ask(token=TOKEN, HTTP_AUTHORIZATION=f"Bearer {TOKEN}")[0] == 200
    assert ask(token=TOKEN, HTTP_AUTHORIZATION=f"bearer  {TOKEN} ")[0] == 200
    # As a browser does, whoever it says that it is.
    for user in ("", "me", "observer"):
        assert ask(token=TOKEN, HTTP_AUTHORIZATION=basic(f"{user}:{TOKEN}"))[0] == 200
    assert ask("/healthz", token=TOKEN)[0] == 200, "open to whoever looks after it"


def test_a_token_may_have_any_characters() -> None:
    token = "pässwort"  # noqa: S105
    as_wsgi_has_it = token.encode().decode("latin-1")
    assert ask(token=token, HTTP_AUTHORIZATION=f"Bearer {as_wsgi_has_it}")[0] == 200
    assert ask(token=token, HTTP_AUTHORIZATION=basic(f":{token}"))[0] == 200


def test_what_goes_wrong_is_an_answer() -> None:
    assert ask("/broken")[:2] == (503, "the journal is away\n")
    assert ask("/faulty")[:2] == (500, "fault in this program: KeyError: 'x'\n")


def test_host_names() -> None:
    assert [host_name(one) for one in ("A:1", "a", "[::1]:80", "::1", " b:2 ")] == [
        "a",
        "a",
        "::1",
        "::1",
        "b",
    ]


def test_a_path_that_ends_with_a_slash_stands_for_all_below_it() -> None:
    assert ask("/below/a/b.html")[:2] == (200, "a/b.html \n")
    assert ask("/below/a", QUERY_STRING="x=1&x=2&y=")[1] == "a x=2,y=\n"
    assert ask("/below")[0] == 404


def test_too_many_parameters() -> None:
    assert ask(QUERY_STRING="&".join(f"a{number}=1" for number in range(60)))[0] == 400


def test_a_browser_asks_for_the_token_itself() -> None:
    said: list[Any] = []
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "HTTP_HOST": "localhost"}
    site: Any = Site(ROUTES, Access(Dashboard.model_validate({"token": TOKEN})))
    list(site(environ, lambda *what: said.append(what)))
    challenges = [value for name, value in said[0][1] if name == "WWW-Authenticate"]
    assert challenges == ['Basic realm="offline-observer", charset="UTF-8"', "Bearer"]


def other(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    headers = [
        ("Content-Type", "text/html"),
        ("X-Frame-Options", "ALLOWALL"),
        ("content-security-policy", "default-src *"),
    ]
    if environ["PATH_INFO"] == "/kept":
        headers.append(("Cache-Control", "max-age=1"))
    start_response("200 OK", headers)
    return [environ["REQUEST_METHOD"].encode()]


def ask_other(path: str, method: str = "GET", **more: str) -> tuple[int, str, dict[str, str]]:
    application = Application(
        run=lambda: other, paths=("/", "/kept", "/ask"), posted=("/ask",), policy=lambda: "default-src 'self'"
    )
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost", **more}
    said: list[Any] = []
    site = Site(ROUTES, Access(Dashboard.model_validate({"token": TOKEN})), application)
    body = b"".join(site(environ, lambda *what: said.append(what)))  # type: ignore[arg-type]
    ((status, headers),) = said
    return int(status.split()[0]), body.decode(), dict(headers)


def test_another_application_is_guarded_alike() -> None:
    token = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
    status, body, headers = ask_other("/", **token)
    assert (status, body) == (200, "GET")
    assert headers["Content-Security-Policy"] == "default-src 'self'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "content-security-policy" not in headers
    assert ask_other("/kept", **token)[2]["Cache-Control"] == "max-age=1"
    assert ask_other("/ask", "POST", **token)[0] == 200
    for path, method in (("/", "POST"), ("/ask", "PUT"), ("/metrics", "POST")):
        assert ask_other(path, method, **token)[0] == 405
    assert ask_other("/")[0] == 401
    assert ask_other("/ask", "POST")[0] == 401
    assert ask_other("/", HTTP_HOST="evil.example", **token)[0] == 421
    assert ask_other("/metrics", **token)[0] == 200


def test_every_answer_has_the_security_headers() -> None:
    for path in ("/metrics", "/nothing", "/faulty"):
        headers = ask(path)[2]
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
