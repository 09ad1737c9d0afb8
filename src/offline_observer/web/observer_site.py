"""What the observer answers at its own web address."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from offline_observer.clock import Clock
from offline_observer.config.dashboard import Dashboard
from offline_observer.config.model import Config
from offline_observer.dashboard.watched import PageOf, page_of
from offline_observer.errors import ConfigError, JournalError
from offline_observer.journal.reading import opened
from offline_observer.metrics.follower import JournalFollower
from offline_observer.web.access import Access
from offline_observer.web.api import Api
from offline_observer.web.page_application import page_application
from offline_observer.web.report_files import report_page
from offline_observer.web.site import Page, Request, Route, Site, text_page

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.web.server import WebServer

Problem = Callable[[], str | None]
"""Why the observer is not well, or not ready; None when it is."""

_NEEDS = "the page and the metrics need libraries: pip install 'offline-observer[dashboard]'"


def serve_observer(
    config: Config, dashboard: Dashboard, clock: Clock, problem: Problem, waiting: Problem
) -> "WebServer":
    """Starts to answer for an observer.

    Args:
        config: The configuration. Its journal is there.
        dashboard: The address.
        clock: The clock.
        problem: Asked whether the observer is well.
        waiting: Asked whether it has begun to observe.

    Raises:
        ConfigError: A library is missing.
        JournalError: The journal cannot be read.
        WebError: It cannot listen there.
    """
    rules = {one.name: one.dataset.rule_list() for one in config.pipelines if one.dataset}
    follower = JournalFollower(config.journal, rules, list(config.export.all()))
    return _serve(page_of(config), dashboard, clock, (problem, waiting), follower)


def serve_journal(page: PageOf, dashboard: Dashboard, clock: Clock) -> "WebServer":
    """Starts to answer for a journal, whether an observer writes it or not.

    Args:
        page: What is shown.
        dashboard: The address.
        clock: The clock.

    Raises:
        ConfigError: A library is missing.
        JournalError: The journal cannot be read.
        WebError: It cannot listen there.
    """

    def readable() -> str | None:
        try:
            with opened(page.journal):
                return None
        except JournalError:
            return "the journal cannot be read"  # why is for those who have the token: it names the file

    return _serve(page, dashboard, clock, (lambda: None, readable), JournalFollower(page.journal, {}, []))


def _serve(
    page: PageOf,
    dashboard: Dashboard,
    clock: Clock,
    problems: tuple[Problem, Problem],
    follower: JournalFollower,
) -> "WebServer":
    try:
        from offline_observer.metrics.exposition import Exposition
        from offline_observer.web.server import WebServer
    except ImportError:
        raise ConfigError(_NEEDS) from None
    metrics = Exposition(follower.families)
    api = Api(page, clock)

    def metrics_page(request: Request) -> Page:
        body, content_type = metrics.page(request.accept)
        return Page(body, content_type)

    def no_page(_request: Request) -> Page:
        return text_page(f"{page.name}: there is /metrics; {_NEEDS}")

    routes = {
        "/metrics": Route(metrics_page),
        "/healthz": Route(partial(_answer, problems[0]), is_open=True),
        "/readyz": Route(partial(_answer, problems[1]), is_open=True),
        "/api/alerts": Route(api.alerts),
        "/api/jobs": Route(api.jobs),
        "/api/observations": Route(api.observations),
        "/reports/": Route(partial(report_page, page.reports)),
    }
    application = page_application(page, clock)
    if application is None:
        routes["/"] = Route(no_page)
    return WebServer(Site(routes, Access(dashboard), application), dashboard.host, dashboard.port)


def _answer(problem: Problem, _request: Request) -> Page:
    text = problem()
    return text_page("ok") if text is None else text_page(text, HTTPStatus.SERVICE_UNAVAILABLE)
