"""The table of states: what happens to a topic and its job, and what is said of the job then.

Each row is a story. `says` looks, and compares status and a part of the reason.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest

from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.status import Status
from support.world import (
    Step,
    World,
    acknowledge,
    add_partition,
    assigned,
    blind,
    broker_there,
    checkpoint_there,
    clock_ahead,
    commit,
    commit_all_but,
    copied,
    cut_off,
    expire,
    leader_there,
    looking,
    plan,
    query_anew,
    restart,
    running,
    starting_at,
    together,
    topic_anew,
    topic_back,
    topic_deleted,
    wait,
    write,
)

OK, LAGGING, STALLED = Status.OK, Status.LAGGING, Status.STALLED
STARTING, LOSS, REWOUND, UNKNOWN = Status.STARTING, Status.DATA_LOSS, Status.REWOUND, Status.UNKNOWN
HOUR, DAY = 3600.0, 86400.0


@dataclass
class Story:
    name: str
    steps: list[Step]
    settings: HealthSettings = field(default_factory=HealthSettings)
    partitions: int = 1


def says(status: Status, reason: str = "", **numbers: object) -> Step:
    """Looks, and compares; numbers are the job's own, `partition` the statuses of its partitions."""

    def step(world: World) -> None:
        said = world.look()
        assert said.status is status, said.reason
        assert reason in said.reason
        for name, value in numbers.items():
            if name == "partition":
                assert [one.status for one in said.partitions] == value
            else:
                assert getattr(said, name) == value, name

    return step


def warns(part: str, *, expected: bool = True) -> Step:
    """Looks, and compares the warnings."""

    def step(world: World) -> None:
        assert any(part in warning for warning in world.look().warnings) is expected, world.said.warnings

    return step


hourly = HealthSettings(expected_every=timedelta(hours=1))

