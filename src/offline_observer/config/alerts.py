"""The alerts of the configuration, and what is refused of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from offline_observer.alert.condition import Condition, parse_condition
from offline_observer.alert.defaults import EVERY
from offline_observer.alert.measure import NoData, Shape
from offline_observer.alert.rule import AlertRule, Severity, Take
from offline_observer.alert.watched import Watched, is_of_a_dataset, is_of_a_job
from offline_observer.config.strict_model import StrictModel
from offline_observer.config.values import Duration, property_value
from offline_observer.config.yaml_messages import Location, did_you_mean

_LONGEST_NAME = 100
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
# These come with every alert.
_OWN_LABELS = frozenset(
    {"alertname", "severity", "observer", "job", "topic", "partition", "dataset", "field"}
)
_LEAST_EVERY = timedelta(seconds=1)
_LONGEST_OVER = timedelta(days=1)


def _condition(value: object) -> Condition:
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a condition, such as max_lag > 15")  # noqa: TRY004 - pydantic takes no TypeError
    return parse_condition(value, did_you_mean)


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > _LONGEST_NAME:
        raise ValueError(f"expected a name of one line and at most {_LONGEST_NAME} characters")
    return value


def _no_time(value: object) -> object:
    # A duration is above zero everywhere else.
    return timedelta() if value in ("0s", "0") or (type(value) is int and value == 0) else value


def _label(key: str) -> str:
    if key in _OWN_LABELS:
        instead = "; use severity: of the alert" if key == "severity" else ""
        raise ValueError(f"every alert brings this label itself{instead}")
    if not _LABEL.fullmatch(key):
        raise ValueError("expected a label of letters, digits and _, which begins with no digit")
    return key


def _every(value: timedelta) -> timedelta:
    if value < _LEAST_EVERY:
        raise ValueError("expected a duration of 1s or more")
    return value


def _over(value: timedelta) -> timedelta:
    if value > _LONGEST_OVER:
        raise ValueError("expected a duration of at most 1d")
    return value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Alert(StrictModel):
    """An alert. What it leaves open is chosen by what its condition is about.

    Attributes:
        name: What it is called.
        when: The condition.
        stays: For how long the condition has to hold.
        every: The time from one look to the next.
        severity: How bad it is.
        labels: What else it is marked with.
        no_data: What it is while there is nothing to judge by.
        keep_firing_for: For how long it stays raised after the condition has ceased to hold.
        over: How far the condition looks back.
        take: Which of several readings counts.
        jobs: The jobs that it is about; empty for all.
        datasets: The topics of the datasets that it is about; empty for all.
        notify: The channels that are told; None for all of them.
        remind: How long it is raised before they are told again; None: never.
    """

    name: Annotated[str, AfterValidator(_name)]
    when: Annotated[Condition, BeforeValidator(_condition)]
    stays: Annotated[Duration, BeforeValidator(_no_time)] | None = Field(default=None, alias="for")
    every: Annotated[Duration, AfterValidator(_every)] = EVERY
    severity: Severity = Severity.WARN
    labels: dict[Annotated[str, AfterValidator(_label)], Annotated[str, BeforeValidator(property_value)]] = (
        Field(default_factory=dict)
    )
    no_data: NoData | None = None
    keep_firing_for: Annotated[Duration, BeforeValidator(_no_time)] = timedelta()
    over: Annotated[Duration, AfterValidator(_over)] | None = None
    take: Take = Take.LAST
    jobs: Names = ()
    datasets: Names = ()
    notify: Names | None = None
    remind: Duration | None = None

    def rule(self, watched: Watched) -> AlertRule:
        """The alert with everything said."""
        measure = self.when.measure
        return AlertRule(
            name=self.name,
            condition=self.when,
            stays=measure.stays if self.stays is None else self.stays,
            every=self.every,
            severity=self.severity,
            labels=dict(self.labels),
            no_data=measure.no_data if self.no_data is None else self.no_data,
            keep_firing_for=self.keep_firing_for,
            over=watched.over(self.when) if self.over is None else self.over,
            take=self.take,
            jobs=self.jobs,
            datasets=self.datasets,
            notify=self.notify,
            remind=self.remind,
        )


def alert_problems(alerts: Iterable[Alert], watched: Watched) -> Iterator[tuple[Location, str]]:
    """What is wrong with the alerts for what is watched, with its place."""
    names: dict[str, int] = {}
    for index, alert in enumerate(alerts):
        # Where they are shown, names that differ in small and capital letters only are taken for the same.
        first = names.setdefault(alert.name.casefold(), index)
        if first != index:
            yield (index, "name"), f"alerts[{first}] has this name already"
        problems = (
            *_of_subject(alert, watched),
            *_of_field(alert.when, watched),
            *_of_looking_back(alert, watched),
        )
        for place, text in problems:
            yield (index, *place), text


def _of_subject(alert: Alert, watched: Watched) -> Iterator[tuple[Location, str]]:
    name = alert.when.measure.name
    topics = tuple(dataset.topic for dataset in watched.datasets)
    if is_of_a_job(alert.when) and not watched.jobs:
        yield ("when",), f"{name} is of a job, and no pipeline has one"
    if is_of_a_dataset(alert.when) and not topics:
        yield ("when",), f"{name} is of a dataset, and no pipeline has one"
    if alert.jobs and is_of_a_dataset(alert.when):
        yield ("jobs",), f"{name} is of a dataset; name those that are meant: datasets: […]"
    if alert.datasets and is_of_a_job(alert.when):
        yield ("datasets",), f"{name} is of a job; name those that are meant: jobs: […]"
    if alert.when.measure.name == "export_backlog" and (alert.jobs or alert.datasets):
        yield ("jobs" if alert.jobs else "datasets",), f"{name} is of the observer as a whole"
    for key, named, known in (("jobs", alert.jobs, watched.jobs), ("datasets", alert.datasets, topics)):
        for index, one in enumerate(named):
            if one not in known:
                yield (
                    (key, index),
                    f"no pipeline has the {key.removesuffix('s')} {one!r}; {did_you_mean(one, known)}",
                )


def _of_field(condition: Condition, watched: Watched) -> Iterator[tuple[Location, str]]:
    checked, profiled, field = watched.checked(), watched.profiled(), condition.field
    match condition.measure.name:
        case "invalid_ratio" if field is not None and field not in checked:
            text = (
                f"no rule of severity error is on the field {field!r}, so nothing counts its invalid records"
            )
            yield ("when",), f"{text}; {did_you_mean(field, checked)}" if checked else text
        case "drift" if not profiled and watched.datasets:
            yield ("when",), "drift is of a dataset's profile, and no dataset has one"
        case "drift" if field is not None and profiled and field not in profiled:
            yield ("when",), f"no profile is of the field {field!r}; {did_you_mean(field, profiled)}"
        case _:
            return


def _of_looking_back(alert: Alert, watched: Watched) -> Iterator[tuple[Location, str]]:
    shape, name = alert.when.measure.shape, alert.when.measure.name
    words: Mapping[Shape, str] = {
        Shape.SUM: f"{name} is added up over the time that is looked back on; leave take out",
        Shape.SHARE: f"{name} is a share of all that time's records; leave take out",
        Shape.STATUS: "a status has no largest one; leave take out, and say how far is looked back: over: 10m",
        Shape.ABSENCE: "no data is of all that time; leave take out",
    }
    if alert.take is Take.MAX and shape in words:
        yield ("take",), words[shape]
    if alert.over is not None and alert.over < watched.tick:
        yield ("over",), "this is shorter than the time from one observation to the next (every)"
    if shape is Shape.ABSENCE and alert.no_data not in (None, NoData.ALERTING):
        yield ("no_data",), "this alert is about there being no data; leave no_data out"
