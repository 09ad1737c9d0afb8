"""The search servers that can be started: what each consists of, and which Java it needs."""

from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parent / "search_node"
"""The Java sources of the nodes, a folder for each product or version."""
NODE_PACKAGE = "offlineobserver/node"
"""The package in them that runs a node, as a folder."""
ROOT_PACKAGE = "offlineobserver/root"
"""The package that answers `GET /`, where a release has it."""


@dataclass(frozen=True, slots=True)
class SearchModule:
    """A module, which Elasticsearch loads from a folder of its own and not from the class path.

    Attributes:
        name: Its name.
        plugin: The class that it brings.
        jars: How the names of the jars begin that are its own; empty: it is the compiled `ROOT_PACKAGE`.
    """

    name: str
    plugin: str
    jars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchRelease:
    """One version of a search server.

    Attributes:
        product: What it calls itself.
        version: Its version, as `GET /` answers it.
        oldest_java: The oldest Java that it runs on.
        artefacts: Its Maven artefacts.
        sources: Folders in `SOURCES`, all of whose files belong to its node.
        main: The class to run.
        configuration: Name of the file that its settings are read from.
        modules: What it loads as modules.
    """

    product: str
    version: str
    oldest_java: int
    artefacts: tuple[str, ...]
    sources: tuple[str, ...]
    main: str
    configuration: str
    modules: tuple[SearchModule, ...] = ()

    @property
    def name(self) -> str:
        """Product and version."""
        return f"{self.product} {self.version}"


def _elasticsearch(version: str, oldest_java: int) -> SearchRelease:
    return SearchRelease(
        product="Elasticsearch",
        version=version,
        oldest_java=oldest_java,
        artefacts=(
            f"org.elasticsearch:elasticsearch:{version}",
            f"org.elasticsearch.plugin:transport-netty4:{version}",
        ),
        sources=("common", "elasticsearch", f"elasticsearch{version.partition('.')[0]}"),
        main="offlineobserver.node.ElasticsearchNode",
        configuration="elasticsearch.yml",
        modules=(
            SearchModule(
                "transport-netty4",
                "org.elasticsearch.transport.netty4.Netty4Plugin",
                ("netty-", "transport-netty4-"),
            ),
            SearchModule("rest-root", "offlineobserver.root.RootInfoPlugin"),
        ),
    )


ELASTICSEARCH_8 = _elasticsearch("8.19.21", 17)
ELASTICSEARCH_9 = _elasticsearch("9.5.3", 21)
# The last line that runs on Java 17; 3.x wants 21.
OPENSEARCH = SearchRelease(
    product="OpenSearch",
    version="2.19.6",
    oldest_java=17,
    artefacts=(
        "org.opensearch:opensearch:2.19.6",
        "org.opensearch.plugin:transport-netty4-client:2.19.6",
        # It does not start without it, and does not name it among what it needs.
        "org.apache.logging.log4j:log4j-core:2.25.4",
    ),
    sources=("common", "opensearch"),
    main="offlineobserver.node.OpenSearchNode",
    configuration="opensearch.yml",
)
