"""The rule `freshness` (pure)."""

from offline_observer.config.duration import format_duration
from offline_observer.quality.rules.checks import Judge, Seen, Verdict
from offline_observer.quality.rules.registry import FieldPath, TimeSpan, dataset_rule, duration_argument
from offline_observer.quality.times import TimeForm
from offline_observer.time_text import span


@dataset_rule("freshness")
def freshness(max_age: TimeSpan, /, field: FieldPath = "", form: TimeForm = "iso") -> Judge:
    """The newest record is not older than a time: `freshness: 5m`.

    With `freshness: {max_age: 5m, field: event_time}` it is the newest value of a time field instead of the record's
    own time in Kafka. The field has ISO 8601 texts, or with `form: epoch_s` or `epoch_ms` numbers. A time in the
    future counts as the time at which it was seen. Not known until a record was seen, nor while the newest one seen is
    too old and not all that the topic holds has been read.

    Example:
        rules:
          - freshness: 5m
          - freshness: {max_age: 1h, field: event_time}
            name: events are recent
            severity: warn
    """
    allowed = duration_argument("max_age", max_age)

    def verdict(seen: Seen) -> tuple[Verdict, str]:
        newest = seen.newest.get(field)
        what = f"newest {field}" if field else "newest record"
        if newest is None:
            return None, f"no {what} has been seen yet"
        age = max(0.0, (seen.at - newest).total_seconds())
        if age > allowed.total_seconds() and not seen.is_current:
            return None, "the newest records have not been read"
        return (
            age <= allowed.total_seconds(),
            f"the {what} is {span(age)} old, allowed are {format_duration(allowed)}",
        )

    return Judge(verdict, time_field=field, time_form=form)
