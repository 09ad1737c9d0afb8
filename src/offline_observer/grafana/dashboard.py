"""The dashboard (pure)."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    GridPos,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.dashboard import (
    Panel as PanelModel,
)

from offline_observer.grafana.as_json import as_json
from offline_observer.grafana.data_panels import data_charts, errors_per_minute, invalid_share_now
from offline_observer.grafana.data_sources import TIME_FIELD, Source
from offline_observer.grafana.job_panels import job_charts, job_panels, lag_per_partition
from offline_observer.grafana.observed import Json, Observed
from offline_observer.grafana.other_panels import REPORTS_VARIABLE, observer_panels, profile_panels
from offline_observer.grafana.panel_ids import dashboard_uid
from offline_observer.grafana.queries import source_ref

_WIDTH = 24


def dashboard_json(observed: Observed, description: str) -> Json:
    """The dashboard's file.

    Args:
        observed: What it is of.
        description: What is said of the dashboard itself.
    """
    made = (
        dashboard.Dashboard(f"{observed.name}: jobs and data")
        .uid(dashboard_uid(observed))
        .description(description)
        .tags(["offline-observer", observed.name])
        .time("now-30m", "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .version(1)
        .variables(list(_variables(observed)))
    )
    found = as_json(made)
    found["panels"] = [as_json(panel) for panel in _laid_out(_panels(observed))]
    found["annotations"] = {
        "list": [_ANNOTATIONS, _changes(observed)] if observed.watched.jobs else [_ANNOTATIONS]
    }
    return found


def _panels(observed: Observed) -> list[Builder[PanelModel]]:
    watched = observed.watched
    panels: list[Builder[PanelModel]] = [*job_panels(observed)]
    if watched.datasets:
        panels.append(invalid_share_now(observed))
        panels.append(errors_per_minute(observed))
    if watched.jobs:
        panels.append(lag_per_partition(observed))
    others = (job_charts, data_charts, profile_panels, observer_panels)
    for some in others:
        panels += some(observed)
    return panels


def _laid_out(panels: Sequence[Builder[PanelModel]]) -> Iterator[PanelModel]:
    """Puts panels side by side as long as there is room, in the order that they have."""
    x = y = height = 0
    for builder in panels:
        panel = builder.build()
        size = panel.grid_pos or GridPos()
        if x + size.w > _WIDTH or (height and size.h != height):
            x, y = 0, y + height
        height = size.h
        panel.grid_pos = GridPos(x=x, y=y, w=size.w, h=size.h)
        x += size.w
        yield panel


def _variables(observed: Observed) -> Iterator[Builder[VariableModel]]:
    if observed.watched.jobs:
        yield _choice(observed, "job", "Job")
    if observed.watched.datasets:
        yield _choice(observed, "dataset", "Dataset")
    if observed.watched.profiled():
        # Where the folder of the reports is served, nobody but the user knows.
        where = "http://localhost:8000"
        option = VariableOption(selected=True, text=where, value=where)
        variable = (
            dashboard.TextBoxVariable(REPORTS_VARIABLE).id(REPORTS_VARIABLE).label("Reports are served at")
        )
        yield variable.default_value(where).current(option).options([option])


def _choice(observed: Observed, name: str, label: str) -> dashboard.QueryVariable:
    # The shared default id would lose all variables but one.
    variable = dashboard.QueryVariable(name).id(name).label(label)
    variable = variable.datasource(source_ref(observed, Source.OBSERVATIONS))
    variable = variable.query(f'{{"find": "terms", "field": "{name}"}}')
    variable = variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
    variable = variable.include_all(True).all_value("*").multi(True)
    return variable.current(VariableOption(selected=True, text=["All"], value=["$__all"]))


_ANNOTATIONS: Json = {
    "builtIn": 1,
    "name": "Alerts",
    "type": "dashboard",
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
}


def _changes(observed: Observed) -> Json:
    """Marks where a job's status changes, with the new one and its reason."""
    query = "job:$job AND job_status_changed:true"
    return {
        "name": "Status changes",
        "datasource": {"type": "elasticsearch", "uid": Source.OBSERVATIONS.uid(observed)},
        "enable": True,
        "hide": False,
        "iconColor": "red",
        # The first is read by Grafana 9, the second by newer ones.
        "query": query,
        "target": {"refId": "Annotations", "query": query},
        "timeField": TIME_FIELD,
        "textField": "reason",
        "tagsField": "job_status",
    }
