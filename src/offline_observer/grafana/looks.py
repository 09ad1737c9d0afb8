"""How panels look: kinds of panels with what is the same for all of a kind (pure)."""

from collections.abc import Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import common, dashboard, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphDrawStyle,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from offline_observer.grafana.panel_ids import Panel
from offline_observer.grafana.spans import span
from offline_observer.lag.status import Status

Steps = Sequence[tuple[float | None, str]]
"""From which value on a colour; the first one from None on."""

MIXED = DataSourceRef(type_val="datasource", uid="-- Mixed --")
STATUS_COLOURS = {
    Status.OK: "green",
    Status.STARTING: "blue",
    Status.LAGGING: "orange",
    Status.UNKNOWN: "text",
    Status.STALLED: "red",
    Status.REWOUND: "purple",
    Status.DATA_LOSS: "dark-red",
}
_NOW = timedelta(minutes=5)
_TICKS = 3
NO_OBSERVATION = "no observation in this time"


def thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    """Colours by value."""
    made = [Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def status_mappings() -> list[ValueMapping]:
    """A colour for each status of a job."""
    options = {
        status.value: ValueMappingResult(text=status.value, color=colour, index=index)
        for index, (status, colour) in enumerate(STATUS_COLOURS.items())
    }
    return [ValueMap(options=options)]


def number(
    panel: Panel,
    title: str,
    description: str,
    source: DataSourceRef,
    *,
    fields: str = "",
    tick: timedelta | None = None,
) -> stat.Panel:
    """One large value: the last one of the dashboard's time; with a tick that of now, which is some minutes or ticks."""
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"]).fields(fields).values(False)
    made = (
        stat.Panel()
        .id(panel.value)
        .title(title)
        .description(description)
        .datasource(source)
        .reduce_options(reduced)
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.NONE)
        .no_value(NO_OBSERVATION)
        .span(6)
        .height(4)
    )
    return made if tick is None else made.time_from(span(max(_NOW, _TICKS * tick)))


def lines(
    panel: Panel, title: str, description: str, source: DataSourceRef, *, interval: str | None = None
) -> timeseries.Panel:
    """Lines over time, from 0 up, with gaps where nothing is known.

    Args:
        panel: Its id.
        title: Its title.
        description: What it shows, and what a gap means.
        source: Where its numbers come from.
        interval: Buckets are not shorter than this.
    """
    made = (
        timeseries.Panel()
        .id(panel.value)
        .title(title)
        .description(description)
        .datasource(source)
        .min(0)
        .draw_style(GraphDrawStyle.LINE)
        .line_width(1)
        .fill_opacity(10)
        .show_points(VisibilityMode.AUTO)
        .span_nulls(False)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .calcs([])
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .no_value(NO_OBSERVATION)
        .span(12)
        .height(8)
    )
    return made if interval is None else made.interval(interval)


def bars(panel: timeseries.Panel) -> timeseries.Panel:
    """Stacked bars in place of lines."""
    stacking = common.StackingConfig().mode(StackingMode.NORMAL).group("A")
    return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(60).stacking(stacking)


def with_limit(panel: timeseries.Panel, limit: float) -> timeseries.Panel:
    """A line at the value from which on it is red."""
    style = common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.LINE)
    return panel.thresholds(thresholds([(None, "green"), (limit, "red")])).thresholds_style(style)


def timeline(panel: Panel, title: str, description: str, source: DataSourceRef) -> statetimeline.Panel:
    """Rows of states over time."""
    return (
        statetimeline.Panel()
        .id(panel.value)
        .title(title)
        .description(description)
        .datasource(source)
        .merge_values(True)
        .fill_opacity(70)
        .line_width(0)
        .row_height(0.8)
        .legend(
            common.VizLegendOptions()
            .show_legend(False)
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .calcs([])
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
        .no_value(NO_OBSERVATION)
        .span(12)
        .height(8)
    )


def rows(panel: Panel, title: str, description: str, source: DataSourceRef) -> table.Panel:
    """A table."""
    return (
        table.Panel()
        .id(panel.value)
        .title(title)
        .description(description)
        .datasource(source)
        .show_header(True)
        .no_value(NO_OBSERVATION)
        .span(12)
        .height(8)
    )


def value(name: str, setting: object) -> DynamicConfigValue:
    """A setting of an override."""
    return DynamicConfigValue(id_val=name, value=setting)
