"""Every query of the generated files, as Grafana sends it, on a real Elasticsearch with documents as the observer's."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.request import Request, urlopen

import pytest

from offline_observer.config.load import load_config
from offline_observer.export.index_names import alias_of, index_of
from offline_observer.export.index_template import mappings
from offline_observer.grafana.files import text_of
from offline_observer.grafana.from_config import observed
from offline_observer.grafana.provisioning import provisioning_files
from offline_observer.time_text import format_time
from support.grafana_alerts import Watch, calculated, numbers_of
from support.grafana_queries import Series, multi_search, search, series_of, with_variables

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
TICKS = 180  # of ten seconds
INDEX = "grafana_queries"
# A name with all that a query could take for something else.
ODD = 'copy "a" (b): c/d\\e AND *'
CONFIG = f"""\
name: visits
kafka: {{bootstrap.servers: a}}
pipelines:
  - name: visits
    job: {{name: passthrough, checkpoint: /c}}
    dataset:
      topic: processed_visits
      fields: {{user_id: string, context.user.ip: string}}
      rules: [{{not_empty: [user_id, context.user.ip]}}]
      profile: {{every: 5m}}
  - name: odd
    job: {{name: {json.dumps(ODD)}, checkpoint: /d}}
export: {{elasticsearch: {{url: "http://localhost:9200", index: {INDEX}}}}}
alerts:
  - {{name: lag, when: lag > 15}}
  - {{name: lag at least, when: lag >= 40, for: 0s}}
  - {{name: lag once, when: lag > 15, take: max}}
  - {{name: lag odd, when: max_lag > 15, jobs: {json.dumps(ODD)}}}
  - {{name: behind, when: seconds_behind > 20}}
  - {{name: status, when: "status in [stalled, data_loss]"}}
  - {{name: status all, when: status != ok, no_data: alerting}}
  - {{name: dataset, when: dataset_status == error}}
  - {{name: invalid, when: invalid_ratio > 0.2}}
  - {{name: invalid ip, when: invalid_ratio(context.user.ip) > 0.2}}
  - {{name: unparseable, when: unparseable > 0}}
  - {{name: unparseable share, when: unparseable_ratio > 0.01}}
  - {{name: expired, when: expired_records > 0}}
  - {{name: retention, when: retention_left < 1h}}
  - {{name: drift, when: drift > 0.2}}
  - {{name: drift ip, when: drift(context.user.ip) > 0.2, datasets: processed_visits}}
  - {{name: backlog, when: export_backlog > 1000, over: 1d}}
  - {{name: stopped, when: no_data}}
"""


class Server(Protocol):
    url: str


@dataclass(frozen=True)
class Grafana:
    """The generated files, and the server that their queries are sent to."""

    url: str
    files: Mapping[str, Any]

    def ask(self, model: Mapping[str, Any], start: datetime, end: datetime, **chosen: list[str]) -> Any:
        """The server's answer to one query of a panel or a rule."""
        sources = self.files["provisioning/datasources/visits.yaml"]["datasources"]
        (source,) = (one for one in sources if one["uid"] == model["datasource"]["uid"])
        asked = {**model, "query": with_variables(model["query"], chosen)}
        request = multi_search(source["jsonData"]["index"], [search(asked, start, end)])
        (answer,) = self.send("/_msearch?max_concurrent_shard_requests=5", request)["responses"]
        assert "error" not in answer, answer
        assert answer["_shards"]["failed"] == 0
        return answer

    def series(
        self, model: Mapping[str, Any], start: datetime, end: datetime, **chosen: list[str]
    ) -> list[Series]:
        return series_of(model, self.ask(model, start, end, **chosen))

    def fetch(self, node: Mapping[str, Any], start: datetime, end: datetime) -> list[Series]:
        return self.series(node["model"], start, end)

    def panel(self, title: str) -> Any:
        (panel,) = (one for one in self.files["dashboards/visits.json"]["panels"] if one["title"] == title)
        return panel

    def lines(self, title: str, **chosen: list[str]) -> dict[str, list[float | None]]:
        """The series of a panel's first query, over all of the time."""
        model = self.panel(title)["targets"][0]
        return {one.name: one.values() for one in self.series(model, START, at(TICKS), **chosen)}

    def rule(self, title: str) -> Any:
        groups = self.files["provisioning/alerting/rules.yaml"]["groups"]
        (rule,) = (rule for group in groups for rule in group["rules"] if rule["title"] == title)
        return rule

    def holds(self, title: str, minute: int) -> dict[str, bool | None]:
        """For whom a rule's condition holds at a minute."""
        numbers = numbers_of(self.rule(title), self.fetch, START + timedelta(minutes=minute))
        return {
            " ".join(value for label, value in labels if label not in ("filter", "topic")): None
            if number is None
            else bool(number)
            for labels, number in numbers.items()
        }

    def send(self, path: str, body: bytes, method: str = "POST") -> Any:
        return send(self.url + path, body, method)


