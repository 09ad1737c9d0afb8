"""The rules that say what the values of a field are like (pure)."""

import json
from collections.abc import Callable, Mapping

from offline_observer.profile.field_numbers import format_seconds
from offline_observer.profile.field_summary import FieldSummary
from offline_observer.profile.proposal import ENOUGH, FEW, MOST_VALUES, Proposal, seen_in_each, value_count
from offline_observer.profile.seen_types import all_are_times
from offline_observer.profile.well_known import are_all_known, form_of, known_texts, sounds_like_a_time
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules.rule import Severity
from offline_observer.quality.times import TimeForm

# Each value of a list came so often at the least: else there are most likely others that have not come yet.
LEAST_OF_A_VALUE = 5
# So often, for the list to be taken as complete.
SURE_OF_A_VALUE = 20
# Longer texts are no names of kinds, characters.
LONGEST_VALUE = 60
# Numbers that are times are after 2000 and before 2100, seconds since 1970.
TIMES = (946_684_800, 4_102_444_800)
# A double, and with it a bound or a listed number, is exact up to here.
EXACT_NUMBER = 2**53
# So many values are named in a sentence.
NAMED = 6


def _timestamp(path: str, field: FieldSummary, declared: FieldType | None) -> Proposal | None:
    values, times = value_count(field), field.times
    severity = seen_in_each(values)
    if all_are_times(field):
        span = f"from {format_seconds(times.least)} to {format_seconds(times.greatest)}"
        evidence = f"{values:,} of {values:,} values are ISO 8601 times, {span}"
        return Proposal(name="timestamp", severity=severity, evidence=evidence)
    low, high = field.numbers.least, field.numbers.greatest
    if not _are_numbers(field) or low is None or high is None:
        return None
    # A number of that size may be anything, but for a name that says what it is.
    if declared != "timestamp" and not sounds_like_a_time(path):
        return None
    units: tuple[tuple[TimeForm, int, str], ...] = (
        ("epoch_s", 1, "seconds"),
        ("epoch_ms", 1000, "milliseconds"),
    )
    for form, unit, name in units:
        if TIMES[0] <= low / unit and high / unit < TIMES[1]:
            span = f"from {format_seconds(low / unit)} to {format_seconds(high / unit)}"
            evidence = (
                f"{values:,} of {values:,} values are numbers that are times as {name} since 1970, {span}"
            )
            return Proposal(name="timestamp", argument={"form": form}, severity=severity, evidence=evidence)
    return None


def _matches(_path: str, field: FieldSummary, _declared: FieldType | None) -> Proposal | None:
    texts, values = field.texts, value_count(field)
    form = form_of(texts)
    if form is None or values < FEW or texts.count != values:
        return None
    if are_all_known(texts):
        different = len(texts.frequent.counts)
        evidence = f"each of {values:,} values ({different:,} different ones) is {form.name}"
        severity: Severity = "error" if values >= ENOUGH else "warn"
        return Proposal(name="matches", argument=form.pattern, severity=severity, evidence=evidence)
    known, different = len(known_texts(texts)), round(field.distinct.estimate)
    evidence = (
        f"each of the {known:,} values that are kept, of about {different:,} different ones in {values:,}, is"
        f" {form.name} (only partly known: the first, the last, the most frequent, and all lengths)"
    )
    return Proposal(name="matches", argument=form.pattern, severity="warn", evidence=evidence)


