"""The page as a web application: Dash draws what the journal holds.

https://dash.plotly.com
"""

import json
import logging
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from time import perf_counter
from typing import TYPE_CHECKING

from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component
from flask import Flask

from offline_observer.clock import Clock
from offline_observer.dashboard import content, figures
from offline_observer.dashboard.alerts_part import alerts_part, raised
from offline_observer.dashboard.charts import EMPTY, Figure, shown
from offline_observer.dashboard.elements import Element
from offline_observer.dashboard.health import headline
from offline_observer.dashboard.layout import CHARTS, INDEX, KEPT, OF_OBSERVER, OF_PROFILE, make_layout
from offline_observer.dashboard.snapshot import Snapshot, read_snapshot
from offline_observer.dashboard.view import View, read_view
from offline_observer.dashboard.watched import PageOf
from offline_observer.dashboard.words import words_of
from offline_observer.errors import ObserverError
from offline_observer.journal.alerts import read_alert_history, read_alert_states
from offline_observer.journal.notifications import read_undelivered
from offline_observer.web.security_headers import page_policy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LEAST_REFRESH = timedelta(seconds=2)
_LONGEST_REFRESH = timedelta(seconds=30)
# So much of the history of alerts is shown, and so many messages that have not arrived.
_CHANGES, _MESSAGES = 30, 10
# The cards after those say less: nobody reads so many numbers, and a browser has long to do with them.
_WHOLE_CARDS = 12
_CHARTS = (*CHARTS, *OF_PROFILE, *OF_OBSERVER)
_PARTS = (
    "headline",
    "cards",
    "ranges",
    "themes",
    "alerts",
    "bad",
    "numbers",
    "windows",
    "reports",
    "facts",
    "warnings",
)

Drawn = dict[str, Figure]


