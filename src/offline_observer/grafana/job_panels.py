"""The panels on jobs (pure)."""

from grafana_foundation_sdk.builders import elasticsearch, stat, statetimeline, timeseries
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from offline_observer.alert.measure import MEASURES
from offline_observer.alert.rule import AlertRule
from offline_observer.grafana import looks
from offline_observer.grafana.data_sources import TIME_FIELD, Source
from offline_observer.grafana.observed import Observed
from offline_observer.grafana.panel_ids import Panel
from offline_observer.grafana.queries import COUNT, Metric, documents, series, source_ref
from offline_observer.grafana.spans import span

JobPanel = stat.Panel | timeseries.Panel | statetimeline.Panel

_QUERY = "job:$job"
# So many observations are asked for themselves; beyond that their number in each state tells.
_MOST_OBSERVATIONS = 500


def job_panels(observed: Observed) -> list[JobPanel]:
    """The panels on jobs, in their order; none when no job is watched."""
    if not observed.watched.jobs:
        return []
    numbers: list[JobPanel] = [_lag_now(observed), _behind_now(observed)]
    if len(observed.watched.jobs) == 1:
        # One value cannot tell the status of several jobs.
        numbers.insert(0, _status_now(observed))
    return numbers


def job_charts(observed: Observed) -> list[JobPanel]:
    """The charts on jobs but for the lag, in their order."""
    if not observed.watched.jobs:
        return []
    return [_seconds_behind(observed), _status(observed), _retention(observed), _expired(observed)]


def lag_per_partition(observed: Observed) -> timeseries.Panel:
    """The lag of each partition: shows one that is late."""
    legend = "{{term topic}}-{{term partition}}"
    if len(observed.watched.jobs) > 1:
        legend = "{{term job}}: " + legend
    query = series(
        observed,
        Source.PARTITIONS,
        [Metric("max", "lag")],
        query=_QUERY,
        groups=("job", "topic", "partition"),
        alias=legend,
    )
    text = (
        "Records of each partition that the job has not finished: its newest offset minus the one in the job's checkpoint. "
        "A gap means that it was not known; the status says why."
    )
    panel = _lines(observed, Panel.LAG_PER_PARTITION, "Offset lag per partition", text, Source.PARTITIONS)
    panel = panel.unit("short").with_target(query)
    limits = [limit for rule in observed.rules if (limit := _limit(rule, "lag", "max_lag")) is not None]
    return looks.with_limit(panel, min(limits)) if limits else panel


def _limit(rule: AlertRule, *measures: str) -> float | None:
    """The value above which a rule alerts, if it is about one of these."""
    condition = rule.condition
    names = [MEASURES[name] for name in measures]
    return condition.value if condition.measure in names and condition.operator in (">", ">=") else None


def _lines(observed: Observed, panel: Panel, title: str, text: str, source: Source) -> timeseries.Panel:
    tick = span(observed.watched.tick)
    return looks.lines(panel, title, text, source_ref(observed, source), interval=tick)


def _status_now(observed: Observed) -> stat.Panel:
    text = "The job's status in the newest observation. docs/lag.md says when each is given, and what to do."
    source = source_ref(observed, Source.OBSERVATIONS)
    panel = looks.number(
        Panel.STATUS_NOW, "Job status", text, source, fields="/^job_status$/", tick=observed.watched.tick
    )
    panel = panel.mappings(looks.status_mappings()).thresholds(looks.thresholds([(None, "text")]))
    return panel.with_target(documents(observed, Source.OBSERVATIONS, 1, query=_QUERY))


def _lag_now(observed: Observed) -> stat.Panel:
    text = "The largest lag of a partition in the last observation, in records."
    source = source_ref(observed, Source.PARTITIONS)
    panel = looks.number(Panel.LAG_NOW, "Highest lag now", text, source, tick=observed.watched.tick)
    limits = [limit for rule in observed.rules if (limit := _limit(rule, "lag", "max_lag")) is not None]
    steps: list[tuple[float | None, str]] = [
        (None, "green"),
        *((limit, "red") for limit in sorted(limits)[:1]),
    ]
    query = series(observed, Source.PARTITIONS, [Metric("max", "lag")], query=_QUERY)
    tick = span(observed.watched.tick)
    return panel.unit("short").interval(tick).thresholds(looks.thresholds(steps)).with_target(query)


