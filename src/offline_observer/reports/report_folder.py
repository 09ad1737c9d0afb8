"""The folder of reports: each is written whole or not at all, and they do not grow without end."""

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from offline_observer.errors import ReportError

HTML = ".html"
KEPT = ".profile"
"""The endings of a report's two files: the page, and the window that it was made from."""

_UNFINISHED = ".part"
_STALE_SECONDS = 3600.0
_TIME = r"[0-9]{8}T[0-9]{6}(?:\.[0-9]{3})?Z"


@dataclass(frozen=True, slots=True, order=True)
class KeptReport:
    """A report in the folder. They are ordered by time.

    Attributes:
        start: When its window begins.
        name: Its name, without the endings of its files.
    """

    start: datetime
    name: str


class ReportFolder:
    """The reports of one dataset.

    Args:
        folder: Where they are; made when the first is written.
        dataset: The dataset's topic.
        keep: How many are kept.
        max_bytes: How large their files may be together; the newest is kept whatever its size.
    """

    def __init__(self, folder: Path, dataset: str, keep: int, max_bytes: int) -> None:
        self.folder = folder
        self._dataset = dataset
        self._keep = keep
        self._max_bytes = max_bytes
        self._names = re.compile(f"{re.escape(dataset)}_({_TIME})")
        self._unfinished = re.compile(
            rf"\.{re.escape(dataset)}_(?:{_TIME}|latest)\.(?:html|profile)\.[0-9]+{re.escape(_UNFINISHED)}"
        )

    @property
    def latest(self) -> Path:
        """The report of the newest window, under a name that stays."""
        return self.folder / f"{self._dataset}_latest{HTML}"

    def write(self, start: datetime, html: bytes, kept: bytes) -> Path:
        """Adds a report, and removes the oldest that are too many.

        Args:
            start: When its window begins.
            html: The page.
            kept: The window.

        Returns:
            The page's path.

        Raises:
            ReportError: It cannot be written: the disk is full, for instance. What was there is still there.
        """
        name = f"{self._dataset}_{time_name(start)}"
        path = self.folder / f"{name}{HTML}"
        with _report_errors(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            files = {self.folder / f"{name}{KEPT}": kept, path: html}
            if all(report.start <= start for report in self.reports() if report.name != name):
                files[self.latest] = html
            _write(files)
            self._prune(name)
        return path

    def reports(self) -> list[KeptReport]:
        """What is there, oldest first; empty when there is no folder.

        Raises:
            ReportError: The folder cannot be read.
        """
        try:
            names = [path.stem for path in self.folder.iterdir() if path.suffix == HTML and path.is_file()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ReportError(f"cannot read the folder {self.folder}: {error.strerror or error}") from None
        matches = ((name, self._names.fullmatch(name)) for name in names)
        starts = ((name, match and _time(match[1])) for name, match in matches)
        return sorted(KeptReport(start, name) for name, start in starts if start)

    def _prune(self, new: str) -> None:
        """Removes the oldest, until they are as few and as small as they are to be; never the new one."""
        left = self._max_bytes - _size(self.latest)
        for number, report in enumerate(reversed(self.reports())):
            files = [self.folder / f"{report.name}{ending}" for ending in (HTML, KEPT)]
            left -= sum(map(_size, files))
            if number and report.name != new and (number >= self._keep or left < 0):
                for path in files:
                    path.unlink(missing_ok=True)
        # What one that was killed was writing.
        for path in self.folder.iterdir():
            if self._unfinished.fullmatch(path.name):
                with suppress(OSError):
                    if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                        path.unlink()


def time_name(moment: datetime) -> str:
    """A time as it stands in a file's name: 20240501T120000Z, with milliseconds when there are some."""
    utc = moment.astimezone(UTC)
    milliseconds = utc.microsecond // 1000
    return f"{utc:%Y%m%dT%H%M%S}{f'.{milliseconds:03}' if milliseconds else ''}Z"


def _time(text: str) -> datetime | None:
    """The time of a name; None for digits that are no time, which this program has not written."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def write_page(path: Path, page: bytes, kept: bytes | None = None) -> None:
    """Writes a page that is not among those of the windows; its folder is made when it is not there.

    Args:
        path: Where it goes.
        page: The page.
        kept: The window that it was made from, to go beside it.

    Raises:
        ReportError: It cannot be written. What was there is still there.
    """
    with _report_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write({path: page} if kept is None else {path.with_suffix(KEPT): kept, path: page})


def _write(files: Mapping[Path, bytes]) -> None:
    """Writes files whole, or leaves what was there: none is in its place before all are on the disk."""
    unfinished = {path: path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}") for path in files}
    try:
        for path, content in files.items():
            with unfinished[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            unfinished[path].replace(path)
    except BaseException:
        for path in unfinished.values():
            with suppress(OSError):
                path.unlink()
        raise


@contextmanager
def _report_errors(path: Path) -> Iterator[None]:
    """Turns what the disk raises into a `ReportError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"cannot write {path}: {error.strerror or error}; see that the disk is not full and that the "
            "observer's user may write the folder"
        ) from None
