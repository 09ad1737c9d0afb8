"""The clock beside Spark's queries: a pipeline is looked at whether or not a batch comes."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Lock, Thread

from offline_observer.clock import Clock
from offline_observer.config.model import Config, Pipeline
from offline_observer.dataset_profiler import ProfileEntry
from offline_observer.errors import JournalError
from offline_observer.journal.journal import Journal
from offline_observer.observation import DatasetObservation, Document, JobObservation
from offline_observer.pipeline import PipelineObserver
from offline_observer.schedule import lag_seconds, next_tick
from offline_observer.stop import Stop

_STOP_SECONDS = 2.0


Idle = Callable[[], DatasetObservation | None]
"""What there is to say of a dataset while no batch comes; None when one does."""

ProfileLook = Callable[[datetime], AbstractContextManager[ProfileEntry | None]]
"""What a look that began at that time makes of the dataset's profile. It counts when the block ends without an error."""


class PipelineClock:
    """Looks at one pipeline on the driver each `every`, in a thread of its own: its job's lag, a dataset that is quiet.

    Args:
        config: The whole configuration.
        pipeline: The pipeline.
        journal: Where the observations go.
        clock: The clock.
        stop: Ends it.
        say: Told what cannot be written.
        own: Gives what a document says of the observer itself.

    Attributes:
        idle: Asked for the dataset; None when the pipeline has none.
        profile: Asked for the dataset's profile whenever there is something to say of the dataset; None likewise.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(
        self,
        config: Config,
        pipeline: Pipeline,
        journal: Journal,
        clock: Clock,
        stop: Stop,
        say: Callable[[str], None],
        own: Callable[[], Document] = dict,
    ) -> None:
        self._name = pipeline.name
        self._every = config.every.total_seconds()
        self._seconds = lag_seconds(self._every)
        self._observer = PipelineObserver(
            config, pipeline.model_copy(update={"dataset": None}), journal, clock, own=own
        )
        self.idle: Idle | None = None
        self.profile: ProfileLook | None = None
        self._clock = clock
        self._stop = stop
        self._say = say
        self._turn = Lock()
        self._thread = Thread(target=self._run, name=f"looking at {pipeline.name}", daemon=True)

    def start(self) -> None:
        """Starts ticking."""
        self._thread.start()

    def look(self) -> JobObservation | None:
        """The job's lag now; `unknown`, with the reason, when it cannot be measured in time."""
        with self._turn:
            return self._look()

    def _look(self) -> JobObservation | None:
        self._observer.start_lag(self._seconds)
        return self._observer.finish_lag(self._seconds, self._stop)

    def _run(self) -> None:
        start = self._clock.monotonic()
        while not self._stop.is_set():
            self._tick()
            now = self._clock.monotonic()
            self._clock.wait(self._stop, next_tick(start, self._every, now) - now)

    def _tick(self) -> None:
        timestamp = self._clock.now()
        with self._turn:
            job = self._look()
        if self._stop.is_set():
            return  # a lag that was not waited for is not an unknown one
        try:
            dataset = self.idle() if self.idle else None
            if job is None and dataset is None:
                return
            look = self.profile(timestamp) if self.profile and dataset else nullcontext()
            with self._turn, look as profile:
                self._observer.write(timestamp, job, (dataset, None) if dataset else None, profile)
        except JournalError as error:
            self._say(f"{self._name}: not written: {error}")
        except Exception as error:  # noqa: BLE001 - one tick's fault must not end the looking
            self._say(f"{self._name}: fault in this program: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Lets go of the connections, after it was told to stop."""
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        self._observer.close()
