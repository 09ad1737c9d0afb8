"""Reading exact ranges of offsets of a topic. No consumer group takes part."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from offline_observer.kafka.client import LastError, consumer, kafka_errors, renewing
from offline_observer.kafka.message_chunk import MessageChunk

# Messages in a chunk. Of many more the values are out of the processor's caches before they are looked at.
BATCH = 500
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Offsets `start` (inclusive) to `end` (exclusive) of a partition."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """How a read ended.

    Attributes:
        positions: Per partition: everything before it was handed to the sink. At the range's end when all was read.
        problems: Per partition that could not be read to its end, or to the end of the time, why.
    """

    positions: Mapping[int, int]
    problems: Mapping[int, str]


Sink = Callable[[MessageChunk], None]
"""Takes a chunk of records."""


class RecordReader:
    """Reads ranges of one topic's partitions.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        topic: Topic name.
        isolation_level: The same as the one under which the ends of the ranges were asked for.
        batch: How many records are in a chunk at most.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self, properties: Mapping[str, str], topic: str, isolation_level: str, batch: int = BATCH
    ) -> None:
        self._topic = topic
        self._properties = dict(properties)
        self._isolation_level = isolation_level
        self._batch = batch
        self._errors = LastError(properties)
        self._consumer: Consumer = consumer(properties, isolation_level, self._errors)

    def read(
        self,
        ranges: Mapping[int, OffsetRange],
        sink: Sink,
        time_left: Callable[[], float],
        patience_left: Callable[[], float] | None = None,
        rest: Callable[[MessageChunk], float] | None = None,
    ) -> ReadOutcome:
        """Reads the ranges, or as much of them as the time allows.

        Each range ends by the position that was reached, never by counting records: transaction markers and
        compaction leave holes.

        Args:
            ranges: Range per partition.
            sink: Gets the records in the ranges, each once.
            time_left: Seconds that are left, 0 or less when there are none.
            patience_left: The same, for a read that has brought nothing yet: a new connection takes its time.
            rest: Is asked after each chunk for how many seconds to rest.

        Returns:
            How far each partition was read, and why one could not be.

        Raises:
            BrokerError: The client failed. What was handed to the sink until then must be thrown away.
        """
        progress = _Progress(self._topic, ranges)
        patience_left = patience_left or time_left
        if not progress.open:
            self._consumer.poll(0)  # lets the client work off what has come up since the last read
            return progress.outcome()
        self._errors.clear()
        with kafka_errors(f"reading topic {self._topic}", self._errors):
            start = [TopicPartition(self._topic, p, progress.positions[p]) for p in progress.open]
            self._consumer.assign(start)
            try:
                while progress.open and (left := time_left() if progress.moved else patience_left()) > 0:
                    # The client waits until it has as many as it is asked for, or the time is over.
                    number = min(self._batch, progress.left)
                    messages = self._consumer.consume(number, min(_POLL_SECONDS, left))
                    was_open = set(progress.open)
                    taken = progress.take(messages, self._positions)
                    if taken:
                        chunk = MessageChunk(taken, progress.of_one)
                        sink(chunk)
                        if rest is not None:
                            _rest(rest(chunk), time_left)
                    if closed := was_open - progress.open.keys():
                        self._consumer.incremental_unassign([TopicPartition(self._topic, p) for p in closed])
            finally:
                self._consumer.unassign()
        if self._errors.problem and progress.give_up_stuck(str(self._errors.problem)):
            self.renew()
        return progress.outcome()

    def _positions(self, partitions: Iterable[int]) -> dict[int, int]:
        """The offset after the last message that was taken, per partition."""
        asked = [TopicPartition(self._topic, partition) for partition in partitions]
        return {one.partition: one.offset for one in self._consumer.position(asked)}

    def renew(self) -> None:
        """Begins with a new connection, which has no idea of the topic that may be wrong by now.

        It also reads certificates and keys anew.

        Raises:
            BrokerError: A file that was there at the start is gone.
        """
        with renewing():
            renewed = consumer(self._properties, self._isolation_level, self._errors)
        self._consumer.close()
        self._consumer = renewed

    def close(self) -> None:
        """Lets go of the connections."""
        self._consumer.close()


