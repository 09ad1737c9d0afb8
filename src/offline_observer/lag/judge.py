"""From one look, those before it and what is remembered to what is said of a job (pure)."""

from collections.abc import Sequence
from dataclasses import replace

from offline_observer.lag.clock_skew import clock_warnings
from offline_observer.lag.forecast import forecast
from offline_observer.lag.health import assess
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.memory import JobMemory
from offline_observer.lag.settings import HealthSettings
from offline_observer.lag.trace import Trace
from offline_observer.lag.waiting import Waits
from offline_observer.time_text import span


def judge(
    look: Look,
    before: Sequence[Trace],
    settings: HealthSettings,
    memory: JobMemory,
    waits: Waits,
) -> JobLag:
    """The lag of a look with status, reason, forecast and warnings.

    Args:
        look: The present look, its lag as one look tells it.
        before: Earlier looks, oldest first; none at first sight.
        settings: Thresholds.
        memory: What is remembered of the job, this look among it.
        waits: Since when records wait.
    """
    lag = assess(look, before, settings, memory, waits)
    expected = forecast(look, before)
    left = expected.retention_left
    warnings = (*lag.warnings, *clock_warnings(look, before))
    # At 0 it is no forecast any more: the status says what is lost.
    if left and left < settings.retention_warning.total_seconds():
        warnings = (*warnings, f"the first record that the job has not read expires in about {span(left)}")
    return replace(
        lag,
        warnings=warnings,
        input_rate=expected.input_rate,
        processing_rate=expected.processing_rate,
        seconds_to_catch_up=expected.seconds_to_catch_up,
        retention_left=left,
    )
