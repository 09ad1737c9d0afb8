"""What a set of records comes to: a value that can be merged (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from typing import Any, NamedTuple, Protocol, TypeVar

from offline_observer.quality.chunk import Place
from offline_observer.quality.distinct_sample import DistinctSample
from offline_observer.quality.field_tree import MOST_NAMES
from offline_observer.quality.frequent import Frequent

UNPARSEABLE = "unparseable"
"""What records that cannot be parsed are called among the rules."""

# Of each rule so many offending records are named.
OFFENDERS = 5
# Records are counted per minute for so many minutes, the newest.
MINUTES = 1500

Key = TypeVar("Key")


class Offender(NamedTuple):
    """A record that broke a rule.

    Attributes:
        place: Where it stands.
        value: Its value, when contents are asked for and it is not too long.
    """

    place: Place
    value: bytes | None = None


class Mergeable(Protocol):
    """A part of a summary."""

    def merge(self, other: Any) -> Any:  # noqa: ANN401 - of its own type
        """Both together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Mergeable counts of a set of records. All are numbers of records.

    Attributes:
        all_events: Every record read: parsed, unparseable and tombstones.
        unparseable: Records that are not a JSON object (or not decodable in their format); an empty value is one.
        tombstones: Records with a null value.
        invalid_records: Parsed records that broke any rule of severity `error`, each once.
        invalid: Per field path, the parsed records that broke any rule of that field of severity `error`, each once.
        warned: The same for the rules of severity `warn`.
        broken: Per rule, by its id, the records that broke it. Those of `unique` are in `distinct`.
        offenders: Per rule (and for `unparseable`) the first few records that broke it, by their time.
        unknown_fields: Parsed records with a field that is not declared.
        unknown_names: The paths of such fields, the most frequent.
        type_drift: Per declared field, the parsed records whose value is of another type.
        distinct: Per rule `unique`, by its id, the values.
        newest: Per time field the newest value; under `""` the newest record's own time. Only what is asked for.
        minutes: Records per minute of their own time (minutes since 1970), when asked for. Minutes that are far
            ahead of the observer's time are left out.
        profile: What else was asked for.
    """

    all_events: int = 0
    unparseable: int = 0
    tombstones: int = 0
    invalid_records: int = 0
    invalid: Mapping[str, int] = field(default_factory=dict)
    warned: Mapping[str, int] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)
    offenders: Mapping[str, tuple[Offender, ...]] = field(default_factory=dict)
    unknown_fields: int = 0
    unknown_names: Frequent[str] = field(default_factory=lambda: Frequent(MOST_NAMES))
    type_drift: Mapping[str, int] = field(default_factory=dict)
    distinct: Mapping[str, DistinctSample] = field(default_factory=dict)
    newest: Mapping[str, datetime] = field(default_factory=dict)
    minutes: Mapping[int, int] = field(default_factory=dict)
    profile: Mergeable | None = None

    def merge(self, other: "Summary") -> "Summary":
        """The summary of both sets together. Associative and commutative; `Summary()` is its identity.

        Exactly so for all but `unknown_names` and the sketches in `profile`, whose errors are bounded.
        """
        return Summary(
            all_events=self.all_events + other.all_events,
            unparseable=self.unparseable + other.unparseable,
            tombstones=self.tombstones + other.tombstones,
            invalid_records=self.invalid_records + other.invalid_records,
            invalid=_added(self.invalid, other.invalid),
            warned=_added(self.warned, other.warned),
            broken=_added(self.broken, other.broken),
            offenders={
                rule: first_offenders((*self.offenders.get(rule, ()), *other.offenders.get(rule, ())))
                for rule in {**self.offenders, **other.offenders}
            },
            unknown_fields=self.unknown_fields + other.unknown_fields,
            unknown_names=self.unknown_names.merge(other.unknown_names),
            type_drift=_added(self.type_drift, other.type_drift),
            distinct=_merged(self.distinct, other.distinct),
            newest={
                name: max(one[name] for one in (self.newest, other.newest) if name in one)
                for name in {**self.newest, **other.newest}
            },
            minutes=newest_minutes(_added(self.minutes, other.minutes)),
            profile=_both(self.profile, other.profile),
        )


def _both(one: Mergeable | None, other: Mergeable | None) -> Mergeable | None:
    if one is None or other is None:
        return one or other
    merged: Mergeable = one.merge(other)
    return merged


def first_offenders(offenders: Iterable[Offender]) -> tuple[Offender, ...]:
    """The few that are kept of a rule's offending records, each once."""
    by_place = {one.place: one for one in offenders}
    return tuple(by_place[place] for place in sorted(by_place)[:OFFENDERS])


def newest_minutes(minutes: Mapping[int, int]) -> Mapping[int, int]:
    """The newest minutes, as many as are kept."""
    if len(minutes) <= MINUTES:
        return minutes
    return {minute: minutes[minute] for minute in nlargest(MINUTES, minutes)}


def _added(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    total = Counter(one)
    total.update(other)
    return dict(total)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = one.keys() & other.keys()
    return {**one, **other, **{key: one[key].merge(other[key]) for key in both}}


def merge_all(summaries: Iterable[Summary]) -> Summary:
    """The summary of all the sets together."""
    total = Summary()
    for summary in summaries:
        total = total.merge(summary)
    return total
