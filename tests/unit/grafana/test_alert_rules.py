"""The alert rules: their models, what they say, and the one that is always there."""

import re
from datetime import timedelta
from typing import Any

import pytest

from offline_observer.alert.measure import MEASURES, NoData
from offline_observer.alert.rule import AlertRule, Severity, Take
from offline_observer.export.index_template import mappings
from offline_observer.grafana.alert_nodes import interval_of
from offline_observer.grafana.alert_rules import alert_rules
from offline_observer.grafana.dashboard import dashboard_json
from offline_observer.grafana.uids import distinct_uids, uid
from support.grafana_observed import observed, rule

CONDITIONS = [
    *("max_lag > 15", "lag > 15", "lag >= 15", "lag == 0", "seconds_behind > 5m", "status == stalled"),
    *("dataset_status in [error]", "invalid_ratio > 0.2", "invalid_ratio(context.ip) > 0.2"),
    *("unparseable > 0", "unparseable_ratio > 0.01", "expired_records > 0", "retention_left < 1h"),
    *("drift > 0.2", "drift(user_id) > 0.2", "export_backlog > 1000", "no_data"),
]


def made(*rules: AlertRule) -> list[Any]:
    groups: Any = alert_rules(observed(*rules))["groups"]
    return [one for group in groups for one in group["rules"]]


def one(when: str, **more: Any) -> Any:
    return made(rule(when, **more))[0]


def models(made_rule: Any) -> dict[str, Any]:
    return {node["refId"]: node["model"] for node in made_rule["data"]}


def test_the_lag_of_a_partition_is_the_model_that_was_tried() -> None:
    found = one("lag > 15")
    assert [node["datasourceUid"] for node in found["data"]] == ["visits_partitions", "-100", "-100"]
    assert {node["relativeTimeRange"]["from"] for node in found["data"]} == {600}
    terms = {"min_doc_count": "1", "order": "asc", "orderBy": "_term", "size": "0"}
    assert models(found) == {
        "A": {
            "refId": "A",
            "datasource": {"type": "elasticsearch", "uid": "visits_partitions"},
            "query": 'observer:("visits")',
            "timeField": "@timestamp",
            "alias": "",
            "metrics": [{"id": "1", "type": "max", "field": "lag"}],
            "bucketAggs": [
                {"id": "2", "type": "terms", "field": "job", "settings": terms},
                {"id": "3", "type": "terms", "field": "topic", "settings": terms},
                {"id": "4", "type": "terms", "field": "partition", "settings": terms},
                {
                    "id": "5",
                    "type": "date_histogram",
                    "field": "@timestamp",
                    "settings": {"interval": "10s", "min_doc_count": "0", "trimEdges": "0"},
                },
            ],
            "intervalMs": 10000,
            "maxDataPoints": 43200,
        },
        "B": {
            "refId": "B",
            "type": "reduce",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "expression": "A",
            "reducer": "last",
            "settings": {"mode": "dropNN"},
        },
        "Decision": {
            "refId": "Decision",
            "type": "threshold",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "expression": "B",
            "conditions": [{"evaluator": {"type": "gt", "params": [15]}}],
        },
    }
    assert (found["for"], found["noDataState"], found["execErrState"]) == ("5m", "Alerting", "Error")
    assert found["condition"] == "Decision"


def test_the_largest_reading_is_the_classic_condition_that_was_tried() -> None:
    found = one("lag > 15", take=Take.MAX)
    assert found["condition"] == "B"
    assert models(found)["B"] == {
        "refId": "B",
        "type": "classic_conditions",
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "conditions": [
            {
                "type": "query",
                "evaluator": {"type": "gt", "params": [15]},
                "operator": {"type": "and"},
                "query": {"params": ["A"]},
                "reducer": {"type": "max", "params": []},
            }
        ],
    }


def test_what_no_threshold_knows_is_calculated() -> None:
    assert models(one("lag >= 15"))["Decision"]["expression"] == "$B >= 15"
    largest = models(one("lag >= 15", take=Take.MAX))
    assert largest["B"]["reducer"] == "max"
    assert largest["Decision"]["type"] == "math"


def test_a_status_is_counted_and_0_where_it_is_another() -> None:
    buckets = models(one("status in [stalled, data_loss]"))["A"]["bucketAggs"]
    assert [bucket["type"] for bucket in buckets] == ["terms", "filters", "date_histogram"]
    assert buckets[1]["settings"]["filters"] == [
        {"query": 'job_status:("stalled" OR "data_loss")', "label": "stalled or data_loss"}
    ]
    assert models(one("dataset_status == error"))["A"]["bucketAggs"][1]["settings"]["filters"][0][
        "query"
    ] == ('dataset_status:("error")')


def test_a_share_is_of_the_parsed_records_and_never_divided_by_0() -> None:
    found = models(one("invalid_ratio(context.ip) > 0.2"))
    assert found["Count"]["metrics"][0]["field"] == "invalid_context_ip"
    whole = "$REvents - $RUnparseable - $RTombstones"
    assert found["Share"]["expression"] == f"$RCount / (({whole}) + (({whole}) == 0))"
    assert "Tombstones" not in models(one("unparseable_ratio > 0.2"))


def test_the_drift_of_a_field_is_in_the_profiles() -> None:
    assert models(one("drift > 0.2"))["A"]["metrics"][0]["field"] == "drift_max"
    query = models(one("drift(user_id) > 0.2"))["A"]
    assert query["datasource"]["uid"] == "visits_profiles"
    assert query["query"] == 'observer:("visits") AND field:("user_id")'


def test_the_worse_reading_of_a_bucket_counts() -> None:
    assert models(one("retention_left < 1h"))["A"]["metrics"][0]["type"] == "min"


