"""`offline-observer records`: the records that broke rules, by the places that the journal has of them."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from offline_observer.cli.options import short_path
from offline_observer.cli.record_text import HIDDEN, Sample, json_line, lines
from offline_observer.config.load import load_config
from offline_observer.config.model import Config, Dataset, Pipeline
from offline_observer.config.yaml_messages import did_you_mean
from offline_observer.engine.fetch import GONE, Answer, Fetched, fetch
from offline_observer.errors import BrokerError, ConfigError
from offline_observer.formats.registry import make_format
from offline_observer.journal.reading import read_offenders
from offline_observer.part import Part
from offline_observer.quality.rules.checks import Distinct, Judge
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import UNPARSEABLE
from offline_observer.stop import Stop

# So many of the newest observations are looked through; at one every 10 s, those of almost six days.
_MOST_DOCUMENTS = 50_000
# A call that ends in time by itself says more than the one that waits for it.
_GRACE_SECONDS = 2.0


def records(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The configuration.", metavar="FILE", show_default=False)
    ],
    rule: Annotated[
        str | None,
        typer.Option(
            help="One rule, such as user_id.not_empty, or unparseable; else all.",
            metavar="RULE",
            show_default=False,
        ),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option(help="One pipeline; else all that have a dataset.", metavar="NAME", show_default=False),
    ] = None,
    last: Annotated[int, typer.Option(help="The newest N of each rule.", min=1, max=1000, metavar="N")] = 5,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Show what the dataset's mask hides, too.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait for the broker.", min=1, max=600, metavar="SECONDS")
    ] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per record and line.")] = False,
) -> None:
    """Show the newest records that broke rules, oldest first. An observer may be running meanwhile.

    The journal has the places of the first few of each observation. The records are read from Kafka.
    """
    loaded = load_config(config, os.environ)
    wanted = _wanted(loaded, config, pipeline, rule)
    if not loaded.journal.exists():
        typer.echo(
            f"there is no journal at {short_path(loaded.journal)} yet; `offline-observer run` makes it",
            err=json,
        )
        return
    samples = _samples(loaded.journal, wanted, last)
    if not samples:
        typer.echo(
            f"the journal {short_path(loaded.journal)} names no record that broke {rule or 'a rule'}",
            err=json,
        )
        return
    part: Part[list[Sample]] = Part("reading the records")
    part.start(lambda: list(_read(loaded, wanted, samples, timeout, unmasked=unmasked)))
    found = part.result(timeout + _GRACE_SECONDS, Stop())
    several = len(wanted) > 1
    for number, sample in enumerate(found):
        if json:
            typer.echo(json_line(sample))
        else:
            typer.echo("\n".join([*([""] if number else []), *lines(sample, with_pipeline=several)]))
    if problem := next((one.problem for one in found if one.problem not in (None, GONE, HIDDEN)), None):
        raise BrokerError(f"not all of the records could be read: {problem}")


def _wanted(
    config: Config, path: Path, pipeline: str | None, rule: str | None
) -> dict[str, tuple[Pipeline, Dataset, set[str]]]:
    """By name, the pipelines that are looked at, with their datasets and the ids of the rules.

    Raises:
        ConfigError: There is no such pipeline or rule.
    """
    names = {one.name: one for one in config.pipelines}
    if pipeline is not None and pipeline not in names:
        raise ConfigError(f"{path} has no pipeline {pipeline!r}; {did_you_mean(pipeline, names)}")
    chosen = [one for one in config.pipelines if pipeline in (None, one.name) and one.dataset is not None]
    if not chosen:
        what = f"the pipeline {pipeline}" if pipeline else str(path)
        raise ConfigError(f"{what} has no dataset, and so no records that are checked")
    rules: dict[str, Rule | None] = {UNPARSEABLE: None}
    found = {}
    for one in chosen:
        if one.dataset is not None:
            own: dict[str, Rule | None] = {r.id: r for r in one.dataset.rule_list()}
            rules |= own
            ids = {UNPARSEABLE, *(name for name, r in own.items() if r is not None and _names_records(r))}
            if rule is None or rule in ids:
                found[one.name] = (one, one.dataset, ids if rule is None else {rule})
    if rule is not None and rule not in rules:
        raise ConfigError(f"no rule is called {rule!r}; {did_you_mean(rule, rules)}")
    if not found:
        raise ConfigError(f"the rule {rule} is about the records together: none of them is named")
    return found


def _names_records(rule: Rule) -> bool:
    return not isinstance(rule.check(), Judge | Distinct)


def _samples(
    journal: Path, wanted: Mapping[str, tuple[Pipeline, Dataset, set[str]]], last: int
) -> list[Sample]:
    """The newest records that broke the rules, the oldest of them first."""
    missing = Counter({(name, rule): last for name, (_, _, rules) in wanted.items() for rule in rules})
    found: dict[tuple[str, int, int], Sample] = {}
    for pipeline, offenders in read_offenders(journal, _MOST_DOCUMENTS):
        topic = wanted[pipeline][1].topic if pipeline in wanted else None
        # The first of an observation come first; the newest of them is wanted first.
        for entry in reversed(offenders):
            rule = str(entry["rule"])
            # Documents of a time when the pipeline had another dataset tell nothing of this one.
            if entry["topic"] != topic or missing[pipeline, rule] <= 0:
                continue
            missing[pipeline, rule] -= 1
            partition, offset = int(str(entry["partition"])), int(str(entry["offset"]))
            sample = found.setdefault(
                (pipeline, partition, offset),
                Sample(
                    pipeline=pipeline,
                    topic=str(topic),
                    partition=partition,
                    offset=offset,
                    timestamp=None if entry["timestamp"] is None else str(entry["timestamp"]),
                ),
            )
            if rule not in sample.rules:
                sample.rules.append(rule)
        if not +missing:
            break
    return sorted(found.values(), key=lambda one: (one.timestamp or "", one.partition, one.offset))


def _read(
    config: Config,
    wanted: Mapping[str, tuple[Pipeline, Dataset, set[str]]],
    samples: Sequence[Sample],
    timeout: float,
    *,
    unmasked: bool,
) -> Iterator[Sample]:
    """The same with what Kafka has of them."""
    deadline = time.monotonic() + timeout
    answers: dict[str, Mapping[tuple[int, int], Answer]] = {}
    parse: dict[str, Callable[[bytes], dict[str, object] | None]] = {}
    for name, (pipeline, dataset, _) in wanted.items():
        offsets = {(one.partition, one.offset) for one in samples if one.pipeline == name}
        if offsets:
            parse[name] = make_format(dataset.format_settings()).parse
            answers[name] = fetch(
                config.kafka_of_dataset(pipeline),
                dataset.topic,
                dataset.isolation_level,
                offsets,
                lambda: deadline - time.monotonic(),
            )
    for sample in samples:
        answer = answers[sample.pipeline][sample.partition, sample.offset]
        mask = () if unmasked else wanted[sample.pipeline][1].mask
        if isinstance(answer, Fetched):
            sample.take(answer, parse[sample.pipeline], mask)
        else:
            sample.problem = answer
        yield sample
