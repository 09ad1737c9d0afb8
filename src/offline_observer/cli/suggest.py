"""`offline-observer suggest`: rules that the data speak for, to be pasted into the configuration."""

import json as json_module
import os
from typing import Annotated

import typer

from offline_observer.cli.range_options import (
    ConfigOption,
    FromOption,
    PipelineOption,
    ToOption,
    TopicOption,
    require_libraries,
)
from offline_observer.config.load import load_config
from offline_observer.time_text import format_time


def suggest(
    config: ConfigOption = ...,  # type: ignore[assignment]
    pipeline: PipelineOption = None,
    topic: TopicOption = None,
    start: FromOption = "1h",
    end: ToOption = "latest",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per rule and line.")] = False,
) -> None:
    """Suggest rules for a dataset from what a past range of its records looks like, as YAML to paste.

    Each has its evidence above it. Rules that are there already are left out, and so are those that a record of the range
    breaks: the range is read twice, once to see and once to check.
    """
    require_libraries()
    from offline_observer.cli.past import (
        chosen_dataset,
        past_dataset,
        read_with_progress,
        rules_with_progress,
    )
    from offline_observer.config.suggested_yaml import fields_yaml, suggestions_yaml
    from offline_observer.profile.seen_types import seen_types
    from offline_observer.profile.suggest import suggested_rules, suggestions, that_hold

    loaded = load_config(config, os.environ)
    chosen = chosen_dataset(loaded, config, pipeline, topic)
    dataset = past_dataset(loaded, chosen, topic)
    found = read_with_progress(dataset, start, end, quiet=json)
    window = found.window
    # What is not declared is suggested along with the types that were seen.
    declared = dict(chosen[1].fields) if chosen else {}
    types = declared or {path: seen.type for path, seen in seen_types(window.profile).items()}
    existing = chosen[1].rule_list() if chosen else ()
    suggested = suggestions(window.profile, types, existing)
    if suggested:
        summary = rules_with_progress(dataset, window, suggested_rules(suggested), quiet=json)
        suggested = that_hold(suggested, summary)
    for problem in found.problems:
        typer.echo(f"not all was read: {problem}", err=True)
    if json:
        for one in suggested:
            typer.echo(json_module.dumps({"rule": one.rule, "evidence": one.evidence}))
        return
    typer.echo(
        f"# What {window.records:,} records of {dataset.topic} speak for, "
        f"{format_time(window.start)} to {format_time(window.end)}."
    )
    if not declared:
        typer.echo(fields_yaml(window.profile), nl=False)
    if suggested:
        typer.echo(f"rules:\n{suggestions_yaml(suggested, indent=2)}", nl=False)
    else:
        typer.echo("# No rule that is not there already.")