def _behind_now(observed: Observed) -> stat.Panel:
    text = "The age of the first record that the job has not finished; 0 when none waits."
    source = source_ref(observed, Source.OBSERVATIONS)
    panel = looks.number(Panel.BEHIND_NOW, "Seconds behind now", text, source, tick=observed.watched.tick)
    query = series(observed, Source.OBSERVATIONS, [Metric("max", "seconds_behind")], query=_QUERY)
    steps = looks.thresholds([(None, "green"), (60, "orange"), (300, "red")])
    tick = span(observed.watched.tick)
    return panel.unit("s").decimals(1).interval(tick).thresholds(steps).with_target(query)


def _seconds_behind(observed: Observed) -> timeseries.Panel:
    text = (
        "The age of the first record that the job has not finished, the worst of its partitions. It grows second by second "
        "while a job stands still, and a gap means that it was not known."
    )
    panel = _lines(observed, Panel.SECONDS_BEHIND, "Seconds behind", text, Source.OBSERVATIONS)
    return panel.unit("s").decimals(1).with_target(_of_job(observed, "max", "seconds_behind"))


def _retention(observed: Observed) -> timeseries.Panel:
    text = (
        "The time until the first record expires that the job has not read. It is known once retention has removed something "
        "from the topic."
    )
    panel = _lines(observed, Panel.RETENTION, "Time until unread records expire", text, Source.OBSERVATIONS)
    return panel.unit("s").with_target(_of_job(observed, "min", "retention_left"))


def _expired(observed: Observed) -> timeseries.Panel:
    text = (
        "Records that retention removed before the job read them, from where the job is now: they are lost to it. The job's "
        "status says data_loss for a day."
    )
    panel = _lines(observed, Panel.EXPIRED_RECORDS, "Expired records", text, Source.OBSERVATIONS)
    return looks.with_limit(panel.unit("short").with_target(_of_job(observed, "max", "expired_records")), 1)


def _of_job(observed: Observed, kind: str, field: str) -> elasticsearch.Dataquery:
    return series(
        observed,
        Source.OBSERVATIONS,
        [Metric(kind, field)],
        query=_QUERY,
        groups=("job",),
        alias="{{term job}}",
    )


def _status(observed: Observed) -> statetimeline.Panel:
    """As text of a single job's observations; of several jobs by the number of observations in each status."""
    source = source_ref(observed, Source.OBSERVATIONS)
    if len(observed.watched.jobs) == 1:
        text = f"The job's status in each of the newest {_MOST_OBSERVATIONS} observations."
        panel = looks.timeline(Panel.STATUS, "Job status over time", text, source)
        panel = panel.mappings(looks.status_mappings()).thresholds(looks.thresholds([(None, "text")]))
        return panel.with_target(
            documents(observed, Source.OBSERVATIONS, _MOST_OBSERVATIONS, query=_QUERY)
        ).transformations(
            [
                _step("filterFieldsByName", include={"names": [TIME_FIELD, "job_status"]}),
                _step(
                    "convertFieldType",
                    fields={},
                    conversions=[{"targetField": TIME_FIELD, "destinationType": "time"}],
                ),
                _step("sortBy", fields={}, sort=[{"field": TIME_FIELD, "desc": False}]),
            ]
        )
    text = "A row for each status that a job had: coloured where it had observations of this status."
    panel = looks.timeline(Panel.STATUS, "Job status over time", text, source)
    query = series(
        observed,
        Source.OBSERVATIONS,
        [COUNT],
        query=_QUERY,
        groups=("job", "job_status"),
        alias="{{term job}}: {{term job_status}}",
    )
    panel = panel.thresholds(looks.thresholds([(None, "#9fa7b3"), (1, "blue")])).with_target(query)
    for status, colour in looks.STATUS_COLOURS.items():
        steps = {
            "mode": "absolute",
            "steps": [{"color": "#9fa7b3", "value": None}, {"color": colour, "value": 1}],
        }
        panel = panel.override_by_regexp(f"/: {status}$/", [looks.value("thresholds", steps)])
    return panel.interval(span(observed.watched.tick))


def _step(name: str, **options: object) -> DataTransformerConfig:
    return DataTransformerConfig(id_val=name, options=options)
