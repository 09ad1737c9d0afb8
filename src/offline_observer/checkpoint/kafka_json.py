"""Parser of the JSON of one source's offset (pure).

Spark's Kafka connector writes `{"topic":{"partition":offset}}` (`JsonUtils.partitionOffsets`). Any other
JSON belongs to a source that is not Kafka.
"""

import re

import msgspec

from offline_observer.checkpoint.source import EARLIEST_MARK, LATEST_MARK, ForeignSource, KafkaSource
from offline_observer.errors import CheckpointError

MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)
"""What decoding bytes that are not the JSON that was expected can raise."""

_LARGEST_PARTITION = 2**31 - 1
_LARGEST_OFFSET = 2**63 - 1
_MOST_KEYS_SHOWN = 5
_LONGEST_QUOTE = 60

_number = re.compile(r"[+-]?[0-9]+", re.ASCII)
_partition = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_topic = re.compile(r"[a-zA-Z0-9._-]{1,249}", re.ASCII)  # what Kafka allows as a topic's name

_decoder = msgspec.json.Decoder()


def parse_source(source_id: str, text: str, *, marks_allowed: bool) -> KafkaSource | ForeignSource:
    """Parses the offset of one source.

    Strict: partitions are whole numbers from 0 to 2^31-1 without leading zeros, offsets whole numbers
    from 0 to 2^63-1, and nothing is there twice.

    Args:
        source_id: The source's id, for messages and the result.
        text: The source's JSON.
        marks_allowed: Whether Kafka's marks -1 and -2 may stand for offsets.

    Returns:
        The source with its offsets; or that it is not a Kafka source.

    Raises:
        CheckpointError: The text is not JSON, or it is Kafka's with something in it that cannot be.
    """
    try:
        value = _decoder.decode(text)
    except MALFORMED as error:
        raise CheckpointError(
            f"The offsets of source {source_id} are not JSON, cut off or damaged: {quoted(text)} ({error})."
        ) from error
    if not _looks_like_kafka(value):
        return ForeignSource(source_id, _describe(value))
    offsets = {
        _checked_topic(source_id, topic): _checked_partitions(source_id, topic, partitions, marks_allowed)
        for topic, partitions in value.items()
    }
    # JSON may name a key twice, and the decoder keeps the last. Legal topics and partitions hold no colon,
    # so each colon is one key.
    if text.count(":") != len(offsets) + sum(map(len, offsets.values())):
        raise CheckpointError(f"Source {source_id} has a topic or a partition twice: {quoted(text)}.")
    return KafkaSource(source_id, offsets)


def quoted(text: str) -> str:
    """A piece of a file's text as it can stand in a message: short, printable, in quotes."""
    return ascii(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…")


def _looks_like_kafka(value: object) -> bool:
    """Whether JSON is an object of objects with numbers for keys, be it damaged or not.

    One such topic is enough: a damaged Kafka source must not pass for a foreign one, whose topics are
    nobody's concern.
    """
    if not isinstance(value, dict):
        return False
    inner = [partitions for partitions in value.values() if isinstance(partitions, dict)]
    if len(inner) == len(value) and not any(inner):
        return True  # no topic, or topics without a partition
    return any(_number.fullmatch(key) for partitions in inner for key in partitions)


def _checked_topic(source_id: str, topic: str) -> str:
    if _topic.fullmatch(topic) is None or topic in {".", ".."}:
        raise CheckpointError(f"Source {source_id} has a topic that Kafka does not allow: {quoted(topic)}.")
    return topic


def _checked_partitions(
    source_id: str, topic: str, partitions: object, marks_allowed: bool
) -> dict[int, int]:
    if not isinstance(partitions, dict):
        raise CheckpointError(f'Topic "{topic}" of source {source_id} has no partitions but another value.')
    smallest = EARLIEST_MARK if marks_allowed else 0
    checked: dict[int, int] = {}
    for key, offset in partitions.items():
        # The length is checked before int(), which refuses very long numbers with an error of its own.
        if _partition.fullmatch(key) is None or int(key) > _LARGEST_PARTITION:
            raise CheckpointError(
                f'Topic "{topic}" of source {source_id} has a partition that cannot be: {quoted(key)}.'
            )
        # `type` and not isinstance: to Python, true is an int.
        if type(offset) is not int or not smallest <= offset <= _LARGEST_OFFSET:
            raise CheckpointError(
                f'Topic "{topic}", partition {key} of source {source_id} has an offset that cannot be: '
                f"{_offset_text(offset)}."
            )
        checked[int(key)] = offset
    return dict(sorted(checked.items()))


def _offset_text(offset: object) -> str:
    if type(offset) is int and offset in {EARLIEST_MARK, LATEST_MARK}:
        return f"{offset}, which is Kafka's mark for {'latest' if offset == LATEST_MARK else 'earliest'}"
    if isinstance(offset, int | float):
        return quoted(str(offset).lower())
    return "not a number"


def _describe(value: object) -> str:
    """A foreign offset's shape, without its values: those differ from batch to batch."""
    if isinstance(value, dict):
        keys = sorted(value)
        shown = ", ".join(map(quoted, keys[:_MOST_KEYS_SHOWN]))
        return f"its offset is an object with {shown}{', …' if len(keys) > _MOST_KEYS_SHOWN else ''}"
    if isinstance(value, list):
        return "its offset is a list"
    if isinstance(value, str):
        return "its offset is a text"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "its offset is a number"
    return "its offset is true, false or null"
