"""The fields of a record as a tree of keys (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from offline_observer.quality.field_types import FieldType

# Of a record's unknown fields so many are named, by so many characters: a record may have a million.
MOST_NAMES = 100
LONGEST_NAME = 200


class FieldNode:
    """A key, the keys inside its value, and what is wanted of it.

    Attributes:
        number: Which of the keys around it this is, from 0.
        children: The keys inside.
        wanted: Its own value is asked for.
        is_typed: It gets a type of its own: something inside is asked for, and of itself nothing but the kind.
        is_closed: It may have no keys but its children.
        type: The type that it is declared with; None when it is not.
    """

    __slots__ = ("children", "is_closed", "is_typed", "number", "type", "wanted")

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.children: dict[str, FieldNode] = {}
        self.wanted = False
        self.is_typed = False
        self.is_closed = False
        self.type: FieldType | None = None


NO_FIELDS: Mapping[str, FieldType] = MappingProxyType({})


def field_tree(
    paths: Sequence[str], declared: Mapping[str, FieldType] = NO_FIELDS, kinds: Collection[str] = ()
) -> FieldNode:
    """The tree of some paths.

    Args:
        paths: Dot paths whose values are wanted.
        declared: All the paths that records may have, and their types; empty when they may have any.
        kinds: Those of the wanted paths of whose objects only the kind matters.
    """
    root = FieldNode()
    for path, kind in declared.items():
        node = root
        for part in path.split("."):
            node.is_closed = True
            node.type = node.type or "object"
            node = _child(node, part)
        node.type = kind
    for path in paths:
        node = root
        for part in path.split("."):
            node = _child(node, part)
        node.wanted = True
    _set_types(root, "", frozenset(kinds))
    return root


def with_parents(declared: Mapping[str, FieldType]) -> dict[str, FieldType]:
    """The declared fields, and the objects that they are declared to be in."""
    types = dict(declared)
    for path in declared:
        for parent in parents(path):
            types.setdefault(parent, "object")
    return types


def is_inside(path: str, others: Iterable[str]) -> bool:
    """Whether a path is one of some others, or leads into what is at one of them."""
    return any(f"{path}.".startswith(f"{other}.") for other in others)


def parents(path: str) -> list[str]:
    """The paths of the objects around a field, from the outside in: `a` and `a.b` for `a.b.c`."""
    keys = path.split(".")
    return [".".join(keys[:length]) for length in range(1, len(keys))]


def _child(node: FieldNode, key: str) -> FieldNode:
    return node.children.setdefault(key, FieldNode(len(node.children)))


def has_closed_inside(root: FieldNode) -> bool:
    """Whether an object that gets no type of its own may not have any key it likes."""
    return any(
        (child.is_closed and not child.is_typed) or has_closed_inside(child)
        for child in root.children.values()
    )


def _set_types(node: FieldNode, path: str, kinds: Collection[str]) -> None:
    for key, child in node.children.items():
        child_path = f"{path}.{key}" if path else key
        child.is_typed = bool(child.children) and (not child.wanted or child_path in kinds)
        _set_types(child, child_path, kinds)


def unknown_names(record: Mapping[str, object], root: FieldNode) -> list[str]:
    """The paths of a record's fields that the tree does not know, where it is closed."""
    names: list[str] = []
    _collect(record, root, "", names)
    return names


def _collect(record: Mapping[str, object], node: FieldNode, path: str, names: list[str]) -> None:
    for key, value in record.items():
        if len(names) >= MOST_NAMES:
            return
        child = node.children.get(key)
        if child is None:
            if node.is_closed:
                names.append(f"{path}{key}"[:LONGEST_NAME])
        elif child.children and isinstance(value, dict):
            _collect(value, child, f"{path}{key}.", names)
