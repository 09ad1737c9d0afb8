"""Writes visits to Kafka, in bursts or at a rate, and counts what the broker acknowledged."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from random import Random
from typing import Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from offline_observer.demo.generator_config import GenerationConfig, KafkaConfiguration, ProducerValue
from offline_observer.demo.visits import GenerationReport, VisitRecord, visit_records
from offline_observer.errors import BrokerError, ConfigError
from offline_observer.kafka.client import LOGGER, LastError

FIRST_CONTACT_SECONDS = 10.0
# All that happens after the last record, the giving up included, takes no longer than the two of these.
FLUSH_SECONDS = 4.0
PURGE_SECONDS = 0.5

# How long one wait lasts: short enough for a stop to be noticed, and for acknowledgements not to pile up.
_WAIT_SECONDS = 0.1
# A rate is kept in slices of this length: long enough to be cheap at 20,000 records per second, short enough to be even.
_SLICE_SECONDS = 0.02
# What was missed in a longer hold-up (a broker that was away) is not made up for: it would come as a flood.
_LONGEST_CATCH_UP_SECONDS = 1.0
_SECONDS_BETWEEN_PROGRESS = 1.0


class StopFlag(Protocol):
    """What ends the generator from outside; `Stop` and `threading.Event` are two."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""

    def wait(self, seconds: float, /) -> bool:
        """Waits for the stop, no longer than this; True when it came."""


class RecordProducer(Protocol):
    """The part of `confluent_kafka.Producer` that is used here."""

    def produce(
        self, topic: str, value: bytes, *, on_delivery: Callable[[KafkaError | None, Message], None]
    ) -> None:
        """Queues a record; BufferError when the queue is full."""

    def poll(self, timeout: float) -> int:
        """Calls back for the records that were acknowledged or given up."""

    def flush(self, timeout: float) -> int:
        """Sends what is queued; returns how many records are still there after the time."""

    def purge(self) -> None:
        """Gives up what is queued and what is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorOptions:
    """What the command line adds to the configuration.

    Attributes:
        rate: Records per second, in place of bursts and pauses.
        records: Stop after this many.
        duration: Stop after this many seconds.
        seed: Same seed, same records; None for others each time.
    """

    rate: float | None = None
    records: int | None = None
    duration: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the generator is.

    Attributes:
        sent: Records handed to the Kafka client.
        acknowledged: Records that the broker has.
        failed: Records that it will not get.
    """

    sent: int
    acknowledged: int
    failed: int


