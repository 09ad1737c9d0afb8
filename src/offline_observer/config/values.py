"""Single values of the configuration: how each is read, and what is refused.

Each function here is a pydantic validator. Its `ValueError` begins with "expected" where the message may
go on with what stands in the file, and does not where that could be a password.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from offline_observer.config.duration import EXPECTED_DURATION, parse_duration
from offline_observer.config.yaml_file import FOLDER
from offline_observer.config.yaml_messages import WrittenFloat
from offline_observer.kafka.properties import FILE_PROPERTIES, PROBE
from offline_observer.quality.rules.parse import path_problem

BOOTSTRAP_SERVERS = "bootstrap.servers"

IsolationLevel = Literal["read_uncommitted", "read_committed"]

Samples = Literal["places", "content"]
"""What is kept of the first records that break a rule."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
# What Kafka allows as a topic's name. A regular expression, which librdkafka would take for a
# subscription to many topics, is none.
_TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
# With fsspec's chains: simplecache::s3://bucket/path.
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]*://")
_URL_WITH_ONE_SLASH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/(?!/)")

_SET_BY_THE_OBSERVER: Mapping[str, str] = {
    "auto.offset.reset": "the observer sets this property itself; use start_from of the dataset",
    "enable.auto.commit": "the observer sets this property itself: it commits no offsets to Kafka",
    "enable.auto.offset.store": "the observer sets this property itself: it keeps its own offsets",
    "enable.partition.eof": "the observer sets this property itself",
    "isolation.level": "use isolation_level of the job or the dataset",
    "metadata.broker.list": f"use {BOOTSTRAP_SERVERS}, which is the same property",
}


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(EXPECTED_DURATION)  # noqa: TRY004 - pydantic takes no TypeError
    return parse_duration(value)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A duration as `parse_duration` reads it."""


def _tick(value: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= value <= timedelta(hours=1):
        raise ValueError("expected a duration from 1s to 1h")
    return value


Tick = Annotated[Duration, AfterValidator(_tick)]


_EACH_BATCH = "batch"
_RECORDS = re.compile(r"([0-9]{1,12}) records?")
_EXPECTED_WINDOW = "expected a duration from 1s to 1d, a number of records such as 10000 records, or batch"


def _window(value: object) -> timedelta | int:
    if value == _EACH_BATCH:
        return 1
    if isinstance(value, str) and (match := _RECORDS.fullmatch(value.strip())) and int(match[1]):
        return int(match[1])
    try:
        length = _duration(value)
    except ValueError:
        raise ValueError(_EXPECTED_WINDOW) from None
    if not timedelta(seconds=1) <= length <= timedelta(days=1):
        raise ValueError(_EXPECTED_WINDOW)
    return length


Window = Annotated[timedelta | int, BeforeValidator(_window)]
"""How long a window of a profile is: a time, or how many records it has at the least; each batch has one at the least."""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            "expected a name of at most 100 letters, digits, _, - and ., which begins with a letter, a digit or _",
        )
    return value


Name = Annotated[str, AfterValidator(_name)]
"""A name that may stand in ids and names of files."""


def _job_name(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 200:  # noqa: PLR2004
        raise ValueError("expected a name of one line and at most 200 characters")
    return value


JobName = Annotated[str, AfterValidator(_job_name)]
"""A query's name in Spark, which may hold spaces."""


def _topic(value: str) -> str:
    if not _TOPIC.fullmatch(value):
        raise ValueError("expected the name of one topic: at most 249 letters, digits, _, - and .")
    return value


Topic = Annotated[str, AfterValidator(_topic)]


def _field_path(value: str) -> str:
    if problem := path_problem(value):
        raise ValueError(problem)
    return value


FieldPath = Annotated[str, AfterValidator(_field_path)]


def local_path(text: str, info: ValidationInfo) -> Path:
    """A path of the configuration, relative to the folder of its file where that is known."""
    if not text.strip():
        raise ValueError("expected a path")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError("expected a path; the home folder that ~ stands for is not known") from None
    context = info.context
    return Path(context[FOLDER]) / path if isinstance(context, Mapping) and FOLDER in context else path


def _on_a_local_disk(value: object, info: ValidationInfo, no_url: str) -> Path:
    """A path; a URL is refused with a sentence."""
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("expected a path")  # noqa: TRY004 - pydantic takes no TypeError
    if _URL.match(value):
        raise ValueError(no_url)
    return local_path(value, info)


def _journal(value: object, info: ValidationInfo) -> Path:
    return _on_a_local_disk(value, info, "the journal must be a file on a local disk, not a URL")


