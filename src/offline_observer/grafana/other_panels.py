"""The panels on profiles, reports and the observer itself (pure)."""

from datetime import timedelta

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from offline_observer.grafana import looks
from offline_observer.grafana.data_sources import TIME_FIELD, Source
from offline_observer.grafana.observed import Observed
from offline_observer.grafana.panel_ids import Panel
from offline_observer.grafana.queries import Metric, documents, series, source_ref
from offline_observer.grafana.spans import span

_QUERY = "dataset:$dataset"
_MOST_REPORTS = 50
# Where a window is a number of records, nobody knows how often there is a point.
_UNKNOWN_WINDOW = timedelta(minutes=1)
REPORTS_VARIABLE = "reports"


def profile_panels(observed: Observed) -> list[timeseries.Panel | table.Panel]:
    """The panels on profiles, in their order; none without one."""
    if not observed.watched.profiled():
        return []
    return [_completeness(observed), _drift(observed), _reports(observed)]


def observer_panels(observed: Observed) -> list[timeseries.Panel]:
    """The panels on the observer."""
    return [_export(observed), _tick(observed)]


def _completeness(observed: Observed) -> timeseries.Panel:
    text = "The share of each window's records in which a field has a value: it is there, not null and not blank."
    panel = _of_windows(
        observed, Panel.COMPLETENESS, "Completeness of each field", text, "min", "completeness"
    )
    return panel.max(1)


def _drift(observed: Observed) -> timeseries.Panel:
    text = (
        "How far each field's values in a window are from the window before, or from the one that is pinned: 0 is the same, "
        "1 is nothing in common. There is none of the first window."
    )
    panel = _of_windows(observed, Panel.DRIFT, "Drift of each field", text, "max", "drift")
    limits = [
        rule.condition.value
        for rule in observed.rules
        if rule.condition.measure.name == "drift" and rule.condition.value is not None
    ]
    return looks.with_limit(panel, min(limits)) if limits else panel


def _of_windows(
    observed: Observed, panel: Panel, title: str, text: str, kind: str, field: str
) -> timeseries.Panel:
    windows = [one.window or _UNKNOWN_WINDOW for one in observed.watched.datasets if one.profiled]
    made = looks.lines(panel, title, text, source_ref(observed, Source.PROFILES), interval=span(max(windows)))
    legend = "{{term field}}" if len(windows) == 1 else "{{term dataset}}: {{term field}}"
    query = series(
        observed,
        Source.PROFILES,
        [Metric(kind, field)],
        query=_QUERY,
        groups=("dataset", "field"),
        alias=legend,
    )
    # A window is one point, and buckets between two points are empty.
    return made.unit("percentunit").span_nulls(True).no_value("no window is over").with_target(query)


def _reports(observed: Observed) -> table.Panel:
    text = (
        f"The newest {_MOST_REPORTS} reports. A click opens the page, if the folder of the reports is served where the "
        "dashboard's variable on top says."
    )
    panel = looks.rows(
        Panel.REPORTS, "Reports on the data", text, source_ref(observed, Source.OBSERVATIONS)
    ).no_value("no report was made in this time")
    query = documents(
        observed, Source.OBSERVATIONS, _MOST_REPORTS, query=f"{_QUERY} AND _exists_:profile_report"
    )
    link = {
        "title": "Open the report",
        "url": f"${{{REPORTS_VARIABLE}}}/${{__value.raw}}",
        "targetBlank": True,
    }
    names = [TIME_FIELD, "dataset", "profile_report"]
    columns = DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": names}})
    return (
        panel.with_target(query)
        .transformations([columns])
        .override_by_name("profile_report", [looks.value("links", [link])])
    )


def _export(observed: Observed) -> timeseries.Panel:
    text = (
        "Documents that wait to be sent, of the exporter that is furthest behind; those that a server refused; and those that "
        "left the journal unsent. While nothing arrives here this shows nothing: it shows it when the server is back."
    )
    names = ("export_backlog", "export_refused", "export_lost")
    query = series(
        observed,
        Source.OBSERVATIONS,
        [Metric("max", name) for name in names],
        query="*",
        alias="{{field}}",
    )
    panel = _lines(observed, Panel.EXPORT, "Export", text).unit("short")
    return panel.with_target(query)


def _tick(observed: Observed) -> timeseries.Panel:
    text = "How long an observation takes, of each pipeline. A gap means that the observer did not run, or is not heard."
    query = series(
        observed,
        Source.OBSERVATIONS,
        [Metric("max", "tick_seconds")],
        query="*",
        groups=("pipeline",),
        alias="{{term pipeline}}",
    )
    return _lines(observed, Panel.TICK, "Time of an observation", text).unit("s").with_target(query)


def _lines(observed: Observed, panel: Panel, title: str, text: str) -> timeseries.Panel:
    tick = span(observed.watched.tick)
    return looks.lines(panel, title, text, source_ref(observed, Source.OBSERVATIONS), interval=tick)
