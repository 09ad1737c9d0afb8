"""From state to state: what an alert is after a look, by what it was and what was found."""

from datetime import timedelta

import pytest

from offline_observer.alert.instance import Instance, Outcome, State, advance
from support.alerts import START, rule_of

N, P, F, R, X = State.NORMAL, State.PENDING, State.FIRING, State.RECOVERING, State.NO_DATA
HOLDS, NOT, NOTHING = Outcome(holds=True), Outcome(holds=False), Outcome(holds=None)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("before", "age", "outcome", "after", "since_now"),
    [
        (N, 0, HOLDS, P, True),
        (N, 0, NOT, N, False),
        (N, 0, NOTHING, X, True),
        (P, 4, HOLDS, P, False),
        (P, 5, HOLDS, F, True),
        (P, 5, NOT, N, True),
        (P, 5, NOTHING, X, True),
        (F, 1, HOLDS, F, False),
        (F, 1, NOT, R, True),
        (F, 1, NOTHING, X, True),
        (R, 2, NOT, R, False),
        (R, 3, NOT, N, True),
        (R, 1, HOLDS, F, False),
        (R, 1, NOTHING, X, True),
        (X, 1, HOLDS, P, True),
        (X, 1, NOT, N, True),
        (X, 1, NOTHING, X, False),
    ],
)
def test_every_transition(before: State, age: int, outcome: Outcome, after: State, since_now: bool) -> None:
    rule = rule_of(when="lag > 15", **{"for": "5m"}, keep_firing_for="3m", no_data="no_data")
    fired_at = START if before in (F, R) else None
    one = Instance(before, START, fired_at=fired_at)
    now = START + age * MINUTE
    found = advance(rule, one, outcome, now)
    assert found.state is after
    assert found.since == (now if since_now else START)
    assert (found.fired_at is not None) is (after in (F, R))


@pytest.mark.parametrize("policy", ["alerting", "ok", "no_data"])
@pytest.mark.parametrize("before", [N, P, F])
def test_no_data_by_each_policy(policy: str, before: State) -> None:
    rule = rule_of(when="lag > 15", **{"for": "0s"}, no_data=policy)
    found = advance(rule, Instance(before, START), NOTHING, START)
    assert found.state is {"alerting": F, "ok": N, "no_data": X}[policy]


def test_without_for_it_fires_at_once_and_without_keep_it_is_over_at_once() -> None:
    rule = rule_of(when="lag > 15", **{"for": "0s"})
    one = advance(rule, None, Outcome(holds=True, value=20.0, reason="why"), START)
    assert (one.state, one.value, one.reason, one.fired_at) == (F, 20.0, "why", START)
    assert advance(rule, one, NOT, START).state is N


def test_recovering_goes_back_to_the_same_firing() -> None:
    rule = rule_of(when="lag > 15", **{"for": "0s"}, keep_firing_for="3m")
    one = advance(rule, None, HOLDS, START)
    one = advance(rule, one, NOT, START + MINUTE)
    assert (one.state, one.since) == (R, START + MINUTE)
    one = advance(rule, one, HOLDS, START + 2 * MINUTE)
    assert (one.state, one.since, one.fired_at) == (F, START, START)


@pytest.mark.parametrize("state", [P, R])
def test_a_clock_that_steps_back_makes_a_wait_begin_anew_and_no_longer(state: State) -> None:
    rule = rule_of(when="lag > 15", **{"for": "5m"}, keep_firing_for="5m")
    outcome = HOLDS if state is P else NOT
    back = START - timedelta(hours=3)
    one = advance(rule, Instance(state, START, fired_at=START if state is R else None), outcome, back)
    assert (one.state, one.since) == (state, back)
    assert advance(rule, one, outcome, back + 4 * MINUTE).state is state
    assert advance(rule, one, outcome, back + 5 * MINUTE).state is (F if state is P else N)


def test_a_clock_that_was_set_moves_all_that_is_remembered() -> None:
    one = Instance(F, START, fired_at=START, told=("a",), told_at=START)
    assert one.shifted(MINUTE) == Instance(
        F, START + MINUTE, fired_at=START + MINUTE, told=("a",), told_at=START + MINUTE
    )
    assert Instance(P, START).shifted(-MINUTE) == Instance(P, START - MINUTE)


def test_who_was_told_is_not_told_again_after_a_time_without_data() -> None:
    rule = rule_of(when="lag > 15", **{"for": "5m"}, no_data="no_data")
    one = Instance(F, START, fired_at=START, told=("team",))
    one = advance(rule, one, NOTHING, START + MINUTE)
    assert (one.state, one.told, one.fired_at) == (X, ("team",), START)
    again = advance(rule, one, HOLDS, START + 2 * MINUTE)
    assert (again.state, again.told, again.since) == (F, ("team",), START)
