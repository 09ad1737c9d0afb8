"""The page's frame: what is there before anything is known."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import dcc, html

from offline_observer.dashboard.charts import EMPTY
from offline_observer.dashboard.elements import Element, aria

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath d='M2 16q14-18 28 0-14 18-28 0z' fill='%230072B2'/%3E%3Ccircle cx='16' cy='16' r='6' fill='white'/%3E%3C/svg%3E">
<link rel="preload" as="script" href="/_dash-component-suites/plotly/package_data/plotly.min.js">
{%css%}
</head>
<body>
<noscript>This page draws its charts in the browser and needs JavaScript; /api/jobs says the same as JSON.</noscript>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
"""The document around it: https://dash.plotly.com/external-resources.

What draws the charts is by far the largest part, and would else be asked for last.
"""

CHARTS = {
    "errors": ("Errors per minute", "Invalid records of each field, and records that could not be parsed."),
    "lag": (
        "Offset lag per partition",
        "Records that the job has not committed; of many partitions the ten worst.",
    ),
    "lag-map": ("Offset lag of all partitions", "A row for each partition, the largest lag of each time."),
    "behind": ("Seconds behind", "Age of the first record that the job has not finished."),
    "timeline": ("Status", "The worst status of each time."),
    "ratio": ("Invalid ratio per field", "Share of the parsed records."),
    "records": ("Records per minute", "All that were read, whatever they held."),
}
"""The charts of a job and its data: their names and what they say."""

OF_PROFILE = {
    "drift": ("Drift per field", "How far each window is from the one that it is compared with, 0 to 1.")
}
OF_OBSERVER = {
    "ticks": ("Tick time", "How long an observation takes, in seconds."),
    "backlog": ("Export backlog", "Documents that wait to be sent."),
}

# What a chart can do stays what a reader can do: no toolbar, and a double click takes a zoom back.
_CONFIG: Any = {
    "displayModeBar": False,
    "responsive": True,
    "showTips": False,
    "doubleClick": "reset+autosize",
}


_HEIGHT = "240px"
_HEIGHTS = {"lag-map": "420px", "drift": "320px"}


def chart(name: str, title: str, text: str) -> html.Section:
    """A chart with its heading and what it says in words."""
    return html.Section(
        [
            html.H3(title, id=f"{name}-title"),
            html.P(text, className="says"),
            html.Div(
                dcc.Graph(
                    id=name,
                    config=_CONFIG,
                    figure=EMPTY,
                    responsive=True,
                    style={"height": _HEIGHTS.get(name, _HEIGHT)},
                ),
                role="img",
                **aria(labelledby=f"{name}-title", describedby=f"{name}-words"),
            ),
            html.P(id=f"{name}-words", className="words"),
        ],
        id=f"{name}-chart",
        className="chart",
        hidden=name == "lag-map",
    )


def make_layout(name: str, refresh: timedelta) -> html.Div:
    """The frame of the page.

    Args:
        name: The observer's name.
        refresh: The time from one look at the journal to the next.
    """
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="had"),
            dcc.Interval(id="clock", interval=refresh.total_seconds() * 1000),
            html.A("Skip to the charts", href="#charts", className="skip"),
            html.Header(
                [
                    html.H1(name),
                    html.Nav(id="themes", **aria(label="Light or dark")),
                ]
            ),
            html.Main(
                [
                    html.P("Looking …", id="headline", role="status"),
                    html.P(
                        "The observer does not answer any more: what is shown here is old.",
                        id="gone",
                        className="gone",
                        role="alert",
                    ),
                    _section("jobs", "Jobs and datasets", [html.Div(id="cards", className="cards")]),
                    html.Div([html.Nav(id="ranges", **aria(label="Time")), _times()], className="ranges"),
                    _section("charts", "Charts", [_charts(CHARTS)]),
                    _section("alerts-part", "Alerts", [html.Div(id="alerts")]),
                    _section("bad-part", "Bad records", [html.Div(id="bad")]),
                    _section(
                        "profile-part",
                        "What the data look like",
                        [
                            html.Div(id="numbers"),
                            html.Div(id="windows"),
                            _charts(OF_PROFILE),
                            html.Div(id="reports"),
                        ],
                    ),
                    _section(
                        "observer-part",
                        "The observer itself",
                        [html.Div(id="facts"), html.Div(id="warnings"), _charts(OF_OBSERVER)],
                    ),
                ]
            ),
            html.P(id="updated", className="updated"),
        ],
        id="page",
        className="theme-auto",
    )


KEPT = ("job", "dataset", "theme")
"""What stays chosen when other times are asked for."""


def _times() -> html.Form:
    """Any time, as a form that the browser itself makes an address of."""
    return html.Form(
        [
            *(dcc.Input(id=f"kept-{name}", name=name, type="hidden") for name in KEPT),
            *(
                html.Label(
                    [
                        f"{name} ",
                        dcc.Input(id=f"time-{name}", name=name, type="text", placeholder="2026-01-31 12:00"),
                    ]
                )
                for name in ("from", "until")
            ),
            html.Button("show", type="submit"),
        ],
        method="GET",
        action="/",
        className="times",
        **aria(label="Other times, UTC"),
    )


def _section(identity: str, title: str, content: Sequence[Element]) -> html.Section:
    return html.Section(
        [html.H2(title, id=f"{identity}-heading"), *content],
        id=identity,
        **aria(labelledby=f"{identity}-heading"),
    )


def _charts(named: dict[str, tuple[str, str]]) -> html.Div:
    return html.Div([chart(name, title, text) for name, (title, text) in named.items()], className="charts")
