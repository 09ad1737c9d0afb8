"""The rule `row_count` (pure)."""

from offline_observer.quality.rules.checks import Judge, Seen, Verdict
from offline_observer.quality.rules.registry import dataset_rule


@dataset_rule("row_count")
def row_count(*, min: int = 0, max: int | None = None) -> Judge:  # noqa: A002 - as it is configured
    """In a minute come from `min` to `max` records.

    Minutes are those of the records' own times in Kafka, so that reading a backlog does not look like a flood. Judged
    is the newest minute that ended 10 s ago or longer; not known until the observer has seen a whole one. A record whose
    time is more than an hour ahead belongs to none.

    Example:
        rules:
          - row_count: {min: 100, max: 100000}
    """
    if min < 0 or (max is not None and max < 0):
        raise ValueError("expected numbers of 0 or more")
    if min == 0 and max is None:
        raise ValueError("expected min, max or both")
    if max is not None and min > max:
        raise ValueError(f"expected a min that is not above max ({min} is above {max})")

    def verdict(seen: Seen) -> tuple[Verdict, str]:
        count = seen.last_minute
        if count is None:
            return None, "no whole minute has been observed yet"
        expected = f"{min} or more" if max is None else f"at most {max}" if not min else f"{min} to {max}"
        records = "1 record" if count == 1 else f"{count} records"
        return min <= count and (max is None or count <= max), f"{records} in a minute, expected {expected}"

    return Judge(verdict, needs_minutes=True)
