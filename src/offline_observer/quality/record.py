"""From a JSON record's bytes to the values of the fields that are asked for (pure).

Two ways lead to the same values. The quick one has msgspec decode only the fields that are needed, into a
type made for them, and skip the rest. What the quick one refuses (a parent that is not an object, a lone
surrogate, a number beyond a double) the exact one decides, with the standard library's parser held to
RFC 8259: strict UTF-8, no `NaN`, no `Infinity`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import UNSET

from offline_observer.quality.field_tree import NO_FIELDS, FieldNode, field_tree, has_closed_inside
from offline_observer.quality.field_types import FieldType

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


Getter = Callable[[Sequence[Any]], list[object]]
"""Takes records of one type to the values of one attribute."""


def _getter(attribute: str) -> Getter:
    # Made anew for each place: so Python finds the attribute where it found it for the record before, in half the time
    # of `map(attrgetter(...))`. The name is of our own making: f0, f1 and so on.
    get: Getter = eval(f"lambda records: [record.{attribute} for record in records]")  # noqa: S307
    return get


class _Step(NamedTuple):
    """How to come to the values of one key.

    Attributes:
        source: Which step's values have the key; 0 stands for the records, n for step n - 1.
        get: Takes them to its values.
        nothing: What stands for an object that is missing or null; None when nothing inside has a step of its own.
        wanted: Which columns come of the values, each with the keys to go on with.
    """

    source: int
    get: Getter
    nothing: msgspec.Struct | None
    wanted: Sequence[tuple[int, tuple[str, ...]]]


class _Columns:
    """From records to the columns of some paths.

    Args:
        root: The fields as a tree.
        paths: The paths.
        kind: The record type of the tree.
    """

    def __init__(self, root: FieldNode, paths: Sequence[str], kind: type[msgspec.Struct]) -> None:
        self._numbers = {tuple(path.split(".")): number for number, path in enumerate(paths)}
        self._steps: list[_Step] = []
        self._plan(root, (), 0, kind)

    def _plan(self, node: FieldNode, path: tuple[str, ...], source: int, kind: type[msgspec.Struct]) -> None:
        kinds = {one.name: one.type for one in msgspec.structs.fields(kind)}
        for key, child in node.children.items():
            attribute = f"f{child.number}"
            child_path = (*path, key)
            get = _getter(attribute)
            if child.is_typed:
                wanted = [(self._numbers[child_path], ())] if child.wanted else []
                inside: type[msgspec.Struct] = get_args(kinds[attribute])[0]
                self._steps.append(_Step(source, get, inside(), wanted))
                self._plan(child, child_path, len(self._steps), inside)
            else:
                self._steps.append(_Step(source, get, None, list(self._inside(child, child_path, ()))))

    def _inside(
        self, node: FieldNode, path: tuple[str, ...], rest: tuple[str, ...]
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The wanted ones among a field and those inside it, each with the keys from the field on."""
        if node.wanted:
            yield self._numbers[path], rest
        for key, child in node.children.items():
            yield from self._inside(child, (*path, key), (*rest, key))

    def __call__(self, records: Sequence[object]) -> list[list[object]]:
        columns: list[list[object]] = [[]] * len(self._numbers)
        sources: list[Sequence[object]] = [records]
        for source, get, nothing, wanted in self._steps:
            values = get(sources[source])
            for number, rest in wanted:
                columns[number] = [value_at(value, rest) for value in values] if rest else values
            # Falsy are the marks for null and missing alone.
            sources.append(values if nothing is None else [value or nothing for value in values])
        return columns


def _attribute(root: FieldNode, path: str) -> str | None:
    """The attributes of a record that lead to a value, joined by dots; None where there are none that do."""
    attributes: list[str] = []
    node = root
    for number, part in enumerate(parts := path.split("."), 1):
        node = node.children[part]
        attributes.append(f"f{node.number}")
        if not node.is_typed:
            return ".".join(attributes) if number == len(parts) else None
    return ".".join(attributes)


@dataclass(frozen=True, slots=True)
class QuickReader:
    """The steps of the quick way.

    Attributes:
        read: Bytes to a record. It raises one of `REFUSALS` for what the exact way has to decide. It does not look into
            the strings that it skips, which may not be UTF-8.
        columns: Records to a column for each path, in their order.
        nothing: A record without fields.
        attributes: For each path the attributes of a record that lead to its value; None where there are none that do.
    """

    read: Callable[[bytes], object]
    columns: Callable[[Sequence[object]], list[list[object]]]
    nothing: object
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
    kind = _record_type(root)
    return QuickReader(
        msgspec.json.Decoder(kind).decode,
        _Columns(root, paths, kind),
        kind(),
        [_attribute(root, path) for path in paths],
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


# Made once: `json.loads` with these arguments makes one for each record.
_exact = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer).decode
_whole = msgspec.json.Decoder().decode


def parse_object(value: bytes) -> dict[str, object] | None:
    """Parses a record strictly by RFC 8259; None when it is not one JSON object, or is nested too deeply."""
    try:
        parsed = exact_value(value)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def exact_value(value: bytes) -> object:
    """Parses a JSON text strictly by RFC 8259.

    Raises:
        ValueError: It is none.
        RecursionError: It is nested too deeply.
    """
    try:
        # Where it does not refuse it gives the same, in a third of the time.
        return _whole(value)
    except REFUSALS:
        return _exact(value.decode())
