"""What metrics there are, by the documents of the journal (pure).

Names and units by Prometheus's conventions: https://prometheus.io/docs/practices/naming/. What is not known has no sample: a
lag that is not known is not 0. That something is not known is said by the job's status.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from offline_observer.lag.status import Status
from offline_observer.observation import Document, broken_name, invalid_name
from offline_observer.quality.rules.registry import Scope
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.times import read_time
from offline_observer.quality.verdict import DatasetStatus

PREFIX = "offline_observer_"
# Partitions of large jobs are written once a minute when nothing changes; one that is not for as long is gone.
_GONE_AFTER_SECONDS = 180.0

Labels = tuple[str, ...]


class Family(NamedTuple):
    """A metric with all of its samples.

    Attributes:
        name: Its name, without what counters end with.
        kind: Whether it only grows.
        text: What it says.
        labels: The names of its labels.
        samples: By the values of the labels.
    """

    name: str
    kind: Literal["gauge", "counter"]
    text: str
    labels: Labels
    samples: Mapping[Labels, float]


@dataclass(slots=True)
class _Metric:
    kind: Literal["gauge", "counter"]
    text: str
    labels: Labels
    samples: dict[Labels, float] = field(default_factory=dict)


_OF_A_PIPELINE: Labels = ("pipeline",)
_OF_A_PARTITION: Labels = ("pipeline", "topic", "partition")
_OF_A_FIELD: Labels = ("pipeline", "field")

# By the metric's name the field of a partition's document.
_PARTITION_GAUGES = {
    "lag": ("lag", "Records of a partition that the job has not committed."),
    "lag_seconds": (
        "seconds_behind",
        "Age of the first record of a partition that the job has not committed.",
    ),
    "committed_offset": ("committed_offset", "First offset of a partition that the job has not committed."),
    "end_offset": ("end_offset", "End offset of a partition."),
}
_FIELD_GAUGES = {
    "field_completeness": ("completeness", "Share of the last window's records in which a field is filled."),
    "field_drift": ("drift", "Drift of a field in the last window, 0 to 1."),
}
_GAUGES = {
    "job_lag_max": ("max_lag", "The largest lag of a partition of the job."),
    "job_lag_sum": ("total_lag", "Lag of all partitions of the job whose lag is known."),
    "job_lag_seconds": ("seconds_behind", "Age of the first record that the job has not committed."),
    "unknown_partitions": ("unknown_partitions", "Partitions of the job whose lag is not known."),
    "expired_records": ("expired_records", "Records that retention removed before the job read them."),
    "retention_left_seconds": ("retention_left", "Until the first record expires that the job has not read."),
    "catch_up_seconds": ("seconds_to_catch_up", "How long the job takes to catch up, as things go."),
    "dataset_behind_records": ("dataset_behind", "Records of the dataset that are not observed yet."),
    "drift": ("drift_max", "The largest drift of a field of the dataset, 0 to 1."),
    "tick_duration_seconds": ("tick_seconds", "How long the last observation took."),
}
_COUNTERS = {
    "records": ("all_events", "Records of the dataset that were read."),
    "unparseable": ("unparseable", "Records that could not be parsed."),
    "tombstones": ("tombstones", "Records without a value."),
    "invalid_records": ("invalid", "Records that broke a rule of severity error."),
    "dataset_expired_records": (
        "dataset_expired",
        "Records that retention removed before they were observed.",
    ),
}


class MetricsState:
    """The metrics after some documents. Counters begin with the first of them that counts.

    Args:
        rules: The rules of each pipeline's dataset, by the pipeline's name.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = {
            pipeline: [rule for rule in every if rule.kind.scope is not Scope.DATASET]
            for pipeline, every in rules.items()
        }
        self._seen_at: dict[Labels, float] = {}
        self._now = 0.0
        self._metrics: dict[str, _Metric] = {}
        for name, (_, text) in _PARTITION_GAUGES.items():
            self._metrics[name] = _Metric("gauge", text, _OF_A_PARTITION)
        for name, (_, text) in _GAUGES.items():
            self._metrics[name] = _Metric("gauge", text, _OF_A_PIPELINE)
        for name, (_, text) in _FIELD_GAUGES.items():
            self._metrics[name] = _Metric("gauge", text, _OF_A_FIELD)
        self._metrics["field_invalid_records"] = _Metric(
            "counter", "Records that broke a rule of severity error of a field.", _OF_A_FIELD
        )
        for name, (_, text) in _COUNTERS.items():
            self._metrics[name] = _Metric("counter", text, _OF_A_PIPELINE)
        self._metrics["invalid"] = _Metric(
            "counter", "Records that broke a rule.", ("pipeline", "field", "rule", "severity")
        )
        self._metrics["job_status"] = _Metric(
            "gauge", "1 for the status that the job has, 0 for the others.", ("pipeline", "job", "status")
        )
        self._metrics["dataset_status"] = _Metric(
            "gauge",
            "1 for the status that the dataset has, 0 for the others.",
            ("pipeline", "dataset", "status"),
        )
        self._metrics["last_observation_timestamp_seconds"] = _Metric(
            "gauge", "When the last observation began.", _OF_A_PIPELINE
        )

    def add(self, document: Document, *, counts: bool) -> None:
        """Takes up a document.

        Args:
            document: The document, of any kind.
            counts: Its records are to be counted: it is no revision of one that was taken up before.
        """
        time = read_time(document.get("@timestamp"))
        if time is not None:
            self._now = time.timestamp()
        if document.get("kind") == "partition":
            self._add_partition(document)
        elif document.get("kind") == "observation":
            self._add_observation(document, counts=counts)
        elif document.get("kind") == "profile":
            labels = (str(document["pipeline"]), str(document["field"]))
            for name, (key, _) in _FIELD_GAUGES.items():
                _set(self._metrics[name].samples, labels, document.get(key))

    def _add_partition(self, document: Document) -> None:
        labels = (str(document["pipeline"]), str(document["topic"]), str(document["partition"]))
        self._seen_at[labels] = self._now
        for name, (key, _) in _PARTITION_GAUGES.items():
            _set(self._metrics[name].samples, labels, document.get(key))

    def _add_observation(self, document: Document, *, counts: bool) -> None:
        pipeline = str(document["pipeline"])
        for name, (key, _) in _GAUGES.items():
            if key in document:
                _set(self._metrics[name].samples, (pipeline,), document[key])
        self._metrics["last_observation_timestamp_seconds"].samples[pipeline,] = self._now
        for name, part, statuses in (
            ("job_status", "job", Status),
            ("dataset_status", "dataset", DatasetStatus),
        ):
            if document.get(part) is not None and name in document:
                samples = self._metrics[name].samples
                for status in statuses:
                    labels = (pipeline, str(document[part]), status.value)
                    samples[labels] = float(document[name] == status.value)
        if counts:
            self._count(pipeline, document)

    def _count(self, pipeline: str, document: Document) -> None:
        for name, (key, _) in _COUNTERS.items():
            if key in document:
                _increase(self._metrics[name].samples, (pipeline,), document[key])
        for rule in self._rules.get(pipeline, ()):
            labels = (pipeline, rule.field or "", rule.id, rule.severity)
            _increase(self._metrics["invalid"].samples, labels, document.get(broken_name(rule.id)))
        checked = (rule.field for rule in self._rules.get(pipeline, ()) if rule.severity == "error")
        for path in dict.fromkeys(path for path in checked if path):
            of_field = self._metrics["field_invalid_records"].samples
            _increase(of_field, (pipeline, path), document.get(invalid_name(path)))

    def families(self) -> Iterator[Family]:
        """All metrics. Partitions that are written no more are left out."""
        gone = [labels for labels, at in self._seen_at.items() if self._now - at > _GONE_AFTER_SECONDS]
        for labels in gone:
            del self._seen_at[labels]
            for name in _PARTITION_GAUGES:
                self._metrics[name].samples.pop(labels, None)
        for name, metric in self._metrics.items():
            yield Family(PREFIX + name, metric.kind, metric.text, metric.labels, dict(metric.samples))


