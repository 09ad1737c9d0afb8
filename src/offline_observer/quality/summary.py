"""What a set of records comes to: counts that can be merged (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Mergeable counts of a set of records. All are numbers of records.

    Attributes:
        all_events: Every record read: parsed, unparseable and tombstones.
        unparseable: Records that are not a JSON object; an empty value is one of them.
        tombstones: Records with a null value.
        invalid: Per field path, the parsed records that broke any rule of that field, each once.
    """

    all_events: int = 0
    unparseable: int = 0
    tombstones: int = 0
    invalid: Mapping[str, int] = field(default_factory=dict)

    def merge(self, other: "Summary") -> "Summary":
        """The summary of both sets together. Associative and commutative; `Summary()` is its identity."""
        invalid = Counter(self.invalid)
        invalid.update(other.invalid)
        return Summary(
            all_events=self.all_events + other.all_events,
            unparseable=self.unparseable + other.unparseable,
            tombstones=self.tombstones + other.tombstones,
            invalid=dict(invalid),
        )


def merge_all(summaries: Iterable[Summary]) -> Summary:
    """The summary of all the sets together."""
    total = Summary()
    for summary in summaries:
        total = total.merge(summary)
    return total
