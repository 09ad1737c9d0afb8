import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_observer.demo.jars import KAFKA, SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import Java, find_java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from support.kafka import Cluster

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
