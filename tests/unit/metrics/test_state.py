from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from offline_observer.config.model import Dataset
from offline_observer.metrics.state import MetricsState, export_families
from offline_observer.time_text import format_time

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RULES = Dataset.model_validate(
    {"topic": "t", "rules": [{"not_empty": ["user_id"]}, {"freshness": "2m"}]}
).rule_list()


def samples(state: MetricsState, name: str) -> Mapping[tuple[str, ...], float]:
    (found,) = [one for one in state.families() if one.name == f"offline_observer_{name}"]
    return found.samples


def observation(**more: object) -> dict[str, object]:
    return {
        "@timestamp": format_time(NOW),
        "kind": "observation",
        "pipeline": "visits",
        "job": "copy",
        "dataset": "processed",
        **more,
    }


def partition(number: int, lag: int | None, seconds: float = 0) -> dict[str, object]:
    return {
        "@timestamp": format_time(NOW + timedelta(seconds=seconds)),
        "kind": "partition",
        "pipeline": "visits",
        "topic": "visits",
        "partition": number,
        "lag": lag,
        "seconds_behind": 2.5,
    }


def test_what_is_not_known_has_no_sample() -> None:
    state = MetricsState({})
    state.add(partition(0, 7), counts=True)
    state.add(partition(1, None), counts=True)
    assert samples(state, "lag") == {("visits", "visits", "0"): 7.0}
    state.add(partition(0, None), counts=True)
    assert samples(state, "lag") == {}
    assert samples(state, "lag_seconds")["visits", "visits", "1"] == 2.5


def test_a_partition_that_is_written_no_more_is_gone() -> None:
    state = MetricsState({})
    state.add(partition(0, 7), counts=True)
    state.add(partition(1, 8, seconds=170), counts=True)
    assert len(samples(state, "lag")) == 2
    state.add(partition(1, 8, seconds=181), counts=True)
    assert samples(state, "lag") == {("visits", "visits", "1"): 8.0}


def test_counters_count_what_came_and_only_once() -> None:
    state = MetricsState({"visits": RULES})
    document = observation(all_events=10, unparseable=None, broken_user_id_not_empty=3, broken_freshness=1)
    state.add(document, counts=False)
    assert samples(state, "records") == {}
    state.add(document, counts=True)
    state.add(document, counts=True)
    assert samples(state, "records") == {("visits",): 20.0}
    assert samples(state, "unparseable") == {("visits",): 0.0}, "there from the beginning"
    # A rule on the dataset as a whole counts no records.
    assert samples(state, "invalid") == {("visits", "user_id", "user_id.not_empty", "error"): 6.0}


def test_a_status_is_one_of_all() -> None:
    state = MetricsState({})
    state.add(observation(job_status="stalled"), counts=True)
    found = samples(state, "job_status")
    assert found["visits", "copy", "stalled"] == 1.0
    assert sum(found.values()) == 1.0
    assert len(found) == 7
    state.add(observation(job_status="ok"), counts=True)
    found = samples(state, "job_status")
    assert (found["visits", "copy", "stalled"], found["visits", "copy", "ok"]) == (0.0, 1.0)


def test_exporters() -> None:
    families = list(export_families([("elasticsearch", 5, 1, 0, None), ("opensearch", 0, 0, 2, 99.5)]))
    by_name = {one.name.removeprefix("offline_observer_export_"): one.samples for one in families}
    assert by_name["backlog_documents"] == {("elasticsearch",): 5.0, ("opensearch",): 0.0}
    assert by_name["last_success_timestamp_seconds"] == {("opensearch",): 99.5}
    assert by_name["lost_documents"]["opensearch",] == 2.0
