"""Lagging, told from jobs that keep up, whenever the looks fall between the batches."""

from collections.abc import Iterator
from random import Random

import pytest

from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.status import Status
from support.world import World, commit, restart

MINUTE = 60.0
COMES = 20  # records per second


def statuses(
    batch: float,
    finishes: float,
    *,
    minutes: float = 50,
    every: float = 7,
    uneven: float = 0,
    restarts: bool = False,
) -> Iterator[tuple[float, Status]]:
    """What is said, minute by minute, of a job whose batches take so long and finish so much of what comes.

    Args:
        batch: Seconds that a batch takes.
        finishes: The most that a batch finishes, as a share of what comes meanwhile.
        minutes: How long.
        every: Seconds from look to look.
        uneven: By which share the input goes up and down.
        restarts: Whether the observer is started anew every ten minutes.
    """
    random = Random(7)
    world = World(HealthSettings())
    next_batch, next_look, next_restart = batch, batch * 15, batch * 15 + 600
    for second in range(int(batch * 15 + minutes * MINUTE)):
        world.now = float(second)
        comes = COMES * (1 + uneven * random.uniform(-1, 1))
        world.partitions[0].times.extend([world.now] * int(comes))
        if second >= next_batch:
            next_batch += batch
            commit(int(finishes * COMES * batch))(world)
        if restarts and second >= next_restart:
            next_restart += 600
            restart(world)
        if second >= next_look:
            next_look += every
            yield (second - batch * 15) / MINUTE, world.look().status


@pytest.mark.parametrize(
    ("batch", "finishes"),
    [(10, 0.9), (10, 0.95), (20, 0.95), (30, 0.7), (60, 0.6), (70, 0.8), (120, 0.8), (180, 0.8), (600, 0.8)],
)
def test_a_job_that_falls_behind_is_lagging_all_the_time(batch: float, finishes: float) -> None:
    told = list(statuses(batch, finishes))
    # A slight growth shows only over all that is kept, a quarter of an hour.
    assert {status for minute, status in told if minute > 16} == {Status.LAGGING}


@pytest.mark.parametrize(
    ("batch", "finishes"), [(10, 0.8), (30, 0.7), (60, 0.6), (70, 0.8), (180, 0.8), (600, 0.8)]
)
def test_a_restart_of_the_observer_changes_nothing_in_that(batch: float, finishes: float) -> None:
    told = list(statuses(batch, finishes, restarts=True))
    assert {status for _, status in told} == {Status.LAGGING}


@pytest.mark.parametrize("batch", [1, 5, 10, 30, 60, 100, 600])
@pytest.mark.parametrize("uneven", [0, 0.5])
def test_a_job_that_keeps_up_is_ok_all_the_time(batch: float, uneven: float) -> None:
    assert {status for _, status in statuses(batch, 5.0, uneven=uneven)} == {Status.OK}


def test_a_job_that_catches_up_is_ok() -> None:
    assert {status for _, status in statuses(10, 1.5, uneven=0.3)} == {Status.OK}
