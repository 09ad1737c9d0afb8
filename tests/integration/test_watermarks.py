import json
import time
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from offline_observer.demo.ports import free_ports
from offline_observer.errors import BrokerError, ConfigError
from offline_observer.kafka.partitions import Watermarks
from offline_observer.kafka.watermarks import WatermarkReader
from support.kafka import Cluster

NOTHING_IN_IT = "the broker has no such topic"


def reader(cluster: Cluster, isolation: str = "read_uncommitted") -> WatermarkReader:
    return WatermarkReader({"bootstrap.servers": cluster.servers}, isolation)


def test_earliest_and_end_of_every_partition(cluster: Cluster) -> None:
    topic = cluster.topic(3)
    cluster.produce(topic, [b"{}"] * 10, partition=0)
    cluster.produce(topic, [b"{}"] * 4, partition=2)
    cluster.delete_records(topic, 0, 6)
    found = reader(cluster).read([topic], 10)[topic]
    assert found.partitions == {0: Watermarks(6, 10), 1: Watermarks(0, 0), 2: Watermarks(0, 4)}
    assert found.error is None
    assert found.topic_id


def test_a_topic_that_is_not_there_does_not_hide_the_others(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    found = reader(cluster).read([topic, "no-such-topic"], 10)
    assert found[topic].partitions == {0: Watermarks(0, 0)}
    assert (found["no-such-topic"].partitions, found["no-such-topic"].error) == ({}, NOTHING_IN_IT)


def test_a_topic_made_anew_has_another_id(cluster: Cluster) -> None:
    topic = cluster.topic(1)
    watermarks = reader(cluster)
    before = watermarks.read([topic], 10)[topic].topic_id
    cluster.delete_topic(topic)
    cluster.topic(1, name=topic)
    deadline = time.monotonic() + 20
    while (after := watermarks.read([topic], 10)[topic].topic_id) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert after not in (None, before)


def test_a_thousand_partitions_cost_a_few_requests(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = cluster.topic(1000)
    counts: dict[str, int] = {}

    def on_statistics(text: str) -> None:
        for broker in json.loads(text)["brokers"].values():
            for kind, count in broker["req"].items():
                counts[kind] = max(counts.get(kind, 0), count)

    properties = {"bootstrap.servers": cluster.servers, "statistics.interval.ms": "200"}

    def counting(config: dict[str, Any], **more: Any) -> AdminClient:
        settings: dict[str, Any] = {**config, "stats_cb": on_statistics}
        return AdminClient(settings, **more)

    monkeypatch.setattr("offline_observer.kafka.client.AdminClient", counting)
    watermarks = WatermarkReader(properties, "read_uncommitted")
    assert len(watermarks.read([topic], 20)[topic].partitions) == 1000
    watermarks._admin.poll(1)
    assert 1 <= counts["ListOffsets"] <= 2
    assert counts["Metadata"] <= 8


def test_a_broker_that_is_away_is_an_error_that_says_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    (port,) = free_ports(1)
    watermarks = WatermarkReader({"bootstrap.servers": f"127.0.0.1:{port}"}, "read_uncommitted")
    began = time.monotonic()
    with pytest.raises(
        BrokerError, match=rf"no answer .* at 127.0.0.1:{port} .*Connection refused.*is it running"
    ):
        watermarks.read(["visits"], 1)
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", ""), "librdkafka must not spill onto the terminal"


def test_a_property_that_librdkafka_does_not_know(cluster: Cluster) -> None:
    with pytest.raises(ConfigError, match=r'No such configuration property: "no\.such"'):
        WatermarkReader({"bootstrap.servers": cluster.servers, "no.such": "1"}, "read_uncommitted")
