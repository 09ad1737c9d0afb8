"""Reading exact ranges of offsets of a topic. No consumer group takes part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from offline_observer.errors import BrokerError
from offline_observer.kafka.client import LastError, consumer, kafka_errors

_BATCH = 10_000
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Offsets `start` (inclusive) to `end` (exclusive) of a partition."""

    start: int
    end: int


Sink = Callable[[list[bytes | None]], None]
"""Takes the values of a batch of records; None is a tombstone."""


class RecordReader:
    """Reads ranges of one topic's partitions.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        topic: Topic name.
        isolation_level: The same as the one under which the ends of the ranges were asked for.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(self, properties: Mapping[str, str], topic: str, isolation_level: str) -> None:
        self._topic = topic
        self._errors = LastError()
        self._consumer: Consumer = consumer(properties, isolation_level, self._errors)

    def read(
        self, ranges: Mapping[int, OffsetRange], sink: Sink, time_left: Callable[[], float]
    ) -> dict[int, int]:
        """Reads the ranges, or as much of them as the time allows.

        Each range ends by the position that was reached, never by counting records: transaction markers and
        compaction leave holes.

        Args:
            ranges: Range per partition.
            sink: Gets the values of the records in the ranges, each once.
            time_left: Seconds that are left, 0 or less when there are none.

        Returns:
            Position per partition: everything before it was handed to the sink. At the range's end when all
            was read.

        Raises:
            BrokerError: The broker refused. What was handed to the sink until then must be thrown away.
        """
        progress = _Progress(ranges)
        if not progress.open:
            return progress.positions
        with kafka_errors(f"reading topic {self._topic}", self._errors):
            start = [TopicPartition(self._topic, p, progress.positions[p]) for p in progress.open]
            self._consumer.assign(start)
            try:
                while progress.open and (left := time_left()) > 0:
                    messages = self._consumer.consume(_BATCH, min(_POLL_SECONDS, left))
                    was_open = set(progress.open)
                    values = progress.take(messages)
                    if values:
                        sink(values)
                    if closed := was_open - progress.open.keys():
                        self._consumer.incremental_unassign([TopicPartition(self._topic, p) for p in closed])
            finally:
                self._consumer.unassign()
        return progress.positions

    def close(self) -> None:
        """Lets go of the connections."""
        self._consumer.close()


class _Progress:
    """How far each range has been read."""

    def __init__(self, ranges: Mapping[int, OffsetRange]) -> None:
        self.positions = {partition: wanted.start for partition, wanted in ranges.items()}
        self.open = {p: wanted.end for p, wanted in ranges.items() if wanted.start < wanted.end}

    def take(self, messages: list[Message]) -> list[bytes | None]:
        """Moves on by some messages; returns the values of those that are within their range."""
        values: list[bytes | None] = []
        for message in messages:
            error = message.error()
            if error is not None:
                self._event(message, error)
                continue
            partition = message.partition()
            end = self.open.get(partition)  # type: ignore[arg-type]
            if end is None:
                continue  # fetched before its range was closed
            offset: int = message.offset()  # type: ignore[assignment]
            if offset < end:
                values.append(message.value())
                self.positions[partition] = offset + 1  # type: ignore[index]
            if offset + 1 >= end:
                self._close(partition, end)  # type: ignore[arg-type]
        return values

    def _event(self, message: Message, error: KafkaError) -> None:
        partition = message.partition()
        if partition is None or partition not in self.open:
            return
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            offset = message.offset()
            if offset is not None and offset >= self.open[partition]:
                self._close(partition, self.open[partition])
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            # Retention overtook the position. The next look at the watermarks tells how much is gone.
            del self.open[partition]
        elif not error.retriable():
            raise BrokerError(f"reading topic {message.topic()}, partition {partition}: {error.str()}")

    def _close(self, partition: int, end: int) -> None:
        self.positions[partition] = end
        del self.open[partition]
