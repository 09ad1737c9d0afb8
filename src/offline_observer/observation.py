"""An observation, and the documents that are made of it (pure)."""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offline_observer.lag.lag import JobLag, PartitionLag, unknown_lag
from offline_observer.quality.field_tree import parents
from offline_observer.quality.rules.checks import Judge
from offline_observer.quality.rules.registry import Scope
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Offender, Summary
from offline_observer.quality.times import epoch_time, read_time
from offline_observer.quality.verdict import Outcome, dataset_status
from offline_observer.time_text import format_time

Document = dict[str, object]

# A field per key runs into Elasticsearch's limit of 1,000 fields, so the map is written for small jobs only.
LARGEST_LAG_MAP = 100
# So many undeclared fields are named in a document.
NAMED_UNKNOWN_FIELDS = 20
UNCHANGED_PARTITION_EVERY = timedelta(minutes=1)
# Ticks come a little early or late; the sixth of 10 s must not miss the minute by a millisecond.
_JITTER = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobObservation:
    """What a tick saw of a job.

    Attributes:
        name: The job's name in the configuration.
        lag: Its lag; `unknown` with the reason when it could not be measured.
        status_before: Its status at the look before; None when there was none.
    """

    name: str
    lag: JobLag
    status_before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetObservation:
    """What a tick saw of a dataset.

    Attributes:
        topic: The dataset's topic.
        rules: The dataset's rules; each has a count in the document.
        declared: Paths of the fields that the configuration declares.
        summary: Of the records read; None when the dataset could not be read.
        outcomes: What became of each rule.
        behind: Records between what is observed and the end of the topic; None when unknown.
        expired: Records that retention removed before they were observed; None when unknown.
        error: Why the dataset, or a part of it, could not be read; None when all went well.
        notes: What was odd, a sentence each.
        contents: Makes the text of an offending record's value, to be shown; None for none.
        newest: Per time field that a rule looks at, the newest time that was ever seen; under `""` the records' own.
    """

    topic: str
    rules: Sequence[Rule]
    declared: Collection[str]
    summary: Summary | None
    outcomes: Sequence[Outcome]
    behind: int | None
    expired: int | None
    error: str | None
    notes: Sequence[str] = ()
    contents: Callable[[bytes], str | None] | None = None
    newest: Mapping[str, datetime] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNews:
    """What became of the report of a window that is over.

    Attributes:
        name: The page's name in the folder of reports; None when there is none.
        error: Why there is none; None when there is one.
    """

    name: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one tick saw of one pipeline. At least one of job and dataset is there."""

    timestamp: datetime
    observer: str
    pipeline: str
    job: JobObservation | None
    dataset: DatasetObservation | None


def observation_id(journal: str, pipeline: str, sequence: int) -> str:
    """The id of an observation of the local engine: unique, and the same whenever it is sent again."""
    return f"{journal}-{pipeline}-{sequence}"


def batch_observation_id(pipeline: str, query_id: str, batch_id: int) -> str:
    """The id of an observation of the Spark engine: a batch that is run again has the same."""
    return f"{pipeline}-{query_id}-{batch_id}"


def partition_id(observation: str, topic: str, partition: int) -> str:
    """The id of a partition's document."""
    return f"{observation}/{topic}/{partition}"


def profile_id(observation: str, field: str) -> str:
    """The id of a field's document: of the window that was over at this observation."""
    return f"{observation}/profile/{field}"


def invalid_name(path: str) -> str:
    """The document's name for the count of a field: `invalid_context_user_ip`."""
    return "invalid_" + path.replace(".", "_")


def warned_name(path: str) -> str:
    """The document's name for the count of a field that rules of severity `warn` look at."""
    return "warned_" + path.replace(".", "_")


def broken_name(rule: str) -> str:
    """The document's name for the count of a rule: `broken_user_id_not_empty`."""
    return "broken_" + re.sub(r"\W+", "_", rule)


