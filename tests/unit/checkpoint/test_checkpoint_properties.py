"""Whatever bytes there are: the right offsets, or a `CheckpointError`."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

import fsspec
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.offset_log import parse_initial_offsets, parse_offset_log
from offline_observer.checkpoint.source import ForeignSource, KafkaSource, WaitingSource
from offline_observer.errors import CheckpointError

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"
DEADLINE = timedelta(seconds=1)

topics = st.from_regex(r"[a-zA-Z0-9._-]{1,249}", fullmatch=True).filter(lambda name: name not in {".", ".."})
partitions = st.integers(0, 2**31 - 1)
kafka_offsets = st.dictionaries(
    topics, st.dictionaries(partitions, st.integers(0, 2**63 - 1), max_size=5), max_size=3
)
initial_offsets = st.dictionaries(
    topics, st.dictionaries(partitions, st.integers(-2, 2**63 - 1), max_size=5), max_size=3
)
foreign_offsets = st.integers() | st.fixed_dictionaries({"logOffset": st.integers()})
source_lines = st.lists(kafka_offsets | foreign_offsets | st.none(), min_size=1, max_size=4)
timestamps = st.none() | st.integers(0, 2**63 - 1)


def line_of(offsets: object) -> str:
    return "-" if offsets is None else json.dumps(offsets, separators=(",", ":"))


def metadata_of(timestamp: int | None) -> str:
    return "" if timestamp is None else json.dumps({"batchWatermarkMs": 0, "batchTimestampMs": timestamp})


def check(sources: tuple[object, ...], written: Mapping[str, object]) -> None:
    assert [getattr(source, "source_id", None) for source in sources] == list(written)
    for source, offsets in zip(sources, written.values(), strict=True):
        if isinstance(source, KafkaSource):
            assert source.offsets == offsets
        elif isinstance(source, ForeignSource):
            assert isinstance(offsets, int) or (isinstance(offsets, dict) and "logOffset" in offsets)
        else:
            assert isinstance(source, WaitingSource)
            assert offsets is None


@settings(deadline=DEADLINE, max_examples=60)
@given(source_lines, timestamps)
def test_version_1_round_trip(lines: list[object], timestamp: int | None) -> None:
    text = "\n".join(("v1", metadata_of(timestamp), *map(line_of, lines)))
    log = parse_offset_log(text.encode())
    assert (log.version, log.batch_timestamp_ms) == (1, timestamp)
    check(log.sources, {str(number): line for number, line in enumerate(lines)})


@settings(deadline=DEADLINE, max_examples=60)
@given(source_lines, timestamps, st.randoms(use_true_random=False))
def test_version_2_round_trip(lines: list[object], timestamp: int | None, random: Random) -> None:
    written = {str(number): line for number, line in enumerate(lines)}
    shuffled = [f"{source_id}:{line_of(line)}" for source_id, line in written.items()]
    random.shuffle(shuffled)
    log = parse_offset_log("\n".join(("v2", metadata_of(timestamp), *shuffled)).encode())
    assert (log.version, log.batch_timestamp_ms) == (2, timestamp)
    check(log.sources, written)


@settings(deadline=DEADLINE, max_examples=60)
@given(initial_offsets)
def test_initial_offsets_round_trip(offsets: Mapping[str, object]) -> None:
    assert parse_initial_offsets("0", b"\0v1\n" + line_of(offsets).encode()) == KafkaSource("0", offsets)  # type: ignore[arg-type]


SAMPLE_FILES = {
    str(path.relative_to(SAMPLES)): path.read_bytes()
    for path in sorted(SAMPLES.rglob("*"))
    if path.is_file() and path.suffix not in {".crc", ".md"}
}
OFFSET_FILES = [name for name in SAMPLE_FILES if "/offsets/" in name]
INITIAL_FILES = [name for name in SAMPLE_FILES if "/sources/" in name]

# What damage may hit hardest, beside any bytes at all.
pieces = st.binary(max_size=8) | st.sampled_from(
    [
        b"\0",
        b"\n",
        b"-",
        b":",
        b'"',
        b"{",
        b"}",
        b"[" * 3000,
        b"v3",
        b"-1",
        b"1e9",
        b"true",
        b"null",
        b"9" * 5000,
    ]
)


@st.composite
def damaged(draw: st.DrawFn, contents: st.SearchStrategy[bytes]) -> bytes:
    """A file of which bytes are replaced, inserted or cut, up to four times."""
    content = draw(contents)
    for _ in range(draw(st.integers(1, 4))):
        # Most of a file is its metadata, so places near the end, where the offsets are, are tried more.
        place = len(content) - min(len(content), draw(st.integers(0, 60) | st.integers(0, 1500)))
        rest = place + draw(st.just(0) | st.integers(0, 20) | st.just(len(content)))
        content = content[:place] + draw(pieces) + content[rest:]
    return content


@settings(deadline=DEADLINE, max_examples=300)
@given(damaged(st.sampled_from(OFFSET_FILES).map(SAMPLE_FILES.__getitem__)))
def test_damaged_offsets_raise_nothing_else(content: bytes) -> None:
    try:
        log = parse_offset_log(content)
    except CheckpointError as error:
        assert str(error).isprintable()  # noqa: PT017 - raising is allowed, not required
    else:
        for source in log.sources:
            if isinstance(source, KafkaSource):
                assert all(
                    0 <= offset < 2**63 for topic in source.offsets.values() for offset in topic.values()
                )


@settings(deadline=DEADLINE, max_examples=200)
@given(damaged(st.sampled_from(INITIAL_FILES).map(SAMPLE_FILES.__getitem__)))
def test_damaged_initial_offsets_raise_nothing_else(content: bytes) -> None:
    try:
        parse_initial_offsets("0", content)
    except CheckpointError as error:
        assert str(error).isprintable()  # noqa: PT017 - raising is allowed, not required


def test_every_truncation_raises_nothing_else() -> None:
    for name in ("two_sources/offsets/0", "offsetlog_v2_two_sources/offsets/0", "continuous/offsets/9"):
        content = SAMPLE_FILES[name]
        whole = []
        for length in range(len(content)):
            try:
                parse_offset_log(content[:length])
            except CheckpointError:
                continue
            whole.append(content[length:].count(b"\n"))
        # Only a cut right before or right after the line feed between two sources leaves a whole file.
        assert whole == ([] if name.startswith("continuous") else [1, 0])


damaged_files = st.sampled_from(sorted(SAMPLE_FILES)).flatmap(
    lambda name: st.tuples(st.just(name), damaged(st.just(SAMPLE_FILES[name])) | st.none())
)


@settings(deadline=DEADLINE, max_examples=200)
@given(damaged_files, st.sampled_from([None, True]))
def test_damaged_folders_raise_nothing_else(
    change: tuple[str, bytes | None], with_initial: bool | None
) -> None:
    changed, damage = change
    sample = changed.partition("/")[0]
    filesystem = fsspec.filesystem("memory")
    for name, content in SAMPLE_FILES.items():
        if name == changed and damage is None:
            continue
        if name.startswith(f"{sample}/"):
            filesystem.pipe_file(
                f"/damaged/{name}", damage if name == changed and damage is not None else content
            )
    try:
        progress = CheckpointFolder(f"memory://damaged/{sample}").read(with_initial=with_initial)
        json.dumps(progress.to_json())
    except CheckpointError as error:
        assert str(error).isprintable()  # noqa: PT017 - raising is allowed, not required
    finally:
        filesystem.rm("/damaged", recursive=True)
