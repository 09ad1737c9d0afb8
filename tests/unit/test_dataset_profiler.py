"""What becomes of a dataset's windows when they are written, when they are not, and when no records come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.dataset_profiler import DatasetProfiler, ProfileEntry
from offline_observer.errors import JournalError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.profile.profiler import Profiler
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.summary import Summary

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
KERNEL = Kernel(KernelSpec(), sink=lambda: Profiler(ProfileSpec(fields=("page",))), sink_paths=("page",))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "observations.db")
    yield made
    made.close()


def profiler(journal: Journal, every: timedelta | int = FIVE) -> DatasetProfiler:
    return DatasetProfiler(
        journal,
        observer="o",
        pipeline="p",
        dataset="visits",
        every=every,
        baseline_of="visits",
        reports=None,
    )


def summary(count: int = 100, page: str = "a") -> Summary:
    return KERNEL.summarize([ValueChunk([b'{"page":"%s"}' % page.encode()] * count)], NOON)


def write(journal: Journal, profile: ProfileEntry) -> None:
    journal.append(
        Entry(
            pipeline="p",
            document={"kind": "observation"},
            windows=profile.windows,
            windows_of=profile.windows_of,
            profiles=profile.documents,
        )
    )


def counts(profile: ProfileEntry) -> list[object]:
    return [document["window_records"] for document in profile.documents]


def test_a_window_ends_although_no_records_come(journal: Journal) -> None:
    some = profiler(journal)
    with some.step("k", NOON, summary(), "t", {0: (0, 100)}) as profile:
        write(journal, profile)
    assert counts(profile) == []
    with some.step("k", NOON + FIVE / 2) as profile:
        assert (profile.windows, counts(profile)) == (None, [])
    with some.step("k", NOON + FIVE) as profile:
        write(journal, profile)
    assert counts(profile) == [100]
    with some.step("k", NOON + 2 * FIVE) as profile:
        assert (profile.windows, counts(profile)) == (None, [])


def test_what_is_not_written_is_not_counted(journal: Journal) -> None:
    some = profiler(journal)
    with pytest.raises(JournalError, match="full"), some.step("k", NOON, summary(), "t", {0: (0, 100)}):
        raise JournalError("the disk is full")
    with some.step("k", NOON, summary(), "t", {0: (0, 100)}) as profile:
        write(journal, profile)
    with pytest.raises(JournalError, match="full"), some.step("k", NOON + FIVE):
        raise JournalError("the disk is full")
    with some.step("k", NOON + FIVE) as profile:
        assert counts(profile) == [100]


def test_the_windows_of_a_key_are_taken_up_from_the_journal(journal: Journal) -> None:
    with profiler(journal).step("one query", NOON, summary(), "t", {0: (0, 100)}) as profile:
        write(journal, profile)
    again = profiler(journal)
    with again.step("another query", NOON, summary(7), "t", {0: (0, 7)}) as profile:
        write(journal, profile)
    with again.step("one query", NOON + FIVE) as profile:
        assert counts(profile) == [100]
    with again.step("another query", NOON + FIVE) as profile:
        assert counts(profile) == [7]


def test_the_drift_is_told_while_the_windows_stay_as_they_are(journal: Journal) -> None:
    some = profiler(journal, every=1)
    with some.news() as profile:
        assert profile.part["drift_max"] is None
    for number, page in enumerate("ab"):
        with some.step("k", NOON + number * FIVE, summary(page=page), "t", {0: (0, 100)}) as profile:
            write(journal, profile)
            assert counts(profile) == [100]
    told = profile.part
    assert told["drift_field"] == "page"
    with some.news() as profile:
        assert profile == ProfileEntry(part=told)


def test_a_fault_loses_the_window_under_way_and_not_the_next(journal: Journal) -> None:
    some = profiler(journal)
    with some.step("k", NOON, summary(), "t", {0: (0, 100)}) as profile:
        write(journal, profile)
    with some.step("k", NOON, summary(), "t", {0: "no range"}) as profile:  # type: ignore[dict-item]
        assert "fault in this program: ValueError" in str(profile.part["profile_error"])
        write(journal, profile)
    with some.step("k", NOON, summary(3), "t", {0: (0, 3)}) as profile:
        assert profile.part["profile_error"] is None
        write(journal, profile)
    with some.step("k", NOON + FIVE) as profile:
        assert counts(profile) == [3]