def drift_name(path: str) -> str:
    """The document's name for the count of a field's values of another type than declared."""
    return "type_drift_" + path.replace(".", "_")


def newest_name(path: str) -> str:
    """The document's name for the newest value of a time field; `newest_record` for the records' own time."""
    return "newest_" + (path.replace(".", "_") or "record")


def observation_document(observation: Observation) -> Document:
    """The document of kind `observation`. Counts are 0 when nothing was there, null when unknown."""
    document: Document = {
        "@timestamp": format_time(observation.timestamp),
        "kind": "observation",
        "observer": observation.observer,
        "pipeline": observation.pipeline,
        "job": observation.job.name if observation.job else None,
        "dataset": observation.dataset.topic if observation.dataset else None,
    }
    if observation.job:
        document["batch_id"] = observation.job.lag.batch_id
    if observation.dataset:
        document.update(_dataset_part(observation.dataset))
    if observation.job:
        document.update(_job_part(observation.job.lag, observation.job.status_before))
    document["warnings"] = [
        *(observation.job.lag.warnings if observation.job else ()),
        *(observation.dataset.notes if observation.dataset else ()),
    ]
    return document


def with_own(document: Document, own: Document) -> Document:
    """A document with what there is to say of the observer itself; its warnings come after the others."""
    warnings = (document.get("warnings"), own.get("warnings"))
    return {
        **document,
        **own,
        "warnings": [one for found in warnings if isinstance(found, list) for one in found],
    }


def _dataset_part(dataset: DatasetObservation) -> Document:
    summary = dataset.summary
    status, reason = dataset_status(dataset.outcomes, summary, dataset.error)
    part: Document = {
        "all_events": summary.all_events if summary else None,
        "unparseable": summary.unparseable if summary else None,
        "tombstones": summary.tombstones if summary else None,
        "invalid": summary.invalid_records if summary else None,
        "dataset_behind": dataset.behind,
        "dataset_expired": dataset.expired,
        "dataset_status": status.value,
        "dataset_reason": reason,
        "dataset_error": dataset.error,
    }
    for severity, name in (("error", invalid_name), ("warn", warned_name)):
        for path in dict.fromkeys(r.field for r in dataset.rules if r.field and r.severity == severity):
            counts = {} if summary is None else summary.invalid if severity == "error" else summary.warned
            part[name(path)] = counts.get(path, 0) if summary else None
    for outcome in dataset.outcomes:
        part[broken_name(outcome.rule.id)] = outcome.broken
    judged = [outcome for outcome in dataset.outcomes if outcome.rule.kind.scope is Scope.DATASET]
    if judged:
        part["dataset_broken"] = [f"{one.rule.id}: {one.sentence}" for one in judged if one.broken]
    if dataset.declared:
        part["unknown_fields"] = summary.unknown_fields if summary else None
        top = summary.unknown_names.top(NAMED_UNKNOWN_FIELDS) if summary else []
        part["unknown_field_names"] = [name for name, _ in top]
        around = (parent for path in dataset.declared for parent in parents(path))
        for path in dict.fromkeys((*dataset.declared, *around)):
            part[drift_name(path)] = summary.type_drift.get(path, 0) if summary else None
    for field, time in sorted(dataset.newest.items()):
        part[newest_name(field)] = format_time(time)
    if summary and summary.offenders:
        part["offenders"] = [
            _offender(rule, offender, dataset.contents)
            for rule, offenders in sorted(summary.offenders.items())
            for offender in offenders
        ]
    return part


def profile_part(
    drift_max: float | None, drift_field: str | None, news: ReportNews | None, fault: str | None
) -> Document:
    """What an observation's document says of the dataset's profile.

    Args:
        drift_max: The largest drift of a field in the last window that is over; None when it is not known.
        drift_field: Of which field.
        news: What became of the last report, if that has become known since the observation before.
        fault: Why the window under way is lost; None when it is not.
    """
    error = fault or (news.error if news else None)
    return {
        "drift_max": drift_max,
        "drift_field": drift_field,
        "profile": "failed" if error else "made" if news else None,
        "profile_report": news.name if news else None,
        "profile_error": error,
    }


