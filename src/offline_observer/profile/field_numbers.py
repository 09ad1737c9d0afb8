"""The numbers of a field as a document has them (pure)."""

from datetime import timedelta

from offline_observer.profile.field_summary import FieldSummary, Numbers
from offline_observer.profile.ranks import RANKS
from offline_observer.quality.times import EPOCH, LATEST
from offline_observer.time_text import format_time

# So many of the most frequent values are in a document.
_TOP = 10


def field_numbers(field: FieldSummary) -> dict[str, object]:
    """What a document says of a field. Counts are of records; what there is nothing to say of is null.

    Returns:
        `records`, `missing`, `null`, `blank`, `completeness` (the share that is neither of these), `distinct` (about),
        `types`, `min`, `max` and quantiles (`p50`) of numbers, `earliest` and `latest` of times, `first` and `last` of texts,
        `length_min`, `length_max` and `length_mean` of texts in characters, `frequent` values with their counts, and
        `frequent_error`, by how much these may be too low.
    """
    texts, numbers, times = field.texts, field.numbers, field.times
    common = field.common_values
    return {
        "records": field.records,
        "missing": field.missing,
        "null": field.null,
        "blank": texts.blank,
        "completeness": field.completeness if field.records else None,
        "distinct": round(field.distinct.estimate),
        "types": dict(field.types),
        "min": numbers.least,
        "max": numbers.greatest,
        **_quantiles(numbers),
        "earliest": format_seconds(times.least),
        "latest": format_seconds(times.greatest),
        "first": texts.least,
        "last": texts.greatest,
        "length_min": texts.shortest,
        "length_max": texts.longest,
        "length_mean": texts.characters / texts.count if texts.count else None,
        "frequent": [{"value": value, "count": count} for value, count in common.top(_TOP)],
        "frequent_error": common.error,
    }


def _quantiles(numbers: Numbers) -> dict[str, float | None]:
    if not numbers.count:
        return dict.fromkeys(RANKS)
    return dict(zip(RANKS, numbers.quantiles.at(list(RANKS.values())), strict=True))


def format_seconds(seconds: float | None) -> str | None:
    """A time in seconds since 1970, of the years 1 to 9999, as `format_time` writes it. None stays None."""
    if seconds is None:
        return None
    try:
        return format_time(EPOCH + timedelta(seconds=seconds))
    except OverflowError:  # the last moment of the year 9999, as a double
        return format_time(LATEST)
