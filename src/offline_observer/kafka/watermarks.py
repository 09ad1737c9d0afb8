"""Earliest and end offsets of all partitions of some topics, in a few requests."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import datetime
from typing import TypeVar

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ListOffsetsResultInfo, OffsetSpec, TopicDescription

from offline_observer.errors import BrokerError
from offline_observer.kafka.client import LastError, admin_client, renewing
from offline_observer.kafka.collector import paused_collector
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks

K = TypeVar("K")
V = TypeVar("V")

Answers = Mapping[tuple[str, int], int | KafkaError]
"""Per topic and partition: an offset, or why there is none."""

# Error codes that say that no broker answered, rather than what one answered.
_NO_ANSWER = frozenset(
    {
        KafkaError._TIMED_OUT,  # noqa: SLF001 - its public name
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._RESOLVE,  # noqa: SLF001
        KafkaError._AUTHENTICATION,  # noqa: SLF001
        KafkaError._SSL,  # noqa: SLF001
    }
)
# A future is given a little longer than the request behind it, which ends it with a reason.
_GRACE_SECONDS = 2.0
# The client's own cost of one call grows faster than the number of its partitions.
_CHUNK = 1000


class WatermarkReader:
    """Asks one cluster where its partitions stand.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        isolation_level: With `read_committed` the end is the last stable offset.
        rights: What to ask for where the broker's access control denies even this.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(self, properties: Mapping[str, str], isolation_level: str, rights: str = "DESCRIBE") -> None:
        self._properties = dict(properties)
        self._servers = properties.get("bootstrap.servers", "")
        self._errors = LastError(properties)
        self._admin: AdminClient = admin_client(properties, self._errors)
        self._isolation_level = isolation_level
        self._rights = rights

    def read(
        self, topics: Iterable[str], timeout: float, *, isolation_level: str | None = None
    ) -> dict[str, TopicWatermarks]:
        """Earliest and end offsets of every partition of the topics.

        One metadata request and two for offsets, each to every broker that leads a partition: never one per
        partition.

        Args:
            topics: Topic names.
            timeout: Seconds that each of the two steps may take.
            isolation_level: Another one than the reader's own, for this time.

        Returns:
            One entry per topic. A topic or partition that the broker will not describe carries the reason.

        Raises:
            BrokerError: No broker answered in time.
        """
        names = sorted(set(topics))
        if not names:
            return {}
        try:
            described = self._describe(names, timeout)
            self._errors.clear()
            partitions = [
                TopicPartition(name, partition.id)
                for name, description in described.items()
                if isinstance(description, TopicDescription)
                for partition in description.partitions
            ]
            earliest, end = self._list_offsets(partitions, timeout, isolation_level or self._isolation_level)
        except BrokerError:
            self._renew()
            raise
        return {
            name: TopicWatermarks(None, {}, self._explain(description))
            if isinstance(description, KafkaError)
            else self._topic(description, earliest, end)
            for name, description in described.items()
        }

    def offsets_at(
        self, topic: str, partitions: Iterable[int], time: datetime, timeout: float
    ) -> dict[int, int]:
        """First offset per partition whose record is at or after a time; absent where there is none.

        Raises:
            BrokerError: No broker answered in time, or a partition's leader refused.
        """
        spec = OffsetSpec.for_timestamp(int(time.timestamp() * 1000))
        wanted = {TopicPartition(topic, partition): spec for partition in partitions}
        answers = self._settle(self._admin.list_offsets(wanted, request_timeout=timeout), timeout)
        found: dict[int, int] = {}
        for partition, answer in answers.items():
            if isinstance(answer, KafkaError):
                raise BrokerError(f"topic {topic}: {self._explain(answer)}")
            if answer.offset >= 0:
                found[partition.partition] = answer.offset
        return found

    def offsets_at_times(
        self, partitions: Collection[tuple[str, int]], times: Sequence[datetime], timeout: float
    ) -> list[dict[tuple[str, int], int | None]]:
        """First offset of each partition whose record is at or after each of some times, all asked together.

        Args:
            partitions: Topics and partitions.
            times: The times.
            timeout: Seconds that it may take.

        Returns:
            Per time a map: None for a partition with no such record. One whose leader does not say is missing.

        Raises:
            BrokerError: No broker answered in time.
        """
        wanted = [TopicPartition(*partition) for partition in partitions]
        asked = [
            self._ask_in_chunks(
                wanted,
                OffsetSpec.for_timestamp(int(time.timestamp() * 1000)),
                IsolationLevel.READ_UNCOMMITTED,
                timeout,
            )
            for time in times
        ]
        return [
            {
                (partition.topic, partition.partition): answer.offset if answer.offset >= 0 else None
                for partition, answer in self._settle(futures, timeout).items()
                if not isinstance(answer, KafkaError)
            }
            for futures in asked
        ]

    def _describe(self, names: list[str], timeout: float) -> Mapping[str, TopicDescription | KafkaError]:
        futures = self._admin.describe_topics(TopicCollection(names), request_timeout=timeout)
        settled = self._settle(futures, timeout)
        failures = [answer for answer in settled.values() if isinstance(answer, KafkaError)]
        if failures and all(failure.code() in _NO_ANSWER for failure in failures):
            raise self._no_answer(timeout)
        return settled

    def _list_offsets(
        self, partitions: list[TopicPartition], timeout: float, isolation_level: str
    ) -> tuple[Answers, Answers]:
        if not partitions:
            return {}, {}
        committed = isolation_level == "read_committed"
        isolation = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        # All are under way before any is waited for.
        asked = [
            self._ask_in_chunks(partitions, spec, isolation, timeout)
            for spec in (OffsetSpec.earliest(), OffsetSpec.latest())
        ]
        earliest, end = (
            {
                (partition.topic, partition.partition): _offset(answer)
                for partition, answer in self._settle(futures, timeout).items()
            }
            for futures in asked
        )
        # The broker has just described the topics. When no leader answers for its partitions, these are unknown;
        # that is not the same as no broker, but the next look must not rely on the same leaders.
        if all(isinstance(answer, KafkaError) for answer in end.values()):
            if self._errors.problem:
                raise self._no_answer(timeout)  # none of them lets this client in
            self._renew()
        return earliest, end

    def _ask_in_chunks(
        self, partitions: list[TopicPartition], spec: OffsetSpec, isolation: IsolationLevel, timeout: float
    ) -> "dict[TopicPartition, Future[ListOffsetsResultInfo]]":
        futures: dict[TopicPartition, Future[ListOffsetsResultInfo]] = {}
        with paused_collector():
            for start in range(0, len(partitions), _CHUNK):
                wanted = dict.fromkeys(partitions[start : start + _CHUNK], spec)
                futures.update(
                    self._admin.list_offsets(wanted, isolation_level=isolation, request_timeout=timeout)
                )
        return futures

    def _renew(self) -> None:
        """Begins with a new connection. A client whose idea of the cluster is wrong can keep it; a new one asks.

        It also reads certificates and keys anew.

        Raises:
            BrokerError: A file that was there at the start is gone.
        """
        with renewing():
            self._admin = admin_client(self._properties, self._errors)

    def _settle(self, futures: Mapping[K, "Future[V]"], timeout: float) -> dict[K, V | KafkaError]:
        """Waits for all futures; each comes to its value or its error."""
        _, late = wait(futures.values(), timeout + _GRACE_SECONDS)
        self._admin.poll(0)  # lets the client tell its complaints
        if late:
            raise self._no_answer(timeout)
        settled: dict[K, V | KafkaError] = {}
        for key, future in futures.items():
            try:
                settled[key] = future.result()
            except KafkaException as error:
                settled[key] = error.args[0]
        return settled

    def _no_answer(self, timeout: float) -> BrokerError:
        if problem := self._errors.diagnosis():
            return BrokerError(f"Kafka broker at {self._servers}: {problem}")
        return BrokerError(
            f"no answer from the Kafka broker at {self._servers} within {timeout:.3g} s"
            f"{self._errors.sentence()}; is it running, and is bootstrap.servers right?"
        )

    def _topic(self, description: TopicDescription, earliest: Answers, end: Answers) -> TopicWatermarks:
        marks: dict[int, Watermarks] = {}
        problem: str | None = None
        for info in description.partitions:
            answers = (earliest[description.name, info.id], end[description.name, info.id])
            problem = next((self._explain(a) for a in answers if isinstance(a, KafkaError)), problem)
            marks[info.id] = Watermarks(*(a if isinstance(a, int) else None for a in answers))
        return TopicWatermarks(str(description.topic_id), marks, problem)

    def _explain(self, error: KafkaError) -> str:
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return "the broker has no such topic"
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return f"the broker does not allow it: grant {self._rights} on the topic"
        if error.code() in _NO_ANSWER and self._errors.problem:
            return f"a partition's leader cannot be asked: {self._errors.problem}"
        return error.str()


def _offset(answer: ListOffsetsResultInfo | KafkaError) -> int | KafkaError:
    return answer if isinstance(answer, KafkaError) else answer.offset
