"""The rule `timestamp` (pure)."""

from datetime import datetime, timedelta

from offline_observer.quality.rules.checks import AtTime
from offline_observer.quality.rules.registry import Holds, TimeSpan, duration_argument, field_rule
from offline_observer.quality.times import TimeForm, time_reader


@field_rule("timestamp")
def timestamp(
    *, form: TimeForm = "iso", not_in_future: bool | TimeSpan = False, max_age: TimeSpan | None = None
) -> Holds | AtTime:
    """The value is a time; when asked for, one that is not in the future, and not older than `max_age`.

    `form: iso` (the default) reads ISO 8601 texts, of which RFC 3339 is the usual kind; a time without a zone is
    taken as UTC. `form: epoch_s` and `epoch_ms` read numbers of seconds or milliseconds from 1970. `not_in_future`
    is `true`, or how far a producer's clock may be ahead (`5s`). Ages are those at the moment of observing. Missing
    and null hold.

    Example:
        rules:
          - timestamp: [event_time]
          - timestamp: {context.user.connected_since: {not_in_future: 5s, max_age: 30d}}
            severity: warn
    """
    read = time_reader(form)
    age = None if max_age is None else duration_argument("max_age", max_age)
    ahead = (
        duration_argument("not_in_future", not_in_future) if isinstance(not_in_future, str) else timedelta()
    )
    if not not_in_future and age is None:
        return lambda value: read(value) is not None

    def at(now: datetime) -> Holds:
        oldest = None if age is None else _shifted(now, -age)
        newest = _shifted(now, ahead) if not_in_future else None

        def holds(value: object) -> bool:
            time = read(value)
            return (
                time is not None and (newest is None or time <= newest) and (oldest is None or time >= oldest)
            )

        return holds

    return AtTime(at)


def _shifted(time: datetime, by: timedelta) -> datetime | None:
    """None: so far away that no time is beyond it."""
    try:
        return time + by
    except OverflowError:
        return None
