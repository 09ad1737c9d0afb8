"""Our reports: the kernel sums up the records, and the process that makes reports makes the page."""

from datetime import timedelta

from benchmarks.profiling.rows import COLUMNS, Rows
from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.errors import ReportError
from offline_observer.formats.format import FormatSettings
from offline_observer.kafka.records import BATCH
from offline_observer.profile.profile import Profile
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profile.window import Window
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.times import EPOCH
from offline_observer.reports.report_maker import ReportSettings, report_task
from offline_observer.reports.report_worker import ReportWorker
from offline_observer.stop import Stop

_SETTINGS = ReportSettings(
    topic="visits", properties={}, isolation_level="read_committed", format=FormatSettings()
)


class Ours:
    """As the observer has it, but that no record comes from Kafka: all stay in memory until the report is made."""

    name = "ours"

    def __init__(self) -> None:
        self._worker: ReportWorker | None = None

    @property
    def _running(self) -> ReportWorker:
        if self._worker is None:
            raise RuntimeError("it was not started")
        return self._worker

    @property
    def pid(self) -> int | None:
        return self._worker.pid if self._worker else None

    def start(self) -> None:
        self._worker = ReportWorker()
        # It says that it is ready when it is asked for a report. One of no fields takes no time.
        task = report_task(Window(start=EPOCH, end=EPOCH), _SETTINGS, Stop())
        self._worker.make(task, 60.0, Stop())

    def make(self, rows: Rows, seconds: float) -> bytes:
        task = report_task(_window(rows.values), _SETTINGS, Stop())
        try:
            return self._running.make(task, seconds, Stop()).html
        except ReportError as error:
            if "within" not in str(error):
                raise
            # The worker has another process by now.
            self.close()
            raise TimeoutError(str(error)) from None

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def _window(values: list[bytes]) -> Window:
    """The window that the observer would have of these records. All are in its sample."""
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=COLUMNS, sample=len(values))))
    chunks = (
        ValueChunk(values[first : first + BATCH], first_offset=first)
        for first in range(0, len(values), BATCH)
    )
    profile = kernel.summarize(chunks, EPOCH).profile
    if not isinstance(profile, Profile):
        raise TypeError("the kernel made no profile")
    return Window(
        start=EPOCH,
        end=EPOCH + timedelta(minutes=5),
        records=len(values),
        ranges={0: (0, len(values))},
        profile=profile,
    )
