"""The exporters, by their names in the configuration. What they need comes with an extra each."""

from collections.abc import Callable, Mapping

from offline_observer.config.export import SearchExport
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.export.exporter import Exporter
from offline_observer.export.search_exporter import SearchExporter
from offline_observer.export.search_nodes import SearchNodes
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


def make_server(name: str, settings: SearchExport) -> SearchServer:
    """The connection to a server, whichever of its nodes answers.

    Args:
        name: Its name in the configuration.
        settings: What the configuration says of it.

    Raises:
        ConfigError: A library is missing, or a file of certificates cannot be read.
    """
    try:
        nodes = [_SERVERS[name](settings.model_copy(update={"url": (url,)})) for url in settings.url]
    except ImportError:
        raise ConfigError(f"export.{name} needs a library: pip install 'offline-observer[{name}]'") from None
    return SearchNodes(nodes, settings)


def make_exporters(config: Config) -> list[Exporter]:
    """The exporters of a configuration.

    Raises:
        ConfigError: A library is missing, or a file of certificates cannot be read.
    """
    return [
        SearchExporter(name, make_server(name, settings), config.index_of(settings), settings)
        for name, settings in config.export.all().items()
    ]
