"""What the generated rules do with lags as they were recorded: which of them fires, when, and when it is over."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offline_observer.alert.measure import NoData
from offline_observer.alert.rule import Take
from offline_observer.grafana.alert_rules import alert_rules
from support.grafana_alerts import Fetch, watched
from support.grafana_observed import observed
from support.grafana_observed import rule as a_rule
from support.grafana_queries import Series, milliseconds

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
TICK = timedelta(seconds=10)
Lag = Callable[[timedelta], float | None]


def rule(
    when: str, *, take: Take = Take.LAST, no_data: NoData = NoData.ALERTING, stays: int = 5
) -> Mapping[str, Any]:
    over, held = timedelta(minutes=10), timedelta(minutes=stays)
    made = a_rule(when, over=over, stays=held, take=take, no_data=no_data)
    groups: Any = alert_rules(observed(made))["groups"]
    first: Mapping[str, Any] = groups[0]["rules"][0]
    return first


def recorded(*lags: Lag, until: timedelta = timedelta(hours=1)) -> Fetch:
    """A reading every 10 s of each partition; none where the lag is unknown or after the observer has stopped."""

    def fetch(_node: Mapping[str, Any], start: datetime, end: datetime) -> list[Series]:
        found = []
        for partition, lag in enumerate(lags):
            times = [START + n * TICK for n in range(-60, until // TICK)]
            points = tuple((milliseconds(time), lag(time - START)) for time in times if start <= time <= end)
            if points:
                found.append(Series("", {"partition": str(partition)}, points))
        return found

    return fetch


def minutes(first: float, last: float) -> Lag:
    """30 from one minute to another, else 3."""
    return lambda time: 30 if timedelta(minutes=first) <= time < timedelta(minutes=last) else 3


def story(rule: Mapping[str, Any], fetch: Fetch, length: int = 20) -> dict[str, list[int]]:
    """In which minutes something was pending and firing."""
    found: dict[str, list[int]] = {}
    for minute, states in watched(rule, fetch, START, length):
        for state in set(states.values()) - {"normal"}:
            found.setdefault(state, []).append(minute)
    return found


def test_a_lag_that_stays_above_fires_after_five_minutes_and_is_over_with_it() -> None:
    # From 1:00 to 8:00, as the figures of the first trial were.
    fetch = recorded(minutes(0, 0), minutes(1, 8))
    assert story(rule("lag > 15"), fetch) == {"pending": [1, 2, 3, 4, 5], "firing": [6, 7]}
    assert story(rule("max_lag > 15"), fetch) == {"pending": [1, 2, 3, 4, 5], "firing": [6, 7]}


def test_the_partition_that_lags_is_the_one_that_fires() -> None:
    states = dict(watched(rule("lag > 15"), recorded(minutes(0, 0), minutes(1, 8)), START, 7))
    assert states[7] == {(("partition", "0"),): "normal", (("partition", "1"),): "firing"}


def test_a_lag_that_does_not_stay_for_five_minutes_is_pending_only() -> None:
    assert story(rule("lag > 15"), recorded(minutes(1, 5))) == {"pending": [1, 2, 3, 4]}


def test_one_high_reading_fires_in_the_classic_form_only_and_for_ten_minutes() -> None:
    spike = recorded(minutes(0, 0), minutes(1, 1 + 1 / 6))
    assert story(rule("lag > 15"), spike) == {"pending": [1]}
    classic = story(rule("lag > 15", take=Take.MAX), spike)
    assert classic["pending"] == [1, 2, 3, 4, 5]
    assert classic["firing"] == [6, 7, 8, 9, 10, 11]


def test_the_classic_form_is_over_ten_minutes_after_the_lag() -> None:
    classic = story(rule("lag > 15", take=Take.MAX), recorded(minutes(0, 0), minutes(1, 8)))
    assert classic == {"pending": [1, 2, 3, 4, 5], "firing": list(range(6, 18))}


@pytest.mark.parametrize("take", Take)
def test_comparisons_that_no_threshold_knows(take: Take) -> None:
    assert story(rule("lag >= 30", stays=0, take=take), recorded(minutes(1, 2)), 5)["firing"][0] == 1
    assert story(rule("lag >= 31", stays=0, take=take), recorded(minutes(1, 2))) == {}
    assert len(story(rule("lag != 3", stays=0), recorded(minutes(1, 2)))["firing"]) == 1


@pytest.mark.parametrize(
    ("no_data", "expected"),
    [
        # The last reading, of 1:50, is looked back on until the twelfth minute.
        (NoData.ALERTING, {"pending": [12, 13, 14, 15, 16], "firing": [17, 18, 19, 20]}),
        (NoData.OK, {}),
        (NoData.NO_DATA, {"no data": list(range(12, 21))}),
    ],
)
@pytest.mark.parametrize("take", Take)
def test_no_data_is_what_was_chosen(no_data: NoData, expected: dict[str, list[int]], take: Take) -> None:
    stopped = recorded(minutes(0, 0), until=timedelta(minutes=2))
    assert story(rule("lag > 15", no_data=no_data, take=take), stopped) == expected


def test_a_lag_that_is_unknown_is_no_data() -> None:
    unknown = recorded(lambda _: None)
    assert story(rule("lag > 15"), unknown, 6) == {"pending": [0, 1, 2, 3, 4], "firing": [5, 6]}
    assert story(rule("lag > 15", no_data=NoData.NO_DATA), unknown, 1) == {"no data": [0, 1]}


def counted(**sums: Callable[[timedelta], float]) -> Fetch:
    """Sums of a dataset's fields every 10 s, and the count of documents."""

    def fetch(node: Mapping[str, Any], start: datetime, end: datetime) -> list[Series]:
        (metric,) = node["model"]["metrics"]
        sum_ = sums[metric.get("field", "count")]
        times = [START + n * TICK for n in range(-60, 360)]
        points = tuple((milliseconds(time), sum_(time - START)) for time in times if start <= time <= end)
        return [Series("", {"dataset": "t"}, points)]

    return fetch


