"""Looks through chunks of records for the values of some fields (pure)."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from offline_observer.quality.field_tree import NO_FIELDS, FieldNode, field_tree
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.scanning import Scanned
from offline_observer.quality.utf8 import not_utf8
from offline_observer.scan.machine_code import (
    ARRAY,
    BLANK,
    ESCAPED,
    EXACT,
    FALSE,
    INTEGER,
    NULL,
    NUMBER,
    OBJECT,
    PLAIN,
    TEXT,
    TRUE,
    Keys,
    scan,
    strike_out,
)
from offline_observer.scan.slice_column import SliceColumn
from offline_observer.scan.source import Source

# Zeros after the bytes of a chunk, for what looks at several bytes at once.
_PADDING = 64
# Places are 32-bit numbers.
_MOST_BYTES = 2**31 - 2**20


class JsonScanner:
    """A `Scanner` of JSON records.

    Args:
        paths: Dot paths whose keys need no escape.
        declared: All the fields that a record may have, with their types; empty when it may have any.
    """

    def __init__(self, paths: Sequence[str], declared: Mapping[str, FieldType] = NO_FIELDS) -> None:
        self._number = len(paths)
        self._keys = _keys(paths, declared)
        self._padding = bytes(_PADDING + int(self._keys.length.max(initial=0)))

    def scan(
        self, values: Sequence[bytes], row_of: Callable[[int], Sequence[object] | None]
    ) -> Scanned | None:
        """Looks through the values of a chunk."""
        records = len(values)
        if not records:
            return Scanned([()] * self._number, [])
        joined = b"\0".join((*values, self._padding))
        if len(joined) > _MOST_BYTES:
            return None
        source = Source(joined)
        kinds = np.zeros((self._number, records), dtype=np.uint8)
        starts = np.zeros((self._number, records), dtype=np.int32)
        ends = np.zeros((self._number, records), dtype=np.int32)
        odd = np.empty(records, dtype=np.int32)
        end = len(joined) - len(self._padding)
        number_of_odd = scan(source.data, end, self._keys, kinds, starts, ends, odd)
        if number_of_odd < 0:  # a zero in a record: it is not known which one begins where
            return None
        bad: list[int] = []
        exact: dict[int, Sequence[object]] = {}
        for number in odd[:number_of_odd].tolist():
            row = row_of(number)
            if row is None:
                bad.append(number)
            else:
                exact[number] = row
        # The scan does not look into strings.
        if not source.is_ascii and (wrong := not_utf8(values)):
            bad = sorted({*bad, *wrong})
            for number in wrong:
                exact.pop(number, None)
        if exact:
            kinds[:, list(exact)] = EXACT
        if bad:
            strike_out(kinds, starts, ends, np.array(bad, dtype=np.int32))
            exact = {number - bisect_left(bad, number): row for number, row in exact.items()}
        left = records - len(bad)
        columns = [
            SliceColumn(
                source,
                kinds[slot, :left],
                starts[slot, :left],
                ends[slot, :left],
                {number: row[slot] for number, row in exact.items()},
            )
            for slot in range(self._number)
        ]
        return Scanned(columns, bad)


_TEXTS = (ESCAPED, TEXT, BLANK, PLAIN)
_KINDS: Mapping[FieldType, Sequence[int]] = {
    "string": _TEXTS,
    "integer": (INTEGER,),
    "number": (INTEGER, NUMBER),
    "boolean": (TRUE, FALSE),
    "timestamp": (INTEGER, NUMBER, *_TEXTS),
    "object": (OBJECT,),
    "array": (ARRAY,),
}


def _allowed(kind: FieldType | None) -> int:
    """The kinds of values of a type, as `Keys` has them."""
    return -1 if kind is None else sum(1 << one for one in (NULL, *_KINDS[kind]))


def _keys(paths: Sequence[str], declared: Mapping[str, FieldType]) -> Keys:
    # Not by the path as one text: a key may be empty.
    slots = {tuple(path.split(".")): slot for slot, path in enumerate(paths)}
    objects: list[tuple[tuple[str, ...], FieldNode]] = [((), field_tree(paths, declared))]
    first: list[int] = []
    number: list[int] = []
    keys: list[tuple[bytes, int, int, int]] = []
    # The list grows while it is gone through.
    for path, node in objects:
        first.append(len(keys))
        number.append(len(node.children))
        for key, child in node.children.items():
            child_path = (*path, key)
            inside = -1
            if child.children:
                inside = len(objects)
                objects.append((child_path, child))
            keys.append((key.encode(), inside, slots.get(child_path, -1), _allowed(child.type)))
    texts = [key for key, _, _, _ in keys]
    lengths = np.array([len(key) for key in texts], dtype=np.int64)
    return Keys(
        first=np.array(first, dtype=np.int64),
        number=np.array(number, dtype=np.int64),
        inside=np.array([inside for _, inside, _, _ in keys], dtype=np.int64),
        slot=np.array([slot for _, _, slot, _ in keys], dtype=np.int64),
        allowed=np.array([allowed for _, _, _, allowed in keys], dtype=np.int64),
        is_closed=np.array([node.is_closed for _, node in objects]),
        start=np.cumsum(lengths) - lengths,
        length=lengths,
        word=np.array([int.from_bytes(key[:8], "little") for key in texts], dtype=np.uint64),
        mask=np.array([(1 << 8 * min(8, len(key))) - 1 for key in texts], dtype=np.uint64),
        text=np.frombuffer(b"".join(texts) or b"\0", dtype=np.uint8),
    )
