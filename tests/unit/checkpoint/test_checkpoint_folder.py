"""Checkpoints that no sample shows: torn files, gaps, crashes, upgrades, several kinds of sources."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.progress import JobProgress
from offline_observer.errors import CheckpointError

QUERY_ID = "07130aa4-6f81-4028-8573-e5069b63e447"
COMMIT = 'v1\n{"nextBatchWatermarkMs":0}'


def offsets(*sources: str, version: int = 1) -> str:
    return "\n".join((f"v{version}", '{"batchWatermarkMs":0,"batchTimestampMs":1,"conf":{}}', *sources))


def visits(offset: int) -> str:
    return offsets(f'{{"visits":{{"0":{offset}}}}}')


def write(folder: Path, files: Mapping[str, str | bytes]) -> str:
    for name, content in {"metadata": f'{{"id":"{QUERY_ID}"}}', **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(folder)


def read(folder: Path, files: Mapping[str, str | bytes], *, with_initial: bool | None = None) -> JobProgress:
    return CheckpointFolder(write(folder, files)).read(with_initial=with_initial)


def test_a_batch_in_flight(tmp_path: Path) -> None:
    progress = read(tmp_path, {"offsets/4": visits(40), "offsets/5": visits(50), "commits/4": COMMIT})
    assert (progress.batch_id, progress.committed) == (4, {"visits": {0: 40}})
    assert (progress.planned_batch_id, progress.planned) == (5, {"visits": {0: 50}})
    assert progress.in_flight
    assert progress.warnings == ()


def test_upgrade_from_version_1_to_2(tmp_path: Path) -> None:
    second = offsets('1:{"b":{"0":2}}', '0:{"a":{"0":2}}', version=2)
    files: dict[str, str | bytes] = {
        "offsets/0": offsets('{"a":{"0":1}}', '{"b":{"0":1}}'),
        "offsets/1": second,
        "commits/0": COMMIT,
    }
    progress = read(tmp_path, files)
    assert progress.log_version == 2
    assert progress.committed == {"a": {0: 1}, "b": {0: 1}}
    assert progress.planned == {"a": {0: 2}, "b": {0: 2}}
    after = read(tmp_path, {"commits/1": COMMIT})
    assert (after.batch_id, after.committed, after.in_flight) == (1, {"a": {0: 2}, "b": {0: 2}}, False)


def test_gaps_of_asynchronous_progress(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/3": visits(30),
        "offsets/17": visits(170),
        "offsets/40": visits(400),
        "commits/3": COMMIT,
        "commits/17": COMMIT,
    }
    progress = read(tmp_path, files)
    assert (progress.batch_id, progress.planned_batch_id, progress.in_flight) == (17, 40, True)
    assert progress.warnings == ()


def test_batches_are_ordered_by_number(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/9": visits(9),
        "offsets/10": visits(10),
        "commits/9": COMMIT,
        "commits/10": COMMIT,
    }
    assert read(tmp_path, files).batch_id == 10


def test_commit_without_offsets(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"offsets/6": visits(60), "commits/6": COMMIT, "commits/7": COMMIT}
    progress = read(tmp_path, files)
    assert (progress.batch_id, progress.planned_batch_id) == (6, 6)
    assert not progress.in_flight
    (warning,) = progress.warnings
    assert "Batch 7 is committed and has no offsets file" in warning
    assert "batch 6 counts" in warning


@pytest.mark.parametrize("torn", ["", "v1", visits(50)[:-4], "v3\n\n{}", b"\0" * 50, b"\xff\xfe"])
def test_torn_planned_file(tmp_path: Path, torn: str | bytes) -> None:
    progress = read(tmp_path, {"offsets/4": visits(40), "offsets/5": torn, "commits/4": COMMIT})
    assert (progress.batch_id, progress.planned_batch_id, progress.in_flight) == (4, 4, True)
    assert progress.planned == {"visits": {0: 40}}
    (warning,) = progress.warnings
    assert warning.startswith("offsets/5 is left out. The ")


def test_torn_committed_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/4": visits(40),
        "offsets/5": "",
        "commits/4": COMMIT,
        "commits/5": COMMIT,
    }
    progress = read(tmp_path, files)
    assert (progress.batch_id, progress.committed, progress.in_flight) == (4, {"visits": {0: 40}}, False)
    assert progress.warnings == ("offsets/5 is left out. The file is empty.",)


def test_more_torn_files_than_are_tried(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/0": visits(1),
        "commits/0": COMMIT,
        **{f"offsets/{n}": "" for n in range(1, 31)},
    }
    progress = read(tmp_path, files)
    assert (progress.batch_id, progress.planned_batch_id, progress.in_flight) == (0, 0, True)
    assert progress.planned == progress.committed == {"visits": {0: 1}}
    assert len(progress.warnings) == 21
    assert progress.warnings[-1] == "The offsets of none of the newest 20 batches can be read."
    with pytest.raises(CheckpointError, match=r"up to 30, and the offsets of none .*is left out"):
        read(tmp_path, {f"commits/{n}": COMMIT for n in range(1, 31)})


def test_commits_whose_offsets_are_all_gone(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="None of them has an offsets file"):
        read(tmp_path / "none", {"commits/3": COMMIT})
    with pytest.raises(CheckpointError, match="None of them has an offsets file"):
        read(tmp_path / "newer", {"commits/3": COMMIT, "offsets/4": visits(40)})
    with pytest.raises(CheckpointError, match=r"offsets/3 is left out\. The file is empty"):
        read(tmp_path / "torn", {"commits/3": COMMIT, "offsets/3": ""})


def test_nothing_but_a_torn_first_batch(tmp_path: Path) -> None:
    progress = read(tmp_path, {"offsets/0": "v1", "sources/0/0": b'\0v1\n{"visits":{"0":-2}}'})
    assert (progress.query_id, progress.batch_id, progress.planned_batch_id) == (QUERY_ID, None, None)
    assert (progress.log_version, progress.planned, progress.in_flight) == (None, {}, True)
    assert progress.initial == {"visits": {0: -2}}
    assert progress.warnings == (
        "offsets/0 is left out. The file ends after its version: it was cut off.",
        "The offsets of none of the newest 1 batches can be read.",
    )


def test_a_query_that_has_just_started(tmp_path: Path) -> None:
    progress = read(tmp_path, {})
    made = (tmp_path / "metadata").stat().st_mtime
    assert progress == JobProgress(
        made_at=datetime.fromtimestamp(made, UTC),
        query_id=QUERY_ID,
        log_version=None,
        batch_id=None,
        committed_at=None,
        committed={},
        planned_batch_id=None,
        planned={},
        initial={},
        in_flight=False,
        warnings=(),
    )
    for name in ("offsets", "commits", "sources"):
        (tmp_path / name).mkdir()
    assert CheckpointFolder(str(tmp_path)).read() == progress


def test_an_empty_commit_is_a_commit(tmp_path: Path) -> None:
    progress = read(tmp_path, {"offsets/0": visits(5), "commits/0": ""})
    assert (progress.batch_id, progress.in_flight) == (0, False)
    assert progress.warnings == ("commits/0 is an empty file; the batch counts as committed.",)


def test_the_content_of_a_commit_does_not_matter(tmp_path: Path) -> None:
    progress = read(tmp_path, {"offsets/0": visits(5), "commits/0": b"\xff nonsense"})
    assert (progress.batch_id, progress.warnings) == (0, ())


@pytest.mark.parametrize(
    "content", ["", '{"id":"07130', "{}", '{"id":7}', '{"id":""}', "[1]", b"\xff", b"\0" * 9, "[" * 99_999]
)
def test_metadata_that_is_not_sparks(tmp_path: Path, content: str | bytes) -> None:
    progress = read(tmp_path, {"metadata": content, "offsets/0": visits(5), "commits/0": COMMIT})
    assert (progress.query_id, progress.batch_id) == (None, 0)
    (warning,) = progress.warnings
    assert warning.startswith("metadata cannot be used, so the query's id is unknown. The file ")


def test_missing_metadata(tmp_path: Path) -> None:
    write(tmp_path, {"offsets/0": visits(5), "commits/0": COMMIT})
    (tmp_path / "metadata").unlink()
    progress = CheckpointFolder(str(tmp_path)).read()
    assert (progress.query_id, progress.batch_id) == (None, 0)
    assert progress.warnings == ("There is no file metadata: the query's id is unknown.",)


def test_one_topic_in_two_sources(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/0": offsets('{"t":{"0":5,"1":9}}', '{"t":{"0":7,"1":8}}'),
        "offsets/1": offsets('{"t":{"0":6,"1":9}}', '{"t":{"0":7,"1":9}}'),
        "commits/0": COMMIT,
        "sources/0/0": b'\0v1\n{"t":{"0":3,"1":-1}}',
        "sources/1/0": b'\0v1\n{"t":{"0":-2,"1":4}}',
    }
    progress = read(tmp_path, files, with_initial=True)
    assert progress.committed == {"t": {0: 5, 1: 8}}
    assert progress.planned == {"t": {0: 6, 1: 9}}
    assert progress.initial == {"t": {0: -2, 1: 4}}
    (warning,) = progress.warnings  # once, although three maps have it
    assert 'Topic "t" is read by sources 0 and 1' in warning


def test_a_source_that_is_not_kafka_beside_one_that_is(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "offsets/0": offsets('{"logOffset":0}', '{"t":{"0":5}}'),
        "offsets/1": offsets('{"logOffset":1}', '{"t":{"0":6}}'),
        "commits/0": COMMIT,
        "sources/0/0": 'v1\n{"path":"file:///a","timestamp":1,"batchId":0}',
        "sources/1/0": b'\0v1\n{"t":{"0":0}}',
    }
    progress = read(tmp_path, files, with_initial=True)
    assert (progress.committed, progress.planned) == ({"t": {0: 5}}, {"t": {0: 6}})
    assert progress.initial == {"t": {0: 0}}
    (warning,) = progress.warnings
    assert (
        warning
        == "Source 0 is not a Kafka source (its offset is an object with 'logOffset'): it is left out."
    )


def test_a_foreign_source_before_the_first_batch(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"sources/0/0": 'v1\n{"path":"file:///a","timestamp":1,"batchId":0}'}
    (warning,) = read(tmp_path, files).warnings
    assert warning.startswith("Source 0 is not a Kafka source")


def test_a_source_without_an_offset_yet(tmp_path: Path) -> None:
    progress = read(tmp_path, {"offsets/0": offsets("-", '{"t":{"0":5}}'), "commits/0": COMMIT})
    assert (progress.committed, progress.warnings) == ({"t": {0: 5}}, ())


def test_odd_initial_offsets(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "sources/0/0": b"\0v1\n{",
        "sources/1/1": "v1\nanother file",
        "sources/2": "a file",
        "sources/.3.crc": "",
        "sources/named/0": b'\0v1\n{"t":{"0":4}}',
    }
    progress = read(tmp_path, files)
    assert progress.initial == {"t": {0: 4}}
    (warning,) = progress.warnings
    assert warning.startswith("sources/0/0 is left out. ")


def test_a_checkpoint_that_is_made_anew(tmp_path: Path) -> None:
    folder = CheckpointFolder(write(tmp_path, {"offsets/8": visits(80), "commits/8": COMMIT}))
    assert folder.read().batch_id == 8
    for name in ("offsets/8", "commits/8"):
        (tmp_path / name).unlink()
    write(tmp_path, {"metadata": '{"id":"another"}', "offsets/0": visits(3)})
    progress = folder.read()
    assert (progress.query_id, progress.batch_id, progress.planned) == ("another", None, {"visits": {0: 3}})
