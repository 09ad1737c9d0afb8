"""The looks at one job and what is remembered of it, from look to look (pure: it is given the looks)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offline_observer.checkpoint.progress import JobProgress
from offline_observer.lag.assigned import without_partitions_of_others
from offline_observer.lag.growth import goes_back, is_slow
from offline_observer.lag.judge import judge
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.memory import JobMemory, remember
from offline_observer.lag.past import EndsAt, commits_to_look_at, past_looks
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.trace import Trace, trace_of
from offline_observer.lag.waiting import Waits, waits_of

# What health looks back on. At one look a second that would be many; of the older ones some are enough.
_HISTORY_SECONDS = 900.0
_DENSE_LOOKS = 30
_SPARSE_SECONDS = 10.0


class JobHistory:
    """The history of one job.

    Args:
        settings: Thresholds for the job's health.

    Attributes:
        memory: What is remembered of the job. To be kept where it is to be known after a restart.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._settings = settings
        self._traces: list[Trace] = []
        self._last: Look | None = None
        self._past: tuple[Trace, ...] = ()
        self._waits: Waits = {}
        self.memory = JobMemory()

    def acknowledge(self, through: int) -> None:
        """Incidents up to this number give no status from the next look on."""
        self.memory = replace(self.memory, acknowledged=max(self.memory.acknowledged, through))

    @property
    def wants_past(self) -> bool:
        """Whether the next look is to bring the job's own past.

        So it is until the looks go back far enough, and always for a job whose batches are so long that the looks that
        are kept do not tell how its lag goes.
        """
        return self._last is None or is_slow(self._last) or not goes_back(self._traces, self._last.monotonic)

    def commits_to_ask_for(self, progress: JobProgress) -> tuple[datetime, ...]:
        """The times for which the ends of the partitions are wanted with this look; mostly none."""
        known = self._past[-1].batch_id if self._past else None
        return commits_to_look_at(progress) if known != progress.batch_id else ()

    def see(self, look: Look, progress: JobProgress, ends: Sequence[EndsAt] = ()) -> JobLag:
        """Takes in a look, and says what is to be said of the job.

        Args:
            look: The look.
            progress: What it read of the checkpoint.
            ends: Per time of `commits_to_ask_for`, where the partitions ended.
        """
        oldest = look.monotonic - _HISTORY_SECONDS
        self._traces = [trace for trace in self._traces if trace.monotonic >= oldest]
        previous = self._last if self._traces else None
        self.memory = remember(self.memory, look, previous)
        look = without_partitions_of_others(look, self.memory.unplanned)
        if previous and previous.query_id and look.query_id not in (None, previous.query_id):
            self._traces = []  # another query's history
            self._past = ()
            self._waits = {}
        index = self._traces[-1].index if self._traces else None
        trace = trace_of(look, index)
        if ends:
            self._past = tuple(trace_of(one, trace.index) for one in past_looks(look, progress, ends))
        before = sorted((*self._past, *self._traces), key=lambda one: one.monotonic)
        self._last = look
        self._keep(trace)
        self._waits = waits_of(look, before, self._waits)
        return judge(look, before, self._settings, self.memory, self._waits)

    def _keep(self, trace: Trace) -> None:
        """The newest looks are all kept; of those before them, one every few seconds."""
        self._traces.append(trace)
        place = len(self._traces) - _DENSE_LOOKS
        if place > 0:
            older, younger = self._traces[place - 1 : place + 1]
            if younger.monotonic - older.monotonic < _SPARSE_SECONDS:
                del self._traces[place]