def send(url: str, body: bytes, method: str = "POST") -> Any:
    kind = "application/x-ndjson" if "_bulk" in url or "_msearch" in url else "application/json"
    request = Request(url, data=body, method=method, headers={"content-type": kind})  # noqa: S310
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def at(tick: int) -> datetime:
    return START + tick * timedelta(seconds=10)


def is_high(tick: int) -> bool:
    """The second partition lags for seven minutes, from 5:00 to 12:00."""
    return 30 <= tick < 72


def documents() -> list[tuple[str, dict[str, Any]]]:
    """Half an hour: 30 records a tick, the lag above, an unknown minute, and a stall; and two windows of a profile."""
    found: list[tuple[str, dict[str, Any]]] = []
    for tick in range(TICKS):
        lag = {"0": 2, "1": 30 if is_high(tick) else 5}
        is_unknown = 120 <= tick < 126
        common = {"@timestamp": format_time(at(tick) + timedelta(milliseconds=456)), "observer": "visits"}
        job = {
            "max_lag": None if is_unknown else max(lag.values()),
            "seconds_behind": None if is_unknown else 12.25,
            "expired_records": 0 if tick < 150 else 7,
            "retention_left": None if tick < 60 else 7200.5 if tick < 150 else 600.0,
            "job_status": "unknown" if is_unknown else "stalled" if 60 <= tick < 66 else "ok",
            "job_status_changed": tick in (60, 66, 120, 126),
            "reason": "no batch" if 60 <= tick < 66 else None,
        }
        data = {
            "all_events": 30,
            "unparseable": 1 if tick == 90 else 0,
            "tombstones": 5,
            "invalid": 3 if tick < 90 else 10,
            "invalid_user_id": 2,
            "invalid_context_user_ip": 1 if tick < 90 else 9,
            "dataset_status": "error" if tick >= 90 else "ok",
            "drift_max": None if tick < 60 else 0.5,
            "profile_report": "processed_visits_20260101T120000Z.html" if tick == 31 else None,
            "export_backlog": tick * 10,
            "export_refused": 1,
            "export_lost": 0,
            "tick_seconds": 0.125,
        }
        both = {"pipeline": "visits", "job": "passthrough", "dataset": "processed_visits"}
        found.append(("observation", {**common, "kind": "observation", **both, **job, **data}))
        odd = {"pipeline": "odd", "job": ODD, "dataset": None, "max_lag": 99, "job_status": "ok"}
        found.append(("observation", {**common, "kind": "observation", **odd}))
        # Another observer that writes into the same index is none of this one's alerts' business.
        other = {**common, "observer": "other", "pipeline": "o", "job": "other", "job_status": "data_loss"}
        found.append(("observation", {**other, "kind": "observation", "max_lag": 999}))
        for partition, records in lag.items():
            place = {
                "pipeline": "visits",
                "job": "passthrough",
                "topic": "visits",
                "partition": int(partition),
            }
            known = {"lag": None if is_unknown else records}
            found.append(("partition", {**common, "kind": "partition", **place, **known}))
        place = {"pipeline": "odd", "job": ODD, "topic": "visits", "partition": 0, "lag": 99}
        found.append(("partition", {**common, "kind": "partition", **place}))
    for window, drift in ((30, None), (60, 0.5)):
        for path in ("user_id", "context.user.ip"):
            made = {"@timestamp": format_time(at(window)), "kind": "profile", "observer": "visits"}
            field = {"dataset": "processed_visits", "field": path, "completeness": 0.75, "drift": drift}
            found.append(("profile", {**made, **field}))
    return found


