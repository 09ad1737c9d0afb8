"""An alert over some time, with a clock that is set: what becomes of it, and who is told."""

from datetime import timedelta

import pytest

from offline_observer.alert.instance import Instance, Key, State
from offline_observer.alert.look import CHANGED, Channel, Told, channels_of, end
from offline_observer.alert.message import Subjects
from offline_observer.alert.rule import Severity
from support.alerts import ALL, START, TARGETS, World, kinds, observation, partition, rule_of

N, P, F, R, X = State.NORMAL, State.PENDING, State.FIRING, State.RECOVERING, State.NO_DATA


def max_lag(**more: object) -> World:
    settings: dict[str, object] = {"when": "max_lag > 15", "for": "1m", "jobs": "copy", **more}
    return World(rule_of(**settings))


def see(world: World, value: int | None, seconds: float = 10) -> list[str]:
    world.now += timedelta(seconds=seconds)
    world.observe(max_lag=value)
    return kinds(world.look())


def fire(world: World) -> None:
    messages = [one for _ in range(8) for one in see(world, 20)]
    assert (messages, world.state()) == (["firing"], F)


def test_it_fires_once_and_is_resolved_once() -> None:
    world = max_lag()
    assert see(world, 3) == []
    assert (see(world, 16), world.state()) == ([], P)
    assert see(world, 3) == []
    assert world.state() is N
    fire(world)
    assert see(world, 30) == []
    assert see(world, 1) == ["resolved"]
    assert world.watch.instances == {}
    assert see(world, 1) == []


def test_flapping_faster_than_for_tells_nobody() -> None:
    world = max_lag()
    assert [one for number in range(40) for one in see(world, 30 * (number % 5 > 0))] == []
    assert World(rule_of(when="max_lag > 15")).state() is N


def test_keep_firing_for_holds_flapping_together() -> None:
    world = max_lag(keep_firing_for="2m")
    fire(world)
    told = []
    for _ in range(5):
        told += see(world, 0) + see(world, 0)
        assert world.state() is R
        told += see(world, 40)
        assert world.state() is F
    assert told == []
    assert [one for _ in range(14) for one in see(world, 0)] == ["resolved"]


@pytest.mark.parametrize(
    ("policy", "state", "messages"),
    [("alerting", F, []), ("ok", N, ["resolved"]), ("no_data", X, [])],
)
def test_no_data_while_it_fires(policy: str, state: State, messages: list[str]) -> None:
    world = max_lag(no_data=policy)
    fire(world)
    assert see(world, None, 60) == [], "the last reading counts while it is in sight"
    assert see(world, None, 600) == messages
    assert world.state() is state
    if state is not N:
        assert see(world, 1) == ["resolved"], "the incident is closed"


def test_no_data_is_shown_and_not_told() -> None:
    world = max_lag(no_data="no_data")
    assert see(world, None) == []
    assert world.state() is X
    assert see(world, 1) == []
    assert world.state() is N


@pytest.mark.parametrize("state", [P, F, R, X])
def test_a_restart_changes_no_state_and_tells_nobody_again(state: State) -> None:
    world = max_lag(keep_firing_for="10m", no_data="no_data")
    if state is P:
        see(world, 20)
    else:
        fire(world)
    if state is R:
        see(world, 0)
    if state is X:
        see(world, None, 601)
    assert world.state() is state
    world.restart()
    assert kinds(world.look(30)) == []
    assert world.state() is state, "nothing is said before there is an observation"
    world.heard_of.add("visits")
    again = see(world, 0 if state is R else None if state is X else 20)
    if state is P:
        assert (again, world.state()) == ([], P)
        assert see(world, 20, 30) == ["firing"], "it went on from where it was"
    else:
        assert (again, world.state()) == ([], state)


def test_after_a_restart_no_data_is_said_after_the_time_looked_back_on() -> None:
    world = max_lag(no_data="alerting")
    world.restart()
    assert (world.look(599), world.state()) == ([], N)
    assert (world.look(1), world.state()) == ([], P)


