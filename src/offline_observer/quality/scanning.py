"""What looks through many records at once, where it is there (pure)."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from offline_observer.quality.field_types import FieldType


class Scanned(NamedTuple):
    """What was found in a chunk of values.

    Attributes:
        columns: For each path the values of the records, `UNSET` where there is none.
        bad: The numbers of the values that cannot be parsed, in their order.
    """

    columns: Sequence[Sequence[object]]
    bad: list[int]


class Scanner(Protocol):
    """Finds the values of some paths."""

    def scan(
        self, values: Sequence[bytes], row_of: Callable[[int], Sequence[object] | None]
    ) -> Scanned | None:
        """Looks through the values of a chunk.

        Args:
            values: The values.
            row_of: The exact way for the value of a number: what is there for each path, or None when it cannot be parsed.

        Returns:
            None when these values have to be read in another way.
        """


MakeScanner = Callable[[Sequence[str], Mapping[str, FieldType]], Scanner | None]
"""Makes a scanner of some dot paths, each with a quick way, for records that have the declared fields only, if there are such; a
record that has others, or values of other types, goes the exact way. None while there is no scanner to be had."""
