"""Rules applied to columns of values (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import UNSET

from offline_observer.quality.lazy_column import LazyColumn
from offline_observer.quality.rules.rule import Severity

_TEXT_OR_NOTHING = frozenset((str, type(None), type(UNSET)))

Distinct = Callable[[], "frozenset[object] | None"]
"""Gives the distinct texts of a column; None when it has anything but texts, or too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCheck:
    """A rule on a field, ready to run.

    Attributes:
        id: The rule's id.
        severity: Its severity.
        broken: Takes a column and its distinct texts; returns where the rule is broken.
    """

    id: str
    severity: Severity
    broken: Callable[[Sequence[object], Distinct], list[int]]


def is_nothing(value: object) -> bool:
    """Whether a value is missing or null."""
    return value is None or value is UNSET


def distinct_texts(column: Sequence[object]) -> frozenset[object] | None:
    """The distinct values of a column of texts, missing and null ones left out.

    None when something else is among them (Python takes `1`, `1.0` and `true` for the same value), or when so many
    differ that a look at each is as quick.
    """
    if not _TEXT_OR_NOTHING.issuperset(map(type, column)):
        return None
    distinct = frozenset(column)
    if len(distinct) * 2 > len(column):
        return None
    return distinct - {None, UNSET}


def by_value(holds: Callable[[object], bool]) -> Callable[[Sequence[object], Distinct], list[int]]:
    """A check of a column from one of a value; repeated texts are looked at once."""

    def breaks(value: object) -> bool:
        return not holds(value)

    def broken(column: Sequence[object], distinct: Distinct) -> list[int]:
        if isinstance(column, LazyColumn) and (found := column.where(breaks)) is not None:
            return found
        texts = distinct()
        if texts is None:
            return [
                i
                for i, value in enumerate(column)
                if value is not None and value is not UNSET and not holds(value)
            ]
        bad = {text for text in texts if not holds(text)}
        return [i for i, value in enumerate(column) if value in bad] if bad else []

    return broken


def beside(
    holds: Callable[[object, object], bool],
) -> Callable[[Sequence[object], Sequence[object]], list[int]]:
    """A check of two columns from one of two values."""

    def broken(column: Sequence[object], other: Sequence[object]) -> list[int]:
        return [
            i
            for i, (one, two) in enumerate(zip(column, other, strict=True))
            if one is not None
            and one is not UNSET
            and two is not None
            and two is not UNSET
            and not holds(one, two)
        ]

    return broken
