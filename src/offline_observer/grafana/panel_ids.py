"""The ids of the panels, which links and alerts name (pure). A panel keeps its id whatever else there is."""

from enum import IntEnum

from offline_observer.alert.condition import Condition
from offline_observer.grafana.observed import Observed
from offline_observer.grafana.uids import uid


class Panel(IntEnum):
    """A panel's id."""

    STATUS_NOW = 1
    LAG_NOW = 2
    BEHIND_NOW = 3
    INVALID_SHARE_NOW = 4
    ERRORS_PER_MINUTE = 5
    LAG_PER_PARTITION = 6
    SECONDS_BEHIND = 7
    STATUS = 8
    RETENTION = 9
    EXPIRED_RECORDS = 10
    INVALID_SHARE = 11
    UNPARSEABLE = 12
    RECORDS_PER_MINUTE = 13
    COMPLETENESS = 14
    DRIFT = 15
    REPORTS = 16
    EXPORT = 17
    TICK = 18


_OF_MEASURE = {
    "max_lag": Panel.LAG_PER_PARTITION,
    "lag": Panel.LAG_PER_PARTITION,
    "seconds_behind": Panel.SECONDS_BEHIND,
    "status": Panel.STATUS,
    "dataset_status": Panel.ERRORS_PER_MINUTE,
    "invalid_ratio": Panel.INVALID_SHARE,
    "unparseable": Panel.UNPARSEABLE,
    "unparseable_ratio": Panel.UNPARSEABLE,
    "expired_records": Panel.EXPIRED_RECORDS,
    "retention_left": Panel.RETENTION,
    "drift": Panel.DRIFT,
    "export_backlog": Panel.EXPORT,
    "no_data": Panel.TICK,
}


def dashboard_uid(observed: Observed) -> str:
    """The dashboard's id."""
    return uid(observed.name, "observability")


def panel_of(condition: Condition) -> Panel:
    """The panel that shows what a condition is about."""
    return _OF_MEASURE[condition.measure.name]
