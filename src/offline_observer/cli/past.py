"""Which topic is meant, which range of it, and its reading with a progress bar. Needs the extra `profile`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from offline_observer.cli.console import make_console
from offline_observer.cli.time_option import EXPECTED_TIME, time_option
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.engine.of_dataset import read_limits
from offline_observer.engine.past import Point, past_range
from offline_observer.engine.past_profile import (
    DEFAULT_SAMPLE,
    PastDataset,
    PastWindow,
    check_past,
    find_fields,
    profile_past,
)
from offline_observer.errors import ConfigError
from offline_observer.profile.window import Window
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from offline_observer.stop import stop_on_signals


def chosen_dataset(
    config: Config, path: Path, pipeline: str | None, topic: str | None
) -> tuple[Pipeline, Dataset] | None:
    """The dataset that is meant; None for a topic that is no dataset of the configuration.

    Raises:
        ConfigError: There is no such pipeline, or it is not clear which is meant.
    """
    with_dataset = [(one, one.dataset) for one in config.pipelines if one.dataset is not None]
    if pipeline is not None:
        names = {one.name: (one, dataset) for one, dataset in with_dataset}
        if pipeline not in names:
            raise ConfigError(
                f"{path} has no pipeline {pipeline!r} with a dataset; {did_you_mean(pipeline, names)}"
            )
        found = [names[pipeline]]
        if topic is not None and names[pipeline][1].topic != topic:
            raise ConfigError(
                f"the dataset of the pipeline {pipeline} is {names[pipeline][1].topic}, not {topic}"
            )
    elif topic is not None:
        found = [one for one in with_dataset if one[1].topic == topic]
        if not found:
            return None
    else:
        found = with_dataset
        if not found:
            raise ConfigError(f"{path} has no dataset; name a topic: --topic TOPIC")
    if len(found) > 1:
        names_ = ", ".join(one.name for one, _ in found)
        raise ConfigError(f"which dataset? name its pipeline with --pipeline; there are {names_}")
    return found[0]


def the_dataset(config: Config, path: Path, pipeline: str | None) -> tuple[Pipeline, Dataset]:
    """The dataset of a pipeline, or the only one.

    Raises:
        ConfigError: There is no such pipeline, or it is not clear which is meant.
    """
    chosen = chosen_dataset(config, path, pipeline, None)
    if chosen is None:
        raise ConfigError(f"{path} has no dataset")
    return chosen


def past_dataset(config: Config, chosen: tuple[Pipeline, Dataset] | None, topic: str | None) -> PastDataset:
    """What is read of it. A topic that is no dataset is read as JSON, and all that is masked anywhere is masked."""
    if chosen is None:
        masks = (path for one in config.pipelines if one.dataset for path in one.dataset.mask)
        return PastDataset(
            topic=topic or "",
            properties=dict(config.kafka),
            isolation_level="read_committed",
            mask=tuple(dict.fromkeys(masks)),
        )
    pipeline, dataset = chosen
    profile = dataset.profile
    return PastDataset(
        topic=dataset.topic,
        properties=config.kafka_of_dataset(pipeline),
        isolation_level=dataset.isolation_level,
        format=dataset.format_settings(),
        fields=profile.fields_of(dataset.fields) if profile else tuple(dataset.fields),
        mask=dataset.mask,
        left_out=profile.leave_out if profile else (),
        limits=read_limits(config, dataset),
        sample=profile.sample if profile else DEFAULT_SAMPLE,
    )


def point(text: str, option: str, now: datetime) -> Point:
    """A place in a topic, as an option says it.

    Raises:
        ConfigError: It is none.
    """
    word = "earliest" if option == "--from" else "latest"
    if text == word:
        return None
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004 - offsets have 63 bits
        return int(text)
    return time_option(text, option, now, f"{EXPECTED_TIME}, an offset, or {word}")


def read_with_progress(dataset: PastDataset, start: str, end: str, *, quiet: bool) -> PastWindow:
    """Reads a range and sums it up, with a progress bar on stderr.

    Raises:
        BrokerError: The broker cannot be reached or refuses.
        ConfigError: The range is none, holds no record, or a library is missing.
        KeyboardInterrupt: It was told to stop.
    """
    now = datetime.now(UTC)
    first, last = point(start, "--from", now), point(end, "--to", now)
    past = past_range(dataset.properties, dataset.topic, dataset.isolation_level, first, last)
    if not past.offsets:
        raise ConfigError(
            f"topic {dataset.topic} has no records from {start} to {end}; --from earliest begins where it begins"
        )
    fields = find_fields(dataset, past)
    doing = f"reading {dataset.topic}"
    with stop_on_signals() as stop, _progress(past.offsets, doing, quiet=quiet) as advance:
        found = profile_past(dataset, past, fields, advance, stop.is_set)
        if stop.is_set():
            raise KeyboardInterrupt
    if not found.window.records:
        raise ConfigError(
            f"topic {dataset.topic} has no records from {start} to {end}: {'; '.join(found.problems) or 'only marks'}"
        )
    return found


def rules_with_progress(
    dataset: PastDataset, window: Window, rules: Sequence[Rule], *, quiet: bool
) -> Summary:
    """Checks the records of a range against rules, with a progress bar on stderr.

    Raises:
        BrokerError: The broker cannot be reached or refuses.
        ConfigError: A library is missing.
        KeyboardInterrupt: It was told to stop.
    """
    offsets = sum(end - first for first, end in window.ranges.values())
    with stop_on_signals() as stop, _progress(offsets, "checking the rules", quiet=quiet) as advance:
        try:
            return check_past(dataset, window, rules, advance, stop.is_set)
        finally:
            if stop.is_set():
                raise KeyboardInterrupt


@contextmanager
def _progress(offsets: int, doing: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    console = make_console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    disable = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=disable) as progress:
        task = progress.add_task(doing, total=offsets)
        yield lambda number: progress.advance(task, number)
