"""The observer's page among what is answered: made when somebody asks for it first, for its libraries take a second to load."""

from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

from offline_observer.clock import Clock
from offline_observer.dashboard.watched import PageOf
from offline_observer.web.site import Application

if TYPE_CHECKING:  # it comes with an extra
    from _typeshed.wsgi import WSGIApplication

    from offline_observer.dashboard.page import ObserverPage

_POSTED = "/_dash-update-component"
_PATHS = ("/", "/assets/", "/_dash-component-suites/", "/_dash-layout", "/_dash-dependencies", _POSTED)


def page_application(page: PageOf, clock: Clock) -> Application | None:
    """The page; None when what draws it is not installed."""
    if find_spec("dash") is None:
        return None
    lazy = _LazyPage(page, clock)
    return Application(run=lazy.application, paths=_PATHS, posted=(_POSTED,), policy=lazy.policy)


class _LazyPage:
    def __init__(self, page: PageOf, clock: Clock) -> None:
        self._page = page
        self._clock = clock
        self._made: ObserverPage | None = None
        self._turn = Lock()

    def _get(self) -> "ObserverPage":
        from offline_observer.dashboard.page import ObserverPage

        with self._turn:
            if self._made is None:
                self._made = ObserverPage(self._page, self._clock)
            return self._made

    def application(self) -> "WSGIApplication":
        return self._get().application

    def policy(self) -> str:
        return self._get().policy