class _Progress:
    """How far each range has been read."""

    def __init__(self, topic: str, ranges: Mapping[int, OffsetRange]) -> None:
        self._topic = topic
        self._problems: dict[int, str] = {}
        self.moved = False
        # The partition of all that was taken last; None when it is of several, or was taken one by one.
        self.of_one: int | None = None
        self._starts = {partition: wanted.start for partition, wanted in ranges.items()}
        self.positions = dict(self._starts)
        self.open = {p: wanted.end for p, wanted in ranges.items() if wanted.start < wanted.end}

    @property
    def left(self) -> int:
        """How many records are left at most; one at the least while a range is open: its end has to be seen."""
        return max(1, sum(end - self.positions[partition] for partition, end in self.open.items()))

    def outcome(self) -> ReadOutcome:
        return ReadOutcome(self.positions, self._problems)

    def take(
        self, messages: list[Message], positions: Callable[[Iterable[int]], Mapping[int, int]]
    ) -> list[Message]:
        """Moves on by some messages; returns those that are within their range.

        Args:
            messages: What the client gave.
            positions: The offset after the last message that it gave, of some partitions.
        """
        self.of_one = None
        # As a rule all are in range. To see that from the partitions' positions is much quicker than message by message.
        if messages and not any(map(Message.error, messages)):
            partitions = set(map(Message.partition, messages))
            if partitions <= self.open.keys():
                reached = positions(partitions)  # type: ignore[arg-type]
                if all(0 <= reached[p] <= self.open[p] for p in reached):
                    self.moved = True
                    self.of_one = next(iter(partitions)) if len(partitions) == 1 else None
                    self.positions.update(reached)
                    for partition, position in reached.items():
                        if position == self.open[partition]:
                            self._close(partition)
                    return messages
        return [message for message in messages if self._is_in_range(message)]

    def _is_in_range(self, message: Message) -> bool:
        error = message.error()
        if error is not None:
            self._event(message, error)
            return False
        partition: int = message.partition()  # type: ignore[assignment]
        end = self.open.get(partition)
        if end is None:
            return False  # fetched before its range was closed
        offset: int = message.offset()  # type: ignore[assignment]
        if offset < end:
            self.moved = True
            self.positions[partition] = offset + 1
        if offset + 1 >= end:
            self._close(partition)
        return offset < end

    def _event(self, message: Message, error: KafkaError) -> None:
        partition = message.partition()
        # An event of the whole client (its group is not allowed, which nobody uses) names no topic but partition 0.
        if message.topic() != self._topic or partition is None or partition not in self.open:
            return
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            offset = message.offset()
            if offset is not None and offset >= self.open[partition]:
                self._close(partition)
            return
        # One partition's trouble is its own; the others are read. The next tick tries again from the same position.
        # For a position that retention overtook, the next look at the watermarks tells how much is gone.
        if error.code() != KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            self._problems[partition] = explain_read(error)
        del self.open[partition]

    def _close(self, partition: int) -> None:
        self.positions[partition] = self.open.pop(partition)

    def give_up_stuck(self, reason: str) -> bool:
        """Gives a reason to each partition that is open and brought nothing; returns whether there is one."""
        stuck = [partition for partition in self.open if self.positions[partition] == self._starts[partition]]
        self._problems.update(dict.fromkeys(stuck, reason))
        return bool(stuck)


def _rest(seconds: float, time_left: Callable[[], float]) -> None:
    """Sleeps, in short naps: the time that is left can end at once when the observer is stopped."""
    until = time.monotonic() + seconds
    while (left := min(until - time.monotonic(), time_left())) > 0:
        time.sleep(min(left, _POLL_SECONDS))


def explain_read(error: KafkaError) -> str:
    """Why records cannot be read, in words that say what to do."""
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return "the broker does not allow it: grant READ on the topic"
    return error.str()
