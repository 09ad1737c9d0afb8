"""From looks at a job to its health (pure): what only its recent history can tell.

| status | when |
|---|---|
| `lagging` | records wait and their number grows, while batches are committed |
| `stalled` | records wait and no batch has been committed for longer than the job's own rhythm allows |
| `rewound` | the topic or the checkpoint was made anew |

The rhythm is the median time between the newest commits, as the checkpoint has them: so the first look is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from offline_observer.lag.lag import JobLag, PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.status import Status, worst

# A job is not stalled before this, however quick its rhythm: a batch may take a while now and then.
LEAST_STALLED_SECONDS = 60.0
# How many times its usual interval a job may take.
RHYTHMS = 3.0
# With fewer than two commits there is no rhythm yet.
UNKNOWN_RHYTHM_SECONDS = 300.0
# Over how long a lag has to grow, and in how many looks at the least.
LAGGING_SECONDS = 300.0
LEAST_LAGGING_LOOKS = 6
# And for a slow job, over how many of its usual intervals.
LAGGING_RHYTHMS = 6.0
# How long a checkpoint that was made anew stays worth a status.
REWOUND_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """Thresholds, where the job's own rhythm will not do.

    Attributes:
        expected_every: The job runs and ends, as often as this: records may wait that long.
        stalled_after: Records may wait this long without a commit; None: by the rhythm.
        start_timeout: Records may wait this long for a job's first commit.
        retention_warning: A warning is given when records expire in less than this.
    """

    expected_every: timedelta | None = None
    stalled_after: timedelta | None = None
    start_timeout: timedelta = timedelta(minutes=5)
    retention_warning: timedelta = timedelta(hours=1)


def assess(look: Look, before: Sequence[Look], settings: HealthSettings) -> JobLag:
    """The lag of a look, with the statuses that its history gives.

    Args:
        look: The present look.
        before: Earlier looks, oldest first; none at first sight.
        settings: Thresholds.
    """
    histories = _histories(before)
    partitions = tuple(
        _assess_partition(
            partition, look, histories.get((partition.topic, partition.partition), ()), settings
        )
        for partition in look.lag.partitions
    )
    lag = replace(look.lag, partitions=partitions)
    anew = _made_anew(look, before)
    if anew is not None:
        return replace(lag, status=Status.REWOUND, reason=anew)
    found = worst(partition.status for partition in partitions)
    if found not in (Status.LAGGING, Status.STALLED, Status.REWOUND) or found is look.lag.status:
        return lag
    hit = [partition for partition in partitions if partition.status is found]
    others = f" (and {len(hit) - 1} more)" if len(hit) > 1 else ""
    return replace(lag, status=found, reason=f"{hit[0].topic}-{hit[0].partition}: {hit[0].reason}{others}")


History = Sequence[tuple[Look, PartitionLag]]


def _histories(before: Sequence[Look]) -> dict[tuple[str, int], list[tuple[Look, PartitionLag]]]:
    found: dict[tuple[str, int], list[tuple[Look, PartitionLag]]] = {}
    for look in before:
        for partition in look.lag.partitions:
            if partition.lag is not None:
                found.setdefault((partition.topic, partition.partition), []).append((look, partition))
    return found


def _assess_partition(
    partition: PartitionLag, look: Look, history: History, settings: HealthSettings
) -> PartitionLag:
    if partition.status not in (Status.OK, Status.STARTING) or partition.lag is None:
        return partition
    topic_id = look.topic_ids.get(partition.topic)
    if _topic_made_anew(partition, topic_id, history):
        reason = "the topic was made anew, and the job is still where it was in the old one"
        return replace(partition, status=Status.REWOUND, reason=reason)
    if partition.lag == 0 or partition.only_markers_wait:
        return partition
    waited = _seconds_without_commit(partition, look, history)
    allowed, why = _allowed_seconds(look, settings)
    if waited > allowed:
        reason = (
            f"{partition.lag} records wait and no batch has been committed for {span(waited)} ({why}); "
            f"{_batch_sentence(look)}"
        )
        return replace(partition, status=Status.STALLED, reason=reason)
    growth = _growth(partition, look, history)
    if partition.status is Status.OK and growth is not None:
        more, seconds = growth
        reason = (
            f"the lag has grown by {more} to {partition.lag} in {span(seconds)}, while batches are committed"
        )
        return replace(partition, status=Status.LAGGING, reason=reason)
    return partition


def _seconds_without_commit(partition: PartitionLag, look: Look, history: History) -> float:
    """For how long records have waited in the partition without a commit, at the least.

    The smallest of what is known: the time since the last commit, the age of the first waiting record (which may have
    been made long before it was written), the time since a look that saw none waiting or the job elsewhere.
    """
    # The looks since the job came to where it is in this partition. A batch that was committed in between did not move
    # it here (continuous mode commits every epoch), so the commit that counts is the one that the first of them saw.
    since = look
    known: list[float] = []
    for earlier, then in reversed(history):
        if then.lag == 0 or then.position != partition.position:
            known.append(look.monotonic - earlier.monotonic)
            break
        since = earlier
    if partition.seconds_behind:  # 0: a producer whose clock is ahead, which says nothing
        known.append(partition.seconds_behind)
    if not known:
        # How long they wait is not known; that they do, since the first of these looks.
        return look.monotonic - since.monotonic
    last_sign = since.lag.last_commit_at or since.lag.in_flight_since
    if last_sign is not None:
        known.append((look.at - last_sign).total_seconds())
    return max(0.0, min(known))


def _allowed_seconds(look: Look, settings: HealthSettings) -> tuple[float, str]:
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
    rhythm = _rhythm(look.commit_times)
    if rhythm is None:
        return (
            UNKNOWN_RHYTHM_SECONDS,
            f"allowed are {span(UNKNOWN_RHYTHM_SECONDS)} while its rhythm is not known",
        )
    return max(LEAST_STALLED_SECONDS, RHYTHMS * rhythm), f"usual is one every {span(rhythm)}"


def _rhythm(commit_times: Sequence[datetime]) -> float | None:
    """The median time between two commits, seconds; None when there are fewer than two."""
    intervals = [max(0.0, (after - earlier).total_seconds()) for earlier, after in pairwise(commit_times)]
    return median(intervals) if intervals else None


def _growth(partition: PartitionLag, look: Look, history: History) -> tuple[int, float] | None:
    """By how much the lag has grown, and in how many seconds; None when it has not.

    A lag that goes up and down with the batches is not one that grows: all of the newer half of the looks must be
    above all of the older half.
    """
    window = max(LAGGING_SECONDS, LAGGING_RHYTHMS * (_rhythm(look.commit_times) or 0.0))
    recent = [(earlier, then) for earlier, then in history if earlier.monotonic >= look.monotonic - window]
    if len(recent) + 1 < LEAST_LAGGING_LOOKS or partition.lag is None:
        return None
    first_look, first = recent[0]
    _, middle = recent[len(recent) // 2]
    if middle.position in (first.position, partition.position):
        return None  # batches are not committed all the time: not lagging, but maybe on the way to stalled
    lags = [then.lag for _, then in recent if then.lag is not None] + [partition.lag]
    half = len(lags) // 2
    if min(lags[half:]) <= max(lags[:half]):
        return None
    return partition.lag - lags[0], look.monotonic - first_look.monotonic


def _topic_made_anew(partition: PartitionLag, topic_id: str | None, history: History) -> bool:
    """Whether the topic has another id than in an earlier look, with the job still at the same committed offset."""
    for earlier, then in reversed(history):
        if then.committed_offset != partition.committed_offset or partition.committed_offset is None:
            return False
        known = earlier.topic_ids.get(partition.topic)
        if topic_id is not None and known is not None and known != topic_id:
            return True
    return False


def _made_anew(look: Look, before: Sequence[Look]) -> str | None:
    """Why the checkpoint is another one than a while ago; None when it is not."""
    if look.query_id is None:
        return None
    for earlier in reversed(before):
        if look.monotonic - earlier.monotonic > REWOUND_SECONDS:
            return None
        if earlier.query_id is not None and earlier.query_id != look.query_id:
            return f"the checkpoint was made anew: another query ({look.query_id}) writes it since {span(look.monotonic - earlier.monotonic)}"
    return None


def _batch_sentence(look: Look) -> str:
    if look.in_flight is None:
        return "no batch is in flight"
    since = f" since {look.lag.in_flight_since:%Y-%m-%d %H:%M:%S} UTC" if look.lag.in_flight_since else ""
    return f"batch {look.in_flight} is in flight{since}"


def span(seconds: float) -> str:
    """A length of time for people: `12 s`, `5 min`, `3.2 h`."""
    minute, hour, day = 60, 3600, 86400
    if seconds < 2 * minute:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"  # noqa: PLR2004 - two digits are enough
    if seconds < 2 * hour:
        return f"{seconds / minute:.0f} min"
    return f"{seconds / hour:.1f} h" if seconds < 2 * day else f"{seconds / day:.1f} d"
