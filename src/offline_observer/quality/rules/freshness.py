"""The rule `freshness` (pure)."""

from offline_observer.config.duration import format_duration
from offline_observer.quality.rules.checks import Judge, Seen, Verdict
from offline_observer.quality.rules.registry import dataset_rule, duration_argument
from offline_observer.time_text import span


@dataset_rule("freshness")
def freshness(max_age: str, /, field: str = "") -> Judge:
    """The newest record is not older than a time: `freshness: 5m`.

    With `freshness: {max_age: 5m, field: event_time}` it is the newest value of a time field instead of the record's
    own time in Kafka. Times that are more than an hour ahead of the observer's clock do not count. Not known until a
    record was seen; nor while records are left to be read, unless the newest of those that were read is new enough.
    """
    allowed = duration_argument("max_age", max_age)

    def verdict(seen: Seen) -> tuple[Verdict, str]:
        newest = seen.newest.get(field)
        what = f"newest {field}" if field else "newest record"
        if newest is None:
            return None, f"no {what} has been seen yet"
        age = max(0.0, (seen.at - newest).total_seconds())
        if age <= allowed.total_seconds():
            return True, ""
        if not seen.is_caught_up:
            return None, f"not all records have been read; the {what} of those that were is {span(age)} old"
        return False, f"the {what} is {span(age)} old, allowed are {format_duration(allowed)}"

    return Judge(verdict, time_field=field)
