"""Sums up the values of one field, many at a time (pure).

What is equal is looked at once: in most fields of most records a value comes again and again.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from operator import mul
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import UNSET

from offline_observer.profile.distinct import DistinctBuilder
from offline_observer.profile.field_summary import (
    FREQUENT,
    LONGEST_TEXT,
    FieldSummary,
    Numbers,
    Texts,
    greatest,
    least,
    shortened,
)
from offline_observer.profile.quantiles import QuantilesBuilder
from offline_observer.profile.time_texts import seconds_of
from offline_observer.quality.frequent import Frequent, cut_to
from offline_observer.quality.times import EPOCH, read_time

_NOTHING = frozenset((type(None), type(UNSET)))
_TEXTS = frozenset((str, *_NOTHING))
# So many different texts, or other values, of a field are looked at together.
_TOGETHER = 4096
# Of an object or array so much of its text tells it from others, characters.
_LONGEST_JSON = 10_000
# So many blank texts of a field are remembered.
_BLANKS = 16
# A field is tried for times while at least one text of so many was one.
_HOPE = 200


class _NumbersBuilder:
    """Takes numbers."""

    __slots__ = ("_count", "_greatest", "_least", "_quantiles")

    def __init__(self) -> None:
        self._count = 0
        self._least: float | None = None
        self._greatest: float | None = None
        self._quantiles = QuantilesBuilder()

    def add(self, numbers: Any, weights: Sequence[int] | None) -> None:  # noqa: ANN401 - an array of doubles
        if not len(numbers):
            return
        self._count += len(numbers) if weights is None else sum(weights)
        self._least = least(self._least, float(numbers.min()))
        self._greatest = greatest(self._greatest, float(numbers.max()))
        self._quantiles.add(numbers, weights)

    def result(self) -> Numbers:
        return Numbers(
            count=self._count,
            least=self._least,
            greatest=self._greatest,
            quantiles=self._quantiles.result(),
        )


class FieldBuilder:
    """Takes the values of a field."""

    def __init__(self) -> None:
        # How often each text came that is not in the sums yet; missing and null among them.
        self._counts: Counter[Any] = Counter()
        # Values that are not in the sums yet, once there was one that is no text.
        self._others: list[object] = []
        self._is_text = True
        self._missing = 0
        self._null = 0
        self._types: Counter[str] = Counter()
        self._texts = Texts()
        self._numbers = _NumbersBuilder()
        self._times = _NumbersBuilder()
        self._frequent: Frequent[str] = Frequent(FREQUENT)
        self._distinct = DistinctBuilder()
        # Some of its blank texts.
        self._blanks: set[str] = set()
        # Texts that were tried for times without success, since the last one that was.
        self._tried = 0

    def add(self, values: Sequence[object]) -> None:
        """Takes some values, `UNSET` for a field that is missing."""
        if self._is_text:
            values = self._count_texts(values)
            if len(self._counts) >= _TOGETHER:
                self._work_off_texts()
        if values:
            self._others.extend(values)
            if len(self._others) >= _TOGETHER:
                self._work_off_others()

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
        if len(counts) == before or _are_texts(islice(counts, before, None)):
            return rest
        if _TEXTS.issuperset(map(type, islice(counts, before, None))):
            return rest
        # Python takes 1, 1.0 and true for the same value, so from here on this is no way to count them.
        self._is_text = False
        counts.subtract(values)
        self._counts = Counter({value: count for value, count in counts.items() if count})
        return (*values, *rest)

    def work_off(self) -> None:
        """Adds to the sums what was kept back."""
        self._work_off_texts()
        self._work_off_others()

    def _work_off_texts(self) -> None:
        counts, self._counts = self._counts, Counter()
        self._null += counts.pop(None, 0)
        self._missing += counts.pop(UNSET, 0)
        if counts:
            self._add_texts(counts)

    def _work_off_others(self) -> None:
        values, self._others = self._others, []
        texts: dict[str, int] = {}
        numbers: list[float] = []
        others: dict[str, int] = {}
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
                numbers.append(_number(value))
            else:
                name, text = self._other(value)
                self._types[name] += 1
                others[text] = others.get(text, 0) + 1
        if texts:
            self._add_texts(texts)
        if numbers:
            self._add_numbers(numbers)
        if others:
            # A text that reads the same is another value.
            self._distinct.add_texts([f"\0{text}" for text in others])
            self._frequent = self._frequent.add(_kept(others))

    def _add_numbers(self, numbers: list[float]) -> None:
        integers = sum(1 for number in numbers if type(number) is int)
        if integers:
            self._types["integer"] += integers
        if integers < len(numbers):
            self._types["number"] += len(numbers) - integers
        counts = Counter(numbers)
        doubles = np.array([_double(number) for number in counts])
        weights = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        is_finite = np.isfinite(doubles)
        self._numbers.add(doubles[is_finite], weights[is_finite].tolist())
        for double in doubles.tolist():
            self._distinct.add_number(double)
        self._frequent = self._frequent.add(
            _kept({_number_text(number): count for number, count in counts.items()})
        )

    def _other(self, value: object) -> tuple[str, str]:
        """The type of a value that is neither a text nor a number, and a text that tells it from others."""
        if isinstance(value, bool):
            return "boolean", "true" if value else "false"
        if isinstance(value, datetime | date):
            time = read_time(value)
            if time is not None:
                self._times.add(np.array([(time - EPOCH).total_seconds()]), None)
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

    def _add_texts(self, counts: dict[str, int]) -> None:
        """Takes texts by their counts, and uses the counts up."""
        self._distinct.add_texts(counts)
        # The blank ones that were there before will be there again.
        blanks = {text: counts.pop(text) for text in self._blanks if text in counts}
        # A blank text begins with a character below "!" or beyond ASCII.
        if counts and min(counts) < "!":
            blanks |= self._take_blanks(counts, [text for text in counts if text < "!"])
        if counts and max(counts) >= "\x7f":
            blanks |= self._take_blanks(counts, [text for text in counts if text >= "\x7f"])
        if blanks:
            self._sum_up(blanks, is_blank=True)
        if counts:
            repeats = self._sum_up(counts, is_blank=False)
            if self._tried < _HOPE:
                self._add_times(counts, repeats)

    def _take_blanks(self, counts: dict[str, int], suspects: Sequence[str]) -> dict[str, int]:
        """Takes the blank ones of some texts out of the counts."""
        blanks = {text: counts.pop(text) for text in suspects if not text or text.isspace()}
        self._blanks.update(islice(blanks, max(0, _BLANKS - len(self._blanks))))
        return blanks

    def _sum_up(self, counts: dict[str, int], *, is_blank: bool) -> Sequence[int] | None:
        """Adds to the sums of texts; returns how often each comes, None when each comes once."""
        repeats = list(counts.values())
        total = sum(repeats)
        all_once = total == len(counts)
        self._types["string"] += total
        lengths = list(map(len, counts))
        shortest, longest = min(lengths), max(lengths)
        if shortest == longest:
            characters = shortest * total
        else:
            characters = sum(lengths) if all_once else sum(map(mul, lengths, repeats))
        self._texts = Texts(
            count=self._texts.count + total,
            blank=self._texts.blank + (total if is_blank else 0),
            least=least(self._texts.least, shortened(min(counts))),
            greatest=greatest(self._texts.greatest, shortened(max(counts))),
            shortest=least(self._texts.shortest, shortest),
            longest=greatest(self._texts.longest, longest),
            characters=self._texts.characters + characters,
            frequent=self._add_frequent(counts, all_once=all_once, is_short=longest <= LONGEST_TEXT),
        )
        return None if all_once else repeats

    def _add_frequent(self, counts: dict[str, int], *, all_once: bool, is_short: bool) -> Frequent[str]:
        before = self._texts.frequent
        if all_once and len(counts) > FREQUENT:
            # The cut takes one off each, and nothing is left.
            return Frequent(before.limit, before.counts, before.error + 1)
        kept = counts if is_short else _kept(counts)
        if len(kept) > FREQUENT:
            # What is cut off here would be cut off later; the error is the same, the sums are smaller.
            return before.merge(cut_to(kept, FREQUENT, 0))
        return before.add(kept)

    def _add_times(self, counts: Collection[str], repeats: Sequence[int] | None) -> None:
        seconds, is_time = seconds_of(counts)
        if not is_time.any():
            self._tried += len(counts)
            return
        self._tried = 0
        if is_time.all():
            self._times.add(seconds, repeats)
        else:
            weights = None if repeats is None else np.asarray(repeats)[is_time].tolist()
            self._times.add(seconds[is_time], weights)

    def result(self) -> FieldSummary:
        """The summary of all values."""
        self.work_off()
        return FieldSummary(
            missing=self._missing,
            null=self._null,
            types=dict(sorted(self._types.items())),
            texts=self._texts,
            numbers=self._numbers.result(),
            times=self._times.result(),
            frequent=self._frequent,
            distinct=self._distinct.result(),
        )


def _kept(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by shortened texts; what makes long ones different stays."""
    return {_name(text): count for text, count in counts.items()}


def _name(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    mark = blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return f"{text[: LONGEST_TEXT - 14]}… {mark}"


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
