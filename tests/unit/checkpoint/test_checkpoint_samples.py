"""The real checkpoints, with what is right for each written out."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.progress import JobProgress, Offsets

SAMPLES = Path(__file__).parents[2] / "data" / "checkpoints"
COMMITTED_AT = datetime(2026, 11, 25, 1, 2, 3, 456_000, UTC)


def done(
    query_id: str, batch_id: int, committed: Offsets, initial: Offsets, log_version: int = 1
) -> JobProgress:
    """A query whose newest batch is committed."""
    return JobProgress(
        query_id=query_id,
        log_version=log_version,
        batch_id=batch_id,
        committed_at=COMMITTED_AT,
        committed=committed,
        planned_batch_id=batch_id,
        planned=committed,
        initial=initial,
        in_flight=False,
        warnings=(),
    )


FROM_0 = {0: 0, 1: 0}
EXPECTED = {
    "add_partition": done(
        "27f676c3-a051-413a-8298-413c5882382e", 1, {"t5": {0: 379, 1: 212, 2: 109}}, {"t5": FROM_0}
    ),
    "async_progress": done(
        "2ee11fae-f0f0-426c-b1bb-0b07b6044fc6", 1, {"t3": {0: 143, 1: 407}}, {"t3": FROM_0}
    ),
    "available_now_maxoffsets": done(
        "a18ebefe-7366-4e74-9a6a-7e0f90391ee8", 2, {"t1": {0: 63, 1: 437}}, {"t1": FROM_0}
    ),
    "base": done("07130aa4-6f81-4028-8573-e5069b63e447", 0, {"visits": {0: 609, 1: 391}}, {"visits": FROM_0}),
    "continuous": done("9590b2f7-8ce7-4ecd-ba80-036a4dee43e9", 9, {"t4": {0: 281, 1: 169}}, {}),
    "failed_batch_uncommitted": JobProgress(
        query_id="47796b61-d29e-462c-9894-c5765cb77713",
        log_version=1,
        batch_id=None,
        committed_at=None,
        committed={},
        planned_batch_id=0,
        planned={"n3": {0: 393, 1: 207}},
        initial={"n3": FROM_0},
        in_flight=True,
        warnings=(),
    ),
    "foreach_batch": done("b03f0afa-4bba-49cd-97a5-89407cec86f7", 0, {"n1": {0: 260, 1: 40}}, {"n1": FROM_0}),
    "min_batches_2": done("12a39c57-07b1-44f6-a86c-8c63b92e1b5b", 7, {"n1": {0: 260, 1: 40}}, {"n1": FROM_0}),
    "offsetlog_v2": done(
        "9487cd70-67dc-4630-96c9-6aa72b932cb6", 0, {"t1": {0: 63, 1: 437}}, {"t1": FROM_0}, log_version=2
    ),
    "offsetlog_v2_two_sources": done(
        "6500ba38-caff-445c-a3df-72bd766ed796",
        0,
        {"t1": {0: 63, 1: 437}, "t2": {0: 247, 1: 53}},
        {"t1": FROM_0, "t2": FROM_0},
        log_version=2,
    ),
    "once": done("302cd75f-b77f-4d59-8cfb-6d474e99c8bf", 0, {"t1": {0: 63, 1: 437}}, {"t1": FROM_0}),
    "processing_time": done(
        "4de37b5a-cae1-4c8f-955c-dcca6ca9860c", 2, {"t3": {0: 118, 1: 382}}, {"t3": FROM_0}
    ),
    "stateful_agg": done("1784a1af-82fd-4830-b1d7-6c7fde423c9b", 0, {"t1": {0: 63, 1: 437}}, {"t1": FROM_0}),
    "two_sources": done(
        "531dac4e-33c8-4215-bdd3-dcefd392c400",
        0,
        {"t1": {0: 63, 1: 437}, "t2": {0: 247, 1: 53}},
        {"t1": FROM_0, "t2": FROM_0},
    ),
    "two_topics_one_source": done(
        "8eac7964-c2e3-439f-bf47-e60646b7eaf2",
        0,
        {"t1": {0: 63, 1: 437}, "t2": {0: 247, 1: 53}},
        {"t1": FROM_0, "t2": FROM_0},
    ),
}


def test_each_sample_is_expected() -> None:
    assert {folder.name for folder in SAMPLES.iterdir() if folder.is_dir()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_progress_of_a_sample(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(SAMPLES / name, folder)
    expected = EXPECTED[name]
    if expected.batch_id is not None:
        seconds = COMMITTED_AT.timestamp()
        os.utime(folder / "commits" / str(expected.batch_id), (seconds, seconds))
    found = CheckpointFolder(str(folder)).read(with_initial=True)
    assert replace(found, commit_times=(), planned_at=None, made_at=None) == expected


def test_the_times_of_a_sample(tmp_path: Path) -> None:
    folder = tmp_path / "processing_time"
    shutil.copytree(SAMPLES / "processing_time", folder)
    times = [COMMITTED_AT + timedelta(seconds=seconds) for seconds in (0, 10, 19)]
    for batch, time in enumerate(times):
        os.utime(folder / "commits" / str(batch), (time.timestamp(), time.timestamp()))
    progress = CheckpointFolder(str(folder)).read()
    assert progress.commit_times == tuple(times)
    assert progress.planned_at == datetime(2026, 11, 25, 0, 42, 46, 10_000, tzinfo=UTC)
    # Continuous mode writes no time of a batch.
    assert CheckpointFolder(str(SAMPLES / "continuous")).read().planned_at is None


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_initial_offsets_are_read_only_where_nothing_is_committed(name: str) -> None:
    progress = CheckpointFolder(str(SAMPLES / name)).read()
    assert progress.initial == ({"n3": FROM_0} if name == "failed_batch_uncommitted" else {})


def test_initial_offsets_can_be_refused() -> None:
    folder = CheckpointFolder(str(SAMPLES / "failed_batch_uncommitted"))
    assert folder.read(with_initial=False).initial == {}


def test_checksums_are_there_to_be_ignored() -> None:
    assert (SAMPLES / "base" / "offsets" / ".0.crc").is_file()
    assert (SAMPLES / "min_batches_2" / "commits" / ".7.crc").is_file()
