"""From looks at a job to where it is going (pure): rates, time to catch up, time until records expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.trace import Point, Trace
from offline_observer.lag.waiting import rhythm

# Rates are over this long, so that bursts and batches even out; over more of a slow job's usual intervals.
WINDOW_SECONDS = 300.0
WINDOW_RHYTHMS = 6.0
# Two looks closer than this say nothing of a rate.
LEAST_SECONDS = 5.0
# Looks that go back this long, and this many usual intervals, tell more than the checkpoint's own past.
ENOUGH_SECONDS = 60.0
ENOUGH_RHYTHMS = 3.0
# A lag of no more than what comes in so many usual intervals is what a job has that keeps up.
KEEPING_UP_RHYTHMS = 2.0
# How much of what comes a job finishes that keeps up, for the two are not measured at the very same moments.
KEEPING_UP = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where a job is going at the present rates.

    Attributes:
        input_rate: Records per second that are written to the job's topics; None when unknown.
        processing_rate: Records per second that the job finishes; None when unknown.
        seconds_to_catch_up: Seconds until nothing waits; 0 when nothing does, None when it never will or is unknown.
        retention_left: Seconds until the first record expires that the job has not read; None when that is
            not in sight or unknown.
    """

    input_rate: float | None = None
    processing_rate: float | None = None
    seconds_to_catch_up: float | None = None
    retention_left: float | None = None


def forecast(look: Look, before: Sequence[Trace]) -> Forecast:
    """Makes the forecast.

    Args:
        look: The present look.
        before: Earlier looks, oldest first.
    """
    caught_up = 0.0 if look.lag.total_lag == 0 and not look.lag.unknown_partitions else None
    usual = rhythm(look.commit_times)
    earlier = _base(look, before, usual or 0.0)
    pairs = _pairs(earlier, look) if earlier else []
    if earlier is None or not pairs:
        return Forecast(seconds_to_catch_up=caught_up)
    seconds = look.monotonic - earlier.monotonic
    committing = _committing_seconds(earlier, look, usual or 0.0)
    written = sum(_moved(then.end, now.end_offset) for then, now in pairs) / seconds
    finished = sum(_moved(then.position, now.position) for then, now in pairs) / committing
    if caught_up is None and look.lag.total_lag:
        caught_up = _seconds_to_catch_up(look.lag.total_lag, written, finished, usual)
    left = [_retention_left(then, now, seconds, committing) for then, now in pairs]
    return Forecast(
        input_rate=round(written, 3),
        processing_rate=round(finished, 3),
        seconds_to_catch_up=caught_up,
        retention_left=min((one for one in left if one is not None), default=None),
    )


def _base(look: Look, before: Sequence[Trace], usual: float) -> Trace | None:
    """The look to compare with: as old as rates want it; one from the checkpoint's past while there is none."""
    window = max(WINDOW_SECONDS, WINDOW_RHYTHMS * usual)
    usable = [one for one in before if _is_usable(one, look)]
    seen = next(
        (o for o in usable if not o.is_from_checkpoint and look.monotonic - o.monotonic <= window), None
    )
    enough = max(ENOUGH_SECONDS, ENOUGH_RHYTHMS * usual)
    if seen is not None and look.monotonic - seen.monotonic >= enough:
        return seen
    return next((one for one in usable if one.is_from_checkpoint), seen)


def _is_usable(earlier: Trace, look: Look) -> bool:
    same = earlier.query_id == look.query_id and all(
        earlier.topic_ids.get(topic) in (None, identity) for topic, identity in look.topic_ids.items()
    )
    return same and look.monotonic - earlier.monotonic >= LEAST_SECONDS and bool(earlier.index)


def _committing_seconds(earlier: Trace, look: Look, usual: float) -> float:
    """The time in which the job finished what it finished between two looks: from commit to commit.

    A job that commits no more has all the time since counted, but for one usual interval.
    """
    seconds = look.monotonic - earlier.monotonic
    then, now = earlier.last_commit_at, look.lag.last_commit_at
    if then is None or now is None or now <= then:
        return seconds
    quiet = max(0.0, (look.at - now).total_seconds() - usual)
    # A job that had nothing to do before the earlier look was not slow.
    then = max(then, earlier.at - timedelta(seconds=usual))
    return max((now - then).total_seconds() + quiet, LEAST_SECONDS)


def _seconds_to_catch_up(total: int, written: float, finished: float, usual: float | None) -> float | None:
    if usual and total <= KEEPING_UP_RHYTHMS * usual * written and finished >= KEEPING_UP * written:
        return round(usual, 1)  # the next batch takes what waits now
    return round(total / (finished - written), 1) if finished > written else None


def _pairs(earlier: Trace, look: Look) -> list[tuple[Point, PartitionLag]]:
    """Partitions that both looks know wholly."""
    both = ((earlier.point(now), now) for now in look.lag.partitions if now.lag is not None)
    return [(then, now) for then, now in both if then is not None]


def _moved(then: int, now: int | None) -> int:
    return 0 if now is None else max(0, now - then)


def _retention_left(then: Point, now: PartitionLag, seconds: float, committing: float) -> float | None:
    """Seconds until the first waiting record of a partition expires.

    What retention holds is a window that moves on as fast as records are written; the job moves on as fast as it
    finishes them. While nothing has ever expired the window still grows, and no end is in sight.
    """
    if not now.lag or now.position is None or not now.earliest_offset or now.expired_records:
        return None
    # Of a topic that was empty then nothing tells for how long it keeps what has come since.
    if then.end <= now.earliest_offset:
        return None
    written = _moved(then.end, now.end_offset) / seconds
    closing = written - _moved(then.position, now.position) / committing
    if closing <= 0:
        return None
    return round((now.position - now.earliest_offset) / closing, 1)
