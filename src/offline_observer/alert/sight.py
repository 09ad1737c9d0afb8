"""What an alert sees of the documents, over the time that it looks back on (pure).

A sight takes documents as they come and says, when it is asked, what the condition comes to for each job, partition or dataset.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from offline_observer.alert.condition import Condition
from offline_observer.alert.instance import Key, Outcome
from offline_observer.alert.measure import Shape, Subject
from offline_observer.alert.rule import AlertRule, Take
from offline_observer.alert.sliding import LargestReading, LastReading, Sums
from offline_observer.observation import Document, invalid_name

NOTHING = Outcome(holds=None)
_READINGS = {"drift": "drift_max"}
# Of a job of many partitions, those that do not change are written once a minute only; one may be missed.
_LEAST_GONE = timedelta(minutes=3)
_TICKS = 3
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Target:
    """A pipeline, as alerts know it.

    Attributes:
        pipeline: Its name.
        job: Its job's name; None without one.
        dataset: Its dataset's topic; None without one.
    """

    pipeline: str
    job: str | None = None
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A document.

    Attributes:
        identity: Its id; the same id again replaces it.
        at: When it was made, never later than now.
        pipeline: Of which pipeline it is.
        document: The document.
    """

    identity: str
    at: datetime
    pipeline: str
    document: Document


class Sight(Protocol):
    """What a rule sees."""

    def take(self, seen: Seen) -> None:
        """Takes a document of a pipeline that the rule is about."""

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        """What the condition comes to, for each one. `known` are those that are not normal, which have to be judged as well."""

    def shift(self, by: timedelta) -> None:
        """Moves all times, for a clock that was set."""


def targets_of(rule: AlertRule, targets: Iterable[Target]) -> dict[str, Target]:
    """The pipelines that an alert is about, by their names."""
    subject = rule.condition.measure.subject

    def is_meant(target: Target) -> bool:
        of_job = target.job is not None and (not rule.jobs or target.job in rule.jobs)
        of_dataset = target.dataset is not None and (not rule.datasets or target.dataset in rule.datasets)
        if subject is Subject.DATASET:
            return of_dataset
        if subject is Subject.OBSERVER:
            is_narrowed = bool(rule.jobs or rule.datasets)
            return not is_narrowed or (bool(rule.jobs) and of_job) or (bool(rule.datasets) and of_dataset)
        return of_job

    return {target.pipeline: target for target in targets if is_meant(target)}


def kinds_of(rule: AlertRule) -> frozenset[str]:
    """The kinds of documents that an alert has to see."""
    if rule.condition.measure.subject is Subject.PARTITION:
        return frozenset({"observation", "partition"})
    if rule.condition.measure.name == "drift" and rule.condition.field is not None:
        return frozenset({"profile"})
    return frozenset({"observation"})


def make_sight(rule: AlertRule, targets: Iterable[Target], tick: timedelta) -> Sight:
    """What sees for a rule.

    Args:
        rule: The alert.
        targets: The pipelines that it is about.
        tick: The time from one observation to the next.
    """
    names = [target.pipeline for target in targets]
    match rule.condition.measure.shape:
        case Shape.ABSENCE:
            return _Absence(rule, names)
        case Shape.STATUS:
            return _Statuses(rule, names)
        case Shape.SUM | Shape.SHARE:
            return _Shares(rule, names)
        case Shape.READING:
            if rule.condition.measure.subject is Subject.PARTITION:
                return _Partitions(rule, names, max(_LEAST_GONE, _TICKS * tick))
            return _Readings(rule, names)


