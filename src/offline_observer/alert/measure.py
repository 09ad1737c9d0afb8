"""What the condition of an alert can be about (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum

from offline_observer.lag.status import Status
from offline_observer.quality.verdict import DatasetStatus


class NoData(StrEnum):
    """What an alert is while there is nothing to judge by: no observation, or none in which the number is known."""

    ALERTING = "alerting"
    OK = "ok"
    NO_DATA = "no_data"


class Subject(Enum):
    """Whose the number is. An alert speaks of each one by itself."""

    JOB = "a job"
    PARTITION = "a partition of a job's input"
    DATASET = "a dataset"
    OBSERVER = "the observer"


class Shape(Enum):
    """How a number comes about from the observations that a condition looks back on."""

    READING = "of one observation: the last one's, or the largest"
    SUM = "added up over the observations"
    SHARE = "two sums, one divided by the other"
    STATUS = "one of some words: it holds when an observation has one of those that are asked for"
    ABSENCE = "whether there is any observation"


class Unit(Enum):
    """What a number counts."""

    RECORDS = "records"
    SECONDS = "seconds"
    SHARE = "a share from 0 to 1"
    DOCUMENTS = "documents"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that a condition can be about, with what an alert on it does when it says nothing else.

    Attributes:
        name: The word in the configuration.
        sentence: What it is.
        subject: Whose it is.
        shape: How it comes about.
        unit: What the number counts.
        takes_field: It can be asked of one field: `drift(user_id)`.
        statuses: The words that there are; empty for a number.
        stays: How long the condition has to hold. Numbers that go up and down have to stay; what was judged over some time
            already counts at once.
        over: How far the condition looks back, at the least.
        no_data: What the alert is while there is nothing to judge by.
    """

    name: str
    sentence: str
    subject: Subject
    shape: Shape
    unit: Unit = Unit.NONE
    takes_field: bool = False
    statuses: tuple[str, ...] = ()
    stays: timedelta = timedelta()
    over: timedelta
    no_data: NoData


_TEN_MINUTES, _FIVE_MINUTES, _TWO_MINUTES = (timedelta(minutes=n) for n in (10, 5, 2))

_ALL = (
    # An unknown lag is what one must hear of, so the first three are alerts when it stays unknown. Of a job's status and of
    # the data nothing is to be said while the observer is silent, which is an alert of its own.
    Measure(
        name="max_lag",
        sentence="the largest lag of a partition",
        subject=Subject.JOB,
        shape=Shape.READING,
        unit=Unit.RECORDS,
        stays=_FIVE_MINUTES,
        over=_TEN_MINUTES,
        no_data=NoData.ALERTING,
    ),
    Measure(
        name="lag",
        sentence="the lag of a partition, each by itself",
        subject=Subject.PARTITION,
        shape=Shape.READING,
        unit=Unit.RECORDS,
        stays=_FIVE_MINUTES,
        over=_TEN_MINUTES,
        no_data=NoData.ALERTING,
    ),
    Measure(
        name="seconds_behind",
        sentence="the age of the first record that the job has not finished",
        subject=Subject.JOB,
        shape=Shape.READING,
        unit=Unit.SECONDS,
        stays=_FIVE_MINUTES,
        over=_TEN_MINUTES,
        no_data=NoData.ALERTING,
    ),
    Measure(
        name="status",
        sentence="the job's status",
        subject=Subject.JOB,
        shape=Shape.STATUS,
        statuses=tuple(status.value for status in Status),
        over=_TWO_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="dataset_status",
        sentence="the dataset's status",
        subject=Subject.DATASET,
        shape=Shape.STATUS,
        statuses=tuple(status.value for status in DatasetStatus),
        over=_TWO_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="invalid_ratio",
        sentence="the share of the parsed records that are invalid, or invalid in one field",
        subject=Subject.DATASET,
        shape=Shape.SHARE,
        unit=Unit.SHARE,
        takes_field=True,
        over=_FIVE_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="unparseable",
        sentence="records that could not be parsed",
        subject=Subject.DATASET,
        shape=Shape.SUM,
        unit=Unit.RECORDS,
        over=_FIVE_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="unparseable_ratio",
        sentence="the share of all records that could not be parsed",
        subject=Subject.DATASET,
        shape=Shape.SHARE,
        unit=Unit.SHARE,
        over=_FIVE_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="expired_records",
        sentence="records that retention removed before the job read them",
        subject=Subject.JOB,
        shape=Shape.READING,
        unit=Unit.RECORDS,
        over=_TEN_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="retention_left",
        sentence="the time until the first record expires that the job has not read",
        subject=Subject.JOB,
        shape=Shape.READING,
        unit=Unit.SECONDS,
        over=_TEN_MINUTES,
        # It is not known until retention has removed something.
        no_data=NoData.OK,
    ),
    Measure(
        name="drift",
        sentence="how far the last window of a profile is from what it is compared with: of any field, or of one",
        subject=Subject.DATASET,
        shape=Shape.READING,
        unit=Unit.SHARE,
        takes_field=True,
        over=_TEN_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="export_backlog",
        sentence="documents that wait to be sent to an exporter",
        subject=Subject.OBSERVER,
        shape=Shape.READING,
        unit=Unit.DOCUMENTS,
        stays=_FIVE_MINUTES,
        over=_TEN_MINUTES,
        no_data=NoData.OK,
    ),
    Measure(
        name="no_data",
        sentence="no observation was made: the observer has stopped, or cannot be heard",
        subject=Subject.OBSERVER,
        shape=Shape.ABSENCE,
        stays=timedelta(minutes=1),
        over=_TWO_MINUTES,
        no_data=NoData.ALERTING,
    ),
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}
"""The measures by their names."""