def test_shares_are_of_all_records_and_0_of_none() -> None:
    wholes = {"unparseable": lambda _: 1.0, "tombstones": lambda _: 1.0}
    invalid = {"invalid": minutes(1, 30), "invalid_user_id": lambda _: 2.0}
    fetch = counted(all_events=lambda _: 52.0, **wholes, **invalid)  # type: ignore[arg-type]
    ratio = rule("invalid_ratio > 0.2", stays=0)
    # 3 of 50, later 30 of 50: more than a fifth of ten minutes from the fourth minute on.
    assert story(ratio, fetch, 20)["firing"][0] == 4
    assert story(rule("invalid_ratio(user_id) > 0.03", stays=0), fetch)["firing"][0] == 0
    assert story(rule("invalid_ratio(user_id) > 0.04", stays=0), fetch) == {}
    assert story(rule("unparseable_ratio > 0.02", stays=0), fetch) == {}
    assert story(rule("unparseable_ratio > 0.019", stays=0), fetch)["firing"][0] == 0
    nothing = counted(**dict.fromkeys(("all_events", "invalid", "unparseable", "tombstones"), lambda _: 0.0))
    assert story(ratio, nothing) == {}


def test_an_observer_that_stopped() -> None:
    stopped = counted(count=lambda time: float(time < timedelta(minutes=3)))
    made = rule("no_data", stays=1)
    assert made["noDataState"] == "Alerting"
    found = story(made, stopped, 20)
    assert (found["pending"], found["firing"][0]) == ([13], 14), "ten minutes are looked back on"


def test_a_status() -> None:
    # What is counted are the observations with such a status, 0 where there are others only.
    stalled = counted(count=lambda time: float(timedelta(minutes=3) <= time < timedelta(minutes=4)))
    assert story(rule("status == stalled", stays=0), stalled)["firing"] == list(range(3, 14))
