"""The looks at one job and what is remembered of it, from look to look (pure: it is given the looks)."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from offline_observer.checkpoint.progress import JobProgress
from offline_observer.lag.assigned import without_partitions_of_others
from offline_observer.lag.growth import LAGGING_RHYTHMS
from offline_observer.lag.judge import judge
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.memory import JobMemory, remember
from offline_observer.lag.past import EndsAt, commits_to_look_at, past_looks
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.waiting import rhythm

# What health looks back on. At one look a second that would be many; the newest are enough.
_HISTORY_SECONDS = 900.0
_MOST_LOOKS = 180


class JobHistory:
    """The history of one job.

    Args:
        settings: Thresholds for the job's health.

    Attributes:
        memory: What is remembered of the job. To be kept where it is to be known after a restart.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._settings = settings
        self._looks: deque[Look] = deque(maxlen=_MOST_LOOKS)
        self._past: tuple[Look, ...] = ()
        self._acknowledged = 0
        self.memory = JobMemory()

    def acknowledge(self, through: int) -> None:
        """Incidents up to this number give no status from the next look on."""
        self._acknowledged = max(self._acknowledged, through)

    @property
    def wants_past(self) -> bool:
        """Whether the next look is to bring the job's own past.

        So it is at first sight, and always for a job whose batches are so long that the looks that are kept do not
        tell how its lag goes.
        """
        return not self._looks or _is_slow(self._looks[-1])

    def commits_to_ask_for(self, progress: JobProgress) -> tuple[datetime, ...]:
        """The times for which the ends of the partitions are wanted with this look; mostly none."""
        known = self._past[-1].lag.batch_id if self._past else None
        return commits_to_look_at(progress) if known != progress.batch_id else ()

    def see(self, look: Look, progress: JobProgress, ends: Sequence[EndsAt] = ()) -> JobLag:
        """Takes in a look, and says what is to be said of the job.

        Args:
            look: The look.
            progress: What it read of the checkpoint.
            ends: Per time of `commits_to_ask_for`, where the partitions ended.
        """
        while self._looks and self._looks[0].monotonic < look.monotonic - _HISTORY_SECONDS:
            self._looks.popleft()
        previous = self._looks[-1] if self._looks else None
        self.memory = remember(self.memory, look, previous, self._acknowledged)
        look = without_partitions_of_others(look, self.memory.unplanned)
        if previous and previous.query_id and look.query_id not in (None, previous.query_id):
            self._looks.clear()  # another query's history
            self._past = ()
        if ends:
            self._past = past_looks(look, progress, ends)
        before = sorted((*self._past, *self._looks), key=lambda one: one.monotonic)
        self._looks.append(look)
        return judge(look, before, self._settings, self.memory)


def _is_slow(look: Look) -> bool:
    return LAGGING_RHYTHMS * (rhythm(look.commit_times) or 0.0) > _HISTORY_SECONDS / 2
