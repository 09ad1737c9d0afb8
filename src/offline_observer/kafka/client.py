"""librdkafka clients: every property passes through, nothing is spilled onto the terminal."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from offline_observer.errors import BrokerError, ConfigError
from offline_observer.kafka.check import check_properties
from offline_observer.kafka.complaint import Problem, broker_of, security_problem
from offline_observer.kafka.properties import hide_secrets, refusal
from offline_observer.kafka.tls_probe import refused_certificate, silent_listener

LOGGER = logging.getLogger(__name__)
LOGGER.addHandler(logging.NullHandler())
LOGGER.propagate = False

_OUR_DEFAULTS = {
    "client.id": "offline-observer",
    # A broker that is back is found within seconds, whatever the length of the outage.
    "reconnect.backoff.max.ms": "2000",
    "socket.connection.setup.timeout.ms": "5000",
    # A client asks the leaders that it has in mind. After a broker died these are others, and the client's own
    # default is to look again after 15 minutes.
    "metadata.max.age.ms": "9000",
}
_CONSUMER_DEFAULTS = {
    # librdkafka asks for a group's name even where no group is used: offsets are assigned, none is committed.
    "group.id": "offline-observer",
    # With the default of 1000 ms a partition that filled its local queue pauses for a second: 1/6 of the speed.
    "fetch.queue.backoff.ms": "5",
    # The end of a partition is known when the broker answers that nothing is there: it should not take long.
    "fetch.wait.max.ms": "100",
    # Bounds what is fetched ahead of the kernel, per partition and in all.
    "queued.max.messages.kbytes": "32768",
}
_CONSUMER_FIXED = {
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "enable.partition.eof": "true",
    # A position that retention has overtaken is an error to handle, never a silent jump.
    "auto.offset.reset": "error",
}
# Which properties belong to a consumer only is librdkafka's to say (it warns in its log and goes on).


class LastError:
    """Remembers the newest complaint of a client, so that a timeout can say what is behind it.

    Args:
        properties: The client's properties: their secrets are kept out of what is remembered.
    """

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._properties = dict(properties)
        self.text: str | None = None
        self.problem: Problem | None = None
        self._all_down = False

    def __call__(self, error: KafkaError) -> None:
        """Librdkafka's `error_cb`."""
        # That all brokers are down is said of no broker in particular; what came before says why.
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - its public name
            self._all_down = True
            return
        text = error.str()
        login = error.code() == KafkaError._AUTHENTICATION  # noqa: SLF001
        problem = security_problem(text, self._properties, login=login)
        # A connection that is closed after it was refused does not say more than the refusal.
        if problem or not (self.problem and "Disconnected" in text):
            self.problem = problem and replace(problem, what=hide_secrets(problem.what, self._properties))
            self.text = hide_secrets(text, self._properties)

    def clear(self) -> None:
        """Forgets it: what failed has worked since."""
        self.text = None
        self.problem = None
        self._all_down = False

    def sentence(self) -> str:
        """The complaint as the end of a message; empty when there is none."""
        text = self.problem.what if self.problem else self.text
        return f" ({text})" if text else ""

    def diagnosis(self) -> Problem | None:
        """What is wrong with the security, as far as it can be found out; None when it seems to be something else.

        Where librdkafka's own words do not tell, the listener is looked at, which takes a second or two at most.
        """
        servers = self._properties.get("bootstrap.servers", "").split(",")
        broker = broker_of(self.text or "") or servers[0].strip()
        if self.problem and self.problem.untrusted:
            return refused_certificate(broker, self._properties) or self.problem
        if self.text is None and self._all_down and broker:
            return silent_listener(broker, self._properties)
        return self.problem


def _make(
    factory: Callable[..., Any],
    properties: Mapping[str, str],
    errors: LastError,
) -> Any:  # noqa: ANN401 - a client of the caller's kind
    check_properties(properties)
    try:
        return factory({**properties, "error_cb": errors}, logger=LOGGER)
    except KafkaException as error:
        raise ConfigError(f"kafka: {refusal(error.args[0].str(), properties)}") from None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"kafka: {hide_secrets(str(error), properties)}") from None


def admin_client(properties: Mapping[str, str], errors: LastError) -> AdminClient:
    """A client for metadata and watermarks.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        errors: Gets the client's complaints.

    Raises:
        ConfigError: librdkafka refuses a property, or a file that one names is not there.
    """
    client: AdminClient = _make(AdminClient, {**_OUR_DEFAULTS, **properties}, errors)
    return client


def consumer(properties: Mapping[str, str], isolation_level: str, errors: LastError) -> Consumer:
    """A client for records that uses no consumer group.

    Args:
        properties: librdkafka properties, `bootstrap.servers` among them.
        isolation_level: `read_committed` or `read_uncommitted`.
        errors: Gets the client's complaints.

    Raises:
        ConfigError: librdkafka refuses a property, or a file that one names is not there.
    """
    merged = {**_OUR_DEFAULTS, **_CONSUMER_DEFAULTS, **properties, **_CONSUMER_FIXED}
    client: Consumer = _make(Consumer, {**merged, "isolation.level": isolation_level}, errors)
    return client


@contextmanager
def kafka_errors(what: str, errors: LastError) -> Iterator[None]:
    """Turns librdkafka's exceptions into the project's own.

    Raises:
        BrokerError: With what was tried, and the client's newest complaint.
    """
    try:
        yield
    except KafkaException as error:
        raise BrokerError(f"{what}: {error.args[0].str()}{errors.sentence()}") from None


@contextmanager
def renewing() -> Iterator[None]:
    """While a client that worked is made anew: what stands in the way now is no fault of the configuration.

    Raises:
        BrokerError: A file that was there at the start is gone.
    """
    try:
        yield
    except ConfigError as error:
        raise BrokerError(str(error)) from None
