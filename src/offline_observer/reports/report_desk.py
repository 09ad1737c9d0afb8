"""The reports of an observer's datasets, which share one worker process."""

from importlib.util import find_spec

from offline_observer.config.dataset_profile import Profile
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.errors import ConfigError
from offline_observer.reports.report_folder import ReportFolder
from offline_observer.reports.report_maker import ReportMaker, ReportSettings
from offline_observer.reports.report_worker import ReportWorker

LIBRARY = "data_profiling"
"""What fg-data-profiling is imported as."""


class ReportDesk:
    """Starts the worker process, and makes what makes each dataset's reports.

    Raises:
        ConfigError: The libraries are missing.
    """

    def __init__(self) -> None:
        if find_spec(LIBRARY) is None:
            raise ConfigError("a report needs libraries: pip install 'offline-observer[profile]'")
        self.worker = ReportWorker()

    def of(self, config: Config, pipeline: Pipeline) -> ReportMaker | None:
        """What makes the reports of a pipeline's dataset; None when none are to be made."""
        dataset = pipeline.dataset
        if dataset is None or dataset.profile is None or (folder := report_folder(dataset)) is None:
            return None
        return ReportMaker(report_settings(config, pipeline, dataset, dataset.profile), folder, self.worker)

    def close(self) -> None:
        """Ends the worker process."""
        self.worker.close()


def report_settings(config: Config, pipeline: Pipeline, dataset: Dataset, profile: Profile) -> ReportSettings:
    """What the reports of a dataset are made with."""
    return ReportSettings(
        topic=dataset.topic,
        properties=config.kafka_of_dataset(pipeline),
        isolation_level=dataset.isolation_level,
        format=dataset.format_settings(),
        mask=dataset.mask,
        left_out=profile.leave_out,
        time_limit=profile.time_limit.total_seconds(),
    )


def report_folder(dataset: Dataset) -> ReportFolder | None:
    """The folder of a dataset's reports; None when it has none."""
    profile = dataset.profile
    if profile is None or profile.folder is None:
        return None
    return ReportFolder(profile.folder, dataset.topic, profile.keep, profile.max_bytes)
