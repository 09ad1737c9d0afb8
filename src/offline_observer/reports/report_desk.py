"""The reports of an observer's datasets, which share one worker process."""

from offline_observer.config.dataset_profile import Profile
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.reports.dataset_folder import report_folder
from offline_observer.reports.report_maker import ReportMaker, ReportSettings
from offline_observer.reports.report_worker import ReportWorker


class ReportDesk:
    """Starts the worker process, and makes what makes each dataset's reports."""

    def __init__(self) -> None:
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