def number(value: object) -> float | None:
    """A number of a document; None for what is unknown or none, infinite, or larger than the journal can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST else None


def _reason(document: Document, subject: Subject) -> str:
    return text(document.get("dataset_reason" if subject is Subject.DATASET else "reason"))


def text(value: object) -> str:
    """A text of a document. Half a character, which JSON may have and SQLite does not take, becomes a question mark."""
    return str(value or "").encode("utf-8", "replace").decode("utf-8")


def _compared(condition: Condition, value: float | None, reason: str) -> Outcome:
    return Outcome(holds=None if value is None else condition.holds(value), value=value, reason=reason)


class _Readings:
    """A number of a job's or a dataset's observations, or of the observer's own."""

    def __init__(self, rule: AlertRule, names: Iterable[str]) -> None:
        self._rule = rule
        condition = rule.condition
        self._subject = condition.measure.subject
        self._field = condition.field
        name = condition.measure.name
        self._name = name if condition.field is not None else _READINGS.get(name, name)
        # What is the observer's as a whole stands in every pipeline's documents.
        keys = ("",) if self._subject is Subject.OBSERVER else names
        self._readings = {name: _reading(rule) for name in keys}
        self._reasons = dict.fromkeys(self._readings, "")

    def take(self, seen: Seen) -> None:
        document = seen.document
        if self._field is not None and document.get("field") != self._field:
            return
        name = "" if self._subject is Subject.OBSERVER else seen.pipeline
        self._reasons[name] = (
            _reason(document, self._subject) if self._subject is not Subject.OBSERVER else ""
        )
        if (value := number(document.get(self._name))) is not None:
            self._readings[name].add(seen.at, value)

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        del known
        for name, reading in self._readings.items():
            value = reading.value(now, self._rule.over)
            yield Key(name), _compared(self._rule.condition, value, self._reasons[name])

    def shift(self, by: timedelta) -> None:
        for reading in self._readings.values():
            reading.shift(by)


def _reading(rule: AlertRule) -> LastReading | LargestReading:
    return LargestReading(rule.over) if rule.take is Take.MAX else LastReading()


class _Partition:
    """What is known of a partition."""

    __slots__ = ("reading", "reason", "seen")

    def __init__(self, reading: LastReading | LargestReading, seen: datetime) -> None:
        self.reading = reading
        self.reason = ""
        self.seen = seen


class _Partitions:
    """The lag of each partition. One that is written no more, while its job is observed, is gone."""

    def __init__(self, rule: AlertRule, names: Iterable[str], gone_after: timedelta) -> None:
        self._rule = rule
        self._gone_after = gone_after
        self._partitions: dict[str, dict[str, _Partition]] = {name: {} for name in names}
        # When a job was observed last whose status was not `unknown`: then its partitions were all there.
        self._known_at: dict[str, datetime] = {}
        self._reasons = dict.fromkeys(self._partitions, "")

    def take(self, seen: Seen) -> None:
        document = seen.document
        if document.get("kind") == "observation":
            self._reasons[seen.pipeline] = _reason(document, Subject.PARTITION)
            if document.get("job_status") not in (None, "unknown"):
                self._known_at[seen.pipeline] = seen.at
            return
        if document.get("kind") != "partition":
            return
        part = f"{document.get('topic')}/{document.get('partition')}"
        partition = self._partition(seen.pipeline, part, seen.at)
        partition.seen = seen.at
        partition.reason = text(document.get("reason"))
        if (value := number(document.get("lag"))) is not None:
            partition.reading.add(seen.at, value)

    def _partition(self, pipeline: str, part: str, now: datetime) -> _Partition:
        partitions = self._partitions[pipeline]
        if part not in partitions:
            partitions[part] = _Partition(_reading(self._rule), now)
        return partitions[part]

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        for key in known:
            # One that was there before the observer was started, and has not been seen since.
            if key.part and key.pipeline in self._partitions:
                self._partition(key.pipeline, key.part, now)
        for pipeline, partitions in self._partitions.items():
            known_at = self._known_at.get(pipeline)
            for part, partition in list(partitions.items()):
                if known_at is not None and known_at - partition.seen > self._gone_after:
                    # It is said until it was heard: what is to be written of it may have to be tried again.
                    if Key(pipeline, part) in known:
                        yield Key(pipeline, part), Outcome(holds=False, is_gone=True)
                    else:
                        del partitions[part]
                    continue
                value = partition.reading.value(now, self._rule.over)
                yield (
                    Key(pipeline, part),
                    _compared(self._rule.condition, value, partition.reason),
                )
            if not partitions:
                yield Key(pipeline), Outcome(holds=None, reason=self._reasons[pipeline])
            elif Key(pipeline) in known:
                yield Key(pipeline), Outcome(holds=False)

    def shift(self, by: timedelta) -> None:
        for partitions in self._partitions.values():
            for partition in partitions.values():
                partition.seen += by
                partition.reading.shift(by)
        self._known_at = {name: at + by for name, at in self._known_at.items()}


