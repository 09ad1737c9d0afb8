"""The format `avro`: records as the Schema Registry's serializer for Avro writes them.

A header names the schema that the record was written with. The registry is asked for it once.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Protocol

from offline_observer.formats.avro_schema import UNREADABLE, RecordSchema, record_schema
from offline_observer.formats.header import ID_SIZE, header_size

_UNKNOWN_SECONDS = 60.0
_MOST_UNKNOWN = 10_000


class Schemas(Protocol):
    """Where the texts of schemas come from."""

    def schema_texts(self, header: bytes) -> tuple[str, ...] | None:
        """A schema, the last one, and before it all that it refers to; None when there is none of Avro."""


class AvroFormat:
    """Avro behind a header.

    Args:
        schemas: Where the texts of schemas come from.
        monotonic: Seconds from an arbitrary origin. What the registry does not know is asked for again
            after a minute.
    """

    is_json: bool = False

    def __init__(self, schemas: Schemas, monotonic: Callable[[], float]) -> None:
        self._texts = schemas
        self._monotonic = monotonic
        self._schemas: dict[bytes, RecordSchema] = {}
        # By header: until when it is not asked for. The oldest comes first.
        self._unknown: dict[bytes, float] = {}

    def payload(self, value: bytes) -> bytes | None:
        """None: there is no JSON in it."""
        del value
        return None

    def parse(self, value: bytes) -> dict[str, object] | None:
        """The record.

        Returns:
            Its fields. None when there is no header, the registry has no schema of Avro records for it, or
            the bytes behind it are not exactly one record of the schema.

        Raises:
            SchemaRegistryError: The registry cannot be reached, or does not tell.
        """
        size = ID_SIZE
        schema = self._schemas.get(value[:ID_SIZE])
        if schema is None:
            found = header_size(value)
            schema = None if found is None else self._schema(value[:found])
            if found is None or schema is None:
                return None
            size = found
        stream = BytesIO(value)
        stream.seek(size)
        try:
            record = schema.read(stream, schema.parsed, None)
        except UNREADABLE:
            return None
        return record if isinstance(record, dict) and stream.tell() == len(value) else None

    def _schema(self, header: bytes) -> RecordSchema | None:
        schema = self._schemas.get(header)
        if schema is not None:
            return schema
        now = self._monotonic()
        if now < self._unknown.get(header, now):
            return None
        texts = self._texts.schema_texts(header)
        schema = None if texts is None else record_schema(texts[-1], texts[:-1])
        self._unknown.pop(header, None)
        if schema is None:
            if len(self._unknown) >= _MOST_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
            self._unknown[header] = now + _UNKNOWN_SECONDS
        else:
            self._schemas[header] = schema
        return schema
