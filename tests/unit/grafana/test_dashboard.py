"""The dashboard: what is in it for which configuration, and that its parts fit together."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from offline_observer.alert.watched import Watched, WatchedDataset
from offline_observer.export.index_template import mappings
from offline_observer.grafana.dashboard import dashboard_json
from offline_observer.grafana.data_sources import data_sources
from offline_observer.grafana.observed import Observed
from offline_observer.grafana.panel_ids import Panel
from offline_observer.grafana.spans import span
from support.grafana_observed import DATASET, observed

TICK = timedelta(seconds=10)
JOBS_ONLY = Watched(tick=TICK, jobs=("a", "b"))
DATA_ONLY = Watched(tick=TICK, datasets=(WatchedDataset(topic="t"),))
SEVERAL = Watched(
    tick=timedelta(minutes=1), jobs=("a", "b"), datasets=(DATASET, dataclasses.replace(DATASET, topic="u"))
)
ALL = [observed(), *(observed(watched=watched) for watched in (JOBS_ONLY, DATA_ONLY, SEVERAL))]


def made(one: Observed) -> Any:
    return dashboard_json(one, "made by a test")


def titles(watched: Watched) -> list[str]:
    return [panel["title"] for panel in made(observed(watched=watched))["panels"]]


def queries(dashboard: Any) -> Iterator[tuple[Any, Any]]:
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            if target["datasource"]["type"] == "elasticsearch":
                yield panel, target


def panel(title: str, one: Observed | None = None) -> Any:
    (found,) = (panel for panel in made(one or observed())["panels"] if panel["title"] == title)
    return found


def test_the_panel_of_errors_is_that_of_the_scenario() -> None:
    (query,) = panel("Errors per minute")["targets"]
    fields = [metric["field"] for metric in query["metrics"]]
    assert fields == ["invalid_context_ip", "invalid_user_id", "all_events"]
    assert {metric["type"] for metric in query["metrics"]} == {"sum"}
    (buckets,) = query["bucketAggs"]
    assert buckets["settings"] == {"interval": "1m", "min_doc_count": "0", "trimEdges": "1"}
    assert query["alias"] == "{{field}}"


def test_the_panel_of_the_lag_is_that_of_the_scenario() -> None:
    found = panel("Offset lag per partition")
    (query,) = found["targets"]
    assert query["metrics"] == [{"id": "1", "type": "max", "field": "lag"}]
    assert [bucket.get("field") for bucket in query["bucketAggs"]] == [
        "job",
        "topic",
        "partition",
        "@timestamp",
    ]
    assert query["bucketAggs"][-1]["settings"]["interval"] == "auto", "10 s would fail over three days"
    assert found["interval"] == "10s"
    assert query["datasource"]["uid"] == "visits_partitions"
    assert found["fieldConfig"]["defaults"]["thresholds"]["steps"][1] == {"value": 15, "color": "red"}
    (query,) = panel("Offset lag per partition", observed(watched=SEVERAL))["targets"]
    assert query["alias"] == "{{term job}}: {{term topic}}-{{term partition}}"


def test_what_is_not_watched_has_no_panels() -> None:
    every = titles(observed().watched)
    assert len(every) == len(Panel)
    jobs = titles(JOBS_ONLY)
    assert "Offset lag per partition" in jobs
    assert "Errors per minute" not in jobs
    assert "Job status" not in jobs, "one value cannot tell the status of two jobs"
    assert "Job status over time" in jobs
    data = titles(DATA_ONLY)
    assert "Records per minute" in data
    assert {"Drift of each field", "Reports on the data", "Completeness of each field"}.isdisjoint(data)
    assert not any("lag" in title.lower() for title in data)
    assert made(observed(watched=DATA_ONLY))["annotations"]["list"][0]["name"] == "Alerts"
    assert len(made(observed(watched=DATA_ONLY))["annotations"]["list"]) == 1


@pytest.mark.parametrize("one", ALL)
def test_panels_have_ids_of_their_own_and_do_not_overlap(one: Observed) -> None:
    panels = made(one)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for found in panels:
        at = found["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert taken.isdisjoint(cells)
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("one", ALL)
def test_each_panel_says_in_sentences_what_it_shows(one: Observed) -> None:
    for found in made(one)["panels"]:
        assert re.fullmatch(r"[A-Z].{20,}\.", found["description"]), found["title"]
        assert found["fieldConfig"]["defaults"]["noValue"]
        units = {"timeseries": True, "stat": found["title"] != "Job status"}
        assert ("unit" in found["fieldConfig"]["defaults"]) is units.get(found["type"], False), found["title"]


@pytest.mark.parametrize("one", ALL)
def test_queries_ask_what_is_there(one: Observed) -> None:
    sources: Any = data_sources(one)["datasources"]
    kinds = {
        source["uid"]: kind
        for source, kind in zip(sources, ("observation", "partition", "profile"), strict=True)
    }
    dashboard = made(one)
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    for found, query in queries(dashboard):
        properties: Any = mappings(kinds[query["datasource"]["uid"]])["properties"]
        asked = [metric["field"] for metric in query["metrics"] if "field" in metric]
        asked += [bucket["field"] for bucket in query["bucketAggs"]]
        known = {*properties, *one.invalid_fields()}
        assert known.issuperset(asked), found["title"]
        assert variables.issuperset(re.findall(r"\$(\w+)", query["query"]))
        assert query["timeField"] == "@timestamp"
        ids = [part["id"] for part in (*query["metrics"], *query["bucketAggs"])]
        assert len(set(ids)) == len(ids)
        # Terms first, time last.
        assert [bucket["type"] for bucket in query["bucketAggs"]][-1:] in ([], ["date_histogram"])
        for bucket in query["bucketAggs"][:-1]:
            assert bucket["settings"]["orderBy"] == "_term"


@pytest.mark.parametrize("one", ALL)
def test_expressions_name_queries_of_their_panel(one: Observed) -> None:
    for found in made(one)["panels"]:
        refs = {target["refId"] for target in found["targets"]}
        assert len(refs) == len(found["targets"])
        for target in found["targets"]:
            names = re.findall(r"\$(\w+)", target.get("expression", ""))
            assert refs.issuperset(names)
            if target.get("type") == "reduce":
                assert target["expression"] in refs
        if any(target["datasource"]["type"] == "__expr__" for target in found["targets"]):
            assert found["datasource"] == {"type": "datasource", "uid": "-- Mixed --"}


def test_variables_have_ids_of_their_own_and_begin_with_all() -> None:
    job, dataset, reports = made(observed())["templating"]["list"]
    assert [variable["id"] for variable in (job, dataset, reports)] == ["job", "dataset", "reports"]
    for variable in (job, dataset):
        assert (variable["allValue"], variable["multi"], variable["includeAll"]) == ("*", True, True)
        assert variable["current"]["value"] == ["$__all"]
        assert variable["query"] == f'{{"find": "terms", "field": "{variable["name"]}"}}'


def test_a_report_is_a_click_away() -> None:
    found = panel("Reports on the data")
    assert "_exists_:profile_report" in found["targets"][0]["query"]
    ((link,),) = (one["properties"][0]["value"] for one in found["fieldConfig"]["overrides"])
    assert link["url"] == "${reports}/${__value.raw}"


def test_marks_are_where_the_status_of_a_job_changes() -> None:
    _, marks = made(observed())["annotations"]["list"]
    assert marks["query"] == "job:$job AND job_status_changed:true"
    assert marks["target"]["query"] == marks["query"]
    assert (marks["textField"], marks["tagsField"], marks["timeField"]) == (
        "reason",
        "job_status",
        "@timestamp",
    )


def test_a_slow_observer_is_looked_back_on_for_longer() -> None:
    slow = observed(watched=dataclasses.replace(observed().watched, tick=timedelta(minutes=30)))
    found = panel("Seconds behind now", slow)
    assert (found["timeFrom"], found["interval"]) == ("90m", "30m")
    assert panel("Seconds behind now")["timeFrom"] == "5m"


def test_the_share_of_invalid_records_of_any_field_is_there_without_fields() -> None:
    found = panel("Invalid records of each field", observed(watched=DATA_ONLY))
    (override,) = found["fieldConfig"]["overrides"]
    assert override["properties"][0]["value"] == "any field"


@pytest.mark.parametrize(
    ("seconds", "text"), [(10, "10s"), (60, "1m"), (90, "90s"), (5400, "90m"), (1.5, "1500ms")]
)
def test_lengths_of_time_are_of_one_unit(seconds: float, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize("length", [timedelta(), timedelta(microseconds=1500)])
def test_what_is_no_length_of_time(length: timedelta) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        span(length)
