"""What stands on the page besides its charts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from dash import dcc, html

from offline_observer.dashboard.elements import Element, aria, table
from offline_observer.dashboard.health import Health
from offline_observer.dashboard.palette import SIGNS
from offline_observer.dashboard.snapshot import Snapshot
from offline_observer.dashboard.view import RANGES, THEMES, View
from offline_observer.observation import Document
from offline_observer.profile.values_text import values_text
from offline_observer.reports.report_folder import HTML, ReportFolder
from offline_observer.time_text import UNKNOWN, span, value_text

_SHOWN_REPORTS = 24
_SHOWN_FIELDS = 50
# By the number's name its heading, whether it is a length of time, and whether it is shown when it is 0 or not known, too.
_FACTS: Mapping[str, tuple[str, bool, bool]] = {
    "max_lag": ("worst lag", False, True),
    "seconds_behind": ("seconds behind", True, True),
    "seconds_to_catch_up": ("time to catch up", True, True),
    "total_lag": ("total lag", False, False),
    "expired_records": ("expired", False, False),
    "all_events": ("records", False, True),
    "invalid": ("invalid", False, True),
    "unparseable": ("unparseable", False, True),
    "dataset_behind": ("not observed yet", False, False),
}


def card(
    health: Health, view: View, now: datetime, *, is_shown: bool, is_brief: bool = False
) -> html.Article:
    """How a job or a dataset is, with a link that shows it; a brief one without its numbers, unless it is shown."""
    other = "dataset" if health.kind == "job" else "job"
    # Whoever chooses a job sees its pipeline's dataset, too, unless another one was chosen.
    link = view.link(
        **{health.kind: health.name, other: getattr(view, other), "window": None, "against": None}
    )
    since = None if health.since is None else f"for {span(max(0.0, (now - health.since).total_seconds()))}"
    facts = [
        html.Div([html.Dt(name), html.Dd(text)])
        for name, text in facts_of(health)
        if is_shown or not is_brief
    ]
    return html.Article(
        [
            html.H3(health.name if is_shown else dcc.Link(health.name, href=link)),
            html.P(
                [
                    html.Span(SIGNS.get(health.status, ""), className="sign", **aria(hidden="true")),
                    html.Strong(health.status.replace("_", " ")),
                    html.Span(f" {since}" if since else ""),
                ],
                className="status",
            ),
            html.P(health.reason, className="reason") if health.reason and not health.is_fine else None,
            html.Dl(facts) if facts else None,
            html.P(f"{health.kind} · {health.pipeline}", className="kind"),
        ],
        className=f"card is-{health.status}" + (" is-shown" if is_shown else ""),
    )


def facts_of(health: Health) -> Iterator[tuple[str, str]]:
    """What there is to say of a job or a dataset."""
    for name, number in health.numbers.items():
        heading, is_time, is_shown_at_0 = _FACTS.get(name, (name, False, False))
        if number or is_shown_at_0:
            yield heading, UNKNOWN if number is None else span(number) if is_time else f"{number:,.0f}"


def range_links(view: View, now: datetime) -> list[Element]:
    """The lengths of time, and the steps back and forth in it."""
    start, end = view.span(now)
    length = end - start
    links: list[Element] = [
        _choice(
            name, view.link(length=name, start=None), is_chosen=view.start is None and view.length == name
        )
        for name in RANGES
    ]
    earlier = view.link(until=end - length / 2, start=None if view.start is None else start - length / 2)
    links.append(dcc.Link("← earlier", href=earlier))
    if view.until is not None:
        later = end + length / 2
        moved = None if view.start is None else start + length / 2
        is_past = later < now
        links.append(
            dcc.Link(
                "later →", href=view.link(until=later if is_past else None, start=moved if is_past else None)
            )
        )
        links.append(dcc.Link("now", href=view.link(until=None, start=None)))
    links.append(html.Span(f"{_minute(start)} to {_minute(end)} UTC", className="span"))
    return links


def theme_links(view: View) -> list[Element]:
    """Light, dark, or as the browser has it."""
    return [_choice(name, view.link(theme=name), is_chosen=view.theme == name) for name in THEMES]


def _choice(text: str, href: str, *, is_chosen: bool) -> Element:
    if is_chosen:
        return html.Span(text, className="chosen", **aria(current="true"))
    return dcc.Link(text, href=href)


def bad_records(snapshot: Snapshot) -> Element:
    """Where the newest records are that broke a rule."""
    rows = [
        (
            str(record.get("rule")),
            f"{record.get('topic')}",
            value_text(record.get("partition")),
            value_text(record.get("offset")),
            _time_text(record.get("timestamp")),
        )
        for record, _ in snapshot.offending
    ]
    return table(
        "The newest records that broke a rule",
        ("rule", "topic", "partition", "offset", "time (UTC)"),
        rows,
        "No record broke a rule in this time.",
    )


def profile_numbers(snapshot: Snapshot) -> Element:
    """The numbers of each field in the window that is looked at, beside those of another."""
    others = {str(one.get("field")): one for one in snapshot.against}
    headings = [
        "field",
        "records",
        "complete",
        "distinct",
        "values",
        "drift",
        "new values",
        "vanished values",
    ]
    if others:
        headings += ["complete then", "distinct then", "values then"]
    rows = []
    shown = _most_drifted(snapshot.window)
    for document in shown:
        other = others.get(str(document.get("field")))
        rows.append(
            [str(document.get("field")), *_numbers(document), *_then(other if others else None, bool(others))]
        )
    first = snapshot.window[0] if snapshot.window else {}
    caption = (
        f"Window of {_time_text(first.get('window_start'))} to {_time_text(first.get('window_end'))} UTC"
    )
    if others:
        then = snapshot.against[0]
        caption += (
            f", beside {_time_text(then.get('window_start'))} to {_time_text(then.get('window_end'))} UTC"
        )
    found = table(
        caption,
        headings,
        rows,
        "No window of a profile is over yet. A dataset has one with profile: in the configuration.",
    )
    if len(shown) == len(snapshot.window):
        return found
    more = (
        f"and {len(snapshot.window) - len(shown):,} fields more, which drifted less: "
        "/api/observations?kind=profile says them all"
    )
    return html.Div([found, html.P(more, className="empty")])


def _most_drifted(window: Sequence[Document]) -> Sequence[Document]:
    """The fields that are shown of a window, in its order: of very many those that drifted most."""
    if len(window) <= _SHOWN_FIELDS:
        return window
    drifts = [drift if isinstance(drift := one.get("drift"), float) else -1.0 for one in window]
    chosen = sorted(range(len(window)), key=lambda place: -drifts[place])[:_SHOWN_FIELDS]
    return [window[place] for place in sorted(chosen)]


def _numbers(document: Document) -> list[str]:
    drift = document.get("drift")
    return [
        value_text(document.get("records")),
        _share(document.get("completeness")),
        value_text(document.get("distinct")),
        values_text(document),
        f"{drift:.2f}" if isinstance(drift, float) else UNKNOWN,
        _listed(document.get("new_values")),
        _listed(document.get("vanished_values")),
    ]


def _then(document: Document | None, is_compared: bool) -> list[str]:
    if not is_compared:
        return []
    if document is None:
        return [UNKNOWN] * 3
    return [_share(document.get("completeness")), value_text(document.get("distinct")), values_text(document)]


def window_links(snapshot: Snapshot, view: View) -> Element:
    """The windows, each to look at and to compare with."""
    if not snapshot.windows:
        return None
    shown = view.window or snapshot.windows[0]
    rows = []
    for end in snapshot.windows[:_SHOWN_REPORTS]:
        compare: Element = (
            html.Span("compared", className="chosen", **aria(current="true"))
            if end == view.against
            else dcc.Link(
                "compare",
                href=view.link(against=end),
                title=f"compare with the window until {_time_text(end)}",
            )
        )
        rows.append(
            (
                _choice(_time_text(end), view.link(window=end), is_chosen=end == shown),
                "" if end == shown else compare,
            )
        )
    return html.Details(
        [
            html.Summary("Other windows"),
            table("Windows of the profile, by their ends (UTC)", ("window until", ""), rows, ""),
            dcc.Link("compare with none", href=view.link(against=None)) if view.against else None,
        ],
        open=view.window is not None or view.against is not None,
    )


def report_list(folder: ReportFolder | None, topic: str, view: View) -> Element:
    """The reports that can be opened, newest first, and the one that is open."""
    if folder is None:
        return None
    reports = folder.reports()[::-1][:_SHOWN_REPORTS]
    if not reports:
        return html.P(
            "There is no report yet: the first one comes when the first window is over.", className="empty"
        )
    names = [report.name for report in reports]
    links = html.Ul(
        [
            html.Li(
                _choice(
                    _minute(report.start), view.link(report=report.name), is_chosen=report.name == view.report
                )
            )
            for report in reports
        ],
        className="reports",
    )
    found: list[Element] = [html.H3("Reports, by the beginning of their windows (UTC)"), links]
    if view.report in names:
        source = f"reports/{topic}/{view.report}{HTML}"
        found.append(
            html.P(
                [
                    html.A("open it by itself", href=source, target="_blank", rel="noopener"),
                    " · ",
                    dcc.Link("close", href=view.link(report=None)),
                ]
            )
        )
        # What the records hold is in it, so it gets no rights of this page's.
        found.append(
            html.Iframe(
                src=source, sandbox="allow-scripts", title=f"report {view.report}", className="report"
            )
        )
    return html.Div(found)


def warnings(newest: Document | None) -> Element:
    """What the observer says of itself."""
    said = newest.get("warnings") if newest else None
    if not isinstance(said, list) or not said:
        return html.P("The observer warns of nothing.", className="empty")
    return html.Ul([html.Li(str(one)) for one in said])


def observer_facts(newest: Document | None, page_seconds: float) -> Element:
    """The observer's own numbers."""
    document: Mapping[str, object] = newest or {}
    facts = {
        "newest observation": _time_text(document.get("@timestamp")),
        "last tick": _seconds(document.get("tick_seconds")),
        "waiting to be sent": value_text(document.get("export_backlog", 0)),
        "this page": f"{page_seconds * 1000:.0f} ms",
    }
    if document.get("export_error"):
        facts["export"] = str(document["export_error"])
    return html.Dl([html.Div([html.Dt(name), html.Dd(text)]) for name, text in facts.items()])


def _share(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, float) else UNKNOWN


def _listed(values: object) -> str:
    return ", ".join(str(one)[:40] for one in values[:3]) if isinstance(values, list) else ""


def _seconds(value: object) -> str:
    return f"{value:.2f} s" if isinstance(value, float) else UNKNOWN


def _time_text(value: object) -> str:
    return value[:19].replace("T", " ") if isinstance(value, str) else UNKNOWN


def _minute(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