class _Shares:
    """Sums of a dataset's counts, or one as a share of others."""

    def __init__(self, rule: AlertRule, names: Iterable[str]) -> None:
        self._rule = rule
        name, field = rule.condition.measure.name, rule.condition.field
        counted = {"invalid_ratio": "invalid", "unparseable_ratio": "unparseable"}.get(name, name)
        self._counted = counted if field is None else invalid_name(field)
        # What is divided by: all records, but for validity only those that could be parsed.
        self._less = ("unparseable", "tombstones") if name == "invalid_ratio" else ()
        self._sums = {name: Sums(2) for name in names}
        self._reasons = dict.fromkeys(self._sums, "")

    def take(self, seen: Seen) -> None:
        document = seen.document
        count, whole = number(document.get(self._counted)), number(document.get("all_events"))
        if count is None or whole is None:
            self._sums[seen.pipeline].take_back(seen.identity)
            return
        self._reasons[seen.pipeline] = _reason(document, Subject.DATASET)
        whole -= sum(number(document.get(name)) or 0 for name in self._less)
        self._sums[seen.pipeline].add(seen.identity, seen.at, (count, whole))

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        del known
        for name, sums in self._sums.items():
            totals = sums.totals(now, self._rule.over)
            value = None
            if totals is not None:
                count, whole = totals
                is_share = self._rule.condition.measure.shape is Shape.SHARE
                value = (count / whole if whole else 0.0) if is_share else count
            yield Key(name), _compared(self._rule.condition, value, self._reasons[name])

    def shift(self, by: timedelta) -> None:
        for sums in self._sums.values():
            sums.shift(by)


class _Statuses:
    """When a job or a dataset had each status last."""

    def __init__(self, rule: AlertRule, names: Iterable[str]) -> None:
        self._rule = rule
        self._subject = rule.condition.measure.subject
        self._name = "dataset_status" if self._subject is Subject.DATASET else "job_status"
        self._last: dict[str, dict[str, tuple[datetime, str]]] = {name: {} for name in names}

    def take(self, seen: Seen) -> None:
        status = seen.document.get(self._name)
        if isinstance(status, str):
            self._last[seen.pipeline][status] = (seen.at, _reason(seen.document, self._subject))

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        del known
        for name, last in self._last.items():
            recent = {status: found for status, found in last.items() if found[0] >= now - self._rule.over}
            yield Key(name), self._outcome(recent)

    def _outcome(self, recent: Mapping[str, tuple[datetime, str]]) -> Outcome:
        asked = {one: found for one, found in recent.items() if one in self._rule.condition.statuses}
        if found := asked or recent:
            newest = max(found, key=lambda status: found[status][0])
            return Outcome(holds=bool(asked), value=newest, reason=found[newest][1])
        return NOTHING

    def shift(self, by: timedelta) -> None:
        self._last = {
            name: {status: (at + by, reason) for status, (at, reason) in last.items()}
            for name, last in self._last.items()
        }


class _Absence:
    """When a pipeline was observed last."""

    def __init__(self, rule: AlertRule, names: Iterable[str]) -> None:
        self._rule = rule
        self._last: dict[str, datetime | None] = dict.fromkeys(names)

    def take(self, seen: Seen) -> None:
        self._last[seen.pipeline] = seen.at

    def outcomes(self, now: datetime, known: Collection[Key]) -> Iterator[tuple[Key, Outcome]]:
        del known
        for name, last in self._last.items():
            is_absent = last is None or last < now - self._rule.over
            yield Key(name), Outcome(holds=is_absent)

    def shift(self, by: timedelta) -> None:
        self._last = {name: last and last + by for name, last in self._last.items()}
