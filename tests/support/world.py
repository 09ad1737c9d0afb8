"""A topic and the job that reads it, at moments that a test sets: what the checkpoint and the broker would say.

No file and no broker: the functions under test are pure. Each step of a test is a function of the world.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from offline_observer.checkpoint.progress import EarlierBatch, JobProgress
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks
from offline_observer.lag.history import JobHistory
from offline_observer.lag.lag import JobLag, job_lag, unknown_lag
from offline_observer.lag.look import Look
from offline_observer.lag.memory import memory_from_json
from offline_observer.lag.past import EndsAt
from offline_observer.lag.seconds_behind import FirstRecord, with_seconds_behind
from offline_observer.lag.settings import HealthSettings

TOPIC = "visits"
START = datetime(2026, 11, 25, tzinfo=UTC)
PURGED_AFTER = 100  # Spark keeps so many batches


@dataclass
class Partition:
    """One partition: when each record was written, and how many of them are gone."""

    times: list[float] = field(default_factory=list)
    earliest: int = 0
    has_leader: bool = True

    @property
    def end(self) -> int:
        return len(self.times)


class World:
    """Everything at one moment."""

    def __init__(self, settings: HealthSettings, partitions: int = 1) -> None:
        self.now = 0.0
        self.partitions = {number: Partition() for number in range(partitions)}
        self.topic_id: str | None = "topic-1"
        self.query = "query-1"
        self.knows_times = True
        self.assigned: set[int] | None = None
        self.commits: list[tuple[float, dict[int, int]]] = []
        self.planned: tuple[float, dict[int, int]] | None = None
        self.initial: dict[int, int] = {}
        self.made_at = 0.0
        self.checkpoint_is_there = True
        self.broker_answers = True
        self.settings = settings
        self.history = JobHistory(settings)
        self.said: JobLag = unknown_lag("nobody has looked yet")

    def time(self, seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    def progress(self) -> JobProgress:
        newest = self.commits[-1] if self.commits else None
        planned = self.planned or newest
        kept = list(enumerate(self.commits))[-PURGED_AFTER:]
        earlier = kept[max(0, len(kept) - 12)] if self.history.wants_past and len(kept) > 1 else None
        return JobProgress(
            query_id=self.query,
            log_version=1,
            batch_id=len(self.commits) - 1 if newest else None,
            committed_at=self.time(newest[0]) if newest else None,
            committed={TOPIC: dict(newest[1])} if newest else {},
            planned_batch_id=len(self.commits)
            if self.planned
            else (len(self.commits) - 1 if newest else None),
            planned={TOPIC: dict(planned[1])} if planned else {},
            initial={TOPIC: self.initial} if self.initial and not newest else {},
            in_flight=self.planned is not None,
            warnings=(),
            commit_times=tuple(self.time(commit[0]) for commit in self.commits[-12:]),
            planned_at=self.time(planned[0]) if planned else None,
            made_at=self.time(self.made_at),
            earlier=earlier
            and EarlierBatch(
                earlier[0],
                self.time(earlier[1][0]),
                {TOPIC: dict(earlier[1][1])},
                len(self.commits) - 1 - earlier[0],
            ),
        )

    def topics(self) -> dict[str, TopicWatermarks]:
        if self.topic_id is None:
            return {TOPIC: TopicWatermarks(None, {}, "the broker has no such topic")}
        marks = {
            number: Watermarks(one.earliest, one.end) if one.has_leader else Watermarks(None, None)
            for number, one in self.partitions.items()
        }
        problem = None if all(one.has_leader for one in self.partitions.values()) else "no leader"
        return {TOPIC: TopicWatermarks(self.topic_id, marks, problem)}

    def look(self) -> JobLag:
        """What the observer says now."""
        if not self.checkpoint_is_there or not self.broker_answers:
            self.said = unknown_lag("it does not answer", self.said)
            return self.said
        progress = self.progress()
        lag = with_seconds_behind(
            job_lag(progress, self.topics() if progress.committed or progress.initial else {}),
            {(TOPIC, number): record for number, record in self._first_records(progress).items()},
            self.time(self.now),
        )
        look = Look(
            at=self.time(self.now),
            monotonic=self.now,
            lag=lag,
            query_id=progress.query_id,
            topic_ids={TOPIC: self.topic_id},
            commit_times=progress.commit_times,
            planned_at=progress.planned_at,
            in_flight=progress.planned_batch_id if progress.in_flight else None,
            made_at=progress.made_at,
        )
        ends = [self._ends_at(time) for time in self.history.commits_to_ask_for(progress)]
        self.said = self.history.see(look, progress, ends)
        return self.said

    def _first_records(self, progress: JobProgress) -> dict[int, FirstRecord]:
        lag = job_lag(progress, self.topics())
        found = {}
        for one in lag.partitions:
            if self.knows_times and one.lag and one.position is not None:
                seconds = self.partitions[one.partition].times[one.position]
                found[one.partition] = FirstRecord(one.position, int(self.time(seconds).timestamp() * 1000))
        return found

    def _ends_at(self, time: datetime) -> EndsAt:
        seconds = (time - START).total_seconds()
        return {
            (TOPIC, number): next((o for o, at in enumerate(one.times) if at >= seconds), None)
            for number, one in self.partitions.items()
        }


Step = Callable[[World], None]


def write(records: int, partition: int = 0) -> Step:
    """Records are written now."""
    return lambda world: world.partitions[partition].times.extend([world.now] * records)


def wait(seconds: float) -> Step:
    """Time passes, and nobody looks."""

    def step(world: World) -> None:
        world.now += seconds

    return step


def commit(records: int | None = None) -> Step:
    """A batch is committed: all that is there, or at most so many records of each partition."""

    def step(world: World) -> None:
        before = world.commits[-1][1] if world.commits else dict(world.initial)
        ends = {}
        for number, one in world.partitions.items():
            if world.assigned is not None and number not in world.assigned:
                continue
            start = max(before.get(number, one.earliest), one.earliest)
            ends[number] = one.end if records is None else min(one.end, start + records)
        world.commits.append((world.now, ends))
        world.planned = None

    return step


def plan() -> Step:
    """A batch with all that is there is planned, and goes on."""

    def step(world: World) -> None:
        world.planned = (world.now, {number: one.end for number, one in world.partitions.items()})

    return step


def expire(before: int, partition: int = 0) -> Step:
    """Retention removes what is before an offset."""

    def step(world: World) -> None:
        world.partitions[partition].earliest = before

    return step


def running(batches: int, every: float = 10, comes: int = 10, finishes: int | None = None) -> Step:
    """The job runs, unobserved: per batch some records come, and it finishes as many as it can or is limited to."""

    def step(world: World) -> None:
        for _ in range(batches):
            write(comes)(world)
            world.now += every
            commit(finishes)(world)

    return step


def looking(seconds: float, every: float = 10) -> Step:
    """Time passes, with looks."""

    def step(world: World) -> None:
        end = world.now + seconds
        while world.now < end:
            world.look()
            world.now += every
        world.now = end

    return step


def together(count: int, *steps: Step) -> Step:
    """Steps again and again."""

    def step(world: World) -> None:
        for _ in range(count):
            for one in steps:
                one(world)

    return step


def restart(world: World) -> None:
    """The observer is stopped and started again: all it has is what it has written down."""
    memory = memory_from_json(world.history.memory.to_json())
    world.history = JobHistory(world.settings)
    world.history.memory = memory


def acknowledge(world: World) -> None:
    """The operator knows."""
    world.history.acknowledge(world.history.memory.next_number - 1)


def topic_anew(records: int) -> Step:
    """The topic is deleted, and made again with so many records."""

    def step(world: World) -> None:
        world.topic_id = f"{world.topic_id}-anew"
        world.partitions = {number: Partition() for number in world.partitions}
        write(records)(world)

    return step


def topic_deleted(world: World) -> None:
    """The topic is deleted."""
    world.topic_id = None
    world.partitions = {}


def add_partition(world: World) -> None:
    """The topic gets one more partition."""
    world.partitions[len(world.partitions)] = Partition()


def query_anew(world: World) -> None:
    """The checkpoint is deleted, and another query makes it again."""
    world.query += "-anew"
    world.commits = []
    world.made_at = world.now


def starting_at(offset: int) -> Step:
    """A query that has just begun, and has written where."""

    def step(world: World) -> None:
        world.initial = dict.fromkeys(world.partitions, offset)
        world.made_at = world.now

    return step


def checkpoint_there(there: bool) -> Step:
    """The checkpoint can be read or cannot."""

    def step(world: World) -> None:
        world.checkpoint_is_there = there

    return step


def broker_there(there: bool) -> Step:
    """The broker answers or does not."""

    def step(world: World) -> None:
        world.broker_answers = there

    return step


def leader_there(there: bool, partition: int = 0) -> Step:
    """A partition has a leader or has none."""

    def step(world: World) -> None:
        world.partitions[partition].has_leader = there

    return step


def commit_all_but(stuck: int) -> Step:
    """A batch is committed that does not come on in one partition."""

    def step(world: World) -> None:
        stays = world.commits[-1][1][stuck]
        commit()(world)
        world.commits[-1][1][stuck] = stays

    return step


def assigned(*partitions: int) -> Step:
    """The job reads these partitions, and no others."""

    def step(world: World) -> None:
        world.assigned = set(partitions)

    return step


def cut_off(end: int, partition: int = 0) -> Step:
    """The end of the log is lost, as after an unclean election of a leader."""

    def step(world: World) -> None:
        del world.partitions[partition].times[end:]

    return step


def topic_back(records: int) -> Step:
    """A topic that was deleted is made again."""

    def step(world: World) -> None:
        world.topic_id = "topic-again"
        world.partitions = {0: Partition()}
        write(records)(world)

    return step


def blind(world: World) -> None:
    """The records' times cannot be read."""
    world.knows_times = False


def copied(world: World) -> None:
    """The checkpoint is a copy: its files have the time of the copying."""
    world.commits = [(world.now, offsets) for _, offsets in world.commits]


def clock_ahead(seconds: float) -> Step:
    """The times of the checkpoint's files are those of a clock that is ahead."""

    def step(world: World) -> None:
        world.commits = [(time + seconds, offsets) for time, offsets in world.commits]

    return step
