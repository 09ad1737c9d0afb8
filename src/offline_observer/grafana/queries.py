"""Queries of Elasticsearch as Grafana's data source has them (pure).

The groups come first and the time last. `_term` is what Grafana's editor knows the order by key as.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import elasticsearch
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.elasticsearch import BucketAggregation, MetricAggregation, TermsOrder

from offline_observer.grafana.data_sources import TIME_FIELD, Source
from offline_observer.grafana.observed import Observed

AUTO = "auto"
MINUTE = "1m"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is made of the documents of a bucket: `count`, or the `max`, `min` or `sum` of a field."""

    kind: str
    field: str = ""


COUNT = Metric("count")


def source_ref(observed: Observed, source: Source) -> DataSourceRef:
    """A data source as panels and queries name it."""
    return DataSourceRef(type_val="elasticsearch", uid=source.uid(observed))


def any_of(field: str, values: Iterable[str]) -> str:
    """A part of a query: the field has one of these values, whatever they hold."""
    quoted = " OR ".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return f"{field}:({quoted})"


def series(
    observed: Observed,
    source: Source,
    metrics: Sequence[Metric],
    *,
    query: str,
    groups: Sequence[str] = (),
    having: tuple[str, str] | None = None,
    interval: str = AUTO,
    whole_only: bool = False,
    alias: str = "",
    ref: str = "A",
    hide: bool | None = None,
) -> elasticsearch.Dataquery:
    """A query for series of numbers.

    Args:
        observed: What is observed.
        source: Where they come from.
        metrics: What is made of the documents of each bucket.
        query: Which documents, in Lucene's language.
        groups: By which fields they are grouped; each value makes a series, and becomes a label.
        having: A label, and a query within each group: documents that are none of it count as 0.
        interval: The length of a bucket, or `auto`: as fits the panel.
        whole_only: The first and the last bucket, which are not whole, are left out.
        alias: What the series are called. In an alert it has to be empty, else it becomes a label.
        ref: The query's letter.
        hide: Its series are not shown, but are there for expressions.
    """
    ids = iter(str(number) for number in range(1, 1000))
    made = [_metric(metric, next(ids)) for metric in metrics]
    buckets: list[Builder[BucketAggregation]] = [_terms(field, next(ids)) for field in groups]
    if having is not None:
        one = elasticsearch.Filter().query(having[1]).label(having[0])
        settings = elasticsearch.ElasticsearchFiltersSettings().filters([one])
        buckets.append(elasticsearch.Filters().id(next(ids)).settings(settings))
    buckets.append(
        elasticsearch.DateHistogram()
        .id(next(ids))
        .field(TIME_FIELD)
        .settings(
            elasticsearch.ElasticsearchDateHistogramSettings()
            .interval(interval)
            .min_doc_count("0")
            .trim_edges("1" if whole_only else "0")
        )
    )
    found = _query(observed, source, query, ref).alias(alias).metrics(made).bucket_aggs(buckets)
    return found if hide is None else found.hide(hide)


def documents(
    observed: Observed, source: Source, size: int, *, query: str, ref: str = "A"
) -> elasticsearch.Dataquery:
    """A query for the newest documents themselves."""
    settings = elasticsearch.ElasticsearchRawDataSettings().size(str(size))
    raw = elasticsearch.RawData().id("1").settings(settings)
    return _query(observed, source, query, ref).alias("").metrics([raw]).bucket_aggs([])


def _query(observed: Observed, source: Source, query: str, ref: str) -> elasticsearch.Dataquery:
    made = elasticsearch.Dataquery().ref_id(ref).datasource(source_ref(observed, source))
    return made.query(query).time_field(TIME_FIELD)


def _metric(metric: Metric, number: str) -> Builder[MetricAggregation]:
    match metric.kind:
        case "count":
            return elasticsearch.Count().id(number)
        case "max":
            return elasticsearch.Max().id(number).field(metric.field)
        case "min":
            return elasticsearch.Min().id(number).field(metric.field)
        case "sum":
            return elasticsearch.Sum().id(number).field(metric.field)
        case other:
            raise ValueError(f"there is no metric {other!r}")


def _terms(field: str, number: str) -> elasticsearch.Terms:
    settings = (
        elasticsearch.ElasticsearchTermsSettings()
        .min_doc_count("1")
        .order(TermsOrder.ASC)
        .order_by("_term")
        # 0: as many as Grafana takes, which are 500.
        .size("0")
    )
    return elasticsearch.Terms().id(number).field(field).settings(settings)
