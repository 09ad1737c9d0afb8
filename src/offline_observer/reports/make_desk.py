"""What makes the reports of a configuration, if there are to be any."""

from typing import TYPE_CHECKING

from offline_observer.config.model import Config

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.reports.report_desk import ReportDesk


def make_desk(config: Config) -> "ReportDesk | None":
    """Starts what makes the reports; None when none are to be made.

    Raises:
        ConfigError: A library is missing.
    """
    profiles = (one.dataset.profile for one in config.pipelines if one.dataset)
    if not any(profile and profile.folder for profile in profiles):
        return None
    from offline_observer.reports.report_desk import ReportDesk

    return ReportDesk()