Journal = Annotated[Path, BeforeValidator(_journal)]


def _folder(value: object, info: ValidationInfo) -> Path:
    return _on_a_local_disk(value, info, "expected a folder on a local disk, not a URL")


Folder = Annotated[Path, BeforeValidator(_folder)]
"""A local folder, which may not be there yet."""


def _local_file(value: object, info: ValidationInfo) -> Path:
    return _on_a_local_disk(value, info, "expected a file on a local disk, not a URL")


LocalFile = Annotated[Path, BeforeValidator(_local_file)]
"""A local file."""


def _checkpoint(value: str, info: ValidationInfo) -> str:
    # Hadoop, and so Spark, writes local paths as file:/path; others write file:///path.
    for prefix, path in (("file://", value[7:]), ("file:/", value[5:])):
        if value.startswith(prefix):
            return str(local_path(path, info))
    if _URL.match(value):
        return value
    if _URL_WITH_ONE_SLASH.match(value):
        raise ValueError("a URL has two slashes after its colon: scheme://host/path")
    return str(local_path(value, info))


Checkpoint = Annotated[str, AfterValidator(_checkpoint)]
"""A local path, absolute where the file's folder is known, or a URL."""


def _start(value: object) -> object:
    expected = "expected latest, earliest, or a time such as 2024-01-01T00:00:00Z"
    if value in ("latest", "earliest"):
        return value
    if isinstance(value, str):
        # YAML's own way to write a time allows a space before the zone.
        text = re.sub(r"\s+(?=(?:[Zz]|[+-][0-9:]+)$)", "", value.strip()).upper()
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(expected) from None
    if not isinstance(value, datetime):
        raise ValueError(expected)  # noqa: TRY004 - pydantic takes no TypeError
    if value.utcoffset() is None:
        raise ValueError("expected a time with its zone: give a zone, for instance 2024-01-01T00:00:00Z")
    # Kafka reads the times -1 and -2 (milliseconds from 1970) as "latest" and "earliest".
    if value < datetime(1970, 1, 1, tzinfo=UTC):
        raise ValueError("expected a time from 1970 on")
    return value


Start = Annotated[Literal["latest", "earliest"] | datetime, BeforeValidator(_start)]


def _kafka_mapping(value: object) -> object:
    # Checked here, before pydantic does, because nothing that stands under `kafka` may be repeated.
    if not isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 - pydantic takes no TypeError
            f"this must be a mapping of librdkafka properties, such as {BOOTSTRAP_SERVERS}: localhost:9092",
        )
    return value


def _kafka_key(key: str) -> str:
    if key in _SET_BY_THE_OBSERVER:
        raise ValueError(_SET_BY_THE_OBSERVER[key])
    return key


def property_value(value: object) -> str:
    """The value of a client's property as the text that a configuration means by it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, WrittenFloat):
        return value.text
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError("a property must have one value: a text, a number, true or false")


def _kafka_properties(value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    if not brokers(value):
        raise ValueError(
            f"the property {BOOTSTRAP_SERVERS} is required, for instance {BOOTSTRAP_SERVERS}: localhost:9092",
        )
    return {key: _kafka_path(key, text, info) for key, text in value.items()}


def _kafka_path(key: str, text: str, info: ValidationInfo) -> str:
    """A property's value; that of a file is relative to the folder of the configuration, as all paths in it."""
    if key not in FILE_PROPERTIES or text in ("", PROBE):
        return text
    try:
        return str(local_path(text, info))
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


KafkaProperties = Annotated[
    dict[
        Annotated[str, AfterValidator(_kafka_key)],
        Annotated[str, BeforeValidator(property_value)],
    ],
    BeforeValidator(_kafka_mapping),
    AfterValidator(_kafka_properties),
]


def _java_kafka_mapping(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("this must be a mapping of properties of Kafka's Java client")  # noqa: TRY004
    return value


JavaKafkaProperties = Annotated[
    dict[str, Annotated[str, BeforeValidator(property_value)]], BeforeValidator(_java_kafka_mapping)
]
"""Properties of Kafka's Java client, which may hold passwords."""


def brokers(kafka: Mapping[str, str]) -> frozenset[str]:
    """The brokers that Kafka properties name, as `host:port` in lower case.

    Two sets of properties that share one are taken for the same cluster.
    """
    found = set()
    for entry in kafka.get(BOOTSTRAP_SERVERS, "").split(","):
        broker = entry.strip().rpartition("://")[2].lower()
        if broker:
            found.add(broker if re.search(r":[0-9]+$", broker) else f"{broker}:9092")
    return frozenset(found)
