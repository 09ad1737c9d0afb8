"""What a format of records is (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class RecordFormat(Protocol):
    """Makes a record of the bytes that stand in Kafka.

    Attributes:
        is_json: Whether the format carries JSON text, so that `payload` is of use.
    """

    is_json: bool

    def payload(self, value: bytes) -> bytes | None:
        """The JSON text that a value carries; None when it carries none."""

    def parse(self, value: bytes) -> dict[str, object] | None:
        """The whole record; None when the value is not one record of the format.

        Raises:
            SchemaRegistryError: The format needs a schema that cannot be had now. The value may well be a record.
        """


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """What a format is made of, wherever it is made: in this process or in another.

    Attributes:
        name: The format's name in the registry of formats.
        schema_registry: Properties of the Schema Registry's client. They may hold credentials.
    """

    name: str = "json"
    schema_registry: Mapping[str, str] = field(default_factory=dict, repr=False)
