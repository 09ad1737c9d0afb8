"""The profile part of a summary (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from offline_observer.profile.field_summary import FieldSummary
from offline_observer.profile.sample import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a set of records looks like.

    Attributes:
        fields: Per field path what its values come to.
        sample: Some of the records.
    """

    fields: Mapping[str, FieldSummary] = field(default_factory=dict)
    sample: Sample = field(default_factory=lambda: Sample(0))

    def merge(self, other: "Profile") -> "Profile":
        """Both sets together."""
        none = FieldSummary()
        return Profile(
            fields={
                path: self.fields.get(path, none).merge(other.fields.get(path, none))
                for path in {**self.fields, **other.fields}
            },
            sample=self.sample.merge(other.sample),
        )
