"""Thresholds of a job's health (pure)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """Thresholds, where the job's own rhythm will not do.

    Attributes:
        expected_every: The job runs and ends, as often as this: records may wait that long.
        stalled_after: Records may wait this long without a commit; None: by the rhythm.
        start_timeout: Records may wait this long for a job's first commit.
        retention_warning: A warning is given when records expire in less than this.
    """

    expected_every: timedelta | None = None
    stalled_after: timedelta | None = None
    start_timeout: timedelta = timedelta(minutes=10)
    retention_warning: timedelta = timedelta(hours=1)
