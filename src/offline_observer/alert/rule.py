"""An alert, with everything said that its configuration may leave open (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from offline_observer.alert.condition import Condition
from offline_observer.alert.measure import NoData


class Severity(StrEnum):
    """How bad it is."""

    INFO = "info"
    WARN = "warn"
    CRITICAL = "critical"


class Take(StrEnum):
    """Which of the readings that a condition looks back on counts."""

    LAST = "last"
    MAX = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """An alert.

    Attributes:
        name: What it is called; no other alert of the observer has this name.
        condition: When it holds.
        stays: For how long the condition has to hold before the alert is raised.
        every: The time from one look to the next.
        severity: How bad it is.
        labels: What else it is marked with, for whoever routes it.
        no_data: What it is while there is nothing to judge by.
        keep_firing_for: For how long it stays raised after the condition has ceased to hold.
        over: How far the condition looks back.
        take: Which of several readings counts.
        jobs: The jobs that it is about; empty for all.
        datasets: The datasets that it is about; empty for all.
        notify: The channels that are told; None for all.
        remind: How long it is raised before they are told again; None: never.
    """

    name: str
    condition: Condition
    stays: timedelta
    every: timedelta
    severity: Severity
    labels: Mapping[str, str] = field(default_factory=dict)
    no_data: NoData
    keep_firing_for: timedelta = timedelta()
    over: timedelta
    take: Take = Take.LAST
    jobs: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    notify: tuple[str, ...] | None = None
    remind: timedelta | None = None
