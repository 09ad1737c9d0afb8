"""The header that serializers of a Schema Registry put before a record (pure).

The forms are those of Confluent's wire format, as `confluent_kafka.schema_registry.serde.SchemaId` reads them:
the byte 0 and the schema's id, 4 bytes, big-endian; or the byte 1 and the schema's GUID, 16 bytes.
"""

ID_BYTE = 0
GUID_BYTE = 1
ID_SIZE = 5
"""Bytes of a header with an id."""
GUID_SIZE = 17
"""Bytes of a header with a GUID."""

_SIZES = {ID_BYTE: ID_SIZE, GUID_BYTE: GUID_SIZE}


def header_size(value: bytes) -> int | None:
    """How many bytes of a value its header takes; None when it begins with none."""
    size = _SIZES.get(value[0]) if value else None
    return size if size is not None and len(value) >= size else None
