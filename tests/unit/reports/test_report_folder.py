import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.errors import EXIT_UNREACHABLE, ReportError
from offline_observer.reports.report_folder import ReportFolder, time_name

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HUGE = 1_000_000_000


def folder_of(path: Path, dataset: str = "visits", keep: int = 100, max_bytes: int = HUGE) -> ReportFolder:
    return ReportFolder(path, dataset, keep, max_bytes)


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir())


def contents(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir()}


@contextmanager
def small_files() -> Iterator[None]:
    """The kernel refuses larger files, as it does when a disk or a quota is full (Python ignores the signal for it).

    Also those of this process, the log of the tests among them: so only while nothing else is written.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_report_is_a_page_a_window_and_the_newest_page_under_a_name_that_stays(tmp_path: Path) -> None:
    path = tmp_path / "made" / "when needed"
    folder = folder_of(path)
    assert folder.reports() == []
    written = folder.write(NOON, b"<html>", b"window")
    assert written == path / "visits_20240501T120000Z.html"
    assert contents(path) == {
        "visits_20240501T120000Z.html": b"<html>",
        "visits_20240501T120000Z.profile": b"window",
        "visits_latest.html": b"<html>",
    }
    (report,) = folder.reports()
    assert (report.start, report.name) == (NOON, "visits_20240501T120000Z")


def test_the_latest_one_is_the_newest_window_also_when_an_older_one_is_made_after_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.write(NOON, b"noon", b"")
    folder.write(NOON + MINUTE, b"after", b"")
    assert folder.latest.read_bytes() == b"after"
    folder.write(NOON - MINUTE, b"before", b"")
    assert folder.latest.read_bytes() == b"after"
    folder.write(NOON + MINUTE, b"again", b"")
    assert folder.latest.read_bytes() == b"again"


def test_reports_are_in_the_order_of_their_windows_whatever_their_fraction(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    starts = [NOON + timedelta(milliseconds=number) for number in (1500, 0, 1, 999, 1000, 10)]
    for start in starts:
        folder.write(start, b"", b"")
    assert [one.start for one in folder.reports()] == sorted(starts)
    assert len({one.name for one in folder.reports()}) == len(starts)


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        (NOON, "20240501T120000Z"),
        (NOON + timedelta(milliseconds=7), "20240501T120000.007Z"),
        (NOON + timedelta(microseconds=999), "20240501T120000Z"),
        (datetime.fromisoformat("2024-05-01T02:30:00+02:30"), "20240501T000000Z"),
    ],
)
def test_a_time_in_a_name_is_in_utc(moment: datetime, name: str) -> None:
    assert time_name(moment) == name


def test_the_oldest_go_when_there_are_more_than_are_kept(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, keep=3)
    for number in range(6):
        folder.write(NOON + number * MINUTE, b"%d" % number, b"w")
    assert [one.start for one in folder.reports()] == [NOON + number * MINUTE for number in (3, 4, 5)]
    assert len(names(tmp_path)) == 7, "the windows have gone with their pages"


def test_the_oldest_go_when_all_together_are_too_large(tmp_path: Path) -> None:
    # The newest one is there twice, under its own name and as the latest.
    folder = folder_of(tmp_path, max_bytes=500)
    for number in range(6):
        folder.write(NOON + number * MINUTE, b"x" * 60, b"y" * 40)
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 500
    assert [one.start for one in folder.reports()] == [NOON + number * MINUTE for number in (2, 3, 4, 5)]


def test_the_newest_is_kept_however_large_it_is(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, keep=1, max_bytes=1)
    folder.write(NOON, b"x" * 1000, b"y" * 1000)
    folder.write(NOON + MINUTE, b"x" * 1000, b"y" * 1000)
    assert [one.start for one in folder.reports()] == [NOON + MINUTE]


def test_one_that_is_made_of_an_old_window_is_not_removed_at_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, keep=1)
    folder.write(NOON, b"", b"")
    assert folder.write(NOON - MINUTE, b"old", b"").read_bytes() == b"old"
    folder.write(NOON + MINUTE, b"", b"")
    assert [one.start for one in folder.reports()] == [NOON + MINUTE]


def test_small_ones_older_than_a_large_one_do_not_outlive_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, max_bytes=1000)
    for number, size in enumerate((10, 2000, 10)):
        folder.write(NOON + number * MINUTE, b"x" * size, b"")
    assert [one.start for one in folder.reports()] == [NOON + 2 * MINUTE]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("visits", "visits_2024"),
        ("visits", "visits_20240501T120000Z"),
        ("visits", "visits.eu"),
        ("visits", "visits-eu"),
        ("visits.eu", "visits-eu"),
        ("v.s", "vis"),
        ("visits", "Visits"),
        ("visits", "visits_latest"),
    ],
)
def test_datasets_with_names_alike_in_one_folder_are_not_mixed_up(
    tmp_path: Path, one: str, other: str
) -> None:
    first, second = folder_of(tmp_path, one, keep=1), folder_of(tmp_path, other, keep=1)
    for start in (NOON, NOON + MINUTE):
        first.write(start, b"first", b"")
        second.write(start, b"second", b"")
    assert [report.name for report in first.reports()] == [f"{one}_20240501T120100Z"]
    assert [report.name for report in second.reports()] == [f"{other}_20240501T120100Z"]
    assert first.latest.read_bytes() == b"first"
    assert second.latest.read_bytes() == b"second"


def test_what_a_killed_writer_left_goes_once_it_is_old(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from offline_observer.reports.report_folder import ReportFolder\n"
        "ReportFolder(Path(sys.argv[1]), 'visits', 5, 10**9).write(datetime(2024, 1, 1, tzinfo=UTC), b'x', b'y')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.suffix == ".part"
    folder = folder_of(tmp_path)
    assert folder.reports() == []
    folder.write(NOON, b"", b"")
    assert left.exists(), "another one may be at it"
    two_hours_ago = left.stat().st_mtime - 7200
    os.utime(left, (two_hours_ago, two_hours_ago))
    # Nor does that of a dataset of a name alike go, whose own writer sees to it.
    other = tmp_path / ".visits_2024_20240501T120000Z.html.7.part"
    other.touch()
    os.utime(other, (0, 0))
    folder.write(NOON + MINUTE, b"", b"")
    assert not left.exists()
    assert other.exists()


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    others = [
        "notes.html",
        "visits.html",
        "visits_.html",
        "visits_20240101T000000Z",
        "visits_20240101T000000Z.txt",
        "visits_20240101T000000Z.html.bak",
        "visits_20240101T000000Z-copy.html",
        "my_visits_20240101T000000Z.html",
        "visits_20240101T000000z.html",
        "visits_20240101.html",
        "visits_99999999T999999Z.html",
        "visits_20241399T000000Z.html",
        "visits_\u0662\u0660240101T000000Z.html",
        ".visits_.part",
        ".visits_notes.part",
        ".hidden",
        "a\nb.html",
    ]
    for name in others:
        path = tmp_path / name
        path.write_text(name)
        os.utime(path, (0, 0))
    (tmp_path / "visits_20240102T000000Z.html.d").mkdir()
    folder = folder_of(tmp_path, keep=1, max_bytes=1)
    for number in range(3):
        folder.write(NOON + number * MINUTE, b"page", b"window")
    assert len(folder.reports()) == 1
    assert {name: (tmp_path / name).read_text() for name in others} == {name: name for name in others}


def test_a_folder_with_the_name_of_a_report_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "visits_20240101T000000Z.html").mkdir()
    folder = folder_of(tmp_path, keep=1)
    folder.write(NOON, b"page", b"window")
    folder.write(NOON + MINUTE, b"page", b"window")
    assert [one.start for one in folder.reports()] == [NOON + MINUTE]
    assert (tmp_path / "visits_20240101T000000Z.html").is_dir()


def refusal(folder: ReportFolder, start: datetime = NOON) -> str:
    with pytest.raises(ReportError) as caught:
        folder.write(start, b"x" * 5000, b"y" * 500)
    assert caught.value.exit_code == EXIT_UNREACHABLE
    assert "see that the disk is not full and that the observer's user may write the folder" in str(
        caught.value
    )
    return str(caught.value)


def test_on_a_full_disk_there_is_no_half_report(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.write(NOON, b"small", b"window")
    before = contents(tmp_path)
    with small_files():
        message = refusal(folder, NOON + MINUTE)
    assert "File too large" in message
    assert contents(tmp_path) == before
    # Nor is one that is made again lost.
    with small_files():
        refusal(folder, NOON)
    assert contents(tmp_path)["visits_20240501T120000Z.html"] == b"small"
    assert names(tmp_path) == sorted(before)


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/reports", "/dev/null/reports"])
def test_where_no_folder_can_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    message = refusal(folder_of(tmp_path / place))
    assert message.startswith(f"cannot write {tmp_path / place}/visits_20240501T120000Z.html: ")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_one_may_not_write(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from offline_observer.errors import ReportError\n"
        "from offline_observer.reports.report_folder import ReportFolder\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "else: os.chmod(sys.argv[1], 0o500)\n"
        "try: ReportFolder(Path(sys.argv[1]), 'visits', 5, 10**9).write(datetime(2024, 1, 1, tzinfo=UTC), b'x', b'y')\n"
        "except ReportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "Permission denied; see that the disk is not full and that the observer's user" in done.stdout
    assert names(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_has_no_reports(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot read the folder"):
        folder_of(tmp_path / "file").reports()
