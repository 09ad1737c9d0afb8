"""From looks at a job to where it is going (pure): rates, time to catch up, time until records expire."""

from collections.abc import Sequence
from dataclasses import dataclass

from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look

# Rates are over this long, so that bursts and batches even out.
WINDOW_SECONDS = 300.0
# Two looks closer than this say nothing of a rate.
LEAST_SECONDS = 5.0


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


def forecast(look: Look, before: Sequence[Look]) -> Forecast:
    """Makes the forecast.

    Args:
        look: The present look.
        before: Earlier looks, oldest first.
    """
    caught_up = 0.0 if look.lag.total_lag == 0 and not look.lag.unknown_partitions else None
    earlier = next((one for one in before if _is_usable(one, look)), None)
    if earlier is None:
        return Forecast(seconds_to_catch_up=caught_up)
    seconds = look.monotonic - earlier.monotonic
    pairs = _pairs(earlier, look)
    if not pairs:
        return Forecast(seconds_to_catch_up=caught_up)
    written = sum(_moved(then.end_offset, now.end_offset) for then, now in pairs) / seconds
    finished = sum(_moved(then.position, now.position) for then, now in pairs) / seconds
    total = look.lag.total_lag
    if caught_up is None and total and finished > written:
        caught_up = round(total / (finished - written), 1)
    left = [one for then, now in pairs if (one := _retention_left(then, now, seconds)) is not None]
    return Forecast(
        input_rate=round(written, 3),
        processing_rate=round(finished, 3),
        seconds_to_catch_up=caught_up,
        retention_left=min(left, default=None),
    )


def _is_usable(earlier: Look, look: Look) -> bool:
    age = look.monotonic - earlier.monotonic
    same = earlier.query_id == look.query_id and all(
        earlier.topic_ids.get(topic) in (None, identity) for topic, identity in look.topic_ids.items()
    )
    return same and LEAST_SECONDS <= age <= WINDOW_SECONDS and bool(earlier.lag.partitions)


def _pairs(earlier: Look, look: Look) -> list[tuple[PartitionLag, PartitionLag]]:
    """Partitions that both looks know wholly."""
    known = {(p.topic, p.partition): p for p in earlier.lag.partitions if p.lag is not None}
    return [
        (known[p.topic, p.partition], p)
        for p in look.lag.partitions
        if p.lag is not None and (p.topic, p.partition) in known
    ]


def _moved(then: int | None, now: int | None) -> int:
    return 0 if then is None or now is None else max(0, now - then)


def _retention_left(then: PartitionLag, now: PartitionLag, seconds: float) -> float | None:
    """Seconds until the first waiting record of a partition expires.

    What retention holds is a window that moves on as fast as records are written; the job moves on as fast as it
    finishes them. While nothing has ever expired the window still grows, and no end is in sight.
    """
    if not now.lag or now.position is None or not now.earliest_offset:
        return None
    closing = (_moved(then.end_offset, now.end_offset) - _moved(then.position, now.position)) / seconds
    if closing <= 0:
        return None
    return round((now.position - now.earliest_offset) / closing, 1)
