"""The formats that are known.

To add a format: write its class in a file of its own, and an entry here that imports it. Nothing else changes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from offline_observer.errors import ConfigError
from offline_observer.formats.format import FormatSettings, RecordFormat

Monotonic = Callable[[], float]
"""Seconds from an arbitrary origin; never steps back."""
Make = Callable[[FormatSettings, Monotonic], RecordFormat]
UseOfRegistry = Literal["needed", "possible", "useless"]

_INSTALL = "pip install 'offline-observer[schema-registry]'"


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """A format in the registry.

    Attributes:
        make: Makes the format. Imports its file, so that what it needs is needed by nothing else.
        schema_registry: Whether a Schema Registry's properties are of use to it.
    """

    make: Make
    schema_registry: UseOfRegistry


FORMATS: dict[str, FormatEntry] = {}
"""By the name that the configuration uses."""


def register_format(name: str, *, schema_registry: UseOfRegistry) -> Callable[[Make], Make]:
    """Puts what makes a format into the registry."""

    def register(make: Make) -> Make:
        FORMATS[name] = FormatEntry(make, schema_registry)
        return make

    return register


@register_format("json", schema_registry="useless")
def _json(_settings: FormatSettings, _monotonic: Monotonic) -> RecordFormat:
    from offline_observer.formats.json_text import JsonFormat

    return JsonFormat()


@register_format("json_schema_registry", schema_registry="possible")
def _json_schema_registry(_settings: FormatSettings, _monotonic: Monotonic) -> RecordFormat:
    from offline_observer.formats.json_schema_registry import JsonSchemaRegistryFormat

    return JsonSchemaRegistryFormat()


@register_format("avro", schema_registry="needed")
def _avro(settings: FormatSettings, monotonic: Monotonic) -> RecordFormat:
    from offline_observer.formats.avro import AvroFormat
    from offline_observer.formats.avro_registry import Registry

    return AvroFormat(Registry(settings.schema_registry), monotonic)


def make_format(settings: FormatSettings, monotonic: Monotonic = time.monotonic) -> RecordFormat:
    """Makes a format.

    Args:
        settings: Which one, and what it needs.
        monotonic: The clock that says how long a schema has been unknown.

    Raises:
        ConfigError: There is no such format, what it needs is not installed, or the properties are refused.
    """
    entry = FORMATS.get(settings.name)
    if entry is None:
        raise ConfigError(f"there is no format of records {settings.name!r}; known are {', '.join(FORMATS)}")
    try:
        return entry.make(settings, monotonic)
    except ImportError as error:
        raise ConfigError(
            f"the format {settings.name} needs what is not installed ({error.name}): {_INSTALL}"
        ) from None
