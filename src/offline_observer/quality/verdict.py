"""What an observation says of a dataset: each rule's count, and whether all is well (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from offline_observer.quality.rules.checks import Judge, Seen
from offline_observer.quality.rules.registry import Scope
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import UNPARSEABLE, Summary, newest_minutes
from offline_observer.quality.times import EPOCH

# A record may be written a little after its time: a minute is judged when it has been over for so long.
MINUTE_GRACE = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)


class DatasetStatus(Enum):
    """How a dataset is, by its rules."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a rule in an observation.

    Attributes:
        rule: The rule.
        broken: How many records broke it; for a rule on the dataset 1 or 0; None when it is not known.
        sentence: What was found, when the rule is broken or its count is not exact.
    """

    rule: Rule
    broken: int | None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetMemory:
    """What rules on the dataset need from one observation to the next.

    Attributes:
        newest: Per time field the newest time that was ever seen, one in the future as the time at which it was seen;
            under `""` the records' own.
        minutes: Records per minute (minutes since 1970) of their own times.
        whole_from: The first minute of which all records were observed; None while there is none.
    """

    newest: Mapping[str, datetime]
    minutes: Mapping[int, int]
    whole_from: int | None

    def after(self, summary: Summary, now: datetime, *, is_caught_up: bool) -> "DatasetMemory":
        """What is remembered after an observation.

        Args:
            summary: Of the observation's records.
            now: When they were observed.
            is_caught_up: Everything that the topic holds has been observed.
        """
        newest = dict(self.newest)
        for field, time in summary.newest.items():
            # A time that is yet to come would look fresh until then, however long nothing else comes.
            seen = min(time, now)
            newest[field] = max(seen, newest.get(field, seen))
        minutes = dict(self.minutes)
        for minute, count in summary.minutes.items():
            minutes[minute] = minutes.get(minute, 0) + count
        # What comes from now on is seen; the minute that is under way was not seen from its beginning.
        next_minute = minute_of(now) + 1
        whole_from = next_minute if self.whole_from is None and is_caught_up else self.whole_from
        if whole_from is not None:
            # It is further ahead only when the clock was, and has been set back.
            whole_from = min(whole_from, next_minute)
        return DatasetMemory(newest, newest_minutes(minutes), whole_from)


NOTHING_REMEMBERED = DatasetMemory({}, {}, None)


def minute_of(time: datetime) -> int:
    """The number of the minute since 1970."""
    return int((time - EPOCH) // _MINUTE)


def outcomes(
    rules: Sequence[Rule],
    summary: Summary | None,
    memory: DatasetMemory,
    now: datetime,
    *,
    is_caught_up: bool,
) -> list[Outcome]:
    """What became of each rule.

    Args:
        rules: The rules.
        summary: Of the observation's records; None when the dataset was not read.
        memory: What is remembered, this observation included.
        now: When the records were observed.
        is_caught_up: Everything that the topic holds has been observed.
    """
    newest_minute = minute_of(now - MINUTE_GRACE) - 1
    is_whole = memory.whole_from is not None and memory.whole_from <= newest_minute and is_caught_up
    seen = Seen(
        at=now,
        valid=_valid(summary),
        faulty=None if summary is None else summary.invalid_records + summary.unparseable,
        newest=memory.newest,
        is_current=is_caught_up,
        last_minute=memory.minutes.get(newest_minute, 0) if is_whole else None,
    )
    return [_outcome(rule, summary, seen) for rule in rules]


def _valid(summary: Summary | None) -> int | None:
    if summary is None:
        return None
    return summary.all_events - summary.tombstones - summary.unparseable - summary.invalid_records


def _outcome(rule: Rule, summary: Summary | None, seen: Seen) -> Outcome:
    # The check of another rule may take long to make: a JSON Schema, a list of many values.
    check = rule.check() if rule.kind.scope is Scope.DATASET else None
    if isinstance(check, Judge):
        holds, sentence = check.verdict(seen)
        return Outcome(rule, None if holds is None else int(not holds), None if holds else sentence)
    if summary is None:
        return Outcome(rule, None)
    if (sample := summary.distinct.get(rule.id)) is not None:
        number = sample.repeated
        about = "about " if sample.is_cut else ""
        records = "record repeats" if number == 1 else "records repeat"
        return Outcome(rule, number, f"{about}{number} {records} a value" if number else None)
    number = summary.broken.get(rule.id, 0)
    records = "record breaks" if number == 1 else "records break"
    return Outcome(rule, number, f"{number} {records} it" if number else None)


def dataset_status(
    found: Sequence[Outcome], summary: Summary | None, error: str | None
) -> tuple[DatasetStatus, str | None]:
    """How the dataset is, and one sentence that says why it is not well.

    Args:
        found: What became of each rule.
        summary: Of the observation's records; None when the dataset was not read.
        error: Why it, or a part of it, could not be read.
    """
    if summary is None:
        return DatasetStatus.UNKNOWN, error
    broken = [(one.rule.severity, f"{one.rule.id}: {one.sentence}") for one in found if one.broken]
    if summary.unparseable:
        records = "1 record is" if summary.unparseable == 1 else f"{summary.unparseable} records are"
        broken.append(("error", f"{UNPARSEABLE}: {records} not readable"))
    for severity, status in (("error", DatasetStatus.ERROR), ("warn", DatasetStatus.WARN)):
        sentences = [sentence for level, sentence in broken if level == severity]
        if sentences:
            more = f" (and {len(sentences) - 1} more)" if len(sentences) > 1 else ""
            return status, sentences[0] + more
    return (DatasetStatus.UNKNOWN, error) if error else (DatasetStatus.OK, None)
