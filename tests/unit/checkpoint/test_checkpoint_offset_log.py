"""The parsers of `offsets/N` and `sources/<s>/0`."""

import pytest

from offline_observer.checkpoint.offset_log import OffsetLog, parse_initial_offsets, parse_offset_log
from offline_observer.checkpoint.source import ForeignSource, KafkaSource, Source, WaitingSource
from offline_observer.errors import CheckpointError

METADATA = b'{"batchWatermarkMs":0,"batchTimestampMs":1795567405639,"conf":{"a":"b"}}'
TIMESTAMP_MS = 1795567405639


def v1(*lines: bytes) -> bytes:
    return b"\n".join((b"v1", METADATA, *lines))


def v2(*lines: bytes) -> bytes:
    return b"\n".join((b"v2", METADATA, *lines))


@pytest.mark.parametrize(
    ("content", "version", "sources"),
    [
        (v1(b'{"visits":{"0":609,"1":391}}'), 1, (KafkaSource("0", {"visits": {0: 609, 1: 391}}),)),
        (
            v1(b'{"t1":{"0":63}}', b"-", b'{"logOffset":4}'),
            1,
            (
                KafkaSource("0", {"t1": {0: 63}}),
                WaitingSource("1"),
                ForeignSource("2", "its offset is an object with 'logOffset'"),
            ),
        ),
        (v1(b"{}"), 1, (KafkaSource("0", {}),)),
        (v1(b'{"t":{}}'), 1, (KafkaSource("0", {"t": {}}),)),
        (v1(b'{"t":{"0":1}}\n'), 1, (KafkaSource("0", {"t": {0: 1}}),)),
        (v1(b"-"), 1, (WaitingSource("0"),)),
        (
            v2(b'10:{"c":{"0":3}}', b"orders:-", b'2:{"b":{"0":2}}', b'1:{"a":{"0":1}}'),
            2,
            (
                KafkaSource("1", {"a": {0: 1}}),
                KafkaSource("2", {"b": {0: 2}}),
                KafkaSource("10", {"c": {0: 3}}),
                WaitingSource("orders"),
            ),
        ),
        (
            v1(b'{"t":{"2147483647":9223372036854775807}}'),
            1,
            (KafkaSource("0", {"t": {2**31 - 1: 2**63 - 1}}),),
        ),
    ],
)
def test_whole_files(content: bytes, version: int, sources: tuple[Source, ...]) -> None:
    assert parse_offset_log(content) == OffsetLog(version, TIMESTAMP_MS, sources)


def test_partitions_are_sorted_by_number() -> None:
    (source,) = parse_offset_log(v1(b'{"t":{"10":1,"9":2,"0":3}}')).sources
    assert isinstance(source, KafkaSource)
    assert list(source.offsets["t"]) == [0, 9, 10]


@pytest.mark.parametrize("line", [b"", b"{}", b'{"conf":{}}', b" ", b'{"batchTimestampMs":null}'])
def test_continuous_mode_has_no_timestamp(line: bytes) -> None:
    assert parse_offset_log(b"v1\n" + line + b'\n{"t":{"0":1}}').batch_timestamp_ms is None


