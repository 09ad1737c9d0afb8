"""From a JSON record's bytes to the values of the fields that are asked for (pure).

Two ways lead to the same values. The quick one has msgspec decode only the fields that are needed, into a
type made for them, and skip the rest. What the quick one refuses (a parent that is not an object, a lone
surrogate, a number beyond a double) the exact one decides, with the standard library's parser held to
RFC 8259: strict UTF-8, no `NaN`, no `Infinity`.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

from offline_observer.quality.field_tree import NO_FIELDS, FieldNode, field_tree, has_closed_inside
from offline_observer.quality.field_types import FieldType

Decode = Callable[[bytes], Sequence[object] | None]

# Python refuses to turn longer digit strings into an int (a guard against quadratic time).
_LONGEST_INTEGER = 4300
# Keys with these characters cannot be the name of a field in a msgspec type.
_UNTYPED = re.compile(r'[\\"\x00-\x1f]')

# What is of another type than it is declared with is refused, and the exact way finds out that it is.
_TYPES: dict[FieldType | None, Any] = {
    None: Any,
    "string": str | None,
    "integer": int | None,
    "number": int | float | None,
    "boolean": bool | None,
    "timestamp": str | int | float | None,
    "object": dict | None,
    "array": list | None,
}

REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the quick way raises for a record that the exact one has to decide."""


def _record_type(node: FieldNode) -> type[msgspec.Struct]:
    """A frozen struct with one attribute per child, all optional; attribute `f<n>` stands for the n-th key."""
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    for key, child in node.children.items():
        attribute = f"f{child.number}"
        rename[attribute] = key
        if child.is_typed:
            kind = _record_type(child)
            # Where the object itself is asked for as well, missing is not the same as empty.
            fields.append((attribute, kind | None, UNSET if child.wanted else kind()))
        else:
            fields.append((attribute, _TYPES[child.type], UNSET))
    return msgspec.defstruct(
        "Record", fields, rename=rename, frozen=True, gc=False, forbid_unknown_fields=node.is_closed
    )


def _attribute(root: FieldNode, path: str) -> tuple[str, tuple[str, ...]]:
    """The attribute path in the record type, and the keys that go on inside an untyped value."""
    parts = path.split(".")
    attributes: list[str] = []
    node = root
    for depth, part in enumerate(parts):
        node = node.children[part]
        attributes.append(f"f{node.number}")
        if not node.is_typed:
            return ".".join(attributes), tuple(parts[depth + 1 :])
    return ".".join(attributes), ()


def _extractor(places: Sequence[tuple[str, tuple[str, ...]]]) -> Callable[[object], Sequence[object]]:
    """A function from a decoded record to the values at some places, in their order."""
    # One call into C for all the fields. For fewer than two it would give no tuple, so something stands in.
    get = attrgetter(*(attributes for attributes, _ in places), *("__class__",) * (2 - len(places)))
    rests = [rest for _, rest in places]
    if any(rests):
        return lambda record: [value_at(v, rest) for v, rest in zip(get(record), rests, strict=False)]
    return get


def _patient_extractor(
    places: Sequence[tuple[str, tuple[str, ...]]],
) -> Callable[[object], Sequence[object]]:
    """The same for records in which an object around a field is missing or null: the field is missing then."""
    steps = [(tuple(attributes.split(".")), rest) for attributes, rest in places]

    def values(record: object) -> Sequence[object]:
        row = []
        for attributes, rest in steps:
            value = record
            for attribute in attributes:
                value = UNSET if value is None or value is UNSET else getattr(value, attribute)
            row.append(value_at(value, rest) if rest else value)
        return row if len(row) > 1 else [*row, None, None][:2]

    return values


@dataclass(frozen=True, slots=True)
class QuickReader:
    """The steps of the quick way.

    Attributes:
        read: Bytes to a record. It raises one of `REFUSALS` for what the exact way has to decide. It does not look into
            the strings that it skips, which may not be UTF-8.
        values: A record to the values at the paths, in their order; more values than paths where these are fewer
            than two. It raises `AttributeError` when an object around a field is null.
        patient_values: The same, slower, and it does not raise.
        attributes: For each path the attributes of a record that lead to its value; None where there are none that do.
    """

    read: Callable[[bytes], object]
    values: Callable[[object], Sequence[object]]
    patient_values: Callable[[object], Sequence[object]]
    attributes: Sequence[str | None]


def quick_reader(
    paths: Sequence[str], declared: Mapping[str, FieldType] = NO_FIELDS, kinds: Collection[str] = ()
) -> QuickReader | None:
    """The quick way for some fields.

    Args:
        paths: Dot paths of the fields to decode, each once.
        declared: All the fields that a record may have, with their types: a record that has another one, or a value
            of another type, is refused. Empty: any.
        kinds: Those of the paths for whose objects an instance of a Struct will do instead of a dict.

    Returns:
        None when a path has a key that has no quick way, or an object is wanted whole inside which fields are declared.
    """
    if any(_UNTYPED.search(path) for path in (*paths, *declared)):
        return None
    root = field_tree(paths, declared, kinds)
    if has_closed_inside(root):
        return None
    places = [_attribute(root, path) for path in paths]
    return QuickReader(
        msgspec.json.Decoder(_record_type(root)).decode,
        _extractor(places),
        _patient_extractor(places),
        [None if rest else attributes for attributes, rest in places],
    )


def value_at(value: object, keys: Sequence[str]) -> object:
    """What stands at a path of keys; `UNSET` when a part is missing or its parent is not an object."""
    for key in keys:
        if not isinstance(value, dict):
            return UNSET
        value = value.get(key, UNSET)
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def parse_object(value: bytes) -> dict[str, object] | None:
    """Parses a record strictly by RFC 8259; None when it is not one JSON object, or is nested too deeply."""
    try:
        parsed = json.loads(value.decode(), parse_constant=_refuse_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def exact_decoder(paths: Sequence[str]) -> Decode:
    """The exact way: the values at the paths, in their order, or None for an unparseable record."""
    keys = [tuple(path.split(".")) for path in paths]

    def decode(value: bytes) -> Sequence[object] | None:
        record = parse_object(value)
        return None if record is None else [value_at(record, path) for path in keys]

    return decode


def quick_decoder(paths: Sequence[str]) -> Decode:
    """The quick way, which hands what it refuses to the exact one. Same values, by test.

    Args:
        paths: Dot paths of the fields to decode, each once.
    """
    exact = exact_decoder(paths)
    reader = quick_reader(paths)
    if reader is None:
        return exact

    def decode(value: bytes) -> Sequence[object] | None:
        try:
            record = reader.read(value)
            if not value.isascii():
                value.decode()
        except REFUSALS:
            return exact(value)
        try:
            return reader.values(record)[: len(paths)]
        except AttributeError:
            return reader.patient_values(record)[: len(paths)]

    return decode
