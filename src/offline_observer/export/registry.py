"""The exporters, by their names in the configuration. What they need comes with an extra each."""

from collections.abc import Callable, Mapping

from offline_observer.config.export import SearchExport
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.export.exporter import Exporter
from offline_observer.export.search_exporter import SearchExporter
from offline_observer.export.search_server import SearchServer


def _elasticsearch(settings: SearchExport) -> SearchServer:
    from offline_observer.export.elasticsearch import ElasticsearchServer

    return ElasticsearchServer(settings)


def _opensearch(settings: SearchExport) -> SearchServer:
    from offline_observer.export.opensearch import OpenSearchServer

    return OpenSearchServer(settings)


_SERVERS: Mapping[str, Callable[[SearchExport], SearchServer]] = {
    "elasticsearch": _elasticsearch,
    "opensearch": _opensearch,
}


def make_exporters(config: Config) -> list[Exporter]:
    """The exporters of a configuration.

    Raises:
        ConfigError: A library is missing, or a file of certificates cannot be read.
    """
    made: list[Exporter] = []
    for name, settings in config.export.all().items():
        try:
            server = _SERVERS[name](settings)
        except ImportError:
            raise ConfigError(
                f"export.{name} needs a library: pip install 'offline-observer[{name}]'"
            ) from None
        made.append(SearchExporter(name, server, config.index_of(settings), settings))
    return made