STORIES = [
    # ok
    Story("a job that keeps up", [running(20), says(OK, total_lag=0, seconds_behind=0.0)]),
    Story("a batch is under way", [running(20), write(5), plan(), wait(8), says(OK, total_lag=5)]),
    Story("a quiet topic, its last commit a week old", [running(20), wait(7 * DAY), says(OK, total_lag=0)]),
    Story("the first record after a quiet day", [running(20), wait(DAY), write(1), wait(5), says(OK)]),
    Story(
        "the idle topic's records expire; the lag does not jump",
        [running(20), wait(7 * DAY), expire(200), says(OK, total_lag=0, expired_records=0)],
    ),
    Story("a burst is worked off", [running(20), write(5000), running(4, finishes=1500), says(OK)]),
    # lagging
    Story(
        "the gap grows: seen at first sight from the checkpoint's own batches",
        [
            running(20, comes=10),
            running(20, comes=15, finishes=10),
            says(LAGGING, "the lag has grown by", total_lag=100),
        ],
    ),
    Story(
        "the gap grows under the observer's eyes, for as long as it does",
        [
            running(20),
            says(OK),
            together(40, running(1, comes=15, finishes=10), looking(0.1)),
            says(LAGGING),
            together(40, running(1, comes=10, finishes=100), looking(0.1)),
            says(OK, total_lag=0),
        ],
    ),
    Story(
        "a slow job, ten minutes a batch, lags over hours",
        [running(20, 600), running(12, 600, comes=25, finishes=10), says(LAGGING, total_lag=180)],
    ),
    Story(
        "a slow job that keeps up, looked at all the time",
        [running(3, 600), together(6, looking(590), running(1, 10)), says(OK)],
    ),
    Story(
        "a lag that is large and shrinks",
        [write(9000), running(20, comes=10, finishes=100), says(OK, total_lag=7200)],
    ),
    Story(
        "one large batch is not lagging",
        [running(20), write(500), wait(10), says(OK, total_lag=500)],
    ),
    Story(
        "lagging, and then it stops",
        [
            running(20),
            running(20, comes=15, finishes=10),
            says(LAGGING),
            wait(120),
            says(STALLED, "no batch is in flight"),
        ],
    ),
    # stalled
    Story(
        "a stop, at first sight",
        [
            running(20),
            write(12),
            wait(95),
            says(STALLED, "12 records wait and no batch has been committed for 95 s"),
        ],
    ),
    Story(
        "a stop, from ok, and back",
        [
            running(20),
            says(OK),
            write(12),
            looking(50),
            says(OK),
            looking(30),
            says(STALLED),
            commit(),
            says(OK),
        ],
    ),
    Story(
        "an old zero does not hide a stop",
        [
            running(20),
            wait(HOUR),
            says(OK, total_lag=0),
            write(1),
            looking(100),
            says(STALLED),
        ],
    ),
    Story(
        "a batch that is tried again for ever",
        [
            running(20),
            write(3),
            plan(),
            looking(300),
            says(STALLED, "batch 20 is in flight since 2026-11-25 00:03:20 UTC"),
            restart,
            says(STALLED, "batch 20 is in flight since 2026-11-25 00:03:20 UTC"),
            commit(),
            says(OK),
        ],
    ),
    Story(
        "batches without data are not progress",
        [
            running(20),
            write(3),
            looking(40),
            together(10, commit(0), wait(10), looking(0.1)),
            says(STALLED),
        ],
    ),
    Story(
        "batches without data, at first sight",
        [
            running(20),
            write(3),
            together(15, wait(10), commit(0)),
            says(STALLED),
        ],
    ),
    Story(
        "batches without data on a quiet topic",
        [
            running(20),
            together(50, wait(10), commit(0)),
            says(OK, total_lag=0),
        ],
    ),
    Story(
        "a slow job is given its own time",
        [
            running(5, HOUR),
            write(1),
            wait(2.9 * HOUR),
            says(OK),
            wait(0.2 * HOUR),
            says(STALLED, "usual is one every 60 min"),
        ],
    ),
    Story(
        "the time is set",
        [
            running(20),
            write(1),
            wait(16),
            says(STALLED, "allowed are 15 s"),
        ],
        HealthSettings(stalled_after=timedelta(seconds=15)),
    ),
    Story(
        "one partition of three is stuck, the others go on",
        [
            running(20),
            write(4, 1),
            together(12, write(1, 0), wait(10), commit_all_but(1), looking(0.1)),
            says(STALLED, "visits-1: 4 records wait", partition=[OK, STALLED, OK]),
        ],
        partitions=3,
    ),
    Story(
        "real-time mode: what is planned is committed, every five minutes",
        [
            running(10, 300, comes=600),
            write(900),
            wait(290),
            says(OK, in_flight_since=None),
            wait(700),
            says(STALLED),
        ],
    ),
    Story(
        "real-time mode, before its second commit",
        [starting_at(0), running(1, 300), write(900), wait(400), says(OK)],
    ),
    Story(
        "a stop is seen though nobody knows how old the records are, and the looks are not kept for so long",
        [
            blind,
            running(20),
            write(5),
            looking(2000, 30),
            says(STALLED, "no batch has been committed for 33 min"),
        ],
        HealthSettings(stalled_after=timedelta(minutes=30)),
    ),
    Story(
        "the same before the first commit",
        [
            blind,
            write(5),
            starting_at(0),
            plan(),
            looking(2000, 30),
            says(STALLED),
        ],
        HealthSettings(start_timeout=timedelta(minutes=30)),
    ),
    Story(
        "a partition is added to a quiet topic, and nobody knows how old its record is",
        [
            blind,
            running(20),
            wait(DAY),
            looking(100),
            add_partition,
            write(1, 1),
            wait(1),
            says(OK),
            looking(100),
            says(STALLED),
        ],
    ),
    Story(
        "a checkpoint that was copied: all its times are the same",
        [
            running(20, 600),
            copied,
            write(5),
            wait(80),
            says(OK),
            wait(900),
            says(STALLED, "while its rhythm is not known"),
        ],
    ),
    Story(
        "the storage's clock is an hour ahead",
        [
            running(20),
            clock_ahead(HOUR),
            write(5),
            looking(120),
            says(STALLED),
        ],
    ),
    Story(
        "a second loss right after the first was acknowledged, before any look",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            acknowledge,
            commit(10),
            expire(240),
            says(LOSS, "10 records expired"),
            commit(),
            says(LOSS, "10 records expired"),
        ],
    ),
    Story(
        "a checkpoint that was made anew long ago is no news to whoever looks once a month",
        [
            running(20),
            says(OK),
            restart,
            query_anew,
            wait(30 * DAY),
            commit(),
            says(OK),
        ],
    ),
    Story(
        "a topic that is made anew before the first commit",
        [
            write(500),
            starting_at(400),
            says(STARTING, total_lag=100),
            topic_anew(600),
            says(REWOUND, total_lag=200),
        ],
    ),
    Story(
        "no forecast of a topic that was empty a moment ago",
        [
            running(20),
            wait(7 * DAY),
            expire(200),
            looking(300),
            write(5),
            wait(6),
            says(OK, retention_left=None),
        ],
    ),
    # runs and ends
    Story(
        "a job that has run and ended",
        [
            running(3, 1),
            write(500),
            wait(0.9 * HOUR),
            says(OK, total_lag=500),
            wait(0.2 * HOUR),
            says(STALLED, "expected every 60 min"),
            commit(),
            says(OK),
        ],
        hourly,
    ),
    Story("it has ended, and nothing has come for a week", [running(3, 1), wait(7 * DAY), says(OK)], hourly),
    # starting
    Story(
        "nothing is committed yet",
        [
            write(7),
            starting_at(0),
            plan(),
            wait(60),
            says(STARTING, total_lag=7),
            commit(),
            says(OK, total_lag=0),
        ],
    ),
    Story("it starts at an offset", [write(9), starting_at(4), says(STARTING, total_lag=5)]),
    Story("it starts, and nothing waits", [starting_at(0), wait(DAY), says(STARTING, total_lag=0)]),
    Story(
        "it never finishes its first batch",
        [
            write(7),
            starting_at(0),
            plan(),
            wait(500),
            says(STARTING),
            wait(200),
            says(STALLED, "for the first"),
        ],
    ),
    Story(
        "it never gets as far as its topics",
        [
            wait(500),
            says(STARTING),
            wait(200),
            says(STALLED, "nothing has been committed since the query began 12 min ago"),
        ],
    ),
    Story(
        "how long it may take is set",
        [
            write(7),
            starting_at(0),
            wait(100),
            says(STALLED),
        ],
        HealthSettings(start_timeout=timedelta(seconds=90)),
    ),
    Story(
        "records expire before the first batch",
        [
            write(9),
            starting_at(0),
            expire(4),
            says(LOSS, "4 records expired", total_lag=5, expired_records=4),
        ],
    ),
    # data loss
    Story(
        "records expire while the job stands still",
        [
            running(20),
            write(50),
            wait(DAY),
            expire(220),
            says(
                LOSS,
                "20 records expired before the job read them; besides, 30 records wait",
                total_lag=30,
                expired_records=20,
            ),
        ],
    ),
    Story(
        "the job has gone on; the loss stays for a day",
        [
            running(20),
            says(OK),
            write(50),
            expire(220),
            says(LOSS, expired_records=20),
            commit(),
            says(
                LOSS,
                "visits-0: 20 records expired before the job read them, seen at 2026-11-25 00:03:20 UTC",
                expired_records=0,
                total_lag=0,
            ),
            wait(0.9 * DAY),
            says(LOSS),
            wait(0.2 * DAY),
            says(OK),
        ],
    ),
    Story(
        "the loss stays over a restart of the observer",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            commit(),
            restart,
            says(LOSS, "20 records"),
            wait(1.1 * DAY),
            says(OK),
        ],
    ),
    Story(
        "the loss is acknowledged",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            commit(),
            says(LOSS),
            acknowledge,
            says(OK),
            restart,
            says(OK),
        ],
    ),
    Story(
        "a loss that goes on is acknowledged, and holds as long as the job stays where it is",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            acknowledge,
            says(OK, expired_records=20),
            expire(230),
            says(OK, expired_records=30),
            restart,
            says(OK),
            looking(100),
            says(STALLED),
            commit(),
            says(OK),
        ],
    ),
    Story(
        "a second loss after the first was acknowledged",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            acknowledge,
            commit(),
            says(OK),
            write(10),
            expire(255),
            says(LOSS, "5 records"),
            commit(),
            says(LOSS, "5 records"),
        ],
    ),
    Story(
        "two losses add up",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            commit(),
            write(10),
            expire(255),
            says(LOSS),
            commit(),
            says(LOSS, "25 records"),
        ],
    ),
    Story(
        "a past loss does not hide a stop",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            commit(),
            says(LOSS),
            running(20),
            write(5),
            looking(100),
            says(STALLED, "besides, visits-0: 20 records expired"),
            commit(),
            says(LOSS),
        ],
    ),
    Story(
        "retention overtakes the job between two looks: it may have read the records, or not",
        [
            running(20),
            says(OK),
            write(50),
            wait(10),
            expire(230),
            commit(),
            says(OK),
            warns("up to 30 records may have expired"),
            wait(700),
            warns("may have expired", expected=False),
        ],
    ),
    Story(
        "a loss on one partition of two",
        [
            running(20),
            write(9, 1),
            says(OK),
            expire(5, 1),
            says(LOSS, "visits-1: 5 records", partition=[OK, LOSS]),
        ],
        partitions=2,
    ),
    # rewound
    Story(
        "the topic is made anew with fewer records",
        [
            running(20),
            says(OK),
            topic_anew(5),
            says(REWOUND, "beyond the end", total_lag=None, unknown_partitions=1),
        ],
    ),
    Story(
        "the topic is made anew and has passed the old offset",
        [
            running(20),
            says(OK),
            topic_anew(300),
            says(REWOUND, "the topic was made anew", total_lag=100),
            wait(HOUR),
            says(REWOUND),
            commit(),
            says(REWOUND),
            wait(700),
            says(OK),
        ],
    ),
    Story(
        "the topic is made anew while the observer is away",
        [
            running(20),
            says(OK),
            restart,
            topic_anew(300),
            says(REWOUND, "the topic was made anew"),
            restart,
            says(REWOUND),
        ],
    ),
    Story(
        "a topic that is made anew is acknowledged",
        [
            running(20),
            says(OK),
            topic_anew(300),
            says(REWOUND),
            acknowledge,
            says(OK),
        ],
    ),
    Story(
        "the topic is deleted, and then made anew",
        [
            running(20),
            says(OK),
            topic_deleted,
            says(UNKNOWN, "no such topic"),
            topic_back(300),
            says(REWOUND, "the topic was made anew"),
        ],
    ),
    Story(
        "the end of the log is cut off, and grows past the job again",
        [
            running(20),
            says(OK),
            cut_off(190),
            says(REWOUND, "beyond the end", total_lag=None),
            write(20),
            looking(60),
            says(REWOUND, total_lag=10),
            commit(),
            wait(700),
            says(OK),
        ],
    ),
    Story(
        "the checkpoint is made anew",
        [
            running(20),
            says(OK),
            query_anew,
            starting_at(0),
            says(REWOUND, "another query (query-1-anew)"),
            commit(),
            wait(300),
            says(REWOUND),
            wait(400),
            says(OK),
        ],
    ),
    Story(
        "the checkpoint is made anew while the observer is away",
        [
            running(20),
            says(OK),
            restart,
            query_anew,
            running(3),
            says(REWOUND, "another query"),
            acknowledge,
            says(OK),
        ],
    ),
    # unknown
    Story(
        "the checkpoint is gone, and there again",
        [
            running(20),
            says(OK),
            checkpoint_there(False),
            says(UNKNOWN, total_lag=None, partition=[UNKNOWN]),
            checkpoint_there(True),
            says(OK),
        ],
    ),
    Story(
        "the broker is gone, and there again, and has been forgotten meanwhile",
        [
            running(20),
            says(OK),
            broker_there(False),
            looking(HOUR),
            says(UNKNOWN),
            broker_there(True),
            says(OK),
        ],
    ),
    Story(
        "the topic is gone",
        [running(20), says(OK), topic_deleted, says(UNKNOWN, "the broker has no such topic")],
    ),
    Story(
        "one partition has no leader: the others are counted",
        [
            running(20),
            write(3, 1),
            leader_there(False),
            says(UNKNOWN, total_lag=3, max_lag=3, unknown_partitions=1),
            leader_there(True),
            says(OK, total_lag=3),
        ],
        partitions=2,
    ),
    Story(
        "a loss outlives that its partition is unknown",
        [
            running(20),
            write(50),
            expire(220),
            says(LOSS),
            acknowledge,
            says(OK),
            leader_there(False),
            says(UNKNOWN),
            leader_there(True),
            says(OK),
        ],
    ),
    # numbers
    Story(
        "seconds behind are those of the first record that waits",
        [
            running(20),
            write(1),
            wait(20),
            write(1000),
            wait(5),
            says(OK, seconds_behind=25.0, total_lag=1001),
        ],
    ),
    Story(
        "what a caught-up job finishes next",
        [
            running(20),
            write(5),
            wait(5),
            says(OK, input_rate=1.0, processing_rate=1.0, seconds_to_catch_up=10.0),
        ],
    ),
    Story(
        "rates and the time to catch up, at first sight",
        [
            write(1000),
            running(20, comes=10, finishes=30),
            says(OK, total_lag=600, input_rate=1.0, processing_rate=3.0, seconds_to_catch_up=300.0),
        ],
    ),
    Story(
        "it never catches up", [running(40, comes=15, finishes=10), says(LAGGING, seconds_to_catch_up=None)]
    ),
    Story(
        "how long until records expire that the job has not read is said before it happens",
        [
            running(100),
            write(2000),
            together(30, write(100), wait(10), looking(0.1)),
            expire(100),
            warns("expires in about 91 s"),
            expire(1001),
            says(LOSS),
        ],
    ),
    # partitions come
    Story(
        "a job that reads chosen partitions only",
        [
            assigned(0),
            running(20),
            write(7, 1),
            says(OK, total_lag=7),
            together(60, running(1), looking(0.1)),
            says(OK, total_lag=0, partition=[OK]),
            warns("visits-1 left out"),
            restart,
            says(OK, total_lag=0, partition=[OK]),
            write(1, 0),
            wait(100),
            says(STALLED, "visits-0: 1 record waits"),
        ],
        partitions=2,
    ),
    Story(
        "a job that takes a new partition up late",
        [
            running(20),
            says(OK),
            assigned(0),
            add_partition,
            write(7, 1),
            together(12, running(1), looking(0.1)),
            says(OK, total_lag=7),
            assigned(0, 1),
            commit(),
            says(OK, total_lag=0, partition=[OK, OK]),
        ],
    ),
    Story(
        "a partition is added",
        [
            running(20),
            says(OK),
            add_partition,
            write(7, 1),
            says(OK, total_lag=7),
            commit(),
            says(OK, total_lag=0),
        ],
    ),
    Story(
        "a partition is added, and the job never takes it",
        [
            running(20),
            says(OK),
            add_partition,
            write(7, 1),
            wait(100),
            says(STALLED, "visits-1: 7 records wait"),
        ],
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_is_said(story: Story) -> None:
    world = World(story.settings, story.partitions)
    for step in story.steps:
        step(world)


def test_every_status_and_the_way_back_from_it_is_told() -> None:
    transitions: set[tuple[Status, Status]] = set()
    for story in STORIES:
        world = World(story.settings, story.partitions)
        told: list[Status] = []
        for step in story.steps:
            before = world.said
            step(world)
            if world.said is not before:
                told.append(world.said.status)
        transitions.update(pairwise(told))
    assert {status for transition in transitions for status in transition} == set(Status)
    from_ok = {after for before, after in transitions if before is OK}
    back_to_ok = {before for before, after in transitions if after is OK}
    assert from_ok >= set(Status) - {STARTING}, "a job that has committed does not start again"
    assert back_to_ok == set(Status)
