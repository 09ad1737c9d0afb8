"""Whatever happens to a topic and its job, in any order: what always holds."""

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.lag.memory import memory_from_json
from offline_observer.lag.settings import HealthSettings
from support.world import (
    Step,
    World,
    acknowledge,
    checkpoint_there,
    commit,
    leader_there,
    plan,
    query_anew,
    restart,
    running,
    topic_anew,
    wait,
    write,
)


def _expire_share(share: float, number: int) -> Step:
    def step(world: World) -> None:
        one = world.partitions[number]
        one.earliest = max(one.earliest, int(share * one.end))

    return step


_times = st.sampled_from([0.1, 5.0, 30.0, 700.0, 90_000.0])
_steps = st.one_of(
    st.builds(write, st.integers(0, 30), st.integers(0, 1)),
    st.builds(wait, _times),
    st.builds(commit, st.none() | st.integers(0, 20)),
    st.just(plan()),
    st.builds(_expire_share, st.floats(0, 1), st.integers(0, 1)),
    st.builds(running, st.integers(1, 3), _times, st.integers(0, 9), st.none() | st.integers(0, 9)),
    st.builds(topic_anew, st.integers(0, 50)),
    st.builds(leader_there, st.booleans(), st.integers(0, 1)),
    st.builds(checkpoint_there, st.booleans()),
    st.sampled_from([query_anew, restart, acknowledge]),
)


@given(steps=st.lists(_steps, max_size=25))
def test_whatever_happens_no_number_is_negative_and_there_is_a_reason(steps: list[Step]) -> None:
    world = World(HealthSettings(), 2)
    for step in steps:
        step(world)
        said = world.look()
        assert said.reason
        for one in said.partitions:
            assert one.reason
            assert one.lag is None or one.lag >= 0
            assert one.seconds_behind is None or one.seconds_behind >= 0
        for number in (said.input_rate, said.processing_rate, said.seconds_to_catch_up):
            assert number is None or number >= 0
        assert memory_from_json(world.history.memory.to_json()) == world.history.memory
        # Two looks at the same are one thing that happened, not two.
        before = world.history.memory
        world.look()
        assert world.history.memory == before
