import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from offline_observer.demo.jars import KAFKA, SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import Java, find_java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from offline_observer.demo.search_release import ELASTICSEARCH_8, OPENSEARCH, SearchRelease
from offline_observer.demo.search_server import Setting
from support.kafka import Cluster
from support.search import MakeSearchServer, SearchCluster, search_server, unique_prefix

# How long an example takes says nothing of the code where the machine is busy: the first text alone takes Hypothesis seconds
# there, for it looks through all of Unicode once.
settings.register_profile(
    "busy machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy machine")

# A shell that starts the tests in the background, or nohup, has them ignore signals, and so would the programs that they
# start. Handlers are not inherited: these get what they have when a user starts them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

BROKER_SETTINGS = {
    # Compaction within a test's time.
    "log.cleaner.backoff.ms": "200",
    "log.segment.delete.delay.ms": "0",
}


@pytest.fixture(scope="session")
def java() -> Java:
    return find_java(os.environ)


@pytest.fixture(scope="session")
def kafka_jars() -> list[Path]:
    return fetch_jars(KAFKA, print)


@pytest.fixture(scope="session")
def connector_jars() -> list[Path]:
    return fetch_jars(SPARK_KAFKA_CONNECTOR, print)


@pytest.fixture(scope="session")
def cluster(
    java: Java, kafka_jars: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A real broker for the whole session."""
    (port,) = free_ports(1)
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"), port, java, kafka_jars, BROKER_SETTINGS)
    try:
        broker.start()
        yield Cluster(broker)
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def elasticsearch(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchCluster]:
    """A real Elasticsearch 8 for the whole session: `search_prefix` is for the names of a test."""
    yield from _shared(ELASTICSEARCH_8, java, tmp_path_factory.mktemp("elasticsearch"))


@pytest.fixture(scope="session")
def opensearch(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchCluster]:
    """A real OpenSearch for the whole session."""
    yield from _shared(OPENSEARCH, java, tmp_path_factory.mktemp("opensearch"))


def _shared(release: SearchRelease, java: Java, folder: Path) -> Iterator[SearchCluster]:
    server = search_server(folder, java, release)
    try:
        server.start()
        yield SearchCluster(server)
    finally:
        server.stop()


@pytest.fixture
def search_prefix() -> str:
    """How the names of a test's own indices, aliases and templates begin."""
    return unique_prefix()


@pytest.fixture
def make_search_server(tmp_path: Path) -> Iterator[MakeSearchServer]:
    """Starts search servers of one's own, to be stopped, killed and started again; none outlives the test."""
    made: list[SearchCluster] = []

    def make(
        release: SearchRelease, settings: Mapping[str, Setting] | None = None, heap: str = "256m"
    ) -> SearchCluster:
        java = find_java(os.environ, release.oldest_java)
        server = search_server(tmp_path / f"search{len(made)}", java, release, settings, heap)
        made.append(SearchCluster(server))
        server.start()
        return made[-1]

    yield make
    for cluster in made:
        cluster.server.stop()
