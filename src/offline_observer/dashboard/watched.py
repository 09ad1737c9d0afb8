"""What the page is about: a journal, and what a configuration says of it, where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from offline_observer.config.model import Config
from offline_observer.reports.dataset_folder import report_folder
from offline_observer.reports.report_folder import ReportFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf:
    """What the page is about.

    Attributes:
        name: The observer's name.
        journal: Its journal.
        every: The time from one observation to the next; None when that is not known.
        pipelines: The pipelines of the configuration, in its order; empty without one.
        fields: By pipeline, by a field's name in documents (`context_user_ip`) its path (`context.user.ip`).
        reports: By dataset's topic its reports.
    """

    name: str
    journal: Path
    every: timedelta | None = None
    pipelines: tuple[str, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reports: Mapping[str, ReportFolder] = field(default_factory=dict)


def page_of(config: Config) -> PageOf:
    """What the page of a configuration's observer is about."""
    datasets = [(one.name, one.dataset) for one in config.pipelines if one.dataset]
    folders = ((dataset.topic, report_folder(dataset)) for _, dataset in datasets)
    return PageOf(
        name=config.name,
        journal=config.journal,
        every=config.every,
        pipelines=tuple(one.name for one in config.pipelines),
        fields={
            name: {rule.field.replace(".", "_"): rule.field for rule in dataset.rule_list() if rule.field}
            for name, dataset in datasets
        },
        reports={topic: folder for topic, folder in folders if folder},
    )
