"""Sums up the values of one field, many at a time (pure).

What is equal is looked at once: in most fields of most records a value comes again and again.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import UNSET

from offline_observer.profile.distinct import DistinctBuilder
from offline_observer.profile.field_summary import FREQUENT, FieldSummary
from offline_observer.profile.numbers_builder import NumbersBuilder
from offline_observer.profile.texts_builder import TextsBuilder, kept_counts
from offline_observer.quality.frequent import Frequent
from offline_observer.quality.lazy_column import ColumnCounter, LazyColumn
from offline_observer.quality.times import EPOCH, read_time

_NOTHING = frozenset((type(None), type(UNSET)))
_TEXTS = frozenset((str, *_NOTHING))
# So many different texts, or other values, of a field are looked at together.
_TOGETHER = 4096
# Of an object or array so much of its text tells it from others, characters.
_LONGEST_JSON = 10_000
# A double has each integer up to this one.
_EXACT = 2**53


class FieldBuilder:
    """Takes the values of a field."""

    def __init__(self) -> None:
        # How often each text came that is not in the sums yet; missing and null among them.
        self._counts: Counter[Any] = Counter()
        # Values that are not in the sums yet, once there was one that is no text.
        self._others: list[object] = []
        self._is_text = True
        # Counts what need not be made into Python's values before.
        self._counter: ColumnCounter | None = None
        self._missing = 0
        self._null = 0
        self._types: Counter[str] = Counter()
        self._numbers = NumbersBuilder()
        self._times = NumbersBuilder()
        self._frequent: Frequent[str] = Frequent(FREQUENT)
        self._distinct = DistinctBuilder()
        self._texts = TextsBuilder(self._distinct, self._times)

    def add(self, values: Sequence[object]) -> None:
        """Takes some values, `UNSET` for a field that is missing."""
        if isinstance(values, LazyColumn):
            values = self._count_lazily(values)
        elif self._is_text:
            values = self._count_texts(values)
            if len(self._counts) >= _TOGETHER:
                self._work_off_texts()
        if values:
            self._others.extend(values)
            if len(self._others) >= _TOGETHER:
                self._work_off_others()

    def _count_lazily(self, column: LazyColumn) -> Sequence[object]:
        """Counts what is a text, missing or null where it stands; returns the other values."""
        if self._counter is None:
            self._counter = column.counter(self._texts)
        missing, null, others = self._counter.add(column)
        self._missing += missing
        self._null += null
        return others

    def _count_texts(self, values: Sequence[object]) -> Sequence[object]:
        """Counts values if they are texts; returns those that are to be looked at one by one."""
        counts = self._counts
        before = len(counts)
        try:
            counts.update(values)
        except TypeError:  # an object or an array: what came before it is counted
            self._is_text = False
            taken = next(number for number, value in enumerate(values) if not _is_hashable(value))
            values, rest = values[:taken], values[taken:]
        else:
            rest = ()
        # From the end, where the new ones are.
        new = len(counts) - before
        if not new or _are_texts(islice(reversed(counts), new)):
            return rest
        if _TEXTS.issuperset(map(type, islice(reversed(counts), new))):
            return rest
        # Python takes 1, 1.0 and true for the same value, so from here on this is no way to count them.
        self._is_text = False
        counts.subtract(values)
        self._counts = Counter({value: count for value, count in counts.items() if count})
        return (*values, *rest)

    def work_off(self) -> None:
        """Adds to the sums what was kept back."""
        if self._counter is not None:
            self._counter.work_off()
        self._work_off_texts()
        self._work_off_others()

    def _work_off_texts(self) -> None:
        counts, self._counts = self._counts, Counter()
        self._null += counts.pop(None, 0)
        self._missing += counts.pop(UNSET, 0)
        if counts:
            self._texts.add(counts)

    def _work_off_others(self) -> None:
        values, self._others = self._others, []
        texts: dict[str, int] = {}
        numbers: list[float] = []
        others: dict[str, int] = {}
        whole_decimals = 0
        for value in values:
            kind = type(value)
            if kind is float or kind is int:
                numbers.append(value)  # type: ignore[arg-type]
            elif value is None:
                self._null += 1
            elif value is UNSET:
                self._missing += 1
            elif isinstance(value, str):
                texts[value] = texts.get(value, 0) + 1
            elif isinstance(value, Decimal):
                numbers.append(number := _number(value))
                whole_decimals += type(number) is int
            else:
                name, text = self._other(value)
                self._types[name] += 1
                others[text] = others.get(text, 0) + 1
        if texts:
            self._texts.add(texts)
        if numbers:
            self._add_numbers(numbers, whole_decimals)
        if others:
            # A text that reads the same is another value.
            self._distinct.add_texts([f"\0{text}" for text in others])
            self._frequent = self._frequent.add(kept_counts(others))

    def _add_numbers(self, numbers: list[float], whole_decimals: int) -> None:
        # A decimal is a number as the rule `type` has it, also 1.00.
        integers = sum(1 for number in numbers if type(number) is int) - whole_decimals
        if integers:
            self._types["integer"] += integers
        if integers < len(numbers):
            self._types["number"] += len(numbers) - integers
        counts = Counter(numbers)
        doubles = np.array([_double(number) for number in counts])
        weights = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        is_finite = np.isfinite(doubles)
        self._numbers.add(doubles[is_finite], weights[is_finite].tolist())
        for number, double in zip(counts, doubles.tolist(), strict=True):
            if type(number) is int and abs(number) > _EXACT:
                # As doubles many of them would be the same: ids, often.
                self._distinct.add_texts([f"\0{number:x}"])
            else:
                self._distinct.add_number(double)
        self._frequent = self._frequent.add(
            kept_counts({_number_text(number): count for number, count in counts.items()})
        )

    def _other(self, value: object) -> tuple[str, str]:
        """The type of a value that is neither a text nor a number, and a text that tells it from others."""
        if isinstance(value, bool):
            return "boolean", "true" if value else "false"
        if isinstance(value, datetime | date):
            time = read_time(value)
            if time is not None:
                self._times.add(np.array([(time - EPOCH).total_seconds()]))
            return "timestamp", str(value)
        if isinstance(value, bytes):
            return "bytes", value[:_LONGEST_JSON].hex()
        if isinstance(value, list | dict):
            kind = "array" if isinstance(value, list) else "object"
            try:
                return kind, json.dumps(value, sort_keys=True, default=str)[:_LONGEST_JSON]
            except (ValueError, RecursionError, TypeError):
                return kind, kind
        return ("string" if isinstance(value, UUID) else type(value).__name__), str(value)[:_LONGEST_JSON]

    def result(self) -> FieldSummary:
        """The summary of all values."""
        self.work_off()
        texts = self._texts.result()
        types = {**self._types, "string": self._types["string"] + texts.count}
        return FieldSummary(
            missing=self._missing,
            null=self._null,
            types={name: count for name, count in sorted(types.items()) if count},
            texts=texts,
            numbers=self._numbers.result(),
            times=self._times.result(),
            frequent=self._frequent,
            distinct=self._distinct.result(),
        )


def _are_texts(values: Iterable[object]) -> bool:
    """Whether all values are texts, in the quickest way to find out."""
    try:
        "".join(values)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _number(value: Decimal) -> float:
    """A decimal as an integer where it is one, or else as a double."""
    if value.is_finite() and value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    return float(value) if not value.is_snan() else float("nan")


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _number_text(value: float) -> str:
    """A number as JSON; `1.0` is `1`."""
    if isinstance(value, int):
        # Python does not like to write integers of thousands of digits.
        return str(value) if abs(value) < 10**300 else str(_double(value))
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
