"""What the values of one field come to (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from offline_observer.profile.distinct import Distinct
from offline_observer.profile.quantiles import Quantiles
from offline_observer.quality.frequent import Frequent

# So many of the most frequent values have a count.
FREQUENT = 256
# Longer texts are shortened where they are kept, characters.
LONGEST_TEXT = 200

Part = TypeVar("Part", int, float, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What the texts of a field come to.

    Attributes:
        count: How many there are.
        blank: Those of white space only, the empty one included.
        least: The first by the order of code points, shortened; None when there is none.
        greatest: The last.
        shortest: Length of the shortest, characters.
        longest: Length of the longest.
        characters: Length of all together.
        frequent: The most frequent, shortened.
    """

    count: int = 0
    blank: int = 0
    least: str | None = None
    greatest: str | None = None
    shortest: int | None = None
    longest: int | None = None
    characters: int = 0
    frequent: Frequent[str] = field(default_factory=lambda: Frequent(FREQUENT))

    def merge(self, other: "Texts") -> "Texts":
        """Both sets together."""
        return Texts(
            count=self.count + other.count,
            blank=self.blank + other.blank,
            least=least(self.least, other.least),
            greatest=greatest(self.greatest, other.greatest),
            shortest=least(self.shortest, other.shortest),
            longest=greatest(self.longest, other.longest),
            characters=self.characters + other.characters,
            frequent=self.frequent.merge(other.frequent),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the numbers of a field come to, or its times as seconds since 1970.

    Attributes:
        count: How many there are, those that are not finite left out.
        least: The smallest; None when there is none.
        greatest: The largest.
        quantiles: Their ranks.
    """

    count: int = 0
    least: float | None = None
    greatest: float | None = None
    quantiles: Quantiles = field(default_factory=Quantiles)

    def merge(self, other: "Numbers") -> "Numbers":
        """Both sets together."""
        return Numbers(
            count=self.count + other.count,
            least=least(self.least, other.least),
            greatest=greatest(self.greatest, other.greatest),
            quantiles=self.quantiles.merge(other.quantiles),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSummary:
    """What the values of a field come to in the parsed records.

    Attributes:
        missing: Records without the field.
        null: Records in which it is null.
        types: Values of each type: string, integer, number, boolean, timestamp (from Avro), bytes, object, array.
        texts: Its texts.
        numbers: Its numbers.
        times: Those of its values that are times: texts in ISO 8601, and times from Avro.
        frequent: The most frequent of its values that are not texts, as JSON.
        distinct: Its distinct values.
    """

    missing: int = 0
    null: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    numbers: Numbers = field(default_factory=Numbers)
    times: Numbers = field(default_factory=Numbers)
    frequent: Frequent[str] = field(default_factory=lambda: Frequent(FREQUENT))
    distinct: Distinct = field(default_factory=Distinct)

    @property
    def records(self) -> int:
        """The parsed records."""
        return self.missing + self.null + sum(self.types.values())

    @property
    def filled(self) -> int:
        """Those in which the field is there, is not null, and is no blank text."""
        return self.records - self.missing - self.null - self.texts.blank

    @property
    def completeness(self) -> float:
        """Their share of the records, 0 of none."""
        return self.filled / self.records if self.records else 0.0

    @property
    def common_values(self) -> Frequent[str]:
        """The most frequent of all its values, those that are not texts as JSON."""
        return self.texts.frequent.merge(self.frequent)

    def without_values(self) -> "FieldSummary":
        """The same, without any of its values: counts, types, lengths and distinct values are left."""
        texts = replace(self.texts, least=None, greatest=None, frequent=Frequent(FREQUENT))
        return replace(self, texts=texts, numbers=Numbers(), times=Numbers(), frequent=Frequent(FREQUENT))

    def merge(self, other: "FieldSummary") -> "FieldSummary":
        """Both sets together. Associative and commutative: exactly for counts, `distinct`, least and greatest."""
        return FieldSummary(
            missing=self.missing + other.missing,
            null=self.null + other.null,
            types={
                name: self.types.get(name, 0) + other.types.get(name, 0)
                for name in sorted({*self.types, *other.types})
            },
            texts=self.texts.merge(other.texts),
            numbers=self.numbers.merge(other.numbers),
            times=self.times.merge(other.times),
            frequent=self.frequent.merge(other.frequent),
            distinct=self.distinct.merge(other.distinct),
        )


def least(one: Part | None, other: Part | None) -> Part | None:
    """The smaller of two, where they are there."""
    return one if other is None else other if one is None else min(one, other)


def greatest(one: Part | None, other: Part | None) -> Part | None:
    """The larger of two, where they are there."""
    return one if other is None else other if one is None else max(one, other)


def shortened(text: str) -> str:
    """A text as it is kept."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
