"""For how long records have waited, and for how long they may (pure). In seconds.

The rhythm is the median time between the newest commits, as the checkpoint has them: so the first look is enough.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.trace import Trace, points
from offline_observer.time_text import span

# A job is not stalled before this, however quick its rhythm: a batch may take a while now and then.
LEAST_STALLED_SECONDS = 60.0
# How many times its usual interval a job may take.
RHYTHMS = 3.0
# With fewer than two commits there is no rhythm yet. Real-time mode commits every five minutes.
UNKNOWN_RHYTHM_SECONDS = 600.0


def seconds_without_commit(partition: PartitionLag, look: Look, before: Sequence[Trace]) -> float:
    """For how long records have waited in the partition without a commit, at the least.

    The smallest of what is known: the time since the last commit, the age of the first waiting record (which may have
    been made long before it was written), the time since a look that saw none waiting or the job elsewhere.
    """
    if partition.committed_offset is None and look.lag.last_commit_at is not None:
        # In no batch yet: nothing has been tried with it, and what counts is whether the job goes on at all.
        waited = (look.at - look.lag.last_commit_at).total_seconds()
        return max(0.0, min(waited, partition.seconds_behind or waited))
    # The looks since the job came to where it is in this partition. A batch that was committed in between did not move
    # it here (continuous mode commits every epoch), so the commit that counts is the one that the first of them saw.
    since = look.monotonic
    last_sign = look.lag.last_commit_at or look.lag.in_flight_since
    known: list[float] = []
    for earlier, then in points(before, partition):
        if then.lag == 0 or then.position != partition.position:
            known.append(look.monotonic - earlier.monotonic)
            break
        since = earlier.monotonic
        last_sign = earlier.last_commit_at or earlier.in_flight_since
    if partition.seconds_behind:  # 0: a producer whose clock is ahead, which says nothing
        known.append(partition.seconds_behind)
    if not known:
        # How long they wait is not known; that they do, since the first of these looks.
        return look.monotonic - since
    if last_sign is not None:
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
    """The median time between two commits, seconds; None when there are fewer than two."""
    intervals = [max(0.0, (after - earlier).total_seconds()) for earlier, after in pairwise(commit_times)]
    return median(intervals) if intervals else None


def flight_sentence(look: Look) -> str:
    """Whether a batch is in flight, and since when."""
    if look.in_flight is None:
        return "no batch is in flight"
    since = f" since {look.lag.in_flight_since:%Y-%m-%d %H:%M:%S} UTC" if look.lag.in_flight_since else ""
    return f"batch {look.in_flight} is in flight{since}"
