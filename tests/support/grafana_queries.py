"""What Grafana's Elasticsearch data source sends for a query of a panel or an alert, and what it makes of the answer.

By what it is seen to send: a multi-search, with a filter by time and one by the query string; groups outside, time inside; `_term`
is `_key`, a size of 0 is 500, and the time's buckets reach over all of the range that is asked for.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_MANY = 500
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


@dataclass(frozen=True)
class Series:
    """A line of a panel, or what an alert looks at.

    Attributes:
        name: What it is called in the panel.
        labels: By what it was grouped.
        points: Times in milliseconds since 1970, and values.
    """

    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[int, float | None], ...]

    def values(self) -> list[float | None]:
        return [value for _, value in self.points]


def milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def with_variables(query: str, variables: Mapping[str, list[str]]) -> str:
    """The query with the dashboard's variables: `*` for all, else the chosen ones in quotes."""

    def text(match: re.Match[str]) -> str:
        chosen = variables.get(match[1], ["*"])
        return "*" if chosen == ["*"] else "(" + " OR ".join(f'"{one}"' for one in chosen) + ")"

    return re.sub(r"\$(\w+)", text, query)


def search(model: Mapping[str, Any], start: datetime, end: datetime, *, auto: str = "10s") -> dict[str, Any]:
    """The body of one search.

    Args:
        model: The query as the panel or the rule has it.
        start: Where the time begins.
        end: Where it ends.
        auto: The interval where the query says `auto`.
    """
    times = {"gte": milliseconds(start), "lte": milliseconds(end), "format": "epoch_millis"}
    words = {"analyze_wildcard": True, "query": model["query"]}
    body: dict[str, Any] = {
        "size": 0,
        "query": {"bool": {"filter": [{"range": {model["timeField"]: times}}, {"query_string": words}]}},
    }
    if not model["bucketAggs"]:
        order = {"order": "desc"}
        sort = [{model["timeField"]: {**order, "unmapped_type": "boolean"}}, {"_doc": order}]
        return {**body, "size": int(model["metrics"][0]["settings"]["size"]), "sort": sort}
    inner: dict[str, Any] = {
        metric["id"]: {metric["type"]: {"field": metric["field"]}}
        for metric in model["metrics"]
        if metric["type"] != "count"
    }
    for bucket in reversed(model["bucketAggs"]):
        made = _bucket(bucket, times, auto)
        inner = {bucket["id"]: {**made, **({"aggs": inner} if inner else {})}}
    return {**body, "aggs": inner}


def multi_search(index: str, bodies: list[dict[str, Any]]) -> bytes:
    """The body of the request that has these searches."""
    header = {"ignore_unavailable": True, "index": index, "search_type": "query_then_fetch"}
    lines = [line for body in bodies for line in (header, body)]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _bucket(bucket: Mapping[str, Any], times: Mapping[str, Any], auto: str) -> dict[str, Any]:
    settings = bucket["settings"]
    if bucket["type"] == "date_histogram":
        interval = auto if settings["interval"] == "auto" else settings["interval"]
        return {
            "date_histogram": {
                "field": bucket["field"],
                "fixed_interval": interval,
                "min_doc_count": int(settings["min_doc_count"]),
                "extended_bounds": {"min": times["gte"], "max": times["lte"]},
                "format": "epoch_millis",
            }
        }
    if bucket["type"] == "filters":
        words = {one["label"]: {"query_string": {"query": one["query"]}} for one in settings["filters"]}
        return {"filters": {"filters": words}}
    assert bucket["type"] == "terms"
    return {
        "terms": {
            "field": bucket["field"],
            "size": int(settings["size"]) or _MANY,
            "order": {settings["orderBy"].replace("_term", "_key"): settings["order"]},
            "min_doc_count": int(settings["min_doc_count"]),
        }
    }


def series_of(model: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Series]:
    """The series that become of the answer to one search."""
    found = list(_series(model, model["bucketAggs"], answer["aggregations"], {}))
    trim = int(model["bucketAggs"][-1]["settings"]["trimEdges"])
    if not trim:
        return found
    return [
        Series(one.name, one.labels, one.points[trim:-trim] if len(one.points) > 2 * trim else one.points)
        for one in found
    ]


def _series(
    model: Mapping[str, Any], buckets: list[dict[str, Any]], answer: Mapping[str, Any], labels: dict[str, str]
) -> Iterator[Series]:
    first, *others = buckets
    found = answer[first["id"]]["buckets"]
    if others:
        named = found.items() if isinstance(found, dict) else ((str(one["key"]), one) for one in found)
        label = "filter" if first["type"] == "filters" else first["field"]
        for key, one in named:
            yield from _series(model, others, one, {**labels, label: key})
        return
    # As in Grafana, a group of which there is no bucket gives no series.
    for metric in model["metrics"] if found else []:
        points = tuple((int(one["key"]), _value(metric, one)) for one in found)
        yield Series(_name(model, metric, labels), labels, points)


def _value(metric: Mapping[str, Any], bucket: Mapping[str, Any]) -> float | None:
    value: float | None = bucket["doc_count"] if metric["type"] == "count" else bucket[metric["id"]]["value"]
    return value


def _name(model: Mapping[str, Any], metric: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    def text(match: re.Match[str]) -> str:
        what = match[1].strip()
        return str(metric.get("field", "")) if what == "field" else labels[what.removeprefix("term ")]

    return re.sub(r"\{\{(.*?)\}\}", text, model["alias"])


def duration(text: str) -> int:
    """A duration in milliseconds."""
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+)(ms|s|m|h)", text))