def _set(samples: dict[Labels, float], labels: Labels, value: object) -> None:
    """A number; what is not known has no sample."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        samples[labels] = float(value)
    else:
        samples.pop(labels, None)


def _increase(samples: dict[Labels, float], labels: Labels, value: object) -> None:
    """A counter is there from the beginning, with 0: else its first increase would not be seen."""
    more = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    samples[labels] = samples.get(labels, 0.0) + more


def export_families(
    progress: Iterable[tuple[str, int, int, int, float | None]],
) -> Iterator[Family]:
    """The metrics of the exporters.

    Args:
        progress: Of each its name, the documents that wait, those that were refused and that were lost, and when some
            arrived last, in seconds since 1970.
    """
    every = list(progress)
    labels: Labels = ("exporter",)
    for name, text, place in (
        ("export_backlog_documents", "Documents of the journal that have not arrived yet.", 1),
        ("export_refused_documents", "Documents that are set aside, because the server refused them.", 2),
        ("export_lost_documents", "Documents that left the journal before they could be sent.", 3),
        ("export_last_success_timestamp_seconds", "When documents arrived last.", 4),
    ):
        samples: dict[Labels, float] = {
            (one[0],): float(value) for one in every if (value := one[place]) is not None
        }
        yield Family(PREFIX + name, "gauge", text, labels, samples)