@pytest.fixture(scope="module")
def grafana(elasticsearch: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grafana]:
    path = tmp_path_factory.mktemp("grafana") / "observer.yaml"
    path.write_text(CONFIG)
    config = load_config(path, {})
    import yaml

    files = {one.path: yaml.safe_load(text_of(one)) for one in provisioning_files(observed(config, None))}
    indices: list[str] = []
    lines: list[dict[str, Any]] = []
    for kind in ("observation", "partition", "profile"):
        alias = alias_of(INDEX, kind)
        settings = {"number_of_shards": 1, "number_of_replicas": 0}
        made = {"settings": settings, "mappings": mappings(kind), "aliases": {alias: {}}}
        indices.append(index_of(alias, "2026-01-01T00:00:00.000Z"))
        send(f"{elasticsearch.url}/{indices[-1]}", json.dumps(made).encode(), "PUT")
    for kind, document in documents():
        index = index_of(alias_of(INDEX, kind), "2026-01-01T00:00:00.000Z")
        lines += [{"index": {"_index": index}}, document]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answer = send(f"{elasticsearch.url}/_bulk?refresh=true", body)
    assert not answer["errors"]
    yield Grafana(elasticsearch.url, files)
    for index in indices:
        send(f"{elasticsearch.url}/{index}", b"", "DELETE")


def targets(grafana: Grafana) -> list[tuple[str, Any]]:
    panels = grafana.files["dashboards/visits.json"]["panels"]
    return [
        (panel["title"], target)
        for panel in panels
        for target in panel["targets"]
        if target["datasource"]["type"] == "elasticsearch"
    ]


def test_every_query_of_every_panel_finds_something(grafana: Grafana) -> None:
    for chosen in ({}, {"job": ["passthrough"], "dataset": ["processed_visits"]}):
        for title, target in targets(grafana):
            answer = grafana.ask(target, START, at(TICKS), **chosen)
            if not target["bucketAggs"]:
                assert answer["hits"]["hits"], title
                continue
            found = series_of(target, answer)
            assert found, title
            assert any(value is not None for one in found for value in one.values()), title


def test_the_two_panels_of_the_scenario(grafana: Grafana) -> None:
    errors = grafana.lines("Errors per minute")
    assert list(errors) == ["invalid_context_user_ip", "invalid_user_id", "all_events"]
    # Minutes at the edges, which may not be whole, are left out: the last is 12:30, in which there is nothing.
    assert errors["all_events"] == [180] * 29
    assert errors["invalid_user_id"] == [12] * 29
    assert errors["invalid_context_user_ip"] == [6] * 14 + [54] * 15
    lag = grafana.lines("Offset lag per partition", job=["passthrough"])
    assert list(lag) == ["passthrough: visits-0", "passthrough: visits-1"]
    late = lag["passthrough: visits-1"]
    assert late[:TICKS] == [
        None if 120 <= tick < 126 else 30 if is_high(tick) else 5 for tick in range(TICKS)
    ], "an unknown lag is a gap"
    assert f"{ODD}: visits-0" in grafana.lines("Offset lag per partition")


def test_shares(grafana: Grafana) -> None:
    panel = grafana.panel("Invalid records of each field")
    asked = [target for target in panel["targets"] if "query" in target]
    found = {target["refId"]: grafana.series(target, START, at(TICKS))[0] for target in asked}
    shares = {
        panel["fieldConfig"]["overrides"][index]["properties"][0]["value"]: calculated(
            target["expression"], found
        )
        for index, target in enumerate(target for target in panel["targets"] if "expression" in target)
    }
    assert shares["user_id"][:5] == [12 / 150] * 5
    assert shares["context.user.ip"][20] == 54 / 150


def test_the_state_timeline_has_a_row_for_each_status(grafana: Grafana) -> None:
    rows = grafana.lines("Job status over time")
    assert set(rows) == {
        "other: data_loss",
        "passthrough: ok",
        "passthrough: stalled",
        "passthrough: unknown",
        f"{ODD}: ok",
    }
    stalled = rows["passthrough: stalled"]
    assert sum(value or 0 for value in stalled) == 6


