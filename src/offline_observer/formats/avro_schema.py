"""Avro schemas, and whether a record of one can be read without harm (pure).

fastavro trusts what it reads. Two things that a record may hold would end or hang the program: a value nested
some thousands deep, in a schema that contains itself, overflows the C stack; a list of elements that take no
bytes, such as nulls, may say that it has 2^62 of them.
"""

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fastavro import parse_schema, schemaless_reader
from fastavro._read_py import schemaless_reader as careful_reader
from fastavro.schema import SchemaParseException

UNREADABLE = (ArithmeticError, EOFError, LookupError, RecursionError, TypeError, ValueError, struct.error)
"""What fastavro raises for bytes that are no record of the schema, or hold a time that Python has none for."""

_NOT_A_SCHEMA = (SchemaParseException, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_RECORDS = ("record", "error")
_AROUND, _WHOLE = "AroundOfAUnion", "whole"

Read = Callable[[Any, Any, None], Any]


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """A schema of records.

    Attributes:
        parsed: As fastavro takes it.
        read: fastavro's function: the stream, the parsed schema, and None, for no other schema than that.
    """

    parsed: Any
    read: Read


def record_schema(text: str, referenced: Sequence[str] = ()) -> RecordSchema | None:
    """Parses a schema.

    Args:
        text: The schema, as the registry has it.
        referenced: The schemas that it refers to, each after those that it refers to itself.

    Returns:
        The schema; None when it is none, when it is none of records (or of a union of some), or when records
        of it cannot be read without harm.
    """
    named: dict[str, Any] = {}
    try:
        for other in referenced:
            parse_schema(_with_uuids_as_texts(json.loads(other)), named)
        schema = _with_uuids_as_texts(json.loads(text))
        # fastavro finds the names that a union refers to only in what is around it. A record of one field is
        # written as the field is. It has no namespace, which the names inside would be taken to be in.
        wrapped = not isinstance(schema, dict)
        if wrapped:
            schema = {"type": "record", "name": _AROUND, "fields": [{"name": _WHOLE, "type": schema}]}
        parsed: Any = parse_schema(schema, named)
        names = _Names(named)
        whole = parsed["fields"][0]["type"] if wrapped else parsed
        if not names.is_of_records(whole) or names.is_endless() or names.has_free_elements(parsed):
            return None
        contains_itself = names.contains_itself()
    except _NOT_A_SCHEMA:
        return None
    # In Python, how deep a call may go is counted.
    read: Read = careful_reader if contains_itself else schemaless_reader
    return RecordSchema(parsed, _inside(read) if wrapped else read)


def _with_uuids_as_texts(schema: Any) -> Any:  # noqa: ANN401 - a schema is any JSON
    """The schema, to read a UUID as the text that it is written as: rules and JSON know no UUIDs."""
    if isinstance(schema, list):
        return [_with_uuids_as_texts(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    is_text = schema.get("type") == "string" and schema.get("logicalType") == "uuid"
    return {
        key: _with_uuids_as_texts(value)
        for key, value in schema.items()
        if not (is_text and key == "logicalType")
    }


def _inside(read: Read) -> Read:
    return lambda stream, parsed, reader: read(stream, parsed, reader)[_WHOLE]


class _Names:
    """The named types of a parsed schema."""

    def __init__(self, named: dict[str, Any]) -> None:
        self._named = named
        self._takes: dict[str, bool] = {}

    def _meant(self, schema: Any) -> Any:  # noqa: ANN401 - a schema is any JSON
        return self._named.get(schema, schema) if isinstance(schema, str) else schema

    def is_of_records(self, schema: Any) -> bool:  # noqa: ANN401
        """Is it a record, or a union with records, in which only they become dictionaries?"""
        meant = self._meant(schema)
        if not isinstance(meant, list):
            return _kind(meant) in _RECORDS
        kinds = [_kind(self._meant(branch)) for branch in meant]
        return any(kind in _RECORDS for kind in kinds) and "map" not in kinds

    def contains_itself(self) -> bool:
        """May a value hold another of its own type, however far inside?"""
        return _has_cycle({name: [inner for inner, _ in self._inside(name)] for name in self._named})

    def is_endless(self) -> bool:
        """Must a value hold another of its own type?"""
        return _has_cycle(
            {name: [inner for inner, must in self._inside(name) if must] for name in self._named}
        )

    def has_free_elements(self, schema: Any) -> bool:  # noqa: ANN401
        """Is there an array whose elements take no bytes? Only for what is not endless."""
        return any(
            _kind(part) == "array" and not self._takes_bytes(part["items"])
            for whole in (schema, *self._named.values())
            for part, _ in self._parts(whole)
        )

    def _inside(self, name: str) -> Iterator[tuple[str, bool]]:
        """The named types inside a named one, and whether they must be there."""
        for field in self._named[name].get("fields", ()):
            for part, must in self._parts(field["type"]):
                inner = (
                    part if isinstance(part, str) else part.get("name") if isinstance(part, dict) else None
                )
                if inner in self._named:
                    yield inner, must

    def _parts(self, schema: Any, must: bool = True) -> Iterator[tuple[Any, bool]]:  # noqa: ANN401
        """A schema and those written inside it; what a name stands for is not entered."""
        yield schema, must
        if isinstance(schema, list):
            inside, must = schema, False
        else:
            kind = _kind(schema)
            if kind in _RECORDS and isinstance(schema, dict):
                inside = [field["type"] for field in schema["fields"]]
            elif kind in ("array", "map"):
                inside, must = [schema["items" if kind == "array" else "values"]], False
            elif isinstance(kind, dict | list):
                inside = [kind]
            else:
                return
        for inner in inside:
            yield from self._parts(inner, must)

    def _takes_bytes(self, schema: Any) -> bool:  # noqa: ANN401
        """Does every value of it take a byte at least?"""
        if isinstance(schema, str) and schema in self._named:
            if schema not in self._takes:
                self._takes[schema] = self._takes_bytes(self._named[schema])
            return self._takes[schema]
        if isinstance(schema, list):
            return True  # the number of the branch
        kind = _kind(schema)
        if kind in _RECORDS:
            return any(self._takes_bytes(field["type"]) for field in schema["fields"])
        if kind == "fixed":
            return bool(schema["size"] > 0)
        if isinstance(kind, dict | list):
            return self._takes_bytes(kind)
        return bool(kind != "null")


def _kind(schema: Any) -> Any:  # noqa: ANN401
    return schema["type"] if isinstance(schema, dict) else schema


def _has_cycle(graph: dict[str, list[str]]) -> bool:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False
