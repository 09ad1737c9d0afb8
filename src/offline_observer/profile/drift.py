"""How far two sets of values of one field are apart (pure).

The measure is the Jensen-Shannon distance (Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on
Information Theory 37, 1991; the square root of the divergence to base 2): 0 for equal distributions, 1 for those that
share no value. Two samples of one distribution are never quite equal, so what chance alone would bring is taken off
first: for n and m values in k categories, 8 nm / (n + m) times the divergence (in nats) has about a chi-squared
distribution with k - 1 degrees of freedom, of which a far quantile is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

from offline_observer.profile.field_summary import FieldSummary, Numbers

# By so many standard deviations chance may go beyond what is expected of it: about once in 30,000 comparisons.
_CHANCE = 4.0
# Of rarer categories, on both sides together, the distribution is not known so well: they are taken together.
_RARE = 10
# A value is called new, or vanished, when at least this share of the records has it.
_NOTABLE = 0.01
# And at least so many records.
_FEWEST = 5
# So many are named.
_NAMED = 10
# Numbers are compared by the shares that fall between so many quantiles of the reference.
_BINS = 10
# So many numbers tell a share in ten as well as the sketch does: its error of 1% in 99 of 100 cases, taken twice.
_SKETCHED = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a field differs from a reference.

    Attributes:
        completeness: Its completeness less that of the reference: from -1 to 1.
        distance: The Jensen-Shannon distance of its values, types and numbers, the largest of the three; what chance
            may bring is taken off. None when there are no values on one side.
        drift: One number for all: the larger of the distance and the change of completeness, less what chance may
            bring. None when there are no records on one side.
        new: Values that at least one record in a hundred has, and five at least, and none in the reference.
        vanished: The same the other way round.
    """

    completeness: float | None
    distance: float | None
    drift: float | None
    new: Sequence[str] = ()
    vanished: Sequence[str] = ()


def field_drift(reference: FieldSummary, present: FieldSummary) -> Drift:
    """The drift of a field from a reference to the present.

    Times are not compared: they move on by their nature.
    """
    before, after = reference.records, present.records
    if not before or not after:
        return Drift(completeness=None, distance=None, drift=None)
    change = present.completeness - reference.completeness
    together = (reference.filled + present.filled) / (before + after)
    chance = _CHANCE * sqrt(together * (1 - together) * (1 / before + 1 / after))
    distances = [
        distance
        for distance in (
            _of_counts(reference.types, present.types),
            _of_frequent(reference, present),
            _of_numbers(reference.numbers, present.numbers),
        )
        if distance is not None
    ]
    return Drift(
        completeness=change,
        distance=max(distances, default=None),
        drift=max([max(0.0, abs(change) - chance), *distances]),
        new=_only_in(present, reference),
        vanished=_only_in(reference, present),
    )


def _of_counts(before: Mapping[str, float], after: Mapping[str, float]) -> float | None:
    """The distance of two distributions over categories; None when one is empty."""
    n, m = sum(before.values()), sum(after.values())
    if n <= 0 or m <= 0:
        return None
    counts = {key: (before.get(key, 0), after.get(key, 0)) for key in {**before, **after}}
    categories = [both for both in counts.values() if sum(both) >= _RARE]
    rare = [both for both in counts.values() if sum(both) < _RARE]
    if rare:
        categories.append((sum(one for one, _ in rare), sum(other for _, other in rare)))
    divergence = 0.0
    for one, other in categories:
        shares = one / n, other / m
        middle = sum(shares) / 2
        divergence += sum(share / 2 * log(share / middle) for share in shares if share > 0)
    chance = _chi_squared(len(categories) - 1) / 8 * (1 / n + 1 / m)
    return sqrt(max(0.0, divergence - chance) / log(2))


def _chi_squared(freedom: int) -> float:
    """The quantile of the chi-squared distribution at `_CHANCE` standard deviations.

    Wilson and Hilferty, "The Distribution of Chi-Square", PNAS 17, 1931.
    """
    if freedom <= 0:
        return 0.0
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + _CHANCE * sqrt(part)) ** 3)


def _of_frequent(before: FieldSummary, after: FieldSummary) -> float | None:
    """The distance by the values that have a count, all others together."""
    if not before.filled or not after.filled:
        return None
    one, other = _Shares(before), _Shares(after)
    shares = {value: _closest(one.of(value), other.of(value)) for value in {**one.counts, **other.counts}}
    return _of_counts(
        *(
            {
                **{f"={value}": both[side] * field.filled for value, both in shares.items()},
                "others": max(0.0, 1 - sum(both[side] for both in shares.values())) * field.filled,
            }
            for side, field in ((0, before), (1, after))
        )
    )


class _Shares:
    """The shares that values have of a field's values: from the least to the greatest that they may be."""

    def __init__(self, field: FieldSummary) -> None:
        common = field.common_values
        # Blank ones are no values here: completeness counts them.
        self.counts = {
            value: count for value, count in common.counts.items() if value and not value.isspace()
        }
        self._error = common.error
        self._all = field.filled

    def of(self, value: str) -> tuple[float, float]:
        count = self.counts.get(value, 0)
        return count / self._all, min(1.0, (count + self._error) / self._all)


def _closest(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Of two intervals the two points that are closest: what is not known is no difference."""
    if one[1] < other[0]:
        return one[1], other[0]
    if other[1] < one[0]:
        return one[0], other[1]
    return (max(one[0], other[0]),) * 2


def _of_numbers(before: Numbers, after: Numbers) -> float | None:
    """The distance by the shares between quantiles of the reference."""
    if not before.count or not after.count:
        return None
    edges = sorted(set(before.quantiles.at([number / _BINS for number in range(1, _BINS)])))

    def counts(numbers: Numbers) -> dict[str, float]:
        below = [0.0, *numbers.quantiles.ranks(edges), 1.0]
        # The sketch has an error of its own, however many numbers there are.
        told_apart = min(numbers.count, _SKETCHED)
        return {
            str(number): max(0.0, high - low) * told_apart
            for number, (low, high) in enumerate(pairwise(below))
        }

    return _of_counts(counts(before), counts(after))


def _only_in(field: FieldSummary, other: FieldSummary) -> Sequence[str]:
    """Notable values of a field that the other one has not at all, the most frequent first."""
    if not field.filled:
        return ()
    here, there = _Shares(field), _Shares(other) if other.filled else None
    least = max(_FEWEST, _NOTABLE * field.records)
    names = [
        value
        for value, count in field.common_values.top(len(field.common_values.counts))
        if value in here.counts
        and count >= least
        # One without a count may have come as often as the error says.
        and (there is None or (value not in there.counts and count / field.filled > there.of(value)[1]))
    ]
    return tuple(names[:_NAMED])
