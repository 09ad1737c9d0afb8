"""The configuration: what is observed, where, and how often.

The models hold no logic of the observer. They refuse at once what could not be observed later: unknown
keys, unknown rules, rules on fields that are not there, one job or dataset in two pipelines.

Values of Kafka properties, of storage options and of a Schema Registry's properties may be passwords. They are in no `repr` and in no error message.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from offline_observer.alert.defaults import default_alerts
from offline_observer.alert.rule import AlertRule
from offline_observer.alert.watched import Watched, WatchedDataset
from offline_observer.checkpoint.location import is_local
from offline_observer.config.alerts import Alert, alert_problems
from offline_observer.config.dashboard import Dashboard, dashboard_problems
from offline_observer.config.dataset_profile import Profile, profile_problems
from offline_observer.config.dataset_rules import RuleList, Rules, dataset_problems
from offline_observer.config.export import Export, Keep, SearchExport, export_problems
from offline_observer.config.notify import Channels, HeartbeatUrl, notify_problems
from offline_observer.config.record_format import FormatName, SchemaRegistryProperties, format_problems
from offline_observer.config.same_checkpoint import comparable_checkpoint
from offline_observer.config.storage import StorageOptions
from offline_observer.config.strict_model import StrictModel
from offline_observer.config.values import (
    Checkpoint,
    Duration,
    FieldPath,
    IsolationLevel,
    JavaKafkaProperties,
    JobName,
    Journal,
    KafkaProperties,
    Name,
    Samples,
    Start,
    Tick,
    Topic,
    brokers,
)
from offline_observer.config.yaml_file import LocatedError
from offline_observer.config.yaml_messages import Location
from offline_observer.formats.format import FormatSettings
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules.registry import Scope
from offline_observer.quality.rules.rule import Rule


class Job(StrictModel):
    """The Spark query that is watched.

    Attributes:
        name: What the observations call the job.
        checkpoint: Its checkpoint location: an absolute local path, or a URL.
        kafka: The properties for the cluster that it reads from, in place of the file's.
        isolation_level: Which records count as there for the job. Spark's own default is all of them.
        expected_every: How often a job runs that runs and ends; records may wait that long.
        retention_warning: A warning is given when records that the job has not read expire in less than this.
        start_timeout: How long records may wait for the job's first commit.
        stalled_after: How long records may wait without a commit; None: by the job's own rhythm.
        storage: Options for the filesystem of a checkpoint's URL: credentials, endpoint.
    """

    name: JobName
    checkpoint: Checkpoint
    storage: StorageOptions = Field(default_factory=dict, repr=False)
    kafka: KafkaProperties | None = Field(default=None, repr=False)
    isolation_level: IsolationLevel = "read_uncommitted"
    expected_every: Duration | None = None
    stalled_after: Duration | None = None
    start_timeout: Duration = timedelta(minutes=10)
    retention_warning: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _check_storage_has_a_url(self) -> Self:
        if self.storage and is_local(self.checkpoint):
            text = (
                "a checkpoint on a local disk takes no options; they are for a URL such as s3://bucket/folder"
            )
            raise LocatedError([(("storage",), text)])
        return self


class Dataset(StrictModel):
    """A topic whose records are checked.

    Attributes:
        topic: The topic.
        start_from: Where the first run begins: after what is there, at its beginning, or at a time.
        isolation_level: Which records are read.
        fields: The fields that the records have, paths joined by dots, with their types. Empty: unknown.
        rules: The rules, one for each field, in the order of the file.
        samples: What is kept of the first records that break a rule: their places, or their content as well.
        mask: Paths of the fields whose values are replaced wherever content is kept or shown.
        kafka: The properties for the topic's cluster, in place of the file's.
        format: How the bytes of a record become its fields.
        schema_registry: The properties of the Schema Registry's client, for a format that asks one.
        max_records_per_second: How many records are read per second at most, on average over a tick.
        max_bytes_per_second: How many bytes of them.
        processes: In how many processes they are read.
        profile: The dataset's profile; None for none.
    """

    topic: Topic
    start_from: Start = "latest"
    isolation_level: IsolationLevel = "read_committed"
    format: FormatName = "json"
    schema_registry: SchemaRegistryProperties = Field(default_factory=dict, repr=False)
    fields: dict[FieldPath, FieldType] = Field(default_factory=dict)
    rules: Rules = Field(default_factory=RuleList)
    samples: Samples = "places"
    mask: tuple[FieldPath, ...] = ()
    kafka: KafkaProperties | None = Field(default=None, repr=False)
    max_records_per_second: int | None = Field(default=None, ge=1)
    max_bytes_per_second: int | None = Field(default=None, ge=1)
    processes: int = Field(default=1, ge=1, le=64)
    profile: Profile | None = None

    def format_settings(self) -> FormatSettings:
        """What the format of the records is made of."""
        return FormatSettings(self.format, dict(self.schema_registry))

    def rule_list(self) -> tuple[Rule, ...]:
        """The rules, one for each field, in the order of the file."""
        return self.rules.rules

    @model_validator(mode="after")
    def _check_format(self) -> Self:
        raise_problems(format_problems(self.format, self.schema_registry))
        return self

    @model_validator(mode="after")
    def _check_profile(self) -> Self:
        raise_problems(profile_problems(self.profile, self.fields))
        return self

    @model_validator(mode="after")
    def _check_fields_and_rules(self) -> Self:
        raise_problems(dataset_problems(self.fields, self.rules, self.mask))
        return self


class Pipeline(StrictModel):
    """What one observation is about: an observed job, a dataset, or one of each.

    Attributes:
        name: What the observations call the pipeline.
        job: The observed job.
        dataset: The dataset.
    """

    name: Name
    job: Job | None = None
    dataset: Dataset | None = None

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.job is None and self.dataset is None:
            raise ValueError("a pipeline must have a job or a dataset, or one of each")
        return self


class SparkSettings(StrictModel):
    """What the Spark engine needs besides. `offline-observer run` has no use for it.

    Attributes:
        checkpoint: Where the observer's own queries keep their checkpoints: a folder, with one for each pipeline.
        durable_journal: The journal is on a disk that outlives the driver.
        max_offsets_per_trigger: At most so many records in a batch; None: all that are there.
        kafka: Properties of the Kafka client that Spark has, in place of those that are made of librdkafka's.
    """

    checkpoint: Checkpoint | None = None
    durable_journal: bool = False
    max_offsets_per_trigger: int | None = Field(default=None, ge=1)
    kafka: JavaKafkaProperties = Field(default_factory=dict, repr=False)


class Config(StrictModel):
    """The whole configuration.

    Attributes:
        name: What the observations call this observer.
        every: The time from one observation to the next, from a second to an hour.
        kafka: Properties for librdkafka, for jobs and datasets that have none of their own.
        journal: The observer's own file, on a local disk.
        pipelines: What is observed, one at least.
        spark: For the Spark engine.
        export: Where the observations are sent.
        dashboard: Where the observer answers; None: nowhere, or where nothing is said of it at the usual address, if that is free.
        keep: How long they are kept, in the journal and where they are sent; None: for ever.
        journal_max_bytes: How large the journal may become. At that size its oldest documents go.
        alerts: The alerts that the file names, in place of those that there are without the key.
        notify: Who is told of alerts: channels by their names; None: nobody.
        heartbeat: Called after each tick that was written; None: nothing is.
    """

    name: Name
    every: Tick = timedelta(seconds=10)
    kafka: KafkaProperties = Field(repr=False)
    # The default is validated because it, too, is relative to the folder of the file.
    journal: Journal = Field(
        default=Path("observations.db"),
        validate_default=True,
    )
    pipelines: tuple[Pipeline, ...] = Field(min_length=1)
    spark: SparkSettings = Field(default_factory=SparkSettings)
    export: Export = Field(default_factory=Export)
    keep: Keep | None = None
    dashboard: Dashboard | None = None
    journal_max_bytes: int = Field(default=10_000_000_000, ge=1_000_000)
    alerts: tuple[Alert, ...] = ()
    # A URL may stand in the wrong place.
    notify: Channels | None = Field(default=None, repr=False)
    heartbeat: HeartbeatUrl | None = None

    def index_of(self, export: SearchExport) -> str:
        """What the names of an exporter's indices begin with."""
        return export.index or f"{self.name.lower()}_observation_stats"

    def watched(self) -> Watched:
        """What is watched, as far as alerts are about it."""
        jobs = tuple(pipeline.job.name for pipeline in self.pipelines if pipeline.job)
        datasets = tuple(_watched(pipeline.dataset) for pipeline in self.pipelines if pipeline.dataset)
        return Watched(tick=self.every, jobs=jobs, datasets=datasets)

    def alert_rules(self) -> tuple[AlertRule, ...]:
        """The alerts: those of the file, which may be none, or where it says nothing of alerts those that suit it."""
        watched = self.watched()
        if "alerts" not in self.model_fields_set:
            return default_alerts(watched)
        return tuple(alert.rule(watched) for alert in self.alerts)

    def kafka_of_job(self, pipeline: Pipeline) -> dict[str, str]:
        """The Kafka properties for a pipeline's job: its own, or else the file's."""
        return dict(self._kafka_of(pipeline.job))

    def kafka_of_dataset(self, pipeline: Pipeline) -> dict[str, str]:
        """The Kafka properties for a pipeline's dataset: its own, or else the file's."""
        return dict(self._kafka_of(pipeline.dataset))

    def key_of_dataset(self, pipeline: Pipeline) -> str:
        """What the journal calls a pipeline's dataset: the same topic name on a second cluster is another one."""
        if pipeline.dataset is None:
            return ""
        kafka = pipeline.dataset.kafka
        return pipeline.dataset.topic + ("@" + kafka["bootstrap.servers"] if kafka else "")

    def _kafka_of(self, part: Job | Dataset | None) -> dict[str, str]:
        return self.kafka if part is None or part.kafka is None else part.kafka

    @model_validator(mode="after")
    def _check_each_in_one_pipeline(self) -> Self:
        raise_problems(self._problems_of_pipelines())
        return self

    @model_validator(mode="after")
    def _check_export(self) -> Self:
        raise_problems((("export", *place), text) for place, text in export_problems(self.export))
        return self

    @model_validator(mode="after")
    def _check_dashboard(self) -> Self:
        raise_problems((("dashboard", *place), text) for place, text in dashboard_problems(self.dashboard))
        return self

    @model_validator(mode="after")
    def _check_alerts(self) -> Self:
        raise_problems(
            (("alerts", *place), text) for place, text in alert_problems(self.alerts, self.watched())
        )
        return self

    @model_validator(mode="after")
    def _check_notify(self) -> Self:
        raise_problems(notify_problems(self.alerts, self.notify))
        return self

    @model_validator(mode="after")
    def _check_windows_hold_a_tick(self) -> Self:
        raise_problems(
            (
                ("pipelines", index, "dataset", "profile", "every"),
                "a window is not shorter than the time from one observation to the next (every)",
            )
            for index, pipeline in enumerate(self.pipelines)
            if pipeline.dataset
            and pipeline.dataset.profile
            and isinstance(length := pipeline.dataset.profile.every, timedelta)
            and length < self.every
        )
        return self

    def _problems_of_pipelines(self) -> Iterator[tuple[Location, str]]:
        # The index of the pipeline that has each name, checkpoint and topic first.
        owners: dict[tuple[str, ...], int] = {}
        for index, pipeline in enumerate(self.pipelines):
            for place, what, identities in self._identities(pipeline):
                first = min(owners.setdefault(identity, index) for identity in identities)
                if first != index:
                    yield ("pipelines", index, *place), f"pipelines[{first}] has {what} already"

    def _identities(self, pipeline: Pipeline) -> Iterator[tuple[Location, str, list[tuple[str, ...]]]]:
        """What no other pipeline may have: its place, its name in a message, and what it is equal by."""
        yield ("name",), "this name", [("pipeline", pipeline.name)]
        if (job := pipeline.job) is not None:
            yield ("job", "name"), "a job of this name", [("job", job.name)]
            checkpoint = ("checkpoint", *comparable_checkpoint(job.checkpoint, job.storage))
            yield ("job", "checkpoint"), "the job with this checkpoint", [checkpoint]
        if (dataset := pipeline.dataset) is not None:
            cluster = sorted(brokers(self.kafka_of_dataset(pipeline)))
            topics: list[tuple[str, ...]] = [("topic", dataset.topic, broker) for broker in cluster]
            yield ("dataset", "topic"), "this topic of the same cluster", topics
            if dataset.profile is not None and dataset.profile.folder is not None:
                files = ("reports", dataset.topic, str(dataset.profile.folder))
                yield ("dataset", "profile", "folder"), "reports of the same name in this folder", [files]


def _watched(dataset: Dataset) -> WatchedDataset:
    faults = [rule for rule in dataset.rule_list() if rule.severity == "error"]
    profile = dataset.profile
    return WatchedDataset(
        topic=dataset.topic,
        checked=tuple(dict.fromkeys(rule.field for rule in faults if rule.field)),
        is_checked=any(rule.kind.scope is not Scope.DATASET for rule in faults),
        profiled=profile.fields_of(dataset.fields) if profile else (),
        window=profile.every if profile and isinstance(profile.every, timedelta) else None,
    )


def raise_problems(problems: Iterable[tuple[Location, str]]) -> None:
    """Raises a `LocatedError` if there are problems."""
    if found := list(problems):
        raise LocatedError(found)
