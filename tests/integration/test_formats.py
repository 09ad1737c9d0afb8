"""Records that went through a real broker: compressed, with headers, in each format."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from confluent_kafka import Producer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.serde import SchemaId

from offline_observer.formats.format import FormatSettings
from offline_observer.formats.registry import make_format
from offline_observer.kafka.client import LOGGER
from offline_observer.kafka.records import OffsetRange, RecordReader
from support.kafka import Cluster
from support.schema_registry import mock_client, value_of

VISIT = {
    "type": "record",
    "name": "Visit",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "page", "type": ["null", "string"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
    ],
}


def there_and_back(cluster: Cluster, values: Sequence[bytes]) -> list[bytes | None]:
    """The values as they are read again: written with zstd, each with headers."""
    topic = cluster.topic(1)
    settings = {"bootstrap.servers": cluster.servers, "compression.type": "zstd", "linger.ms": "50"}
    producer = Producer(settings, logger=LOGGER)
    headers: list[tuple[str, str | bytes | None]] = [("trace", b"\0\1"), ("empty", None)]
    for value in values:
        producer.produce(topic, value, partition=0, headers=headers)
    assert producer.flush(30) == 0
    reader = RecordReader({"bootstrap.servers": cluster.servers}, topic, "read_committed")
    found: list[bytes | None] = []
    outcome = reader.read(
        {0: OffsetRange(0, len(values))}, lambda chunk: found.extend(chunk.values), lambda: 60.0
    )
    reader.close()
    assert (dict(outcome.problems), dict(outcome.positions)) == ({}, {0: len(values)})
    return found


def test_avro(cluster: Cluster) -> None:
    serialize = AvroSerializer(mock_client("broker"), json.dumps(VISIT))
    records = [
        {
            "id": number,
            "page": None if number % 3 else "/",
            "at": datetime.fromtimestamp(number, UTC),
            "price": Decimal(number).scaleb(-2),
        }
        for number in range(500)
    ]
    values = [serialize(record, value_of("visits")) for record in records]
    made = make_format(FormatSettings("avro", {"url": "mock://broker"}), time.monotonic)
    found = there_and_back(cluster, [value for value in values if value is not None] + [b"{}"])
    assert [made.parse(value or b"") for value in found] == [*records, None]


def test_json_of_a_schema_registry(cluster: Cluster) -> None:
    header = SchemaId("JSON", 7).id_to_bytes()
    records = [{"id": number, "page": "/ü"} for number in range(500)]
    texts = [json.dumps(record).encode() for record in records]
    made = make_format(FormatSettings("json_schema_registry"))
    found = there_and_back(cluster, [header + text for text in texts] + texts[:1])
    assert [made.payload(value or b"") for value in found] == [*texts, None]
    assert [made.parse(value or b"") for value in found] == [*records, None]
    plain = make_format(FormatSettings())
    assert [plain.parse(value or b"") for value in found[-2:]] == [None, records[0]]
