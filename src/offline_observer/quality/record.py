"""From a JSON record's bytes to the values of the fields that are asked for (pure).

Two ways lead to the same values. The quick one has msgspec decode only the fields that are needed, into a
type made for them, and skip the rest. What the quick one refuses (a parent that is not an object, a lone
surrogate, a number beyond a double) the exact one decides, with the standard library's parser held to
RFC 8259: strict UTF-8, no `NaN`, no `Infinity`.
"""

import json
import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

Decode = Callable[[bytes], Sequence[object] | None]

# Python refuses to turn longer digit strings into an int (a guard against quadratic time).
_LONGEST_INTEGER = 4300
# Keys with these characters cannot be the name of a field in a msgspec type.
_UNTYPED = re.compile(r'[\\"\x00-\x1f]')


class _Node:
    """A part of a path: is its own value asked for, and which parts follow it."""

    __slots__ = ("children", "wanted")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.wanted = False


def _tree(paths: Sequence[str]) -> _Node:
    root = _Node()
    for path in paths:
        node = root
        for part in path.split("."):
            node = node.children.setdefault(part, _Node())
        node.wanted = True
    return root


def _record_type(node: _Node) -> type[msgspec.Struct]:
    """A frozen struct with one attribute per child, all optional; attribute `f<n>` stands for the n-th key."""
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    for index, (key, child) in enumerate(node.children.items()):
        attribute = f"f{index}"
        rename[attribute] = key
        if _is_typed(child):
            kind = _record_type(child)
            fields.append((attribute, kind | None, kind()))
        else:
            fields.append((attribute, Any, UNSET))
    return msgspec.defstruct("Record", fields, rename=rename, frozen=True, gc=False)


def _is_typed(node: _Node) -> bool:
    """A field gets a type of its own only if nothing but what is inside it is asked for."""
    return bool(node.children) and not node.wanted


def _attribute(root: _Node, path: str) -> tuple[str, tuple[str, ...]]:
    """The attribute path in the record type, and the keys that go on inside an untyped value."""
    parts = path.split(".")
    attributes: list[str] = []
    node = root
    for depth, part in enumerate(parts):
        attributes.append(f"f{list(node.children).index(part)}")
        node = node.children[part]
        if not _is_typed(node):
            return ".".join(attributes), tuple(parts[depth + 1 :])
    raise AssertionError(path)  # a path's last part is wanted, so it is never typed


def _extractor(root: _Node, paths: Sequence[str]) -> Callable[[object], Sequence[object]]:
    """A function from a decoded record to the values at the paths, in their order."""
    if not paths:
        return lambda _: ()
    places = [_attribute(root, path) for path in paths]
    get = attrgetter(*(attributes for attributes, _ in places))
    rests = [rest for _, rest in places]
    if len(paths) == 1:
        (rest,) = rests
        return lambda record: (value_at(get(record), rest),)
    if any(rests):
        return lambda record: [value_at(v, rest) for v, rest in zip(get(record), rests, strict=True)]
    # The usual case: one call into C for all the fields.
    return get


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
    if any(_UNTYPED.search(path) for path in paths):
        return exact
    root = _tree(paths)
    decode_record = msgspec.json.Decoder(_record_type(root)).decode
    values = _extractor(root, paths)

    def decode(value: bytes) -> Sequence[object] | None:
        try:
            record = decode_record(value)
            if not value.isascii():
                value.decode()  # msgspec does not look into the strings that it skips
            return values(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError):
            # AttributeError: a typed parent is null.
            return exact(value)

    return decode
