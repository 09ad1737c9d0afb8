"""Whatever happens in whatever order: who hears that an alert fires hears it once, and once that it is over."""

from datetime import timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.alert.instance import RAISED, Key, Outcome, State
from offline_observer.alert.look import Channel, Told, look_at
from offline_observer.alert.message import Kind, Subjects
from support.alerts import ALL, START, TARGETS, World, rule_of

KEYS = [Key("visits", f"visits/{number}") for number in range(3)]
OUTCOMES = st.sampled_from(
    [Outcome(holds=True), Outcome(holds=False), Outcome(holds=None), Outcome(holds=False, is_gone=True)]
)


class Step(NamedTuple):
    outcomes: list[Outcome]
    seconds: int
    is_silenced: bool


STEPS = st.lists(
    st.builds(Step, st.lists(OUTCOMES, min_size=3, max_size=3), st.integers(-60, 300), st.booleans()),
    max_size=40,
)


@given(
    STEPS,
    st.sampled_from(["0s", "1m"]),
    st.sampled_from(["0s", "2m"]),
    st.sampled_from(["alerting", "ok", "no_data"]),
)
def test_firing_and_resolved_take_turns(steps: list[Step], stays: str, keep: str, no_data: str) -> None:
    settings = {"when": "lag > 15", "for": stays, "keep_firing_for": keep, "no_data": no_data}
    world = World(rule_of(**settings), (Channel("team", ALL),))
    subjects = Subjects("test", {one.pipeline: one for one in TARGETS})
    told = dict.fromkeys(KEYS, False)
    now = START
    for step in steps:
        now += timedelta(seconds=step.seconds)
        who = Told(("team",), frozenset({"team"}), is_silenced=step.is_silenced)
        before = world.watch.instances
        outcomes = list(zip(KEYS, step.outcomes, strict=True))
        look = look_at(world.rule, before, outcomes, who, subjects, now)
        for message in look.messages:
            named = [key for key in KEYS if key.part in message.body]
            assert named
            for key in named:
                assert told[key] is (message.kind is Kind.RESOLVED), "in turns"
                told[key] = message.kind is Kind.FIRING
                assert message.kind is Kind.RESOLVED or not step.is_silenced
        for key in KEYS:
            one = look.instances.get(key)
            state = one.state if one else State.NORMAL
            assert (one is not None and bool(one.told)) is told[key]
            assert not (state is State.NORMAL and told[key]), "what is over was told"
            if state is State.FIRING and not step.is_silenced:
                assert told[key]
            assert one is None or (one.fired_at is None) is not (state in RAISED or told[key])
        # What is written brings a reader to the same states.
        written = dict(before)
        for key, changed in look.changed.items():
            if changed is None:
                written.pop(key)
            else:
                written[key] = changed
        assert written == look.instances
        world.watch.instances = look.instances
