"""The report of a range that is profiled at once."""

from pathlib import Path
from types import TracebackType
from typing import Self

from offline_observer.engine.past_profile import PastDataset
from offline_observer.profile.window import Window
from offline_observer.reports.report_folder import HTML, time_name, write_page
from offline_observer.reports.report_maker import ReportSettings, report_task
from offline_observer.reports.report_worker import ReportWorker
from offline_observer.stop import Stop


class PastReport:
    """Has a worker process load its libraries while the records are read.

    Args:
        dataset: Of what the report is.
    """

    def __init__(self, dataset: PastDataset) -> None:
        self._settings = ReportSettings(
            topic=dataset.topic,
            properties=dataset.properties,
            isolation_level=dataset.isolation_level,
            format=dataset.format,
            mask=dataset.mask,
            left_out=dataset.left_out,
        )
        self._worker = ReportWorker()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.close()

    def write(self, window: Window, path: Path, seconds: float, stop: Stop) -> None:
        """Makes the report, and writes its two files.

        Args:
            window: What was read, with its sample.
            path: The page's path. What it can be compared by later goes beside it.
            seconds: How long making it may take.
            stop: When it is set, it is given up.

        Raises:
            ReportError: It cannot be made or written.
            BrokerError: The sample's records are to be read again, and Kafka cannot be reached.
        """
        made = self._worker.make(report_task(window, self._settings, stop), seconds, stop)
        write_page(path, made.html, made.kept)


def page_path(folder: Path, window: Window, topic: str) -> Path:
    """Where the page of a range goes when nobody has said it. It is not taken for a window's, and so it is not removed."""
    return folder / f"{topic}_{time_name(window.start)}_to_{time_name(window.end)}{HTML}"
