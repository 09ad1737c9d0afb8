"""What a profile is of (pure, and without the libraries that make it)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSpec:
    """What a profile is of. A plain value.

    Attributes:
        fields: The fields.
        sample: How many records the sample has.
        masked: Those of the fields of whose values nothing is kept but how many and how long they are.
    """

    fields: Sequence[str]
    sample: int = 10_000
    masked: Collection[str] = ()
