"""The panels on datasets (pure)."""

from grafana_foundation_sdk.builders import elasticsearch, stat, timeseries

from offline_observer.grafana import looks
from offline_observer.grafana.data_sources import Source
from offline_observer.grafana.expressions import calculated, reduced, share
from offline_observer.grafana.observed import Observed
from offline_observer.grafana.panel_ids import Panel
from offline_observer.grafana.queries import MINUTE, Metric, series, source_ref

_QUERY = "dataset:$dataset"
ALL_EVENTS = "all_events"
_PARSED = "$Events - $Unparseable - $Tombstones"
_WHOLE = {"Events": ALL_EVENTS, "Unparseable": "unparseable", "Tombstones": "tombstones"}


def errors_per_minute(observed: Observed) -> timeseries.Panel:
    """Invalid records of each field, and all records, minute by minute."""
    fields = [*observed.invalid_fields(), ALL_EVENTS]
    query = series(
        observed,
        Source.OBSERVATIONS,
        [Metric("sum", name) for name in fields],
        query=_QUERY,
        interval=MINUTE,
        whole_only=True,
        alias="{{field}}",
    )
    text = (
        "Records that broke a rule of each field, as bars; a record with two faults is in two of them. The line, with its scale "
        "on the right, is all records. Minutes that are not over are left out; without an observation there is 0."
    )
    panel = looks.lines(
        Panel.ERRORS_PER_MINUTE, "Errors per minute", text, source_ref(observed, Source.OBSERVATIONS)
    )
    on_the_right = [
        looks.value("custom.drawStyle", "line"),
        looks.value("custom.fillOpacity", 0),
        looks.value("custom.stacking", {"mode": "none", "group": "B"}),
        looks.value("custom.axisPlacement", "right"),
        looks.value("custom.axisLabel", "all events per minute"),
        looks.value("custom.axisSoftMin", 0),
        looks.value("color", {"mode": "fixed", "fixedColor": "text"}),
    ]
    made = looks.bars(panel).unit("short").axis_label("errors per minute").with_target(query)
    return made.override_by_name(ALL_EVENTS, on_the_right)


def invalid_share_now(observed: Observed) -> stat.Panel:
    """The share of invalid records in all of the dashboard's time."""
    text = "Invalid records as a share of the parsed ones, over all of the time that is shown. A record counts once."
    panel = looks.number(Panel.INVALID_SHARE_NOW, "Invalid records", text, looks.MIXED)
    steps = looks.thresholds([(None, "green"), (0.1, "orange"), (0.3, "red")])
    panel = panel.unit("percentunit").decimals(1).thresholds(steps)
    sums = {"Invalid": "invalid", **_WHOLE}
    for ref, name in sums.items():
        panel = panel.with_target(_sum(observed, name, ref, whole_only=False))
    for ref in sums:
        panel = panel.with_target(reduced(f"R{ref}", ref, "sum").hide(True))
    whole = "$REvents - $RUnparseable - $RTombstones"
    return panel.with_target(calculated("Share", share("$RInvalid", whole))).display_name("invalid")


def data_charts(observed: Observed) -> list[timeseries.Panel]:
    """The other charts on datasets, in their order; none when no dataset is watched."""
    if not observed.watched.datasets:
        return []
    return [_invalid_share(observed), _unparseable(observed), _records(observed)]


def _invalid_share(observed: Observed) -> timeseries.Panel:
    text = (
        "The invalid records, and for each field those that broke one of its rules, as a share of the parsed ones, minute by "
        "minute; 0 in a minute without records."
    )
    panel = looks.lines(Panel.INVALID_SHARE, "Invalid records of each field", text, looks.MIXED)
    panel = panel.unit("percentunit")
    for ref, name in _WHOLE.items():
        panel = panel.with_target(_sum(observed, name, ref))
    lines = {"invalid": "any field", **observed.invalid_fields()}
    for index, name in enumerate(lines):
        panel = panel.with_target(_sum(observed, name, f"Invalid{index}"))
    for index, shown in enumerate(lines.values()):
        ref = f"Share{index}"
        panel = panel.with_target(calculated(ref, share(f"$Invalid{index}", _PARSED)))
        panel = panel.override_by_query(ref, [looks.value("displayName", shown)])
    return panel


def _unparseable(observed: Observed) -> timeseries.Panel:
    text = "Records that could not be parsed, and tombstones (records with no value), minute by minute."
    source = source_ref(observed, Source.OBSERVATIONS)
    panel = looks.lines(Panel.UNPARSEABLE, "Unparseable records per minute", text, source)
    names = ("unparseable", "tombstones")
    query = series(
        observed,
        Source.OBSERVATIONS,
        [Metric("sum", name) for name in names],
        query=_QUERY,
        interval=MINUTE,
        whole_only=True,
        alias="{{field}}",
    )
    return looks.bars(panel).unit("short").with_target(query)


def _records(observed: Observed) -> timeseries.Panel:
    text = "All records that were read of each dataset, minute by minute; 0 where nothing could be read."
    source = source_ref(observed, Source.OBSERVATIONS)
    panel = looks.lines(Panel.RECORDS_PER_MINUTE, "Records per minute", text, source)
    query = series(
        observed,
        Source.OBSERVATIONS,
        [Metric("sum", ALL_EVENTS)],
        query=_QUERY,
        groups=("dataset",),
        interval=MINUTE,
        whole_only=True,
        alias="{{term dataset}}",
    )
    return panel.unit("short").with_target(query)


def _sum(observed: Observed, name: str, ref: str, *, whole_only: bool = True) -> elasticsearch.Dataquery:
    return series(
        observed,
        Source.OBSERVATIONS,
        [Metric("sum", name)],
        query=_QUERY,
        interval=MINUTE,
        whole_only=whole_only,
        alias=name,
        ref=ref,
        hide=True,
    )
