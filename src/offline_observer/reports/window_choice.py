"""Which of the kept windows is meant."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from offline_observer.config.model import Dataset
from offline_observer.errors import ConfigError, ReportError
from offline_observer.reports.dataset_folder import report_folder
from offline_observer.reports.kept_window import KeptWindow, from_bytes
from offline_observer.reports.report_folder import HTML, KEPT
from offline_observer.time_text import format_time

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """A window that was meant.

    Attributes:
        name: The name of its report.
        folder: Where that is.
        window: The window.
    """

    name: str
    folder: Path
    window: KeptWindow


def chosen_window(dataset: Dataset, text: str) -> ChosenWindow:
    """The window that a text means: a report's name or path, a time within it, or `latest`.

    Raises:
        ConfigError: There is none.
        ReportError: It cannot be read.
    """
    path = Path(text)
    if path.suffix in (HTML, KEPT) and path.with_suffix(KEPT).exists():
        return _read(path.with_suffix(KEPT))
    folder = report_folder(dataset)
    if folder is None:
        raise ConfigError(
            f"the dataset {dataset.topic} keeps no reports; name a folder for them: profile: {{folder: ./profiles}}"
        )
    reports = folder.reports()
    if not reports:
        raise ConfigError(f"there is no report of {dataset.topic} in {folder.folder} yet")
    names = {report.name: report for report in reports}
    name = text.removesuffix(HTML).removesuffix(KEPT)
    found = reports[-1] if name in (LATEST, f"{dataset.topic}_{LATEST}") else names.get(name)
    if found is None and (kept := folder.folder / f"{name}{KEPT}").exists():
        return _read(kept)
    if found is not None:
        return _read(folder.folder / f"{found.name}{KEPT}")
    time = _time(text)
    if time is None:
        raise ConfigError(
            f"there is no report {text!r} in {folder.folder}; name one of {reports[0].name} to {reports[-1].name}, "
            f"a time such as {format_time(reports[-1].start)}, or {LATEST}"
        )
    before = [report for report in reports if report.start <= time]
    if before:
        chosen = _read(folder.folder / f"{before[-1].name}{KEPT}")
        if time < chosen.window.facts.end or time == chosen.window.facts.start:
            return chosen
    raise ConfigError(
        f"no report in {folder.folder} is of a window with {format_time(time)} in it; "
        f"the first begins at {format_time(reports[0].start)}, the last at {format_time(reports[-1].start)}"
    )


def _read(path: Path) -> ChosenWindow:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror or error}") from None
    return ChosenWindow(path.stem, path.parent, from_bytes(content))


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    if time.tzinfo is None:
        raise ConfigError(f"give the time a zone, such as 2026-01-01T00:00:00Z, found {text!r}")
    return time
