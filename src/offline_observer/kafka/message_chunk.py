"""Messages of librdkafka as a chunk for the kernel."""

from collections.abc import Sequence

from confluent_kafka import Message

from offline_observer.quality.chunk import Place


class MessageChunk:
    """Some messages of one topic. What is not asked for is not taken out of them.

    Args:
        messages: Messages without errors.
        partition: The partition of all of them, when they are known to be of one, in order.
    """

    __slots__ = ("_messages", "_partition", "values")

    def __init__(self, messages: Sequence[Message], partition: int | None = None) -> None:
        self._messages = messages
        self._partition = partition
        self.values: Sequence[bytes | None] = list(map(Message.value, messages))

    def place(self, index: int) -> Place:
        """Where a record stands."""
        message = self._messages[index]
        return Place(
            self.timestamp(index),
            message.topic(),  # type: ignore[arg-type]
            message.partition(),  # type: ignore[arg-type]
            message.offset(),  # type: ignore[arg-type]
        )

    def key(self, index: int) -> bytes | None:
        """A record's key."""
        key: bytes | None = self._messages[index].key()
        return key

    def timestamp(self, index: int) -> int:
        """A record's time, milliseconds since 1970; -1 when it has none."""
        return self._messages[index].timestamp()[1]

    def partitions(self) -> Sequence[int]:
        """The partition of each record."""
        if self._partition is not None:
            return [self._partition] * len(self._messages)
        return list(map(Message.partition, self._messages))  # type: ignore[arg-type]

    def offsets(self) -> Sequence[int]:
        """The offset of each record."""
        if self._partition is not None and self._messages:
            first: int = self._messages[0].offset()  # type: ignore[assignment]
            last: int = self._messages[-1].offset()  # type: ignore[assignment]
            # Offsets only grow within a partition: as many as there are numbers between them, so all of these.
            if last - first == len(self._messages) - 1:
                return range(first, last + 1)
        return list(map(Message.offset, self._messages))  # type: ignore[arg-type]

    def timestamps(self) -> Sequence[int]:
        """The time of each record, milliseconds since 1970; -1 for one that has none."""
        return [message.timestamp()[1] for message in self._messages]