def test_no_data_of_the_observer_is_said_of_each_pipeline() -> None:
    world = World(rule_of(when="no_data", **{"for": "1m"}))
    world.observe("visits")
    world.observe("clicks")
    for _ in range(20):
        world.now += timedelta(seconds=10)
        world.observe("visits")
        messages = world.look()
        if messages:
            break
    assert (world.state("visits"), world.state("clicks")) == (N, F)
    assert messages[0].title == "[firing] a (warn): clicks"
    assert "no observation for 2m" in messages[0].body
    world.observe("clicks")
    (resolved,) = world.look(10)
    assert "observed again" in resolved.body


def test_statuses_count_as_long_as_they_are_in_sight() -> None:
    world = World(rule_of(when="status in [stalled, data_loss]"))
    world.observe(job_status="stalled", reason="240 records wait\x1b[31m\nfor long")
    (message,) = world.look()
    assert message.title == "[firing] a (warn): visits"
    assert "stalled, since 2026-11-25 12:00:00 UTC" in message.body
    assert "  240 records wait [31m for long" in message.body
    world.now += timedelta(seconds=60)
    world.observe(job_status="ok")
    assert world.look() == []
    (message,) = world.look(61)
    assert "now ok; it fired at 2026-11-25 12:00:00 UTC, 2 min ago" in message.body


def test_shares_are_of_all_records_and_a_batch_that_is_run_again_counts_once() -> None:
    world = World(rule_of(when="invalid_ratio(user_id) > 0.2"))

    def batch(identity: str, invalid: int | None) -> None:
        counts: dict[str, object] = {
            "all_events": 110,
            "unparseable": 5,
            "tombstones": 5,
            "invalid_user_id": invalid,
        }
        world.see(observation(world.now, pipeline="visits", **counts), identity)

    batch("b1", 30)
    assert kinds(world.look()) == ["firing"]
    batch("b1", 10)
    assert kinds(world.look()) == ["resolved"], "the first run's counts are taken back"
    batch("b2", 29)
    assert world.look() == []
    assert world.state() is N, "39 of 200"
    batch("b2", 31)
    assert kinds(world.look()) == ["firing"], "41 of 200"
    batch("b2", None)
    assert kinds(world.look()) == ["resolved"]
    assert world.look(301) == []


def test_a_share_of_no_records_is_zero_and_sums_are_counted() -> None:
    world = World(rule_of(when="unparseable_ratio >= 0.5"))
    world.observe(all_events=0, unparseable=0)
    world.look()
    assert world.state() is N
    world = World(rule_of(when="unparseable > 2"))
    for _ in range(3):
        world.observe(all_events=5, unparseable=1)
    assert "3" in world.look()[0].body


def test_drift_of_a_field_is_in_the_documents_of_profiles() -> None:
    world = World(rule_of(when="drift(user_id) > 0.2"))
    common = {"kind": "profile", "pipeline": "visits"}
    world.see({**common, "field": "page", "drift": 0.9})
    world.look()
    assert world.state() is N
    world.see({**common, "field": "user_id", "drift": 0.3})
    assert "30.0%" in world.look()[0].body
    world = World(rule_of(when="drift > 0.2"))
    world.observe(drift_max=0.5)
    assert kinds(world.look()) == ["firing"]


def test_the_exporters_backlog_is_the_observers() -> None:
    world = World(rule_of(when="export_backlog > 10", **{"for": "0s"}))
    world.observe("clicks", export_backlog=20)
    (message,) = world.look()
    assert message.title == "[firing] a (warn): test"
    assert world.state("", "") is F


def test_the_largest_reading_counts_with_take_max() -> None:
    world = max_lag(take="max", over="10m", **{"for": "0s"})
    assert see(world, 99) == ["firing"]
    assert see(world, 1, 500) == []
    assert see(world, 1, 130) == ["resolved"]


def lag(**more: object) -> World:
    world = World(rule_of(when="lag > 15", jobs="copy", **{"for": "0s"}, **more))
    world.heard_of = {"visits", "clicks"}
    return world


def tick(world: World, lags: dict[int, int | None], seconds: float = 10, status: str = "ok") -> list[str]:
    world.now += timedelta(seconds=seconds)
    world.observe(job_status=status)
    for number, value in lags.items():
        world.see(partition(world.now, number, value))
    return kinds(world.look())