@dataclass(slots=True, kw_only=True)
class Generator:
    """Sends a configuration's records until it is stopped or has sent them all. One use only.

    Attributes:
        config: The configuration.
        options: What the command line adds.
        producer: Where the records go.
        stop: Ends the generator from outside.
        on_progress: Called after each burst, or once a second when there is a rate.
        clock: Seconds that only go forward.
    """

    config: GenerationConfig
    producer: RecordProducer
    stop: StopFlag
    options: GeneratorOptions = GeneratorOptions()
    on_progress: Callable[[Progress], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    report: GenerationReport = field(default_factory=GenerationReport, init=False)
    _sent: int = field(default=0, init=False)
    _deadline: float = field(default=float("inf"), init=False)

    def run(self) -> GenerationReport:
        """Sends the records, waits for the last acknowledgements (5 s at the most), and reports."""
        try:
            return self._run()
        except KafkaException as error:
            raise BrokerError(f"The Kafka client gave up for good: {error.args[0].str()}") from None

    def _run(self) -> GenerationReport:
        if self.options.duration is not None:
            self._deadline = self.clock() + self.options.duration
        composition = self.config.composition
        records: Iterator[VisitRecord] = visit_records(
            Random(self.options.seed),  # noqa: S311 - no secret depends on it
            self.config.start_time,
            duplicates=composition.duplicates,
            missing_fields=composition.missing_fields,
            unprocessable_rows=composition.unprocessable_rows,
        )
        records = islice(records, self._limit())
        try:
            if self.options.rate is None:
                self._send_in_bursts(records)
            else:
                self._send_at_rate(records, self.options.rate)
        finally:
            self._finish()
        return self.report

    def _limit(self) -> int | None:
        one_burst = self.config.dataset.rows if self.config.generator.type == "one-shot" else None
        limits = [limit for limit in (self.options.records, one_burst) if limit is not None]
        return min(limits, default=None)

    def _send_in_bursts(self, records: Iterator[VisitRecord]) -> None:
        shortest, longest = self.config.data_blocker.pause_range
        # Chance of its own: how long the pauses are has no influence on the records.
        pauses = Random(None if self.options.seed is None else f"pauses of {self.options.seed}")  # noqa: S311
        rows, limit = self.config.dataset.rows, self._limit()
        while not self._is_over():
            for record in islice(records, rows):
                if not self._send(record):
                    break
            self._tell()
            if self._sent == limit:
                return
            self._wait_until(self.clock() + pauses.uniform(shortest, longest))

    def _send_at_rate(self, records: Iterator[VisitRecord], rate: float) -> None:
        limit = self._limit()
        began, sent_before = self.clock(), self._sent
        tell_at = began + _SECONDS_BETWEEN_PROGRESS
        while not self._is_over():
            now = self.clock()
            if now >= tell_at:
                self._tell()
                tell_at = now + _SECONDS_BETWEEN_PROGRESS
            behind = (now - began) * rate - (self._sent - sent_before)
            # At least two: below one per second the record that is due is always one behind.
            if behind > max(2.0, rate * _LONGEST_CATCH_UP_SECONDS):
                began, sent_before, behind = now, self._sent, 0.0
            for record in islice(records, int(behind)):
                if not self._send(record):
                    break
            if self._sent == limit:
                return
            next_record_at = began + (self._sent - sent_before + 1) / rate
            self._wait_until(min(max(next_record_at, now + _SLICE_SECONDS), tell_at))

    def _send(self, record: VisitRecord) -> bool:
        """Hands a record to the client, and waits while its queue is full; False when the end came first."""
        delivered = partial(self._delivered, record)
        topic = self.config.kafka.output_topic
        while not self._is_over():
            try:
                self.producer.produce(topic, record.value, on_delivery=delivered)
            except BufferError:
                self.producer.poll(_WAIT_SECONDS)
            except KafkaException as error:
                self._refused(error.args[0])
                return True
            else:
                self._sent += 1
                return True
        return False

    def _refused(self, error: KafkaError) -> None:
        """The client does not take this record (it may be too large), or none any more."""
        if error.fatal():
            raise BrokerError(f"The Kafka client gave up for good: {error.str()}")
        self._sent += 1
        self.report.add_failed()

    def _delivered(self, record: VisitRecord, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.report.add(record)
        else:
            self.report.add_failed()

    def _wait_until(self, moment: float) -> None:
        self.producer.poll(0)
        while not self._is_over() and (left := min(moment, self._deadline) - self.clock()) > 0:
            self.stop.wait(min(left, _WAIT_SECONDS))
            self.producer.poll(0)

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.clock() >= self._deadline

    def _tell(self) -> None:
        self.producer.poll(0)
        self.on_progress(Progress(self._sent, self.report.all_events, self.report.failed))

    def _finish(self) -> None:
        if self.producer.flush(FLUSH_SECONDS):
            # Records that are given up call back too, so that each one sent is counted once.
            self.producer.purge()
            self.producer.flush(PURGE_SECONDS)


def make_producer(kafka: KafkaConfiguration, errors: LastError) -> Producer:
    """A Kafka client as the configuration wants it. It speaks to nobody yet.

    A retry writes no record twice (`enable.idempotence`), and records that wait for a broker that is away are not
    given up (`message.timeout.ms`), unless the configuration says otherwise.

    Args:
        kafka: The broker, and the properties that pass through.
        errors: Gets the client's complaints.

    Raises:
        ConfigError: librdkafka refuses a property.
    """
    extra = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in kafka.extra_producer_config.items()
    }
    defaults: dict[str, ProducerValue | LastError] = {
        "bootstrap.servers": kafka.broker,
        # A broker that is back is found within seconds, whatever the length of the outage.
        "reconnect.backoff.max.ms": 2000,
        "error_cb": errors,
    }
    if "delivery.timeout.ms" not in extra:  # another name for the same
        defaults["message.timeout.ms"] = 0
    try:
        try:
            return Producer({**defaults, "enable.idempotence": "true", **extra}, logger=LOGGER)
        except KafkaException:
            # `acks: 1`, for instance, rules idempotence out; what the configuration says wins.
            return Producer({**defaults, **extra}, logger=LOGGER)
    except KafkaException as error:
        reason = error.args[0].str()
    except (TypeError, ValueError) as error:
        reason = str(error)
    raise ConfigError(f"writer.configuration.extra_producer_config: the Kafka client refuses it: {reason}")


def await_topic(
    producer: Producer,
    kafka: KafkaConfiguration,
    stop: StopFlag,
    errors: LastError,
    *,
    seconds: float = FIRST_CONTACT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Waits until the broker answers and has the topic, or until `stop`.

    Raises:
        BrokerError: The broker does not answer in this time, refuses the client, or has no such topic.
    """
    deadline = clock() + seconds
    reason = ""
    while not stop.is_set():
        try:
            # Asking for a topic has a broker that creates topics by itself create it, which takes it a moment.
            # Short requests: a stop is noticed between two of them.
            timeout = min(1.0, max(0.1, deadline - clock()))
            topic = producer.list_topics(kafka.output_topic, timeout=timeout).topics[kafka.output_topic]
        except KafkaException:
            producer.poll(0)  # hands over the client's complaints
            reason = (
                f"The broker at {kafka.broker} cannot be reached{errors.sentence()}. "
                "Is it running, and is the address right?"
            )
        else:
            if topic.error is None:
                return
            if topic.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                reason = f"The broker at {kafka.broker} has no topic {kafka.output_topic}. Create it first."
            else:
                reason = (
                    f"The broker at {kafka.broker} refuses topic {kafka.output_topic}: {topic.error.str()}."
                )
        if clock() >= deadline:
            raise BrokerError(reason)
        stop.wait(_WAIT_SECONDS)


def generate(
    config: GenerationConfig,
    options: GeneratorOptions,
    stop: StopFlag,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> GenerationReport:
    """Writes records to Kafka until `stop`, or until the configuration or the options say that it is enough.

    Raises:
        ConfigError: librdkafka refuses a property.
        BrokerError: The broker is not there when it starts. Later it may go away and come back.
    """
    errors = LastError({key: str(value) for key, value in config.kafka.extra_producer_config.items()})
    producer = make_producer(config.kafka, errors)
    await_topic(producer, config.kafka, stop, errors)
    return Generator(
        config=config, options=options, producer=producer, stop=stop, on_progress=on_progress
    ).run()
