"""The format of a dataset's records, in the configuration.

What stands under `schema_registry` may be a password: nothing here puts a value into a message.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from offline_observer.config.values import local_path, property_value
from offline_observer.config.yaml_file import LocatedError
from offline_observer.config.yaml_messages import Location, did_you_mean
from offline_observer.formats.registry import FORMATS
from offline_observer.formats.schema_registry import FILE_PROPERTIES, PROPERTIES, property_problems

_EXAMPLE = "such as url: http://localhost:8081"


def _known_format(name: str) -> str:
    if name not in FORMATS:
        near = did_you_mean(name, FORMATS)
        known = "" if near.startswith("known") else f" (known here: {', '.join(FORMATS)})"
        raise ValueError(f"unknown format; {near}{known}")
    return name


FormatName = Annotated[str, AfterValidator(_known_format)]
"""A format's name in the registry of formats."""


def _properties(value: object, info: ValidationInfo) -> dict[str, str]:
    # Checked here, before pydantic does, because nothing that stands under `schema_registry` may be repeated.
    if not isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 - pydantic takes no TypeError
            f"this must be a mapping of properties of the Schema Registry's client, {_EXAMPLE}"
        )
    properties: dict[str, str] = {}
    problems: list[tuple[Location, str]] = []
    for key, inner in value.items():
        try:
            text = property_value(inner)
            properties[str(key)] = str(local_path(text, info)) if key in FILE_PROPERTIES else text
        except ValueError as error:
            problems.append(((str(key),), str(error)))
        if key not in PROPERTIES:
            problems.append(((str(key),), f"unknown property; {did_you_mean(str(key), PROPERTIES)}"))
    if not problems:
        problems = [(_place(key, value), text) for key, text in property_problems(properties)]
    if problems:
        raise LocatedError(problems)
    return properties


def _place(key: str, value: Mapping[object, object]) -> Location:
    # What is missing has no line of its own.
    return (key,) if key in value else ()


SchemaRegistryProperties = Annotated[dict[str, str], BeforeValidator(_properties)]
"""Properties of the Schema Registry's client that it takes; those of files are relative to the configuration's folder."""


def format_problems(name: str, schema_registry: Mapping[str, str]) -> Iterator[tuple[Location, str]]:
    """What does not go together of a format and the Schema Registry, with its place in the dataset."""
    use = FORMATS[name].schema_registry
    if use == "needed" and not schema_registry:
        yield ("format",), f"the format {name} needs schema_registry with its properties, {_EXAMPLE}"
    if use == "useless" and schema_registry:
        others = " or ".join(other for other, entry in FORMATS.items() if entry.schema_registry != "useless")
        yield (
            ("schema_registry",),
            f"the format {name} has no use for a Schema Registry; leave it out, or set format: {others}",
        )
