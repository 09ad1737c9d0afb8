"""The metrics as Prometheus reads them, by its own client library."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from offline_observer import __version__
from offline_observer.metrics.state import PREFIX, Family


class _Families(Collector):
    def __init__(self, families: Callable[[], Iterable[Family]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """All metrics now."""
        build = GaugeMetricFamily(f"{PREFIX}build_info", "The observer's version.", labels=["version"])
        build.add_metric([__version__], 1.0)
        yield build
        for family in self._families():
            make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = make(family.name, family.text, labels=list(family.labels))
            for labels, value in sorted(family.samples.items()):
                metric.add_metric(list(labels), value)
            yield metric


class Exposition:
    """Writes the metrics in the format that is asked for.

    Args:
        families: Gives the metrics.
    """

    def __init__(self, families: Callable[[], Iterable[Family]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Families(families))

    def page(self, accept: str) -> tuple[bytes, str]:
        """The metrics, and their content type.

        Args:
            accept: The header of the request: Prometheus's text format, or OpenMetrics.

        Raises:
            JournalError: The journal cannot be read.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type
