"""Where the reports of a dataset lie. What makes them comes with an extra; what shows them does without."""

from offline_observer.config.model import Dataset
from offline_observer.reports.report_folder import ReportFolder


def report_folder(dataset: Dataset) -> ReportFolder | None:
    """The folder of a dataset's reports; None when it has none."""
    profile = dataset.profile
    if profile is None or profile.folder is None:
        return None
    return ReportFolder(profile.folder, dataset.topic, profile.keep, profile.max_bytes)
