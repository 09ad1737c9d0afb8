"""A chunk of record values, decoded into columns (pure)."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from offline_observer.quality.field_tree import NO_FIELDS, field_tree, unknown_names, with_parents
from offline_observer.quality.field_types import PYTHON_TYPES, FieldType
from offline_observer.quality.first_look import FirstLook
from offline_observer.quality.record import REFUSALS, QuickReader, parse_object, quick_reader, value_at
from offline_observer.quality.scanning import MakeScanner, Scanner
from offline_observer.quality.utf8 import not_utf8

Column = Sequence[object]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was in a chunk. Of the parsed records it holds all, or only those that a first look did not let pass.

    Attributes:
        at: For each record where it stands in the chunk.
        columns: For each path the values of the records, `UNSET` where there is none.
        unparseable: Where the records stand that could not be parsed.
        tombstones: How many records had a null value.
        odd: For each record (by its number among these) that differs from what is declared, how.
        records: The records as a whole, when they were asked for.
    """

    at: Sequence[int]
    columns: Sequence[Column]
    unparseable: Sequence[int]
    tombstones: int
    odd: Mapping[int, "Odd"]
    records: Sequence[Mapping[str, object]] | None


class Odd(NamedTuple):
    """How a record differs from what is declared.

    Attributes:
        unknown: Names of its fields that are not declared.
        drifted: Paths of those that are of another type.
    """

    unknown: list[str]
    drifted: list[str]


