"""Clocks that do not agree with this machine's, by what they leave behind (pure).

Two facts do not depend on any clock: what a look has seen was there before it, and what is at the end that a look saw,
or beyond it, came after it. A time that contradicts one of them is of a clock that is ahead or behind, at least by so
much. Which of the two clocks is right nothing tells.

The earlier looks are dated back from the present by a clock that never steps: so it does not matter if this machine's
own was set in between.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from offline_observer.lag.look import Look
from offline_observer.lag.seconds_behind import FirstRecord, TimeKind, TopicPartitionKey
from offline_observer.lag.trace import Trace

# Clocks that are kept in step by NTP agree better than this.
LEAST_SECONDS = 2.0


class SkewKind(StrEnum):
    """Which clock, in which direction."""

    PRODUCER_AHEAD = "producer_ahead"
    BROKER_AHEAD = "broker_ahead"
    BROKER_BEHIND = "broker_behind"
    STORAGE_AHEAD = "storage_ahead"
    DRIVER_AHEAD = "driver_ahead"


class Skew(NamedTuple):
    """One clock that contradicts this one.

    Attributes:
        kind: Which, in which direction.
        seconds: By how much at the least.
        place: Topic and partition that show it; empty for the checkpoint.
    """

    kind: SkewKind
    seconds: float
    place: str = ""

    def sentence(self) -> str:
        """Which clock, by how much, and what it does to the numbers."""
        # Cut off, not rounded: "at least" is to be true.
        much = f"at least {int(self.seconds)} s"
        match self.kind:
            case SkewKind.PRODUCER_AHEAD:
                return (
                    f"{self.place}: the producer's clock (CreateTime) is {much} ahead of the observer's: "
                    "seconds behind are too small by that"
                )
            case SkewKind.BROKER_AHEAD:
                return (
                    f"{self.place}: the broker's clock (LogAppendTime) is {much} ahead of the observer's: "
                    "seconds behind are too small by that"
                )
            case SkewKind.BROKER_BEHIND:
                return (
                    f"{self.place}: the broker's clock (LogAppendTime) is {much} behind the observer's: "
                    "seconds behind are too large by that"
                )
            case SkewKind.STORAGE_AHEAD:
                return (
                    f"the clock of the checkpoint's storage is {much} ahead of the observer's: the time since the last "
                    "commit is too small by that, and a job that stalls is found later"
                )
            case SkewKind.DRIVER_AHEAD:
                return (
                    f"the clock of the job's driver is {much} ahead of the observer's: the time for which a batch has "
                    "been in flight is too small by that"
                )


def clock_warnings(look: Look, before: Sequence[Trace]) -> tuple[str, ...]:
    """What is to be said of clocks: one sentence per clock and direction, by the partition that shows most.

    Args:
        look: The present look.
        before: Earlier looks, oldest first.
    """
    worst: dict[SkewKind, Skew] = {}
    for skew in clock_skews(look, before):
        known = worst.get(skew.kind)
        if skew.seconds >= LEAST_SECONDS and (known is None or skew.seconds > known.seconds):
            worst[skew.kind] = skew
    return tuple(worst[kind].sentence() for kind in SkewKind if kind in worst)


def clock_skews(look: Look, before: Sequence[Trace]) -> Iterator[Skew]:
    """What each time comes to; only the larger ones mean something, and one that is negative means nothing.

    Args:
        look: The present look.
        before: Earlier looks, oldest first.
    """
    looks = [trace for trace in reversed(before) if not trace.is_from_checkpoint]
    ends = {(p.topic, p.partition): p.end_offset for p in look.lag.partitions}
    for key, record in look.first_records.items():
        end = ends.get(key)
        if record.timestamp_ms is not None and end is not None:
            yield from _of_record(look, looks, key, record, record.timestamp_ms / 1000, end)
    committed, planned = look.lag.last_commit_at, look.planned_at
    if committed is not None:
        seen = (trace.last_commit_at == committed for trace in looks)
        yield Skew(SkewKind.STORAGE_AHEAD, _ahead(look, looks, committed, seen))
    if planned is not None:
        seen = (trace.in_flight_since == planned for trace in looks)
        yield Skew(SkewKind.DRIVER_AHEAD, _ahead(look, looks, planned, seen))


def _ahead(look: Look, looks: Sequence[Trace], time: datetime, seen: Iterable[bool]) -> float:
    """By how much a time is later than the first of the looks that have seen it without a break."""
    first = look.monotonic
    for trace, is_seen in zip(looks, seen, strict=False):
        if not is_seen:
            break
        first = trace.monotonic
    return time.timestamp() - _wall(look, first)


def _of_record(
    look: Look, looks: Sequence[Trace], key: TopicPartitionKey, record: FirstRecord, written: float, end: int
) -> Iterator[Skew]:
    place = f"{key[0]}-{key[1]}"
    is_brokers = record.kind is TimeKind.LOG_APPEND
    oldest = looks[-1].monotonic if looks else look.monotonic
    if not is_brokers and written <= _wall(look, oldest):
        return  # as most are, where records have waited for long
    offset = record.position if record.offset is None else record.offset
    # The look before the record came, and the first that has seen it: each None when there is none.
    without: Trace | None = None
    first = look.monotonic if end > offset else None
    for trace in looks:
        number = trace.index.get(key)
        if number is None or trace.ends[number] < 0:
            continue
        # In another topic of the same name it was another record.
        if look.topic_ids.get(key[0]) is None or trace.topic_ids.get(key[0]) != look.topic_ids[key[0]]:
            break
        if trace.ends[number] <= offset:
            without = trace
            break
        first = trace.monotonic
    if first is not None:
        kind = SkewKind.BROKER_AHEAD if is_brokers else SkewKind.PRODUCER_AHEAD
        yield Skew(kind, written - _wall(look, first), place)
    # A producer may well send a record long after it was made: only the broker's time tells when it came.
    if is_brokers and without is not None and without.asked is not None:
        yield Skew(SkewKind.BROKER_BEHIND, _wall(look, without.asked) - written, place)


def _wall(look: Look, monotonic: float) -> float:
    """A moment of the clock that never steps, on the wall clock of the present look; seconds since 1970."""
    return look.at.timestamp() - (look.monotonic - monotonic)