def test_each_partition_by_itself_and_one_message_for_all() -> None:
    world = lag()
    assert tick(world, {0: 1, 1: 2}) == []
    assert tick(world, {number: number for number in range(1000)}) == ["firing"]
    (message,) = world.last.messages
    lines = message.body.splitlines()
    assert len(world.watch.instances) == 984
    assert lines[3].startswith("pipeline visits, job copy, partition visits/999: 999, since")
    assert lines[4] == "  lag of 999"
    assert lines[-1] == "and 974 more"
    assert len(lines) == 3 + 2 * 10 + 1
    assert tick(world, dict.fromkeys(range(1000), 0)) == ["resolved"]


def test_a_partition_that_is_gone_ends() -> None:
    world = lag()
    tick(world, {0: 20, 1: 20})
    told = [one for _ in range(18) for one in tick(world, {0: 20})]
    assert told == [], "unchanged partitions of many are written once a minute"
    assert tick(world, {0: 20}) == ["resolved"]
    assert "the partition is gone" in world.last.messages[0].body
    assert (world.state(part="visits/0"), world.state(part="visits/1")) == (F, N)
    assert tick(world, {0: 20}) == []
    assert tick(world, {0: 20, 1: 20}) == ["firing"], "it is there again"


def test_partitions_of_a_job_that_is_unknown_are_not_gone() -> None:
    world = lag(no_data="ok")
    tick(world, {0: 20})
    told = [one for _ in range(59) for one in tick(world, {}, status="unknown")]
    assert (told, world.state(part="visits/0")) == ([], F)
    assert tick(world, {}, 20, status="unknown") == ["resolved"], "no data counts as fine"
    assert "not known" in world.last.messages[0].body
    world = lag(no_data="alerting")
    tick(world, {0: 20})
    told = [one for _ in range(100) for one in tick(world, {0: None}, status="unknown")]
    assert (told, world.state(part="visits/0")) == ([], F)


def test_a_job_without_any_partition_has_no_data() -> None:
    world = lag(no_data="alerting")
    assert tick(world, {}, status="unknown") == ["firing"]
    assert "not known" in world.last.messages[0].body
    assert tick(world, {0: 1}) == ["resolved"]


def test_a_partition_that_was_there_before_a_restart_and_not_since_ends() -> None:
    world = lag()
    tick(world, {0: 20})
    world.restart()
    world.heard_of = {"visits"}
    told = [one for _ in range(20) for one in tick(world, {1: 0})]
    assert told == ["resolved"]


def test_a_silence_holds_messages_back_and_no_state() -> None:
    world = max_lag()
    world.is_silenced = True
    assert [one for _ in range(8) for one in see(world, 20)] == []
    assert world.state() is F
    world.is_silenced = False
    assert see(world, 20) == ["firing"], "it still fires when the silence ends"
    world.is_silenced = True
    assert see(world, 0) == ["resolved"], "what was told is closed also then"
    assert [one for _ in range(8) for one in see(world, 20)] == []
    assert see(world, 0) == [], "what was not told is not"


def test_a_silence_that_begins_or_ends_in_each_state() -> None:
    for state in (N, P, R, X):
        world = max_lag(keep_firing_for="10m", no_data="no_data")
        if state is P:
            see(world, 20)
        if state is R:
            fire(world)
            see(world, 0)
        if state in (N, X):
            see(world, 1 if state is N else None)
        for is_silenced in (True, False):
            world.is_silenced = is_silenced
            assert kinds(world.look()) == []
            assert world.state() is state


def test_reminders() -> None:
    world = max_lag(remind="10m")
    fire(world)
    assert [one for _ in range(180) for one in see(world, 20)] == ["reminder"] * 3
    world.is_silenced = True
    assert [one for _ in range(90) for one in see(world, 20)] == []
    world.is_silenced = False
    assert see(world, 20) == ["reminder"]
    assert see(world, 0) == ["resolved"]
    assert [one for _ in range(90) for one in see(world, 0)] == []


def test_a_channel_that_heard_of_it_by_a_reminder_is_told_that_it_is_over() -> None:
    world = max_lag(remind="10m")
    fire(world)
    world.channels = (*world.channels, Channel("pager", ALL))
    assert [one for _ in range(60) for one in see(world, 20)] == ["reminder"]
    world.now += timedelta(seconds=10)
    world.observe(max_lag=0)
    (message,) = world.look()
    assert (message.kind, message.channels) == ("resolved", ("team", "pager"))


