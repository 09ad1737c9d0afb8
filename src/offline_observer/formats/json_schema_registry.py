"""The format `json_schema_registry`: JSON as the Schema Registry's serializer for JSON Schema writes it (pure).

A header with the schema's id stands before the text. The text says all that the record holds: the registry
is not asked, and is not needed.
"""

from offline_observer.formats.header import header_size
from offline_observer.quality.record import parse_object


class JsonSchemaRegistryFormat:
    """JSON behind a header."""

    is_json: bool = True

    def payload(self, value: bytes) -> bytes | None:
        """What stands behind the header; None without a header."""
        size = header_size(value)
        return None if size is None else value[size:]

    def parse(self, value: bytes) -> dict[str, object] | None:
        """The object; None when there is no header, or not exactly one object behind it."""
        text = self.payload(value)
        return None if text is None else parse_object(text)
