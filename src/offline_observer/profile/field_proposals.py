"""The rules that one field's summary speaks for (pure)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from offline_observer.profile.field_shapes import SHAPES
from offline_observer.profile.field_summary import FieldSummary
from offline_observer.profile.proposal import FEW, LEAST, Proposal, seen_in_each, value_count
from offline_observer.profile.seen_types import type_of_all
from offline_observer.profile.well_known import form_of, known_texts, sounds_like_an_id
from offline_observer.quality.field_types import FieldType
from offline_observer.time_text import records_text

# Longer texts are no ids.
LONGEST_ID = 64
# Up to so many values the sketch of distinct ones is exact, but for a pair of hashes that are equal by chance: then it
# is one too low, and nothing is proposed.
EXACT_DISTINCT = 1_000
# Beyond, three of its standard errors; then the name or the form has to say as well that it is an id.
DISTINCT_ERROR = 0.025
# What the lengths of blank texts do not blur.
_BESIDE_BLANKS = ("timestamp", "one_of")


def proposals(
    path: str, field: FieldSummary, declared: FieldType | None = None, taken: Collection[str] = ()
) -> Iterator[Proposal]:
    """The rules that a summary speaks for, which none of its values breaks as far as the summary can tell.

    Args:
        path: The field's path.
        field: What its values came to.
        declared: The type that it is declared with.
        taken: Names of the rules that it has already.
    """
    if field.records < LEAST:
        return
    yield from _presence(field, taken)
    values = value_count(field)
    if values < LEAST:
        return
    settled = next((name for name in SHAPES if name in taken), None)
    stronger = list(takewhile(lambda name: name != settled, SHAPES))
    found = _shape(path, field, declared, stronger)
    if found:
        yield found
    shape = found.name if found else settled
    if "unique" not in taken and shape not in ("timestamp", "one_of"):
        yield from _unique(path, field)
    if "type" not in taken:
        yield from _type(field, declared, shape)


def _shape(
    path: str, field: FieldSummary, declared: FieldType | None, names: Sequence[str]
) -> Proposal | None:
    """The strongest rule on what the values are like, or on what those are like that are not blank."""
    for name in names:
        if found := SHAPES[name](path, field, declared):
            # Blank texts as values of a list are a fault that was listed.
            if name == "one_of" and field.texts.blank:
                break
            return found
    blank = field.texts.blank
    if not 0 < blank < value_count(field) / 2:
        return None
    filled = without_blanks(field)
    for name in names:
        if name in _BESIDE_BLANKS and (found := SHAPES[name](path, filled, declared)):
            evidence = f"{found.evidence}; the {records_text(blank)} with a blank text would break it"
            return replace(found, severity="warn", evidence=evidence, broken=blank)
    return None


def without_blanks(field: FieldSummary) -> FieldSummary:
    """A summary as if its blank texts were null. Lengths, and the number of distinct values, stay as they are."""
    texts = field.texts
    counts = {text: count for text, count in texts.frequent.counts.items() if text and not text.isspace()}
    return replace(
        field,
        null=field.null + texts.blank,
        types={**field.types, "string": field.types.get("string", 0) - texts.blank},
        texts=replace(
            texts,
            count=texts.count - texts.blank,
            blank=0,
            frequent=replace(texts.frequent, counts=counts),
        ),
    )


def _presence(field: FieldSummary, taken: Collection[str]) -> Iterator[Proposal]:
    records = field.records
    if field.missing or "not_empty" in taken:
        return
    severity = seen_in_each(records)
    if field.filled == records:
        evidence = f"{records:,} of {records:,} records have a value: none is missing, null or blank"
        yield Proposal(name="not_empty", severity=severity, evidence=evidence)
    elif "present" not in taken:
        evidence = (
            f"{records:,} of {records:,} records have it, {records - field.filled:,} of them null or blank"
        )
        yield Proposal(name="present", severity=severity, evidence=evidence)


def _unique(path: str, field: FieldSummary) -> Iterator[Proposal]:
    values = value_count(field)
    if values < FEW or not _could_be_an_id(path, field):
        return
    if max(field.common_values.counts.values(), default=1) > 1:
        return
    estimate = field.distinct.estimate
    # Only a warning: a job that starts again writes records twice, which is no fault of theirs.
    if values <= EXACT_DISTINCT:
        if round(estimate) == values:
            evidence = f"{values:,} different values in {values:,} records"
            yield Proposal(name="unique", severity="warn", evidence=evidence)
    elif abs(estimate - values) <= DISTINCT_ERROR * values and _is_called_an_id(path, field):
        evidence = (
            f"about {round(estimate):,} different values in {values:,} records"
            f" (give or take {DISTINCT_ERROR:.1%}: a few that come twice would not be seen)"
        )
        yield Proposal(name="unique", severity="warn", evidence=evidence)


def _could_be_an_id(path: str, field: FieldSummary) -> bool:
    """Texts that are short and without spaces, or integers whose name says so: large numbers differ by chance."""
    if set(field.types) == {"integer"}:
        return sounds_like_an_id(path)
    texts = field.texts
    if texts.count != value_count(field) or texts.blank or (texts.longest or 0) > LONGEST_ID:
        return False
    if (form := form_of(texts)) is not None:
        return form.is_id
    return sounds_like_an_id(path) or not any(" " in text for text in known_texts(texts))


def _is_called_an_id(path: str, field: FieldSummary) -> bool:
    form = form_of(field.texts)
    return sounds_like_an_id(path) or (form is not None and form.is_id)


def _type(field: FieldSummary, declared: FieldType | None, shape: str | None) -> Iterator[Proposal]:
    seen = type_of_all(field)
    if seen is None:
        return
    if declared == seen:  # the count of values of another type is there anyway
        return
    if declared is not None:
        # What is declared otherwise is not to be contradicted.
        return
    # A rule on what the values are like is broken by those of another type. A range says nothing of whole numbers.
    if shape is not None and not (shape == "range" and seen == "integer"):
        return
    values = value_count(field)
    evidence = f"{values:,} of {values:,} values are of this type"
    yield Proposal(name="type", argument=seen, severity=seen_in_each(values), evidence=evidence)
