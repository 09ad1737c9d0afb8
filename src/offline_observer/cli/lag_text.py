"""The lag of jobs as tables for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from offline_observer.lag.lag import JobLag
from offline_observer.lag.status import Status
from offline_observer.time_text import value_text

STATUS_STYLES = {
    "ok": "green",
    "starting": "cyan",
    "unknown": "yellow",
    "lagging": "yellow",
    "stalled": "bold red",
    "rewound": "bold red",
    "data_loss": "bold red",
}


def job_text(job: JobLag) -> RenderableType:
    """One job: its partitions, its status with the reason, its totals, its warnings."""
    parts: list[RenderableType] = []
    if job.partitions:
        parts.append(_partitions(job))
    parts.append(_status(job))
    totals = (
        f"total lag {value_text(job.total_lag)}, largest {value_text(job.max_lag)}, "
        f"{value_text(job.seconds_behind)} seconds behind"
    )
    if job.input_rate is not None:
        totals += f"; {value_text(job.input_rate)} records/s come, {value_text(job.processing_rate)} records/s are finished"
    if job.seconds_to_catch_up:
        totals += f"; caught up in about {value_text(job.seconds_to_catch_up)} s"
    if job.unknown_partitions:
        totals += f", {job.unknown_partitions} partitions unknown"
    parts.append(Text(totals))
    parts.extend(Text(f"warning: {warning}") for warning in job.warnings)
    return Group(*parts)


def _status(job: JobLag) -> Text:
    return Text.assemble((job.status.value, STATUS_STYLES[job.status.value]), f": {job.reason}")


def _partitions(job: JobLag) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("topic", "partition"):
        table.add_column(name)
    for name in ("committed", "planned", "end", "earliest", "lag", "seconds behind", "expired"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for p in job.partitions:
        offsets = (p.committed_offset, p.planned_offset, p.end_offset, p.earliest_offset, p.lag)
        table.add_row(
            p.topic,
            str(p.partition),
            *(value_text(offset) for offset in offsets),
            value_text(p.seconds_behind),
            value_text(p.expired_records),
            Text(p.status.value, STATUS_STYLES[p.status.value]),
        )
    return table


def jobs_text(jobs: Sequence[tuple[str, str, JobLag]]) -> RenderableType:
    """Several jobs, a line each: (pipeline, job, lag). Below them what there is to say of those that are not ok."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("pipeline", "job", "status"):
        table.add_column(name, no_wrap=True)
    for name in ("total lag", "largest", "seconds\nbehind", "caught\nup in s", "expired", "unknown"):
        table.add_column(name, justify="right", vertical="bottom", no_wrap=True)
    for pipeline, name, job in jobs:
        numbers = (
            job.total_lag,
            job.max_lag,
            job.seconds_behind,
            job.seconds_to_catch_up,
            job.expired_records,
            job.unknown_partitions,
        )
        status = Text(job.status.value, STATUS_STYLES[job.status.value])
        table.add_row(pipeline, name, status, *(value_text(value) for value in numbers))
    remarks = [
        Text(f"{name}: {remark}")
        for _, name, job in jobs
        for remark in (
            *([job.reason] if job.status is not Status.OK else []),
            *(f"warning: {warning}" for warning in job.warnings),
        )
    ]
    return Group(table, *remarks)
