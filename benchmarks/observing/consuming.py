"""Reading a topic to its ends with confluent-kafka, with as little work per record as can be."""

from collections.abc import Iterator

from confluent_kafka import Message, TopicPartition

from benchmarks.observing.workload import Ends
from offline_observer.kafka.client import LastError, consumer

ISOLATION = "read_uncommitted"  # as Spark reads by default
_STALLED_SECONDS = 30.0
_POLL_SECONDS = 0.1


def batches(servers: str, topic: str, ends: Ends, size: int) -> Iterator[list[Message]]:
    """All records from offset 0 to the ends, `size` at a time, with the project's own client properties.

    Raises:
        RuntimeError: No record came for long, or there is something else than records.
    """
    properties = {"bootstrap.servers": servers}
    client = consumer(properties, ISOLATION, LastError(properties))
    client.assign([TopicPartition(topic, partition, 0) for partition in ends])
    asked = [TopicPartition(topic, partition) for partition in ends]
    left = sum(ends.values())
    waits = 0
    try:
        while left:
            # No more than there is: `consume` would wait for it.
            messages = client.consume(min(size, left), _POLL_SECONDS)
            # As long as no partition is at its end there is no message beyond it, and no event that says so: nothing
            # is looked at message by message.
            if any(position.offset >= ends[position.partition] for position in client.position(asked)):
                messages = [message for message in messages if _is_wanted(message, ends)]
            left -= len(messages)
            waits = 0 if messages else waits + 1
            if waits * _POLL_SECONDS > _STALLED_SECONDS:
                raise RuntimeError(f"{left} records did not come")
            yield messages
        if any(position.offset < ends[position.partition] for position in client.position(asked)):
            raise RuntimeError("there was something else than records")
    finally:
        client.close()


def _is_wanted(message: Message, ends: Ends) -> bool:
    """Whether it is a record before its partition's end."""
    partition, offset = message.partition(), message.offset()
    return (
        message.error() is None and partition is not None and offset is not None and offset < ends[partition]
    )
