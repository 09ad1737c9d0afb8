"""When the first records that a job has not finished were written: one record per partition is read, and kept."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from confluent_kafka import (
    TIMESTAMP_LOG_APPEND_TIME,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from offline_observer.kafka.client import LastError, consumer, kafka_errors
from offline_observer.kafka.records import explain_read
from offline_observer.lag.lag import JobLag
from offline_observer.lag.seconds_behind import FirstRecord, TimeKind, TopicPartitionKey

_BATCH = 500
_POLL_SECONDS = 0.1
_TOPIC_SECONDS = 0.5
# One record of each partition is wanted, so little is fetched: the broker sends one batch of records at least.
_SMALL_FETCHES = {
    "fetch.message.max.bytes": "16384",
    "queued.min.messages": "1",
    "queued.max.messages.kbytes": "4096",
}


class FirstRecords:
    """Reads the first waiting record of each partition, all partitions at the same time.

    A record is read once: it stays the first one until the job moves on.

    Args:
        properties: librdkafka properties of the job's cluster.
        isolation_level: The job's own.

    Attributes:
        problem: Why the last read could not read a partition; None when nothing was in its way.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(self, properties: Mapping[str, str], isolation_level: str) -> None:
        self._errors = LastError(properties)
        self._consumer: Consumer = consumer({**_SMALL_FETCHES, **properties}, isolation_level, self._errors)
        self._known: dict[TopicPartitionKey, FirstRecord] = {}
        self._topics: set[str] = set()
        self._ids: dict[str, str | None] = {}
        self.problem: str | None = None

    def read(
        self,
        lag: JobLag,
        time_left: Callable[[], float],
        topic_ids: Mapping[str, str | None] | None = None,
    ) -> dict[TopicPartitionKey, FirstRecord]:
        """The first waiting record of every partition that has a lag.

        Args:
            lag: The job's lag.
            time_left: Seconds that are left, 0 or less when there are none.
            topic_ids: Kafka's id per topic, where it is known: under another id are other records.

        Returns:
            What was found in the time. A partition that is not in it was not read in time; one without lag is
            not in it either.

        Raises:
            BrokerError: The client failed.
        """
        ids = dict(topic_ids or {})
        wanted = {
            (p.topic, p.partition): p.position for p in lag.partitions if p.lag and p.position is not None
        }
        self._known = {
            key: record
            for key, record in self._known.items()
            if key in wanted
            and record.position == wanted[key]
            and not record.is_marker_only
            and self._ids.get(key[0]) == ids.get(key[0])
        }
        self._ids = ids
        self.problem = None
        missing = {key: position for key, position in wanted.items() if key not in self._known}
        ends = {(p.topic, p.partition): p.end_offset or 0 for p in lag.partitions}
        if missing:
            with kafka_errors("reading the first waiting records", self._errors):
                self._fetch(missing, ends, time_left)
        return dict(self._known)

    def _fetch(
        self,
        missing: dict[TopicPartitionKey, int],
        ends: Mapping[TopicPartitionKey, int],
        time_left: Callable[[], float],
    ) -> None:
        for topic in {topic for topic, _ in missing} - self._topics:
            # A client that is at work looks for a topic that is new to it once a second only, unless it is asked.
            with suppress(KafkaException):  # reading it will tell what is wrong
                self._consumer.list_topics(topic, max(0.1, min(_TOPIC_SECONDS, time_left())))
            self._topics.add(topic)
        self._consumer.assign([TopicPartition(*key, position) for key, position in missing.items()])
        try:
            while missing and (left := time_left()) > 0:
                done = set()
                for message in self._consumer.consume(min(_BATCH, len(missing)), min(_POLL_SECONDS, left)):
                    key = (message.topic() or "", message.partition() or 0)
                    if key not in missing or _is_too_early_an_end(message, ends[key]):
                        continue
                    if record := _first_record(message, missing[key]):
                        self._known[key] = record
                    else:
                        self.problem = f"{key[0]}-{key[1]}: {_why(message)}"
                    done.add(key)
                    del missing[key]
                if done:
                    self._consumer.incremental_unassign([TopicPartition(*key) for key in done])
        finally:
            self._consumer.unassign()

    def close(self) -> None:
        """Lets go of the connections."""
        self._consumer.close()


def _is_too_early_an_end(message: Message, end: int) -> bool:
    """Whether a message says that the end is reached, but not the one that is known: a new leader may be behind."""
    error = message.error()
    if error is None or error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
        return False
    return (message.offset() or 0) < end


def _first_record(message: Message, position: int) -> FirstRecord | None:
    """What a message says of the first waiting record; None when it is an error."""
    error = message.error()
    if error is None:
        kind, milliseconds = message.timestamp()
        return FirstRecord(
            position,
            None if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds,
            offset=message.offset(),
            kind=TimeKind.LOG_APPEND if kind == TIMESTAMP_LOG_APPEND_TIME else TimeKind.CREATE,
        )
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
        # Between the position and the end stands nothing that a job of this isolation level is given.
        return FirstRecord(position, None, is_marker_only=True)
    return None


def _why(message: Message) -> str:
    error = message.error()
    return explain_read(error) if error is not None else "it brought nothing"