class ObserverPage:
    """The page.

    Args:
        page: What it is about.
        clock: The clock.
    """

    def __init__(self, page: PageOf, clock: Clock) -> None:
        self._page = page
        self._clock = clock
        server = Flask("offline_observer")
        # What goes wrong is said on the page, and nowhere else.
        server.logger.handlers = [logging.NullHandler()]
        server.logger.propagate = False
        every = page.every or _LEAST_REFRESH
        refresh = min(max(every, _LEAST_REFRESH), _LONGEST_REFRESH)
        self._dash = Dash(
            "offline_observer",
            server=server,  # type: ignore[arg-type]  # it takes Flask's
            title=f"{page.name} · offline-observer",
            update_title="",
            assets_folder=str(files("offline_observer.dashboard") / "assets"),
            serve_locally=True,
            compress=False,
            index_string=INDEX,
            suppress_callback_exceptions=False,
        )
        self._dash.layout = make_layout(page.name, refresh)
        self._dash.callback(
            output={
                "parts": {name: Output(name, "children") for name in _PARTS},
                "figures": {name: Output(name, "figure") for name in _CHARTS},
                "words": {name: Output(f"{name}-words", "children") for name in _CHARTS},
                "kept": {name: Output(f"kept-{name}", "value") for name in KEPT},
                "no_map": Output("lag-map-chart", "hidden"),
                "theme": Output("page", "className"),
                "gone": Output("gone", "className"),
                "updated": Output("updated", "children"),
                "had": Output("had", "data"),
            },
            inputs={"search": Input("address", "search"), "number": Input("clock", "n_intervals")},
            state={"had": State("had", "data")},
        )(self._refresh)
        self.application: WSGIApplication = server.wsgi_app
        self.policy = page_policy(self._dash.csp_hashes())

    def _refresh(self, search: str | None, number: int | None, had: object = None) -> dict[str, object]:
        """Everything that the page shows, as it is now; but not what the browser has already."""
        began = perf_counter()
        view = read_view(search)
        now = self._clock.now()
        try:
            snapshot = read_snapshot(self._page, view, now)
            parts, drawn = self._parts(snapshot, view, now)
        except ObserverError as error:
            parts, drawn = {"headline": str(error)}, {}
        except Exception as error:  # noqa: BLE001 - a page that shows what was a minute ago would say that all is well
            parts, drawn = {"headline": f"fault in this program: {type(error).__name__}: {error}"}, {}
        else:
            parts["facts"] = content.observer_facts(snapshot.newest, perf_counter() - began)
        charts = {name: shown(drawn[name]) if name in drawn else EMPTY for name in _CHARTS}
        has = {name: _digest(parts.get(name)) for name in _PARTS}
        before = had if isinstance(had, dict) else {}
        return {
            # Of a table with hundreds of cells a browser has a second's work, whether they are new or not.
            "parts": {
                name: no_update if before.get(name) == has[name] else parts.get(name) for name in _PARTS
            },
            "had": has,
            "figures": charts,
            "words": {name: words_of(figure, share=name == "ratio") for name, figure in charts.items()},
            "kept": {name: getattr(view, name) or "" for name in KEPT},
            "no_map": "lag-map" not in drawn,
            "theme": f"theme-{view.theme}",
            # Another name each time: so the style sheet's clock starts anew, and shows the warning when it runs out.
            "gone": f"gone since-{(number or 0) % 2}",
            "updated": f"As of {now:%Y-%m-%d %H:%M:%S} UTC",
        }

    def _parts(self, snapshot: Snapshot, view: View, now: datetime) -> tuple[dict[str, object], Drawn]:
        healths = list(snapshot.healths)
        sentence, is_fine = headline(healths)
        dataset = snapshot.dataset
        folder = self._page.reports.get(dataset.name) if dataset else None
        chosen = (snapshot.job, snapshot.dataset)
        states = read_alert_states(self._page.journal)
        parts: dict[str, object] = {
            "headline": _headline(sentence, raised(states), is_fine=is_fine),
            "cards": [
                content.card(one, view, now, is_shown=one in chosen, is_brief=place >= _WHOLE_CARDS)
                for place, one in enumerate(healths)
            ]
            or _nothing_yet(),
            "ranges": content.range_links(view, now),
            "themes": content.theme_links(view),
            "alerts": alerts_part(
                states,
                read_alert_history(self._page.journal, _CHANGES),
                read_undelivered(self._page.journal, _MESSAGES),
            ),
            "bad": content.bad_records(snapshot),
            "numbers": content.profile_numbers(snapshot),
            "windows": content.window_links(snapshot, view),
            "reports": content.report_list(folder, dataset.name, view) if dataset else None,
            "warnings": content.warnings(snapshot.newest),
        }
        return parts, self._drawn(snapshot, view)

    def _drawn(self, snapshot: Snapshot, view: View) -> Drawn:
        frame = figures.frame_of(snapshot, view.link(theme="auto", report=None, window=None, against=None))
        fields = self._page.fields.get(snapshot.dataset.pipeline, {}) if snapshot.dataset else {}
        drawn: Drawn = {
            "errors": figures.errors_per_minute(snapshot, frame, fields),
            "lag": figures.offset_lag(snapshot, frame),
            "behind": figures.seconds_behind(snapshot, frame),
            "timeline": figures.status_timeline(snapshot, frame),
            "ratio": figures.invalid_ratio(snapshot, frame, fields),
            "records": figures.records_per_minute(snapshot, frame),
            "drift": figures.drift(snapshot, frame),
            "ticks": figures.tick_seconds(snapshot, frame),
            "backlog": figures.export_backlog(snapshot, frame),
        }
        if figures.has_many_partitions(snapshot):
            drawn["lag-map"] = figures.lag_map(snapshot, frame)
        return drawn


def _digest(part: object) -> str:
    text = json.dumps(part, default=Component.to_plotly_json)
    return sha256(text.encode()).hexdigest()[:16]


def _headline(sentence: str, alerts: str, *, is_fine: bool) -> Element:
    link = html.A(alerts, href="#alerts-part", className="raised") if alerts else None
    return html.Span([sentence, " ", link], className="fine" if is_fine and not alerts else "not-fine")


def _nothing_yet() -> Element:
    return html.P(
        "The journal is empty. It is written by offline-observer run -c FILE, with its first observation after a few seconds.",
        className="empty",
    )