def _one_of(_path: str, field: FieldSummary, _declared: FieldType | None) -> Proposal | None:
    values = value_count(field)
    listed = _listed_texts(field) or _listed_integers(field)
    if not listed or values < FEW or (len(listed) == 1 and values < ENOUGH):
        return None
    rarest = min(count for _, count in listed)
    if len(listed) > MOST_VALUES or rarest < LEAST_OF_A_VALUE:
        return None
    # Numbers that came are more often a part of a range than a list that is complete.
    is_sure = (
        len(listed) > 1 and values >= ENOUGH and rarest >= SURE_OF_A_VALUE and isinstance(listed[0][0], str)
    )
    named = ", ".join(f"{_shown(value)} {_percent(count / values)}" for value, count in listed[:NAMED])
    more = f", and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
    what = "1 value" if len(listed) == 1 else f"{len(listed)} values"
    return Proposal(
        name="one_of",
        argument=[value for value, _ in listed],
        severity="error" if is_sure else "warn",
        evidence=f"{what} in {values:,} records: {named}{more}",
    )


def _listed_texts(field: FieldSummary) -> list[tuple[str | int, int]]:
    """The texts of a field with their counts, when they are all that it has and each is known as it is."""
    texts = field.texts
    if texts.count != value_count(field) or not are_all_known(texts) or (texts.longest or 0) > LONGEST_VALUE:
        return []
    # A question mark may stand for a lone surrogate. A null character cannot stand in a configuration.
    if any("?" in text or "\0" in text for text in texts.frequent.counts):
        return []
    return [*texts.frequent.top(len(texts.frequent.counts))]


def _listed_integers(field: FieldSummary) -> list[tuple[str | int, int]]:
    frequent, numbers = field.frequent, field.numbers
    if set(field.types) != {"integer"} or not _are_numbers(field) or frequent.error:
        return []
    low, high = numbers.least, numbers.greatest
    if low is None or high is None or max(-low, high) >= EXACT_NUMBER:
        return []
    if sum(frequent.counts.values()) != value_count(field):
        return []
    return [(int(text), count) for text, count in frequent.top(len(frequent.counts))]


def _range(_path: str, field: FieldSummary, _declared: FieldType | None) -> Proposal | None:
    values, low, high = value_count(field), field.numbers.least, field.numbers.greatest
    if values < FEW or not _are_numbers(field) or low is None or high is None or low < 0:
        return None
    # Fractions may be measured, and go below zero in winter.
    is_sure = values >= ENOUGH and set(field.types) == {"integer"}
    evidence = f"{values:,} numbers from {_number(low)} to {_number(high)}: none is below 0"
    return Proposal(
        name="range", argument={"min": 0}, severity="error" if is_sure else "warn", evidence=evidence
    )


def _length(_path: str, field: FieldSummary, _declared: FieldType | None) -> Proposal | None:
    texts, values = field.texts, value_count(field)
    length = texts.shortest
    if values < FEW or texts.count != values or not length or length != texts.longest:
        return None
    different = round(field.distinct.estimate)
    if different <= MOST_VALUES:  # of so few it is no wonder
        return None
    # Only a warning: a counter at the end of a text becomes longer one day.
    evidence = (
        f"{values:,} of {values:,} values, about {different:,} different ones, have {length} characters"
    )
    return Proposal(
        name="length", argument={"min": length, "max": length}, severity="warn", evidence=evidence
    )


def _are_numbers(field: FieldSummary) -> bool:
    """Whether all values are finite numbers."""
    return field.numbers.count == value_count(field) and {"integer", "number"}.issuperset(field.types)


def _shown(value: str | int) -> str:
    if isinstance(value, int) or (value and value.isprintable() and value == value.strip()):
        return str(value)
    return json.dumps(value)


def _number(value: float) -> str:
    return f"{int(value):,}" if value.is_integer() and value < EXACT_NUMBER else f"{value:g}"


def _percent(share: float) -> str:
    least = 0.01
    return f"{share:.0%}" if share >= least else "<1%"


SHAPES: Mapping[str, Callable[[str, FieldSummary, FieldType | None], Proposal | None]] = {
    "timestamp": _timestamp,
    "matches": _matches,
    "one_of": _one_of,
    "range": _range,
    "length": _length,
}
"""What the values of a field are like, the strongest rule first. One is enough: it says what the weaker ones would."""
