"""librdkafka's properties as those of Kafka's Java client, which Spark has (pure but for the files of certificates)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from offline_observer.errors import ConfigError
from offline_observer.kafka.properties import sasl_mechanism

_SAME = frozenset(
    {
        "bootstrap.servers",
        "check.crcs",
        "client.id",
        "client.rack",
        "connections.max.idle.ms",
        "fetch.max.bytes",
        "fetch.min.bytes",
        "metadata.max.age.ms",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "retry.backoff.max.ms",
        "retry.backoff.ms",
        "sasl.kerberos.service.name",
        "security.protocol",
        "socket.connection.setup.timeout.ms",
        "ssl.key.password",
        "ssl.keystore.password",
    }
)
_RENAMED = {
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "fetch.wait.max.ms": "fetch.max.wait.ms",
    "max.partition.fetch.bytes": "max.partition.fetch.bytes",
    "sasl.mechanism": "sasl.mechanism",
    "sasl.mechanisms": "sasl.mechanism",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "socket.timeout.ms": "request.timeout.ms",
}
# They say how librdkafka goes about its work, and change nothing of what is read.
_OF_LIBRDKAFKA_ONLY = frozenset(
    {
        "broker.address.family",
        "broker.address.ttl",
        "debug",
        "enable.metrics.push",
        "fetch.error.backoff.ms",
        "fetch.queue.backoff.ms",
        "group.id",
        "internal.termination.signal",
        "log.connection.close",
        "log.queue",
        "log.thread.name",
        "log_level",
        "queued.max.messages.kbytes",
        "queued.min.messages",
        "socket.keepalive.enable",
        "socket.max.fails",
        "socket.nagle.disable",
        "statistics.interval.ms",
        "topic.metadata.refresh.fast.interval.ms",
        "topic.metadata.refresh.interval.ms",
        "topic.metadata.refresh.sparse",
    }
)
_LOGIN = frozenset({"sasl.username", "sasl.password", "sasl.kerberos.principal", "sasl.kerberos.keytab"})
# The texts themselves go to the executors, so that no file has to be there.
_PEM = {
    "ssl.ca": ("ssl.truststore.type", "ssl.truststore.certificates"),
    "ssl.certificate": ("ssl.keystore.type", "ssl.keystore.certificate.chain"),
    "ssl.key": ("ssl.keystore.type", "ssl.keystore.key"),
}
_HINT = (
    "set spark.kafka to the properties of Kafka's Java client that are to be used in place of all of `kafka`"
)


# A fetch with room for more than Kafka's defaults, 500 records and a megabyte of a partition: benchmarks/observe.py
# measures what it brings. An executor holds at most this many bytes of each partition that it reads.
_QUICK = {"max.poll.records": "5000", "max.partition.fetch.bytes": "4194304"}


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in PEM form"
        raise ConfigError(f"cannot read {path}: {reason}") from None


def java_properties(
    properties: Mapping[str, str], read_text: Callable[[str], str] = _read_text
) -> dict[str, str]:
    """The properties of a Java client that does what librdkafka does with some properties.

    Args:
        properties: librdkafka's.
        read_text: Reads a file in PEM form.

    Raises:
        ConfigError: One of them has no equivalent. The message holds no value.
    """
    found: dict[str, str] = {}
    refused: list[str] = []
    for name, value in properties.items():
        if name in _SAME:
            found[name] = value
        elif name in _RENAMED:
            found[_RENAMED[name]] = value
        elif name not in _LOGIN and name not in _OF_LIBRDKAFKA_ONLY:
            translated = dict(_security(name, value, read_text))
            found.update(translated)
            if not translated:
                refused.append(name)
    if refused:
        raise ConfigError(
            f"kafka: {', '.join(sorted(refused))}: Kafka's Java client, which Spark reads with, has no equivalent; "
            f"{_HINT}"
        )
    if login := _jaas(properties):
        found["sasl.jaas.config"] = login
    return found


def _security(name: str, value: str, read_text: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """What a property of TLS becomes; nothing when it has no equivalent."""
    kind, _, form = name.rpartition(".")
    if kind in _PEM and form in ("location", "pem"):
        type_name, text_name = _PEM[kind]
        text = read_text(value) if form == "location" else value
        if kind == "ssl.key" and not ("BEGIN PRIVATE KEY" in text or "BEGIN ENCRYPTED PRIVATE KEY" in text):
            raise ConfigError(
                f"kafka: {name}: Kafka's Java client reads a key in PKCS #8 form only (BEGIN PRIVATE KEY); "
                "convert it: openssl pkcs8 -topk8 -in KEY -out KEY.pkcs8"
            )
        yield type_name, "PEM"
        yield text_name, text
    elif name == "ssl.keystore.location":
        yield name, value
        yield "ssl.keystore.type", "PKCS12"
    elif name == "ssl.endpoint.identification.algorithm":
        yield name, "" if value.lower() == "none" else value
    elif name == "enable.ssl.certificate.verification" and value.lower() == "true":
        yield "ssl.endpoint.identification.algorithm", "https"


def _jaas(properties: Mapping[str, str]) -> str | None:
    """The login as Java's clients take it."""
    mechanism = sasl_mechanism(properties)
    if not any(name in properties for name in _LOGIN):
        return None
    if mechanism == "GSSAPI":
        module, options = (
            "com.sun.security.auth.module.Krb5LoginModule",
            {
                "useKeyTab": "true",
                "storeKey": "true",
                "keyTab": properties.get("sasl.kerberos.keytab", ""),
                "principal": properties.get("sasl.kerberos.principal", ""),
            },
        )
    elif mechanism == "PLAIN" or mechanism.startswith("SCRAM-"):
        kind = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
        module = f"org.apache.kafka.common.security.{kind}"
        options = {
            "username": properties.get("sasl.username", ""),
            "password": properties.get("sasl.password", ""),
        }
    else:
        raise ConfigError(f"kafka: the login of sasl.mechanism {mechanism} cannot be translated; {_HINT}")
    return f"{module} required {' '.join(f'{name}={_quoted(text)}' for name, text in options.items())};"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def reader_options(
    kafka: Mapping[str, str],
    topic: str,
    isolation_level: str,
    start_from: str | datetime,
    max_offsets_per_trigger: int | None,
) -> dict[str, str]:
    """The options of Spark's Kafka source for a dataset.

    The client takes more at a time than its defaults would have it, unless `kafka` says how much.

    Args:
        kafka: Properties of the Java client.
        topic: The dataset's topic.
        isolation_level: Which records are read.
        start_from: Where the very first batch begins. A query that has a checkpoint goes on from there.
        max_offsets_per_trigger: At most so many records in a batch.
    """
    options = {f"kafka.{name}": value for name, value in {**_QUICK, **kafka}.items()}
    options |= {
        "kafka.isolation.level": isolation_level,
        "subscribe": topic,
        # What is gone is counted in the observation, and the rest is read.
        "failOnDataLoss": "false",
        "groupIdPrefix": "offline-observer",
    }
    if isinstance(start_from, datetime):
        options["startingTimestamp"] = str(int(start_from.timestamp() * 1000))
        options["startingOffsetsByTimestampStrategy"] = "latest"
    else:
        options["startingOffsets"] = start_from
    if max_offsets_per_trigger is not None:
        options["maxOffsetsPerTrigger"] = str(max_offsets_per_trigger)
    return options