def test_a_reminder_comes_in_time_after_a_start_with_a_clock_that_was_ahead_before() -> None:
    world = max_lag(remind="10m")
    fire(world)
    world.now -= timedelta(days=30)
    world.restart()
    world.heard_of = {"visits"}
    assert [one for _ in range(130) for one in see(world, 20)] == ["reminder"] * 2


def test_a_reminder_names_all_that_are_raised() -> None:
    world = lag(remind="10m", keep_firing_for="1h")
    tick(world, {0: 20})
    tick(world, {0: 20, 1: 30})
    told: list[str] = []
    while not told:
        told = tick(world, {0: 20, 1: 0})
    assert told == ["reminder"]
    assert "visits/0" in world.last.messages[0].body
    assert "visits/1" in world.last.messages[0].body
    assert tick(world, {0: 20, 1: 0}) == []


def test_who_is_told() -> None:
    team, pager = Channel("team", ALL), Channel("pager", frozenset({Severity.CRITICAL}))
    every = (team, pager)
    assert channels_of(rule_of(when="no_data"), every) == ("team",)
    assert channels_of(rule_of(when="no_data", severity="critical"), every) == ("team", "pager")
    assert channels_of(rule_of(when="no_data", severity="critical", notify="pager"), every) == ("pager",)
    assert channels_of(rule_of(when="no_data", notify=[]), every) == ()


def test_without_a_channel_nobody_is_told_and_later_the_one_that_is_there() -> None:
    world = max_lag()
    world.channels = ()
    assert [one for _ in range(8) for one in see(world, 20)] == []
    assert world.state() is F
    world.channels = (Channel("team", ALL),)
    assert see(world, 20) == ["firing"]
    world.channels = (Channel("other", ALL),)
    assert see(world, 0) == [], "the other one was never told"


def test_what_is_watched_no_more_ends_and_who_was_told_hears_it() -> None:
    rule = rule_of(when="lag > 15")
    told = Told(("team",), frozenset({"team"}))
    before = {
        Key("visits", "visits/0"): Instance(F, START, fired_at=START, told=("team", "old")),
        Key("visits", "visits/1"): Instance(F, START, fired_at=START),
        Key("clicks", "visits/2"): Instance(P, START),
    }
    subjects = Subjects("test", {one.pipeline: one for one in TARGETS})
    keys = [Key("visits", "visits/0"), Key("visits", "visits/1")]
    look = end(rule, before, keys, CHANGED, told, subjects, START + timedelta(hours=3))
    (message,) = look.messages
    assert message.channels == ("team",)
    assert (
        "visits/0: the condition was changed; it fired at 2026-11-25 12:00:00 UTC, 3.0 h ago" in message.body
    )
    assert "visits/1" not in message.body
    assert set(look.instances) == {Key("clicks", "visits/2")}
    assert look.changed == dict.fromkeys(keys)
    assert len(look.transitions) == 2


def test_values_alone_are_written_of_some_only() -> None:
    world = lag()
    tick(world, dict.fromkeys(range(500), 20))
    assert len(world.last.changed) == 500
    tick(world, dict.fromkeys(range(500), 20))
    assert world.last.changed == {}
    tick(world, dict.fromkeys(range(500), 21))
    assert len(world.last.changed) == 200


def test_a_clock_that_is_set_back_changes_nothing() -> None:
    world = max_lag()
    see(world, 20)
    world.watch.shift(-timedelta(hours=2))
    world.now -= timedelta(hours=2)
    assert [one for _ in range(7) for one in see(world, 20)] == ["firing"]
    assert see(world, 0) == ["resolved"]
    for settings in (
        {"when": "status in [stalled]"},
        {"when": "lag > 1"},
        {"when": "unparseable > 1"},
        {"when": "no_data"},
    ):
        world = World(rule_of(**settings))
        world.observe(job_status="stalled", all_events=9, unparseable=9)
        world.see(partition(world.now, 0, 9))
        world.look()
        world.watch.shift(-timedelta(hours=2))
        world.now -= timedelta(hours=2)
        before = world.state(), world.state(part="visits/0")
        world.look()
        assert (world.state(), world.state(part="visits/0")) == before
