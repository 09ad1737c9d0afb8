"""The alerts of a configuration that names none."""

from datetime import timedelta

from offline_observer.alert.condition import parse_condition
from offline_observer.alert.defaults import default_alerts
from offline_observer.alert.rule import Take
from offline_observer.alert.watched import Watched, WatchedDataset
from offline_observer.config.yaml_messages import did_you_mean

TICK = timedelta(seconds=10)


def names(watched: Watched) -> list[str]:
    return [alert.name for alert in default_alerts(watched)]


def test_there_are_those_that_suit_what_is_watched() -> None:
    of_jobs = ["partition lag", "job stalled", "data loss", "retention nearly used up"]
    assert names(Watched(tick=TICK, jobs=("j",))) == [*of_jobs, "observer stopped"]
    plain = WatchedDataset(topic="t")
    assert names(Watched(tick=TICK, datasets=(plain,))) == ["unparseable records", "observer stopped"]
    checked = WatchedDataset(topic="t", checked=("a",), is_checked=True, profiled=("a",))
    assert names(Watched(tick=TICK, jobs=("j",), datasets=(checked,))) == [
        *of_jobs,
        "invalid records",
        "unparseable records",
        "drift",
        "observer stopped",
    ]


def test_the_lag_of_a_partition_has_to_stay() -> None:
    lag = default_alerts(Watched(tick=TICK, jobs=("j",)))[0]
    assert str(lag.condition) == "lag > 15"
    assert (lag.stays, lag.take, lag.over) == (timedelta(minutes=5), Take.LAST, timedelta(minutes=10))


def test_what_is_looked_back_on_holds_some_observations() -> None:
    slow = Watched(tick=timedelta(hours=1), jobs=("j",))
    assert {alert.over for alert in default_alerts(slow)} == {timedelta(hours=3)}


def test_a_profile_of_a_field_is_as_old_as_its_windows() -> None:
    condition = parse_condition("drift(a) > 0.2", did_you_mean)

    def over(window: timedelta | None, field: str = "a") -> timedelta:
        dataset = WatchedDataset(topic="t", profiled=(field,), window=window)
        return Watched(tick=TICK, datasets=(dataset,)).over(condition)

    assert over(timedelta(minutes=1)) == timedelta(minutes=10)
    assert over(timedelta(hours=1)) == timedelta(hours=3)
    assert over(None) == timedelta(hours=3), "a number of records"
    assert over(timedelta(hours=1), "b") == timedelta(minutes=10)
