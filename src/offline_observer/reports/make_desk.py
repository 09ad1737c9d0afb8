"""What makes the reports of a configuration, if there are to be any."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from offline_observer.config.model import Config
from offline_observer.errors import ConfigError

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_desk import ReportDesk

LIBRARY = "data_profiling"
"""What fg-data-profiling is imported as."""


def make_desk(config: Config) -> "ReportDesk | None":
    """Starts what makes the reports; None when none are to be made.

    Raises:
        ConfigError: A library is missing.
    """
    profiles = (one.dataset.profile for one in config.pipelines if one.dataset)
    if not any(profile and profile.folder for profile in profiles):
        return None
    if find_spec(LIBRARY) is None:
        raise ConfigError("a report needs libraries: pip install 'offline-observer[profile]'")
    from offline_observer.reports.report_desk import ReportDesk

    return ReportDesk()
