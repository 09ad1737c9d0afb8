"""For how long records have waited, and for how long they may (pure). In seconds.

The rhythm is the median time between the newest commits, as the checkpoint has them: so the first look is enough.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.seconds_behind import TopicPartitionKey
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.trace import Trace, points
from offline_observer.time_text import span

# A job is not stalled before this, however quick its rhythm: a batch may take a while now and then.
LEAST_STALLED_SECONDS = 60.0
# How many times its usual interval a job may take.
RHYTHMS = 3.0
# No batch is quicker than this; the files of a checkpoint that was copied are.
_LEAST_RHYTHM_SECONDS = 0.05
# With fewer than two commits there is no rhythm yet. Real-time mode commits every five minutes.
UNKNOWN_RHYTHM_SECONDS = 600.0


class Wait(NamedTuple):
    """Since when records wait in a partition with the job where it is; times on the clock that never steps, seconds.

    Attributes:
        position: Where the job is.
        since: The first look that saw them wait there.
        after: The look before that, which saw none wait or the job elsewhere; None when there was none.
        last_sign: The last commit as that first look saw it, or since when a batch was in flight then. A batch that
            was committed later did not move the job here (continuous mode commits every epoch).
    """

    position: int
    since: float
    after: float | None
    last_sign: datetime | None


Waits = Mapping[TopicPartitionKey, Wait]
"""The waits of a job: one per partition with a lag."""


def waits_of(look: Look, before: Sequence[Trace], known: Waits) -> Waits:
    """The waits of all partitions; of one that is unknown now, as it was known.

    Args:
        look: The present look.
        before: Earlier looks, oldest first.
        known: What the look before found: looks are not kept for ever.
    """
    found: dict[TopicPartitionKey, Wait] = {}
    for one in look.lag.partitions:
        key = (one.topic, one.partition)
        if one.lag:
            found[key] = _wait_of(one, look, before, known.get(key))
        elif one.lag is None and key in known:
            found[key] = known[key]
    return found


def _wait_of(partition: PartitionLag, look: Look, before: Sequence[Trace], known: Wait | None) -> Wait:
    position = partition.position or 0
    if known is not None and known.position == position:
        return known
    since, after = look.monotonic, None
    last_sign = look.lag.last_commit_at or look.lag.in_flight_since
    for earlier, then in points(before, partition):
        if then.lag == 0 or then.position != position:
            after = earlier.monotonic
            break
        since = earlier.monotonic
        last_sign = earlier.last_commit_at or earlier.in_flight_since
    return Wait(position, since, after, last_sign)


def seconds_without_commit(partition: PartitionLag, look: Look, wait: Wait) -> float:
    """For how long records have waited in the partition without a commit, at the least.

    The smallest of what is known: the time since the last commit, the age of the first waiting record (which may have
    been made long before it was written), the time since a look that saw none waiting or the job elsewhere.
    """
    seen_waiting = look.monotonic - wait.since
    age = partition.seconds_behind or None  # 0: a producer whose clock is ahead, which says nothing
    last_sign = wait.last_sign
    if partition.committed_offset is None and look.lag.batch_id is not None:
        # In no batch yet: nothing has been tried with it, and what counts is whether the job goes on at all.
        last_sign = look.lag.last_commit_at
        known = [seen_waiting if age is None else age]
    else:
        known = [
            one
            for one in (age, None if wait.after is None else look.monotonic - wait.after)
            if one is not None
        ]
    if not known:
        return seen_waiting  # how long they wait is not known; that they do, since then
    # A clock that is ahead of this one tells nothing of how long ago it was.
    if last_sign is not None and last_sign <= look.at:
        known.append((look.at - last_sign).total_seconds())
    return max(0.0, min(known))


def allowed_seconds(look: Look, settings: HealthSettings) -> tuple[float, str]:
    """How long records may wait without a commit, and why so long."""
    if settings.expected_every is not None:
        seconds = settings.expected_every.total_seconds()
        return seconds, f"expected every {span(seconds)}"
    if settings.stalled_after is not None:
        seconds = settings.stalled_after.total_seconds()
        return seconds, f"allowed are {span(seconds)}"
    if look.lag.batch_id is None:
        seconds = settings.start_timeout.total_seconds()
        return seconds, f"allowed are {span(seconds)} for the first"
    usual = rhythm(look.commit_times)
    if usual is None:
        return (
            UNKNOWN_RHYTHM_SECONDS,
            f"allowed are {span(UNKNOWN_RHYTHM_SECONDS)} while its rhythm is not known",
        )
    return max(LEAST_STALLED_SECONDS, RHYTHMS * usual), f"usual is one every {span(usual)}"


def rhythm(commit_times: Sequence[datetime]) -> float | None:
    """The median time between two commits, seconds; None when there are fewer than two, or they are a copy's."""
    intervals = [max(0.0, (after - earlier).total_seconds()) for earlier, after in pairwise(commit_times)]
    usual = median(intervals) if intervals else 0.0
    return usual if usual >= _LEAST_RHYTHM_SECONDS else None


def flight_sentence(look: Look) -> str:
    """Whether a batch is in flight, and since when."""
    if look.in_flight is None:
        return "no batch is in flight"
    since = f" since {look.lag.in_flight_since:%Y-%m-%d %H:%M:%S} UTC" if look.lag.in_flight_since else ""
    return f"batch {look.in_flight} is in flight{since}"