def test_only_some_jobs_or_datasets_whatever_their_names_hold() -> None:
    query = models(one("lag > 1", jobs=('a "b" \\c', "d")))["A"]["query"]
    assert query == 'observer:("visits") AND job:("a \\"b\\" \\\\c" OR "d")'
    assert models(one("drift > 0.1", datasets=("t",)))["A"]["query"].endswith(' AND dataset:("t")')


@pytest.mark.parametrize("when", CONDITIONS)
def test_each_rule_fits_together(when: str) -> None:
    found = one(when)
    asked = models(found)
    refs = list(asked)
    assert found["condition"] == refs[-1]
    kinds = {f"visits_{kind}s": kind for kind in ("observation", "partition", "profile")}
    for node in found["data"]:
        model = node["model"]
        assert node["refId"] == model["refId"]
        assert node["relativeTimeRange"]["to"] == 0
        if "query" not in model:
            assert node["datasourceUid"] == "-100"
            earlier = refs[: refs.index(model["refId"])]
            named = re.findall(r"\$(\w+)", model.get("expression", "")) or [model["expression"]]
            assert set(named) <= set(earlier)
            continue
        assert model["alias"] == "", "else it becomes a label"
        properties: Any = mappings(kinds[node["datasourceUid"]])["properties"]
        fields = [metric["field"] for metric in model["metrics"] if "field" in metric]
        fields += [bucket["field"] for bucket in model["bucketAggs"] if "field" in bucket]
        assert {*properties, "invalid_context_ip", "invalid_user_id"}.issuperset(fields)
        # Labels of these names vanish.
        assert {"metric", "metricId"}.isdisjoint(bucket.get("field") for bucket in model["bucketAggs"])
    panels: Any = dashboard_json(observed(rule(when)), "")["panels"]
    assert found["annotations"]["__panelId__"] in {str(panel["id"]) for panel in panels}
    assert found["annotations"]["__dashboardUid__"] == "visits_observability"
    for text in found["annotations"].values():
        assert text.count("{{") == text.count("}}")
        assert not re.search(r"\{\{ *\$values\.", text), "$values is empty when it is over"


def test_the_conditions_here_are_of_each_measure() -> None:
    assert {re.split(r"\W", when)[0] for when in CONDITIONS} == set(MEASURES)


def test_that_the_observer_stopped_is_always_noticed_and_once() -> None:
    def stopped(*rules: AlertRule) -> list[str]:
        groups: Any = alert_rules(observed(*rules))["groups"]
        found = [one for group in groups for one in group["rules"]]
        return [
            one["title"]
            for one in found
            if "Events" not in models(one) and "no_data" in str(one["annotations"])
        ]

    assert stopped(rule("lag > 1")) == ["observer stopped"]
    assert stopped(rule("no_data", name="gone")) == ["gone"]
    assert stopped(rule("lag > 1", name="Observer stopped")) == ["observer stopped: no observations"]
    found = made(rule("lag > 1"))[-1]
    assert (found["for"], found["noDataState"], found["labels"]["severity"]) == ("1m", "Alerting", "critical")
    assert models(found)["Decision"]["conditions"] == [{"evaluator": {"type": "lt", "params": [1]}}]
    assert [bucket["type"] for bucket in models(found)["A"]["bucketAggs"]] == ["date_histogram"]


def test_rules_of_one_interval_are_a_group_and_intervals_are_of_ten_seconds() -> None:
    every = {"a": 60, "b": 15, "c": 20, "d": 3600}
    rules = [rule("lag > 1", name, every=timedelta(seconds=seconds)) for name, seconds in every.items()]
    groups: Any = alert_rules(observed(*rules))["groups"]
    assert [(group["interval"], [one["title"] for one in group["rules"]]) for group in groups] == [
        ("20s", ["b", "c"]),
        ("1m", ["a", "observer stopped"]),
        ("1h", ["d"]),
    ]
    assert len({group["name"] for group in groups}) == 3


def test_labels_and_what_else_is_said() -> None:
    found = one(
        "lag > 1",
        name="a {{ b }} $c",
        labels={"team": "$HOME"},
        severity=Severity.CRITICAL,
        keep_firing_for=timedelta(minutes=10),
        no_data=NoData.NO_DATA,
    )
    assert found["labels"] == {"severity": "critical", "observer": "visits", "team": "$$HOME"}
    assert found["keepFiringFor"] == "10m"
    assert found["noDataState"] == "NoData"
    assert found["title"] == "a {{ b }} $$c"
    assert found["annotations"]["summary"].startswith("a { { b }} $c: {{ if $labels.partition }}")
    assert "keepFiringFor" not in one("lag > 1")
    assert one("unparseable > 0")["noDataState"] == "OK"


def test_a_query_stays_below_the_servers_limit_of_buckets() -> None:
    intervals = {minutes: interval_of(timedelta(minutes=minutes)) for minutes in (1, 10, 11, 60, 1440)}
    assert list(intervals.values()) == [timedelta(seconds=n) for n in (10, 10, 30, 60, 1800)]
    assert all(timedelta(minutes=minutes) / length <= 60 for minutes, length in intervals.items())


def test_uids_fit_and_differ() -> None:
    assert uid("visits", "observations") == "visits_observations"
    assert uid("a.b", "c") != uid("a-b", "c")
    assert len(uid("x" * 100, "observations")) == 40
    assert uid("x" * 100) != uid("x" * 101)
    found = distinct_uids("v", ["a b", "a-b", "a", "é"])
    assert len(set(found.values())) == 4
    assert found["a"] == "v_a"
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", one) for one in found.values())
