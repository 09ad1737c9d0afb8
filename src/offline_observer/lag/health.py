"""From looks at a job to its health (pure): what only its recent history can tell.

| status | when |
|---|---|
| `lagging` | records wait and their number grows, while batches are committed |
| `stalled` | records wait and no batch has been committed for longer than the job's own rhythm allows |
| `data_loss`, `rewound` | besides what one look shows: what earlier looks saw, for a while |

What is the matter now comes before what is past: a loss of last night must not hide that the job stands still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from offline_observer.lag.growth import GrowthWindow, growth, growth_window
from offline_observer.lag.incident import Incident, IncidentKind
from offline_observer.lag.lag import ALL_WITHIN, JobLag, PartitionLag, and_more, reason_of_partitions
from offline_observer.lag.look import Look
from offline_observer.lag.memory import JobMemory
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.status import Status, worst
from offline_observer.lag.trace import Trace
from offline_observer.lag.waiting import (
    Wait,
    Waits,
    allowed_seconds,
    flight_sentence,
    seconds_without_commit,
)
from offline_observer.time_text import records_text, span

Place = tuple[str | None, int | None]

_HIDES_NOTHING = frozenset({Status.OK, Status.STARTING, Status.LAGGING})


def assess(
    look: Look,
    before: Sequence[Trace],
    settings: HealthSettings,
    memory: JobMemory,
    waits: Waits,
) -> JobLag:
    """The lag of a look, with the statuses that its history gives.

    Args:
        look: The present look.
        before: Earlier looks, oldest first; none at first sight.
        settings: Thresholds.
        memory: What is remembered of the job, this look among it.
        waits: Since when records wait.
    """
    now = _by_place(one for one in memory.incidents if one.present)
    window = growth_window(look, before)
    present = []
    for partition in look.lag.partitions:
        key = (partition.topic, partition.partition)
        wait, incidents = waits.get(key), now.get(key, ())
        present.append(_present(partition, look, wait, window, settings, incidents, memory.acknowledged))
    status, reason = _job(look, present, settings)
    unacknowledged = memory.open_incidents()
    past = [one for one in unacknowledged if one.status is not None and not one.present]
    earlier = _by_place(past)
    status, reason = _with_past_of_job(status, reason, past)
    uncertain = (f"{one.place}: {one.sentence()}" for one in unacknowledged if one.status is None)
    return replace(
        look.lag,
        status=status,
        reason=reason,
        partitions=tuple(_with_past(p, earlier.get((p.topic, p.partition), ())) for p in present),
        warnings=(*look.lag.warnings, *uncertain),
    )


def _by_place(incidents: Iterable[Incident]) -> dict[Place, list[Incident]]:
    found: dict[Place, list[Incident]] = {}
    for one in incidents:
        found.setdefault((one.topic, one.partition), []).append(one)
    return found


def _present(
    partition: PartitionLag,
    look: Look,
    wait: Wait | None,
    window: GrowthWindow,
    settings: HealthSettings,
    incidents: Sequence[Incident],
    acknowledged: int,
) -> PartitionLag:
    """A partition with the status that holds now."""
    if partition.status is Status.STARTING and partition.lag is None:
        return _starting_in_the_dark(partition, look, settings)
    if partition.lag is None or partition.status in (Status.UNKNOWN, Status.REWOUND):
        return partition
    known = {one.kind: one for one in incidents}
    anew = known.get(IncidentKind.TOPIC_ANEW)
    if anew is not None and anew.number > acknowledged:
        return replace(partition, status=Status.REWOUND, reason=anew.sentence())
    stalled = _stalled(partition, look, wait, settings)
    if partition.status is Status.DATA_LOSS:
        expired = known.get(IncidentKind.EXPIRED)
        if expired is None or expired.number > acknowledged:
            return replace(
                partition, reason=f"{partition.reason}; besides, {stalled}" if stalled else partition.reason
            )
        base = Status.STARTING if look.lag.batch_id is None else Status.OK
        partition = replace(partition, status=base, reason=f"{partition.reason} (acknowledged)")
    if stalled:
        return replace(partition, status=Status.STALLED, reason=stalled)
    lagging = _lagging(partition, look, window)
    return replace(partition, status=Status.LAGGING, reason=lagging) if lagging else partition


def _lagging(partition: PartitionLag, look: Look, window: GrowthWindow) -> str | None:
    """Why the partition is lagging; None when it is not."""
    if partition.status is not Status.OK or not partition.lag or partition.only_markers_wait:
        return None
    grown = growth(partition, look, window)
    if grown is None:
        return None
    more, seconds = grown
    return f"the lag has grown by {more} to {partition.lag} in {span(seconds)}, while batches are committed"


def _stalled(partition: PartitionLag, look: Look, wait: Wait | None, settings: HealthSettings) -> str | None:
    """Why the partition is stalled; None when it is not."""
    if wait is None or not partition.lag or partition.only_markers_wait:
        return None
    waited = seconds_without_commit(partition, look, wait)
    allowed, why = allowed_seconds(look, settings)
    if waited <= allowed:
        return None
    return (
        f"{records_text(partition.lag)} {'waits' if partition.lag == 1 else 'wait'} and no batch has been committed for {span(waited)} ({why}); "
        f"{flight_sentence(look)}"
    )


def _starting_in_the_dark(partition: PartitionLag, look: Look, settings: HealthSettings) -> PartitionLag:
    reason = _never_started(look, settings)
    return partition if reason is None else replace(partition, status=Status.STALLED, reason=reason)


def _never_started(look: Look, settings: HealthSettings) -> str | None:
    """Why a job that has committed nothing, and of which it is not known whether records wait, is stalled."""
    since = look.lag.in_flight_since or look.made_at
    if since is None:
        return None
    waited = (look.at - since).total_seconds()
    allowed = (settings.expected_every or settings.start_timeout).total_seconds()
    if waited <= allowed:
        return None
    return (
        f"nothing has been committed since the query began {span(waited)} ago (allowed are {span(allowed)} "
        f"for the first batch); {flight_sentence(look)}"
    )


def _job(look: Look, partitions: Sequence[PartitionLag], settings: HealthSettings) -> tuple[Status, str]:
    """Status and reason of the job as it is now."""
    if not partitions and look.lag.status is Status.STARTING:
        reason = _never_started(look, settings)
        return (Status.STARTING, look.lag.reason) if reason is None else (Status.STALLED, reason)
    found = worst(partition.status for partition in partitions)
    if found is None or (found is look.lag.status and found is not Status.DATA_LOSS):
        return look.lag.status, look.lag.reason
    if found is Status.OK:
        return found, ALL_WITHIN
    return found, reason_of_partitions(partitions, found)


def _with_past(partition: PartitionLag, past: Sequence[Incident]) -> PartitionLag:
    if partition.status not in _HIDES_NOTHING:
        return partition
    status = worst(one.status for one in past if one.status)
    if status is None:
        return partition
    reason = next(one.sentence() for one in past if one.status is status)
    return replace(partition, status=status, reason=reason)


def _with_past_of_job(status: Status, reason: str, past: Sequence[Incident]) -> tuple[Status, str]:
    """The job's status with what is past, unless what is the matter now is worse."""
    was = worst(one.status for one in past if one.status)
    if was is None:
        return status, reason
    hit = [one for one in past if one.status is was]
    place = f"{hit[0].place}: " if hit[0].place else ""
    sentence = f"{place}{hit[0].sentence()}{and_more(len(hit))}"
    if status in _HIDES_NOTHING:
        return was, f"{sentence}{_how_long(was)}"
    return status, f"{reason}; besides, {sentence}"


def _how_long(status: Status) -> str:
    return "; shown for a day or until it is acknowledged" if status is Status.DATA_LOSS else ""