@pytest.mark.parametrize(
    ("line", "description"),
    [
        (b'{"logOffset":3}', "its offset is an object with 'logOffset'"),
        (b'{"0":{"value":3,"runTimeMs":5}}', "its offset is an object with '0'"),
        (b'{"0":5,"1":7}', "its offset is an object with '0', '1'"),
        (
            b'{"sourceVersion":1,"reservoirId":"x","v":3,"index":-1,"isStartingVersion":true,"z":0}',
            "its offset is an object with 'index', 'isStartingVersion', 'reservoirId', 'sourceVersion', 'v', …",
        ),
        (b"51", "its offset is a number"),
        (b"[1,2]", "its offset is a list"),
        (b'"x"', "its offset is a text"),
        (b"true", "its offset is true, false or null"),
    ],
)
def test_sources_that_are_not_kafka(line: bytes, description: str) -> None:
    assert parse_offset_log(v1(line)).sources == (ForeignSource("0", description),)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "not a version"),
        (b"\0" * 100, "not a version"),
        (b"\0v1\n{}", "not a version"),
        (b"v", "not a version"),
        (b"v0\n{}\n{}", "not a version"),
        (b"v1 \n{}\n{}", "not a version"),
        (b"v1\r\n{}\r\n{}", "not a version"),
        ("v\u0661\n{}\n{}".encode(), "not a version"),
        (b'{"t":{"0":1}}', "not a version"),
        (b"v3\n{}\n{}", "version 3"),
        (b"v" + b"9" * 10_000 + b"\n{}\n{}", "not a version"),
        (b"v1", "cut off"),
        (b"v1\n", "cut off"),
        (b"v1\n{}", "cut off"),
        (b"v1\n\n", "cut off"),
        (v1(), "cut off"),
        (v1(b""), "cut off"),
        (v2(), "cut off"),
        (b'v1\n{"batchTimestampMs":1\n{"t":{"0":1}}', "metadata"),
        (b'v1\n[]\n{"t":{"0":1}}', "metadata"),
        (b'v1\n{"batchTimestampMs":true}\n{"t":{"0":1}}', "metadata"),
        (b'v1\n{"batchTimestampMs":1.5}\n{"t":{"0":1}}', "metadata"),
        (b'v1\n{"batchTimestampMs":-1}\n{"t":{"0":1}}', "metadata"),
        (b'v1\n{"batchTimestampMs":99999999999999999999}\n{"t":{"0":1}}', "metadata"),
        (b"v1\n" + b"[" * 100_000 + b'\n{"t":{"0":1}}', "metadata"),
        (v1(b'{"t":{"0":1'), "not JSON"),
        (v1(b'{"t":{"0":1}}', b'{"u":{"0"'), "source 1 are not JSON"),
        (v1(b"", b"{}"), "source 0 are not JSON"),
        (v1(b'{"t":{"0":1}} x'), "not JSON"),
        (v1(b'{"t":{"0":1}}\0'), "not JSON"),
        (v1(b'{"t\0":{"0":1}}'), "not JSON"),
        (v1(b'{"t\xff":{"0":1}}'), "not UTF-8"),
        (v1(b'{"t\\ud800":{"0":1}}'), "not JSON"),
        (v1(b"[" * 100_000), "not JSON"),
        (v1(b'{"t":{"0":' + b"[" * 100_000), "not JSON"),
        (v1(b'{"t":{"0":' + b"[" * 400 + b"]" * 400 + b"}}"), "offset that cannot be: not a number"),
        (v1(b'{"t":{"0":' + b"9" * 10_000 + b"}}"), "not JSON"),
        (v1(b'{"t":{"0":' + b"9" * 4_000 + b"}}"), "offset that cannot be"),
        (v1(b'{"t":{"0":9223372036854775808}}'), "offset that cannot be"),
        (v1(b'{"t":{"0":true}}'), "offset that cannot be: 'true'"),
        (v1(b'{"t":{"0":1.0}}'), "offset that cannot be: '1.0'"),
        (v1(b'{"t":{"0":"1"}}'), "offset that cannot be"),
        (v1(b'{"t":{"0":null}}'), "offset that cannot be"),
        (v1(b'{"t":{"0":-1}}'), "mark for latest"),
        (v1(b'{"t":{"0":-2}}'), "mark for earliest"),
        (v1(b'{"t":{"0":-3}}'), "offset that cannot be"),
        (v1(b'{"t":{"-1":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"+1":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"00":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"0":1,"x":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"2147483648":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"' + b"9" * 10_000 + b'":1}}'), "partition that cannot be"),
        (v1(b'{"t":{"0":1},"u":3}'), "no partitions"),
        (v1(b'{"t":{"0":1,"0":2}}'), "twice"),
        (v1(b'{"t":{"0":1},"t":{"0":2}}'), "twice"),
        (v1(b'{"a b":{"0":1}}'), "Kafka does not allow"),
        (v1(b'{"":{"0":1}}'), "Kafka does not allow"),
        (v1(b'{"..":{"0":1}}'), "Kafka does not allow"),
        (v1(b'{"' + b"t" * 250 + b'":{"0":1}}'), "Kafka does not allow"),
        (v2(b'0:{"t":{"0":1}}', b'0:{"u":{"0":1}}'), "Source 0 is there twice"),
        (v2(b'{"t":{"0":1}}'), "id of a source"),
        (v2(b':{"t":{"0":1}}'), "id of a source"),
        (v2(b"-"), "id of a source"),
        (v2(b"0:"), "not JSON"),
        (v2(b"", b"0:-"), "id of a source"),
    ],
)
def test_what_cannot_be_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(CheckpointError, match=says) as caught:
        parse_offset_log(content)
    message = str(caught.value)
    assert message.isprintable()
    assert message.endswith(".")
    assert len(message) < 500


def test_version_1_cut_after_a_whole_line_cannot_be_told() -> None:
    whole = v1(b'{"t1":{"0":63}}', b'{"t2":{"0":247}}')
    cut = whole[: whole.rindex(b"\n")]
    assert parse_offset_log(cut).sources == (KafkaSource("0", {"t1": {0: 63}}),)
    assert parse_offset_log(cut + b"\n") == parse_offset_log(cut)


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b'\0v1\n{"visits":{"0":0,"1":0}}', KafkaSource("0", {"visits": {0: 0, 1: 0}})),
        (b'\0v1\n{"a":{"0":-2},"b":{"1":-1}}', KafkaSource("0", {"a": {0: -2}, "b": {1: -1}})),
        (b"\0v1\n{}", KafkaSource("0", {})),
        (b'v1\n{"t":{"0":5}}', KafkaSource("0", {"t": {0: 5}})),
        (b"v1\n1795567405639", ForeignSource("0", "its offset is a number")),
        (b"v1\nplain text", ForeignSource("0", "its initial offsets are not Kafka's")),
        (b'v1\n{"path":"a"}\n{"path":"b"}', ForeignSource("0", "its initial offsets are not Kafka's")),
        (b"v1", ForeignSource("0", "its initial offsets are not Kafka's")),
    ],
)
def test_initial_offsets(content: bytes, source: Source) -> None:
    assert parse_initial_offsets("0", content) == source


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\0", "is empty"),
        (b"\0\0v1\n{}", "not a version"),
        (b"\0v2\n{}", "version 2"),
        (b"\0v1", "cut off"),
        (b"\0v1\n", "cut off"),
        (b'\0v1\n{"t":{"0"', "not JSON"),
        (b'\0v1\n{"t":{"0":-3}}', "offset that cannot be"),
        (b'\0v1\n{"logOffset":3}', "not Kafka's"),
        (b"\0v1\n{}\n{}", "more than one line"),
        (b"\0v1\n\xff", "not UTF-8"),
        (b"nonsense", "not a version"),
    ],
)
def test_initial_offsets_that_cannot_be(content: bytes, says: str) -> None:
    with pytest.raises(CheckpointError, match=says):
        parse_initial_offsets("0", content)
