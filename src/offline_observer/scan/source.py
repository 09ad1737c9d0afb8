"""The bytes that values are slices of (pure)."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# For so many slices the text of all of it is made.
_MANY = 100


class Source:
    """Bytes in which texts stand one after the other: those of a chunk's records, for instance."""

    def __init__(self, joined: bytes) -> None:
        self.joined = joined
        self.data: NDArray[np.uint8] = np.frombuffer(joined, dtype=np.uint8)
        self.is_ascii = joined.isascii()

    @cached_property
    def _text(self) -> str:
        return self.joined.decode("ascii")

    def texts(self, starts: NDArray[np.int32], ends: NDArray[np.int32]) -> list[str]:
        """The texts of slices, which are UTF-8."""
        slices = zip(starts.tolist(), ends.tolist(), strict=True)
        # Where each character is one byte, slices of the text are quicker than to decode slices of the bytes.
        if self.is_ascii and len(starts) >= _MANY:
            text = self._text
            return [text[start:end] for start, end in slices]
        joined = self.joined
        return [joined[start:end].decode() for start, end in slices]
