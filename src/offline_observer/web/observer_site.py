"""What the observer answers at its own web address."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from offline_observer.config.dashboard import Dashboard
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.metrics.follower import JournalFollower
from offline_observer.web.access import Access
from offline_observer.web.site import Page, Request, Route, Site, text_page

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.web.server import WebServer

Problem = Callable[[], str | None]
"""Why the observer is not well; None when it is."""


def serve_observer(config: Config, dashboard: Dashboard, problem: Problem) -> "WebServer":
    """Starts to answer.

    Args:
        config: The configuration. Its journal is there.
        dashboard: The address.
        problem: Asked whether the observer is well.

    Raises:
        ConfigError: A library is missing.
        JournalError: The journal cannot be read.
        WebError: It cannot listen there.
    """
    try:
        from offline_observer.metrics.exposition import Exposition
        from offline_observer.web.server import WebServer
    except ImportError:
        raise ConfigError("dashboard needs libraries: pip install 'offline-observer[metrics]'") from None
    rules = {one.name: one.dataset.rule_list() for one in config.pipelines if one.dataset}
    metrics = Exposition(JournalFollower(config.journal, rules, list(config.export.all())).families)

    def metrics_page(request: Request) -> Page:
        body, content_type = metrics.page(request.accept)
        return Page(body, content_type)

    def health_page(_request: Request) -> Page:
        text = problem()
        return text_page("ok") if text is None else text_page(text, HTTPStatus.SERVICE_UNAVAILABLE)

    routes = {
        "/": Route(lambda _: text_page(f"offline-observer {config.name}: /metrics, /healthz")),
        "/metrics": Route(metrics_page),
        "/healthz": Route(health_page, is_open=True),
    }
    return WebServer(Site(routes, Access(dashboard)), dashboard.host, dashboard.port)
