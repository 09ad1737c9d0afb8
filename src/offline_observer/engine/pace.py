"""How fast a dataset may be read, so that observing does not weigh on its cluster (pure)."""

from dataclasses import dataclass

# A chunk is not worth less time than this, seconds.
_CHUNK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Limits of reading. None: no limit.

    Attributes:
        records_per_second: Records per second, on average.
        bytes_per_second: Bytes of values per second, on average.
        burst_seconds: What was not read in the last so many seconds may be read at once: the time of a tick.
    """

    records_per_second: float | None = None
    bytes_per_second: float | None = None
    burst_seconds: float = 10.0

    def shared_by(self, number: int) -> "ReadLimits":
        """The limits for each of some readers that read at the same time."""
        return ReadLimits(
            records_per_second=None if self.records_per_second is None else self.records_per_second / number,
            bytes_per_second=None if self.bytes_per_second is None else self.bytes_per_second / number,
            burst_seconds=self.burst_seconds,
        )

    def chunk(self, most: int) -> int:
        """How many records to take at once."""
        if self.records_per_second is None:
            return most
        return max(1, min(most, int(self.records_per_second * _CHUNK_SECONDS)))

    def properties(self) -> dict[str, str]:
        """Properties of librdkafka that keep it from fetching far ahead of what may be read."""
        found = {}
        if self.records_per_second is not None:
            found["queued.min.messages"] = str(max(1, min(100_000, int(self.records_per_second))))
        if self.bytes_per_second is not None:
            at_once = max(65_536, min(1_048_576, int(self.bytes_per_second)))
            found["queued.max.messages.kbytes"] = str(at_once // 1024)
            found["fetch.message.max.bytes"] = str(at_once)
        return found


class Pace:
    """What may be read now, by the limits: a bucket of tokens for each.

    Args:
        limits: The limits.
        now: The time on a clock that never steps, seconds.
    """

    def __init__(self, limits: ReadLimits, now: float) -> None:
        self._records = _Bucket(limits.records_per_second, limits.burst_seconds, now)
        self._bytes = _Bucket(limits.bytes_per_second, limits.burst_seconds, now)

    def took(self, records: int, size: int, now: float) -> float:
        """Says what was read.

        Args:
            records: How many records.
            size: How many bytes.
            now: The time.

        Returns:
            How many seconds to wait before more is read; 0 for none.
        """
        return max(self._records.take(records, now), self._bytes.take(size, now))


class _Bucket:
    """Tokens that come at a rate, as many as fit; below zero there is a debt to wait for."""

    def __init__(self, rate: float | None, seconds: float, now: float) -> None:
        self._rate = rate
        self._size = (rate or 0.0) * seconds
        # At the start there is a second's worth: the first read comes after nothing was read for long.
        self._tokens = min(self._size, rate or 0.0)
        self._at = now

    def take(self, number: int, now: float) -> float:
        if self._rate is None:
            return 0.0
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate) - number
        self._at = now
        return max(0.0, -self._tokens / self._rate)
