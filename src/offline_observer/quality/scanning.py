"""What looks through many records at once, where it is there (pure)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol


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
        self, values: Sequence[bytes], row_of: Callable[[bytes], Sequence[object] | None]
    ) -> Scanned | None:
        """Looks through the values of a chunk.

        Args:
            values: The values.
            row_of: The exact way for one of them: a value for each path, or None when it cannot be parsed.

        Returns:
            None when these values have to be read in another way.
        """


MakeScanner = Callable[[Sequence[str]], Scanner | None]
"""Makes a scanner of some dot paths, each with a quick way; None while there is none to be had."""