class ChunkDecoder:
    """Decodes chunks of one dataset.

    Args:
        paths: Dot paths of the fields that are wanted, each once.
        declared: All the paths that records may have, with their types; empty when they may have any.
        kinds: Those of the paths of whose objects only the kind matters.
        payload: Takes a value to the JSON text inside; None when there is none. Left out: the value is the text.
        parse: Takes a value to a whole record, for a format that is not JSON. Left out: it is JSON.
        whole: Whole records are wanted as well.
        first_look: Makes a first look from the attributes that lead to each path. Records that it lets pass are
            counted and not decoded further.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        declared: Mapping[str, FieldType] = NO_FIELDS,
        kinds: Collection[str] = (),
        payload: Callable[[bytes], bytes | None] | None = None,
        parse: Callable[[bytes], dict[str, object] | None] | None = None,
        whole: bool = False,
        first_look: Callable[[Sequence[str]], FirstLook] | None = None,
    ) -> None:
        self._paths = [tuple(path.split(".")) for path in paths]
        self._tree = field_tree(paths, declared, kinds)
        self._declared = [
            (path, tuple(path.split(".")), PYTHON_TYPES[kind])
            for path, kind in with_parents(declared).items()
        ]
        self._payload = payload
        self._parse = parse or _parse_json
        self._reader = None if whole or parse else quick_reader(paths, declared, kinds)
        self._whole = whole
        self._look: FirstLook | None = None
        if first_look and self._reader and all(self._reader.attributes):
            self._look = first_look([name for name in self._reader.attributes if name])
        self._fields = declared
        self._scanner: Scanner | None = None

    def hurry(self, make: MakeScanner) -> None:
        """Told that there are many records: a scanner is used as soon as there is one, if it can be."""
        if self._reader is not None and self._scanner is None:
            self._scanner = make([".".join(path) for path in self._paths], self._fields)

    def decode(self, values: Sequence[bytes | None]) -> Decoded:
        """Decodes a chunk."""
        at: Sequence[int] = range(len(values))
        present: Sequence[bytes] = values  # type: ignore[assignment]
        if None in values:
            at = [i for i, value in enumerate(values) if value is not None]
            present = [value for value in values if value is not None]
        if self._payload is not None:
            payload = self._payload
            # No text is not JSON either.
            present = [payload(value) or b"" for value in present]
        rows = _Rows(present)
        if self._reader is None:
            self._read_whole(rows)
        elif self._scanner is None or not self._scan(rows, self._scanner):
            self._read(rows, self._reader)
        unparseable: Sequence[int] = ()
        if rows.bad:
            unparseable = [at[number] for number in rows.bad]
        if rows.numbers is not None:
            at = [at[number] for number in rows.numbers]
        elif rows.bad:
            at = list(at)
            for number in reversed(rows.bad):
                del at[number]
        rows.renumber()
        return Decoded(
            at,
            rows.columns,
            unparseable,
            len(values) - len(present),
            rows.odd,
            rows.records if self._whole else None,
        )

    def _read_whole(self, rows: "_Rows") -> None:
        parsed = [self._parse(value) for value in rows.values]
        rows.bad = [number for number, record in enumerate(parsed) if record is None]
        good = [(number, record) for number, record in enumerate(parsed) if record is not None]
        rows.numbers = [number for number, _ in good]
        rows.records = [record for _, record in good]
        whole = [self._row(record, number, rows) for number, record in good]
        rows.columns = [list(column) for column in zip(*whole, strict=True)] or [[] for _ in self._paths]

    def _scan(self, rows: "_Rows", scanner: Scanner) -> bool:
        """Has the records looked through; returns whether they could be."""

        def exact_row(number: int) -> Sequence[object] | None:
            record = _parse_json(rows.values[number])
            return None if record is None else self._row(record, number, rows)

        scanned = scanner.scan(rows.values, exact_row)
        if scanned is None:
            rows.odd.clear()
            return False
        rows.columns, rows.bad = scanned
        for number in rows.bad:
            rows.odd.pop(number, None)
        return True

    def _read(self, rows: "_Rows", reader: QuickReader) -> None:
        """Reads the records into columns: all of them, or those that a first look does not let pass."""
        records: list[object] = []
        exact: dict[int, Sequence[object]] = {}
        taken = map(reader.read, rows.values)
        while True:
            # An iterator that has raised goes on with the next value; what the list has taken until then, it has.
            try:
                records.extend(taken)
                break
            except REFUSALS as refusal:
                number = len(records)
                record = self._decide(rows.values[number], refusal)
                if record is None:
                    rows.bad.append(number)
                else:
                    exact[number] = self._row(record, number, rows)
                records.append(reader.nothing)
        self._strike_out_other_than_utf8(rows)
        if self._look is not None:
            rows.numbers = _suspects(self._look, records, rows.bad)
            records = [records[number] for number in rows.numbers]
            exact = {row: exact[number] for row, number in enumerate(rows.numbers) if number in exact}
        columns = reader.columns(records)
        for number, row in exact.items():
            for column, value in zip(columns, row, strict=True):
                column[number] = value
        if rows.numbers is None:
            for number in reversed(rows.bad):
                for column in columns:
                    del column[number]
        rows.columns = columns

    def _decide(self, value: bytes, refusal: Exception) -> Mapping[str, object] | None:
        """A record that the quick way refused; None when it cannot be parsed."""
        return None if _is_final(refusal, value) else self._parse(value)

    def _strike_out_other_than_utf8(self, rows: "_Rows") -> None:
        # The quick reader does not look into the strings that it skips.
        if wrong := not_utf8(rows.values):
            rows.bad = sorted({*rows.bad, *wrong})
            for number in wrong:
                rows.odd.pop(number, None)

    def _row(self, record: Mapping[str, object], number: int, rows: "_Rows") -> Sequence[object]:
        """The row of a record that came the exact way."""
        if self._declared:
            unknown = unknown_names(record, self._tree)
            drifted = [
                path for path, keys, types in self._declared if type(value_at(record, keys)) not in types
            ]
            if unknown or drifted:
                rows.odd[number] = Odd(unknown, drifted)
        return [value_at(record, path) for path in self._paths]


class _Rows:
    """A chunk being decoded.

    Attributes:
        values: The values, none of them a tombstone.
        columns: For each path a value of each record that could be parsed; when `numbers` is there, of each of these.
        bad: The numbers of the values that cannot be parsed.
        numbers: The numbers of the values that have a row; None: all.
        odd: How records differ from what is declared; by number of the value, and after `renumber` by that of the row.
        records: Whole records.
    """

    __slots__ = ("bad", "columns", "numbers", "odd", "records", "values")

    def __init__(self, values: Sequence[bytes]) -> None:
        self.values = values
        self.columns: Sequence[Sequence[object]] = []
        self.bad: list[int] = []
        self.numbers: list[int] | None = None
        self.odd: dict[int, Odd] = {}
        self.records: list[dict[str, object]] = []

    def renumber(self) -> None:
        """Numbers the odd ones by rows."""
        if self.odd:
            numbers, bad = self.numbers, self.bad
            self.odd = {
                number - bisect_left(bad, number) if numbers is None else bisect_left(numbers, number): odd
                for number, odd in self.odd.items()
            }


def _suspects(look: FirstLook, records: Sequence[object], bad: Collection[int]) -> list[int]:
    """Those of the parseable records that a first look does not let pass."""
    out = set(bad)
    try:
        return [number for number in look(records) if number not in out]
    except TypeError:  # something that is truthy and not a text
        return [number for number in range(len(records)) if number not in out]


def _parse_json(value: bytes) -> dict[str, object] | None:
    """The exact way, by way of the quick parser where that takes the record: same values, by test."""
    try:
        record = msgspec.json.decode(value)
        return record if isinstance(record, dict) else None
    except REFUSALS as refusal:
        return None if _is_final(refusal, value) else parse_object(value)


def _is_final(refusal: Exception, value: bytes) -> bool:
    """Whether the quick way found what no JSON parser takes, so that the exact one need not look."""
    return (
        type(refusal) is msgspec.DecodeError
        and str(refusal).startswith(("JSON is malformed", "Input data was truncated"))
        # It says the same of a lone surrogate, which the exact one takes.
        and b"\\u" not in value
    )