def newest_times(document: Document | None, topic: str, rules: Iterable[Rule]) -> dict[str, datetime]:
    """The newest times of a dataset that an earlier document tells, for the rules that look at them.

    Args:
        document: The document of an observation; None when there is none.
        topic: The dataset's topic. What the document says of another one is no use.
        rules: The dataset's rules.
    """
    if document is None or document.get("dataset") != topic:
        return {}
    found: dict[str, datetime] = {}
    for rule in rules:
        check = rule.check()
        if isinstance(check, Judge) and check.time_field is not None:
            time = read_time(document.get(newest_name(check.time_field)))
            if time is not None:
                found[check.time_field] = time
    return found


def _offender(
    rule: str, offender: Offender, contents: Callable[[bytes], str | None] | None
) -> dict[str, object]:
    place = offender.place
    found: dict[str, object] = {
        "rule": rule,
        "topic": place.topic,
        "partition": place.partition,
        "offset": place.offset,
        "timestamp": format_time(epoch_time(place.timestamp)),
    }
    if contents is not None:
        found["content"] = None if offender.value is None else contents(offender.value)
    return found


def _job_part(lag: JobLag, status_before: str | None = None) -> Document:
    part: Document = {}
    one_topic = len({partition.topic for partition in lag.partitions}) == 1
    if one_topic and len(lag.partitions) <= LARGEST_LAG_MAP:
        part["lag_per_partition"] = {str(p.partition): p.lag for p in lag.partitions}
    part["max_lag"] = lag.max_lag
    part["total_lag"] = lag.total_lag
    part["unknown_partitions"] = lag.unknown_partitions
    part["expired_records"] = lag.expired_records
    part["seconds_behind"] = lag.seconds_behind
    part["last_commit_at"] = format_time(lag.last_commit_at)
    part["in_flight_since"] = format_time(lag.in_flight_since)
    part["input_rate"] = lag.input_rate
    part["processing_rate"] = lag.processing_rate
    part["seconds_to_catch_up"] = lag.seconds_to_catch_up
    part["retention_left"] = lag.retention_left
    part["job_status"] = lag.status.value
    part["job_status_changed"] = None if status_before is None else status_before != lag.status.value
    part["reason"] = lag.reason
    return part


def job_fields() -> frozenset[str]:
    """The names in a document that say something of the job."""
    return frozenset({"job", "batch_id", "lag_per_partition", *_job_part(unknown_lag(""))})


def partition_document(observation: Observation, job: JobObservation, partition: PartitionLag) -> Document:
    """The document of kind `partition`."""
    return {
        "@timestamp": format_time(observation.timestamp),
        "kind": "partition",
        "observer": observation.observer,
        "pipeline": observation.pipeline,
        "job": job.name,
        **partition.to_json(),
        "reason": partition.reason,
    }


Written = Mapping[tuple[str, int], tuple[datetime, PartitionLag]]
"""Per topic and partition: when its document was last written, and what it said."""


def due_partitions(
    partitions: Iterable[PartitionLag], written: Written, now: datetime
) -> tuple[PartitionLag, ...]:
    """The partitions whose documents this tick writes.

    All of them for jobs of up to 100 partitions; beyond that those that changed, and the others once a minute.
    """
    every = tuple(partitions)
    if len(every) <= LARGEST_LAG_MAP:
        return every

    def is_due(partition: PartitionLag) -> bool:
        last = written.get((partition.topic, partition.partition))
        # abs: a clock that stepped back must not silence a partition.
        return (
            last is None or last[1] != partition or abs(now - last[0]) > UNCHANGED_PARTITION_EVERY - _JITTER
        )

    return tuple(partition for partition in every if is_due(partition))
