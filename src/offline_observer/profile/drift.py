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
from offline_observer.quality.frequent import Frequent

# By so many standard deviations chance may go beyond what is expected of it: about once in 30,000 comparisons.
_CHANCE = 4.0
# Of rarer categories, on both sides together, the distribution is not known so well: they are taken together.
_RARE = 10
# A value is called new, or vanished, when at least this share of the records has it.
_NOTABLE = 0.01
# So many are named.
_NAMED = 10
# Numbers are compared by the shares that fall between so many quantiles of the reference.
_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a field differs from a reference.

    Attributes:
        completeness: Its completeness less that of the reference: from -1 to 1.
        distance: The Jensen-Shannon distance of its values, types and numbers, the largest of the three; what chance
            may bring is taken off. None when there are no values on one side.
        drift: One number for all: the larger of the distance and the change of completeness, less what chance may
            bring. None when there are no records on one side.
        new: Values that at least one record in a hundred has, and none in the reference.
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
            _of_counts(dict(reference.types), dict(present.types)),
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
    one, other = before.common_values, after.common_values
    comparable = {
        value
        for value in {**one.counts, **other.counts}
        # A count that may be too low by more than what the other side has tells nothing.
        if one.counts.get(value, 0) + other.counts.get(value, 0) > 2 * (one.error + other.error)
    }

    def counts(field: FieldSummary, frequent: Frequent[str]) -> dict[str, float]:
        kept: dict[str, float] = {
            f"={value}": frequent.counts[value] for value in comparable if value in frequent.counts
        }
        return {**kept, "others": max(0, field.filled - sum(kept.values()))}

    return _of_counts(counts(before, one), counts(after, other))


def _of_numbers(before: Numbers, after: Numbers) -> float | None:
    """The distance by the shares between quantiles of the reference."""
    if not before.count or not after.count:
        return None
    edges = sorted(set(before.quantiles.at([number / _BINS for number in range(1, _BINS)])))

    def counts(numbers: Numbers) -> dict[str, float]:
        below = [0.0, *numbers.quantiles.ranks(edges), 1.0]
        return {
            str(number): max(0.0, high - low) * numbers.count
            for number, (low, high) in enumerate(pairwise(below))
        }

    return _of_counts(counts(before), counts(after))


def _only_in(field: FieldSummary, other: FieldSummary) -> Sequence[str]:
    """Notable values of a field that the other one has not at all, the most frequent first."""
    least = max(1.0, _NOTABLE * field.filled)
    # Where not every value has a count, one without may have come as often as the error says.
    unseen = other.common_values
    names = [
        value
        for value, count in field.common_values.top(len(field.common_values.counts))
        if count >= least and value not in unseen.counts and count / field.filled > _unseen_share(other)
    ]
    return tuple(names[:_NAMED])


def _unseen_share(field: FieldSummary) -> float:
    """The largest share of the records that a value without a count may have."""
    return field.common_values.error / field.filled if field.filled else 0.0
