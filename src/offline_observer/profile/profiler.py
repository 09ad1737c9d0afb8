"""Sums up the columns of chunk after chunk into a profile (pure)."""

from collections.abc import Mapping

from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.profile import Profile
from offline_observer.profile.sample import SampleBuilder
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import Chunk
from offline_observer.quality.decoding import Column, Decoded
from offline_observer.quality.lazy_column import LazyColumn

# Values are kept back, to be looked at together, until the records have so many bytes.
_BYTES = 32_000_000


class Profiler:
    """A `ColumnSink` that makes a profile.

    Args:
        spec: What it is of.
    """

    def __init__(self, spec: ProfileSpec) -> None:
        self._builders = {path: FieldBuilder() for path in spec.fields}
        self._masked = frozenset(spec.masked)
        self._bytes = 0
        self._sample = SampleBuilder(spec.sample)

    def add(self, chunk: Chunk, decoded: Decoded, columns: Mapping[str, Column]) -> None:
        """Takes a chunk's columns."""
        if not decoded.at:
            return
        for path, builder in self._builders.items():
            builder.add(columns[path])
        self._bytes += _size(chunk, columns)
        if self._bytes >= _BYTES:
            self._bytes = 0
            for builder in self._builders.values():
                builder.work_off()
        self._sample.add(chunk, decoded.at)

    def result(self) -> Profile:
        """The profile of all that was added."""
        fields = {
            path: builder.result().without_values() if path in self._masked else builder.result()
            for path, builder in self._builders.items()
        }
        return Profile(fields=fields, sample=self._sample.result())


def _size(chunk: Chunk, columns: Mapping[str, Column]) -> int:
    """About how many bytes the records have."""
    first = next(iter(columns.values()), None)
    return first.size if isinstance(first, LazyColumn) else sum(map(len, filter(None, chunk.values)))
