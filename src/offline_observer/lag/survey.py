"""The lag of all jobs of a configuration, each measured beside the others and none waiting for another."""

from collections.abc import Mapping, Sequence

from offline_observer.clock import Clock
from offline_observer.config.model import Config, Pipeline
from offline_observer.errors import ObserverError
from offline_observer.lag.lag import JobLag, unknown_lag
from offline_observer.lag.memory import recalled_memory
from offline_observer.lag.meter import LagMeter
from offline_observer.lag.settings import HealthSettings
from offline_observer.part import Part
from offline_observer.stop import Stop

# The checkpoint, the topics, their offsets: each step has the timeout.
STEPS = 3


def make_meter(config: Config, pipeline: Pipeline, clock: Clock) -> LagMeter | None:
    """The meter for a pipeline's job; None when the pipeline has none.

    Raises:
        ConfigError: librdkafka refuses a property.
    """
    if pipeline.job is None:
        return None
    job = pipeline.job
    settings = HealthSettings(
        expected_every=job.expected_every,
        stalled_after=job.stalled_after,
        start_timeout=job.start_timeout,
        retention_warning=job.retention_warning,
    )
    return LagMeter(
        job.checkpoint, config.kafka_of_job(pipeline), job.isolation_level, clock, settings, job.storage
    )


class Survey:
    """All jobs of a configuration.

    Args:
        config: The configuration.
        clock: The clock.

    Raises:
        ConfigError: librdkafka refuses a property.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self._recalled: dict[str, tuple[str, int]] = {}
        self._jobs: list[tuple[str, str, LagMeter, Part[JobLag]]] = []
        for pipeline in config.pipelines:
            meter = make_meter(config, pipeline, clock)
            if meter is not None and pipeline.job is not None:
                part: Part[JobLag] = Part("measuring the lag")
                self._jobs.append((pipeline.name, pipeline.job.name, meter, part))

    def recall(self, jobs: Mapping[str, tuple[str, int]]) -> None:
        """Takes up what an observer has written down of the jobs.

        Args:
            jobs: Per job its memory as text, and up to which number its incidents are acknowledged.
        """
        for _, name, meter, part in self._jobs:
            text, through = jobs.get(name, (None, 0))
            if text is None or part.busy or self._recalled.get(name) == (text, through):
                continue
            self._recalled[name] = (text, through)
            meter.history.memory = recalled_memory(text, through)

    def measure(self, timeout: float, stop: Stop) -> Sequence[tuple[str, str, JobLag]]:
        """Measures all jobs at the same time.

        A job whose checkpoint or broker is away is `unknown`, with the reason.

        Args:
            timeout: Seconds that each step may take.
            stop: Ends the waiting.

        Returns:
            Pipeline, job, lag, in the order of the configuration.
        """
        for _, _, meter, part in self._jobs:
            part.start(lambda meter=meter: meter.observe(timeout))  # type: ignore[misc]
        return [
            (pipeline, name, self._result(part, STEPS * timeout, stop))
            for pipeline, name, _, part in self._jobs
        ]

    @staticmethod
    def _result(part: Part[JobLag], seconds: float, stop: Stop) -> JobLag:
        try:
            return part.result(seconds, stop)
        except ObserverError as error:
            return unknown_lag(str(error))
