"""Parser of one file of Spark's offset log, and of one file of initial offsets (pure).

The formats are those of Spark's `OffsetSeqLog` (`offsets/N`, versions 1 and 2) and of the Kafka
connector's `KafkaSourceInitialOffsetWriter` (`sources/<s>/0`). Neither says what kind of source a line
belongs to, so a Kafka source is told by the shape of its JSON: topic -> partition -> offset.

Every function here takes bytes and returns values, and raises nothing but `CheckpointError`.
"""

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec

from offline_observer.checkpoint.kafka_json import MALFORMED, parse_source, quoted
from offline_observer.checkpoint.source import ForeignSource, KafkaSource, Source, WaitingSource
from offline_observer.errors import CheckpointError

NEWEST_VERSION = 2

_NO_OFFSET = "-"  # OffsetSeqLog.SERIALIZED_VOID_OFFSET
_LONGEST_TIMESTAMP = 2**63 - 1

_version_line = re.compile(r"v([0-9]{1,9})", re.ASCII)
_source_id = re.compile(r"[^\s{}\[\]\",:]+")


@dataclass(frozen=True, slots=True)
class OffsetLog:
    """The content of one `offsets/N`.

    Attributes:
        version: 1 or 2.
        batch_timestamp_ms: When Spark planned the batch, in milliseconds since 1970 UTC. None in
            continuous mode, which writes no metadata.
        sources: One per source; numbered ones first, in order, then named ones by name.
    """

    version: int
    batch_timestamp_ms: int | None
    sources: tuple[Source, ...]


class _Metadata(msgspec.Struct):
    """The one field of Spark's `OffsetSeqMetadata` that is of use here; the rest is skipped."""

    batch_timestamp_ms: Annotated[int, msgspec.Meta(ge=0, le=_LONGEST_TIMESTAMP)] | None = msgspec.field(
        default=None, name="batchTimestampMs"
    )


_metadata_decoder = msgspec.json.Decoder(_Metadata)


def parse_offset_log(content: bytes) -> OffsetLog:
    """Parses one `offsets/N`.

    A newline at the very end is accepted, as Spark's own reader does. Spark does not write one, so a
    version 1 file that was cut off exactly at the end of a source's line is a whole file of a query with
    fewer sources: nothing in the file can tell the two apart.

    Args:
        content: All bytes of the file.

    Returns:
        The file's version, time and sources.

    Raises:
        CheckpointError: The file is empty, cut off, damaged or of an unknown version.
    """
    lines = _lines(content)
    version = _version(lines[0])
    if version > NEWEST_VERSION:
        raise CheckpointError(
            f"The file is of version {version} of Spark's offset log; versions 1 and 2 are known here. "
            "See whether a newer offline-observer reads it."
        )
    if len(lines) == 1:
        raise CheckpointError("The file ends after its version: it was cut off.")
    timestamp = _batch_timestamp(lines[1])
    if len(lines) == 2:  # noqa: PLR2004 - the two lines before the sources
        raise CheckpointError("The file ends before the offsets of any source: it was cut off.")
    sources = _positional(lines[2:]) if version == 1 else _named(lines[2:])
    return OffsetLog(version, timestamp, sources)


def parse_initial_offsets(source_id: str, content: bytes) -> KafkaSource | ForeignSource:
    r"""Parses one `sources/<s>/0`: where a source began.

    The Kafka connector begins the file with a NUL byte (for Spark 2.1, see SPARK-19517). A file without
    one is another source's own log, unless its content is Kafka's after all.

    Args:
        source_id: The `<s>` of the file's path.
        content: All bytes of the file: `\0v1\n{"visits":{"0":0,"1":-2}}`.

    Returns:
        The source's initial offsets, which may be `EARLIEST_MARK` or `LATEST_MARK`; or that it is not
        a Kafka source.

    Raises:
        CheckpointError: The file is empty, cut off, damaged or of an unknown version.
    """
    written_by_kafka = content.startswith(b"\0")
    lines = _lines(content[1:] if written_by_kafka else content)
    version = _version(lines[0])
    if written_by_kafka and version != 1:
        raise CheckpointError(
            f"The file is of version {version} of the initial offsets; only 1 is known here."
        )
    if written_by_kafka and len(lines) == 1:
        raise CheckpointError("The file ends after its version: it was cut off.")
    another_log = ForeignSource(source_id, "its initial offsets are not Kafka's")
    if len(lines) != 2:  # noqa: PLR2004 - version and offsets
        if written_by_kafka:
            raise CheckpointError("The file has more than one line of offsets.")
        return another_log
    try:
        source = parse_source(source_id, lines[1], marks_allowed=True)
    except CheckpointError:
        if written_by_kafka:
            raise
        return another_log  # such a log need not hold JSON at all
    if isinstance(source, ForeignSource) and written_by_kafka:
        raise CheckpointError(f"The offsets are not Kafka's: {quoted(lines[1])}.")
    return source


def _lines(content: bytes) -> list[str]:
    if not content:
        raise CheckpointError("The file is empty.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"The file is not UTF-8 text (byte {error.start}): it is damaged.") from error
    # Not splitlines(), which also splits at characters that may stand inside JSON strings.
    return text.removesuffix("\n").split("\n")


def _version(line: str) -> int:
    match = _version_line.fullmatch(line)
    if match is None or int(match[1]) < 1:
        raise CheckpointError(f'The first line is not a version such as "v1" but {quoted(line)}.')
    return int(match[1])


def _batch_timestamp(line: str) -> int | None:
    if not line.strip():
        return None
    try:
        return _metadata_decoder.decode(line).batch_timestamp_ms
    except MALFORMED as error:
        raise CheckpointError(f"The metadata (second line) cannot be read: {error}.") from error


def _positional(lines: list[str]) -> tuple[Source, ...]:
    """Version 1: the n-th line is the n-th source."""
    return tuple(_source(str(position), line) for position, line in enumerate(lines))


def _named(lines: list[str]) -> tuple[Source, ...]:
    """Version 2: `<source id>:<json>`, in any order."""
    sources: dict[str, Source] = {}
    for line in lines:
        source_id, colon, offsets = line.partition(":")
        if not colon or _source_id.fullmatch(source_id) is None:
            raise CheckpointError(f"A line does not begin with the id of a source: {quoted(line)}.")
        if source_id in sources:
            raise CheckpointError(f"Source {source_id} is there twice.")
        sources[source_id] = _source(source_id, offsets)
    return tuple(sources[source_id] for source_id in sorted(sources, key=source_order))


def source_order(source_id: str) -> tuple[bool, int, str]:
    """Sort key of source ids: numbered sources first, by number, then named ones by name."""
    numbered = re.fullmatch(r"[0-9]{1,9}", source_id, re.ASCII) is not None
    return (not numbered, int(source_id) if numbered else 0, source_id)


def _source(source_id: str, text: str) -> Source:
    if text == _NO_OFFSET:
        return WaitingSource(source_id)
    return parse_source(source_id, text, marks_allowed=False)