def test_reports_and_marks(grafana: Grafana) -> None:
    (hit,) = grafana.ask(grafana.panel("Reports on the data")["targets"][0], START, at(TICKS))["hits"]["hits"]
    assert hit["_source"]["profile_report"].endswith(".html")
    _, marks = grafana.files["dashboards/visits.json"]["annotations"]["list"]
    model = {
        "datasource": marks["datasource"],
        "timeField": marks["timeField"],
        "query": marks["query"],
        "metrics": [{"type": "raw_data", "settings": {"size": "100"}}],
        "bucketAggs": [],
    }
    hits = grafana.ask(model, START, at(TICKS), job=["passthrough"])["hits"]["hits"]
    newest_first = [hit["_source"][marks["tagsField"]] for hit in hits]
    assert newest_first == ["ok", "unknown", "ok", "stalled"]
    assert hits[-1]["_source"][marks["textField"]] == "no batch"


def test_variables_list_what_there_is(grafana: Grafana) -> None:
    for variable in grafana.files["dashboards/visits.json"]["templating"]["list"][:2]:
        asked = json.loads(variable["query"])
        body = {"size": 0, "aggs": {"1": {asked["find"]: {"field": asked["field"], "size": 500}}}}
        found = grafana.send(f"/{INDEX}/_search", json.dumps(body).encode())["aggregations"]["1"]["buckets"]
        names = {"job": {"passthrough", ODD, "other"}, "dataset": {"processed_visits"}}
        assert {bucket["key"] for bucket in found} == names[asked["field"]]


@pytest.mark.parametrize(
    ("title", "minute", "expected"),
    [
        ("lag", 9, {f"{ODD} 0": True, "passthrough 0": False, "passthrough 1": True}),
        ("lag", 13, {f"{ODD} 0": True, "passthrough 0": False, "passthrough 1": False}),
        ("lag at least", 9, {f"{ODD} 0": True, "passthrough 0": False, "passthrough 1": False}),
        ("lag odd", 9, {ODD: True}),
        ("behind", 9, {"passthrough": False}),
        ("status", 9, {ODD: False, "passthrough": False}),
        ("status", 11, {ODD: False, "passthrough": True}),
        ("status", 13, {ODD: False, "passthrough": False}),
        ("status all", 21, {ODD: False, "passthrough": True}),
        ("dataset", 14, {"processed_visits": False}),
        ("dataset", 16, {"processed_visits": True}),
        ("invalid", 14, {"processed_visits": False}),
        ("invalid", 20, {"processed_visits": True}),
        ("invalid ip", 20, {"processed_visits": True}),
        ("unparseable", 14, {"processed_visits": False}),
        ("unparseable", 16, {"processed_visits": True}),
        ("unparseable share", 16, {"processed_visits": False}),
        ("expired", 24, {"passthrough": False}),
        ("expired", 26, {"passthrough": True}),
        ("retention", 9, {}),
        ("retention", 24, {"passthrough": False}),
        ("retention", 26, {"passthrough": True}),
        ("drift", 9, {}),
        ("drift", 11, {"processed_visits": True}),
        ("drift ip", 11, {"processed_visits": True}),
        ("backlog", 30, {"": True}),
        ("stopped", 10, {"": False}),
        ("stopped", 40, {"": True}),
    ],
)
def test_for_whom_a_condition_holds(
    grafana: Grafana, title: str, minute: int, expected: dict[str, bool]
) -> None:
    found = grafana.holds(title, minute)
    assert {who: is_so for who, is_so in found.items() if is_so is not None} == expected


def test_a_lag_fires_when_it_has_stayed_and_is_over_with_it(grafana: Grafana) -> None:
    def minutes_firing(title: str, of: str) -> list[int]:
        watch = Watch(grafana.rule(title), grafana.fetch)
        looks = ((minute, watch.look(START + timedelta(minutes=minute))) for minute in range(1, 28))
        return [minute for minute, states in looks if ("firing", of) in who(states)]

    def who(states: Mapping[tuple[tuple[str, str], ...], str]) -> set[tuple[str, str]]:
        return {
            (state, labels.get("partition", ""))
            for pairs, state in states.items()
            if (labels := dict(pairs)).get("job") != ODD
        }

    # Above 15 from 5:00 to 12:00.
    assert minutes_firing("lag", "1") == [11, 12]
    assert minutes_firing("lag", "0") == []


def test_a_query_that_looks_back_a_day_stays_within_the_servers_limit(grafana: Grafana) -> None:
    rule = grafana.rule("backlog")
    (histogram,) = rule["data"][0]["model"]["bucketAggs"]
    assert histogram["settings"]["interval"] == "30m"
