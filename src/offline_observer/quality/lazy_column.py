"""A column whose values are made when they are asked for (pure)."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LazyColumn(Sequence[object]):
    """Values of a field, `UNSET` where it is missing."""

    @property
    @abstractmethod
    def values(self) -> Sequence[object]:
        """All values."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many bytes the records have that it is of."""

    @abstractmethod
    def empty(self, is_empty: Callable[[object], bool]) -> list[int]:
        """Where the values are missing, null, or blank texts.

        Args:
            is_empty: Whether a value is.
        """

    @abstractmethod
    def where(self, is_wanted: Callable[[object], bool]) -> list[int] | None:
        """Where the texts stand that are wanted; each is asked about once.

        Args:
            is_wanted: Whether a text is.

        Returns:
            None when there is something else than texts, missing and null, or when most texts come once.
        """

    @abstractmethod
    def counter(self, sink: "TextSink") -> "ColumnCounter":
        """What sums up columns like this one."""

    @overload
    def __getitem__(self, index: int) -> object: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...
    def __getitem__(self, index: int | slice) -> object:
        return self.values[index]

    def __iter__(self) -> Iterator[object]:
        return iter(self.values)


class SummedTexts(NamedTuple):
    """What different texts came to of which most came once; none is blank.

    Attributes:
        total: How many there were, repeats counted.
        least: The least.
        greatest: The greatest.
        shortest: The least length, characters.
        longest: The greatest.
        characters: The sum of all lengths.
        repeated: Those that came more than once, and how often.
        seconds: Those that are times, as seconds since 1970.
        weights: How often each of these came; None when each came once.
    """

    total: int
    least: str
    greatest: str
    shortest: int
    longest: int
    characters: int
    repeated: Mapping[str, int]
    seconds: "NDArray[np.float64]"
    weights: Sequence[int] | None


class TextSink(Protocol):
    """Takes texts that were counted, or summed up, where they stand."""

    def add(self, counts: dict[str, int]) -> None:
        """Takes texts, at least one, and uses the counts up."""

    def add_different(self, texts: Sequence[str], repeats: Sequence[int]) -> None:
        """Takes texts that differ from each other, at least one, each as often as it came."""

    def add_summed(self, summed: SummedTexts) -> None:
        """Takes what texts came to, but for how many are distinct."""

    def registers(self) -> "NDArray[np.uint8]":
        """The registers of HyperLogLog, 2^14, that count the distinct ones of those."""


class NotCounted(NamedTuple):
    """What else there was besides texts.

    Attributes:
        missing: How many values are missing.
        null: How many are null.
        others: The others. There may be texts among them.
    """

    missing: int
    null: int
    others: Sequence[object]


class ColumnCounter(Protocol):
    """Sums up the texts of column after column."""

    def add(self, column: Any) -> NotCounted:  # noqa: ANN401 - of the kind that made it
        """Takes the texts of a column."""

    def work_off(self) -> None:
        """Gives to the sink what was kept back."""
