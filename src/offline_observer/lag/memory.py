"""What is known of a job from earlier looks, across restarts of the observer (pure).

It holds what later looks are compared with (which query writes the checkpoint, which topics it reads) and the incidents
that are still to be shown. It is small, and changes only when something happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from offline_observer.lag.assigned import unplanned_partitions
from offline_observer.lag.incident import Incident, IncidentKind
from offline_observer.lag.lag import PartitionLag
from offline_observer.lag.look import Look
from offline_observer.lag.status import Status

_NO_NEWS = timedelta(days=1)

Key = tuple[IncidentKind, str | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMemory:
    """What earlier looks at a job left behind.

    Attributes:
        query_id: The query that wrote the checkpoint; None when that is not known.
        topic_ids: Kafka's id per topic of the job.
        unplanned: Partitions of the topics that are in no batch of the job, with the time when they were first seen.
        incidents: What happened and is to be shown, oldest first.
        next_number: The number of the next incident.
        acknowledged: Incidents up to this number are known to the operator, and give no status.
    """

    query_id: str | None = None
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    unplanned: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    next_number: int = 1
    acknowledged: int = 0

    def open_incidents(self) -> tuple[Incident, ...]:
        """Those that nobody has acknowledged."""
        return tuple(one for one in self.incidents if one.number > self.acknowledged)

    def to_json(self) -> str:
        """The memory as JSON text, to be kept until the next start."""
        return msgspec.json.encode(self).decode()


def memory_from_json(text: str | None, acknowledged: int = 0) -> JobMemory:
    """The memory from its JSON text.

    Args:
        text: The text; None when there is none yet.
        acknowledged: Incidents up to this number were acknowledged; their numbers are never given again.

    Raises:
        ValueError: The text is not that of a memory.
    """
    memory = JobMemory() if text is None else msgspec.json.decode(text, type=JobMemory)
    return replace(
        memory,
        acknowledged=max(memory.acknowledged, acknowledged),
        next_number=max(memory.next_number, acknowledged + 1),
    )


def recalled_memory(text: str | None, acknowledged: int) -> JobMemory:
    """The same, but text that cannot be read (of another version, damaged) is as if nothing had been seen before."""
    try:
        return memory_from_json(text, acknowledged)
    except ValueError:
        return memory_from_json(None, acknowledged)


def remember(memory: JobMemory, look: Look, previous: Look | None = None) -> JobMemory:
    """The memory after one more look.

    Args:
        memory: The memory before it.
        look: The look, its partitions with the statuses that one look can tell.
        previous: The look before; None when there was none, or long ago.
    """
    same_query = memory.query_id in (None, look.query_id) or look.query_id is None
    anew = _anew(memory, look) if same_query else frozenset()
    incidents = _Incidents(memory, look)
    if not same_query and not _is_old(look):
        incidents.happened(IncidentKind.CHECKPOINT_ANEW, None, query_id=look.query_id)
    for partition in look.lag.partitions:
        before = incidents.known(IncidentKind.TOPIC_ANEW, partition)
        # Before the first commit the job is where it is to start.
        place = partition.position if look.lag.batch_id is None else partition.committed_offset
        if place is not None and (
            partition.topic in anew or (before is not None and before.present and before.position == place)
        ):
            incidents.at_position(IncidentKind.TOPIC_ANEW, partition, place, is_new=partition.topic in anew)
        if partition.status is Status.REWOUND and partition.committed_offset is not None:
            incidents.at_position(IncidentKind.BEYOND_END, partition, partition.committed_offset)
        if partition.expired_records and partition.earliest_offset is not None:
            position = partition.earliest_offset - partition.expired_records
            incidents.at_position(
                IncidentKind.EXPIRED, partition, position, records=partition.expired_records
            )
    if previous is not None and same_query and not anew:
        for partition, records in _overtaken(previous, look):
            incidents.happened(IncidentKind.MAYBE_EXPIRED, partition, records=records)
    known_ids = {name: identity for name, identity in look.topic_ids.items() if identity is not None}
    kept_ids = {name: one for name, one in memory.topic_ids.items() if name in look.topic_ids}
    return JobMemory(
        query_id=look.query_id or memory.query_id,
        topic_ids={**kept_ids, **known_ids},
        unplanned=unplanned_partitions(look, memory.unplanned if same_query else {}),
        incidents=incidents.shown(),
        next_number=incidents.next_number,
        acknowledged=memory.acknowledged,
    )


def _is_old(look: Look) -> bool:
    """Whether the checkpoint was made so long ago that this is no news, only new to whoever looks once in a while."""
    return look.made_at is not None and look.at - look.made_at > _NO_NEWS


def _anew(memory: JobMemory, look: Look) -> frozenset[str]:
    """Topics that have another id than before."""
    return frozenset(
        name
        for name, identity in look.topic_ids.items()
        if identity is not None and memory.topic_ids.get(name, identity) != identity
    )


def _overtaken(previous: Look, look: Look) -> list[tuple[PartitionLag, int]]:
    """Partitions where retention and the job both went past where the job was, with the records in question.

    Whether the job read them before they expired, nothing tells.
    """
    before = {(p.topic, p.partition): p for p in previous.lag.partitions}
    found = []
    for now in look.lag.partitions:
        then = before.get((now.topic, now.partition))
        if then is None or then.committed_offset is None or then.lag is None:
            continue
        if now.committed_offset is None or now.earliest_offset is None:
            continue
        # What had expired at the earlier look is certain, and on record.
        first = max(then.committed_offset, then.earliest_offset or 0)
        records = min(now.earliest_offset, now.committed_offset) - first
        if records > 0:
            found.append((now, records))
    return found


class _Incidents:
    """Gathers the incidents of one look on top of those that are remembered."""

    def __init__(self, memory: JobMemory, look: Look) -> None:
        self._now = look.at
        self._acknowledged = memory.acknowledged
        self._before = {_key(one): one for one in memory.incidents}
        # Of a partition that is unknown now nothing has ended.
        unknown = {(p.topic, p.partition) for p in look.lag.partitions if p.status is Status.UNKNOWN}
        self._found = {
            key: replace(one, present=one.present and key[1:] in unknown) for key, one in self._before.items()
        }
        self.next_number = memory.next_number

    def known(self, kind: IncidentKind, partition: PartitionLag) -> Incident | None:
        """The incident of this kind and place as it was remembered."""
        return self._before.get((kind, partition.topic, partition.partition))

    def at_position(
        self,
        kind: IncidentKind,
        partition: PartitionLag,
        position: int,
        *,
        records: int = 0,
        is_new: bool = False,
    ) -> None:
        """A look sees that the job is at a position where something is wrong.

        As long as the job stays there it is one incident; so an acknowledgement holds, though more expires.
        """
        before = self.known(kind, partition)
        if before is not None and before.position == position and not is_new:
            more = max(before.records, records)
            self._found[_key(before)] = replace(before, last=self._now, present=True, records=more)
            return
        self._add(kind, partition, position=position, records=records, before=before)

    def happened(
        self,
        kind: IncidentKind,
        partition: PartitionLag | None,
        *,
        records: int = 0,
        query_id: str | None = None,
    ) -> None:
        """Something happened between the look before and this one."""
        key = (kind, partition.topic if partition else None, partition.partition if partition else None)
        self._add(
            kind, partition, records=records, query_id=query_id, before=self._before.get(key), present=False
        )

    def _add(
        self,
        kind: IncidentKind,
        partition: PartitionLag | None,
        *,
        before: Incident | None,
        position: int | None = None,
        records: int = 0,
        query_id: str | None = None,
        present: bool = True,
    ) -> None:
        goes_on = before is not None and before.number > self._acknowledged and records > 0
        incident = Incident(
            number=self.next_number,
            kind=kind,
            since=before.since if before and goes_on else self._now,
            last=self._now,
            present=present,
            topic=partition.topic if partition else None,
            partition=partition.partition if partition else None,
            position=position,
            records=records,
            records_before=before.records + before.records_before if before and goes_on else 0,
            query_id=query_id,
        )
        self.next_number += 1
        self._found[_key(incident)] = incident

    def shown(self) -> tuple[Incident, ...]:
        """Those that are still to be remembered. One that is acknowledged stays as long as it is present."""
        kept = (
            one
            for one in self._found.values()
            if one.is_kept_at(self._now) and (one.present or one.number > self._acknowledged)
        )
        return tuple(sorted(kept, key=lambda one: one.number))


def _key(incident: Incident) -> Key:
    return (incident.kind, incident.topic, incident.partition)
