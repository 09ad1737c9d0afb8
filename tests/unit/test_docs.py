"""The documentation is true: its commands exist, its tables are those of the code."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import typer.main
from benchmarks.results_table import export_table, page_table, report_tables, tables

from offline_observer import errors
from offline_observer.alert.instance import State
from offline_observer.alert.measure import MEASURES
from offline_observer.cli.app import app
from offline_observer.config.alerts import Alert
from offline_observer.config.duration import format_duration
from offline_observer.config.load import load_config
from offline_observer.config.model import Dataset
from offline_observer.config.notify import Channel
from offline_observer.formats.registry import FORMATS
from offline_observer.kafka.client import LastError, admin_client
from offline_observer.quality.rules import RULES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in re.findall(r"^\$ (.+)$", page.read_text(), re.MULTILINE):
            yield page.name, line.split("  #")[0].strip()


@pytest.mark.parametrize("line", [pytest.param(line, id=f"{page}: {line}") for page, line in commands()])
def test_every_command_is_one_that_the_program_takes(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert f"\n{arguments[0]}:" in (ROOT / "Makefile").read_text()
        return
    if program == "python":
        assert arguments[0] == "-m"
        assert (ROOT / f"{arguments[1].replace('.', '/')}.py").exists()
        source = (ROOT / f"{arguments[1].replace('.', '/')}.py").read_text()
        options = {option.lstrip("-") for option in arguments[2:] if option.startswith("--")} - {"json"}
        assert all(f"    {option}: Annotated" in source for option in options)
        return
    assert program == "offline-observer"
    # Parsed as the program does, down to the command that would run; it is not run.
    command: Any = typer.main.get_command(app)
    context: Any = None
    while hasattr(command, "resolve_command"):
        context = command.make_context(command.name, arguments, parent=context)
        arguments = [*context._protected_args, *context.args]
        if not arguments:
            return
        _, command, arguments = command.resolve_command(context, arguments)
    command.make_context(command.name, arguments, parent=context)


def test_the_table_of_exit_codes_is_that_of_the_code() -> None:
    rows = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("|")]
    assert len(rows) == 7
    assert "\n".join(rows) in (ROOT / "docs" / "exit-codes.md").read_text()


def test_the_figures_of_the_page_on_performance_are_those_that_were_measured() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    reports = json.loads((ROOT / "benchmarks" / "profile_results.json").read_text())
    exported = json.loads((ROOT / "benchmarks" / "export_results.json").read_text())
    page = (ROOT / "docs" / "performance.md").read_text()
    shown = json.loads((ROOT / "benchmarks" / "page_results.json").read_text())
    assert page_table(shown) in page
    assert export_table(exported) in page
    assert tables(results) in page
    assert report_tables(reports) in page


def test_every_rule_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "quality.md").read_text()
    assert all(f"| `{rule}` |" in page for rule in RULES)


def test_the_configurations_of_the_page_on_quality_are_some_with_every_rule(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "quality.md").read_text()
    rules: set[str] = set()
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        path = tmp_path / "observer.yaml"
        path.write_text(
            "name: a\nkafka: {bootstrap.servers: a}\npipelines:\n- name: b\n" + indent(block, "  ")
        )
        dataset = load_config(path, {}).pipelines[0].dataset
        assert dataset is not None
        assert dataset.mask
        rules |= {rule.name for rule in dataset.rule_list()}
    assert rules == set(RULES)


def test_every_key_of_a_dataset_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert all(f"`dataset.{key}`" in page for key in Dataset.model_fields)


def test_every_format_of_records_is_in_the_docs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "record-formats.md").read_text()
    assert all(re.search(rf"^\| `{name}`.*\|", page, re.MULTILINE) for name in FORMATS)
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "observer.yaml"
    path.write_text("name: a\nkafka: {bootstrap.servers: a}\npipelines:\n- name: b\n" + indent(block, "  "))
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block), "x")
    dataset = load_config(path, variables).pipelines[0].dataset
    assert dataset is not None
    assert dataset.format_settings().schema_registry["basic.auth.user.info"] == "x:x"


def test_every_page_is_linked_from_the_readme() -> None:
    readme = PAGES[0].read_text()
    assert all(f"docs/{page.name}" in readme for page in PAGES[2:])


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_configuration_of_the_page_on_security_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "security.md").read_text(), re.DOTALL)
    assert len(blocks) == 6
    rest = "name: a\npipelines: [{name: b, dataset: {topic: c}}]\n"
    for block in blocks:
        variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block), "x")
        path = tmp_path / "observer.yaml"
        path.write_text(rest + block)
        kafka = load_config(path, variables).kafka
        files = {key: value for key, value in kafka.items() if key.endswith(".location")}
        for key, value in files.items():
            assert Path(value).parent == tmp_path / "certificates", key
        # librdkafka knows all of it; the files are not there.
        admin_client({key: kafka[key] for key in kafka.keys() - files.keys()}, LastError({}))


def test_the_example_configuration_is_one() -> None:
    config = load_config(ROOT / "examples" / "visits" / "observer.yaml", {})
    assert config.kafka["bootstrap.servers"] == "127.0.0.1:9092"
    dataset = config.pipelines[0].dataset
    assert dataset is not None
    errors_on = [rule.field for rule in dataset.rule_list() if rule.field and rule.severity == "error"]
    assert errors_on == ["event_time", "user_id", "page", "context"], "the columns that the demo shows"
    assert config.journal == ROOT / "examples" / "visits" / "../../demo-data/observations.db"


def test_every_measure_and_key_of_an_alert_is_in_the_docs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    for name, measure in MEASURES.items():
        over = f"`{format_duration(measure.over)}`"
        stays = format_duration(measure.stays)
        row = rf"^\| `{name}\b[^|]*\|[^|]*\|[^|]*\| `{stays}` \| {over} \| `{measure.no_data}` \|$"
        assert re.search(row, page, re.MULTILINE), name
    assert all(f"`{field.alias or key}`" in page for key, field in Alert.model_fields.items())
    head = "name: a\nkafka: {bootstrap.servers: a}\npipelines:\n- name: p\n  job: {name: j, checkpoint: /c}\n"
    rules = "  dataset: {topic: processed_visits, rules: [{not_empty: user_id}]}\n"
    (block,) = re.findall(r"```yaml\n(alerts:.*?)```", page, re.DOTALL)
    path = tmp_path / "observer.yaml"
    path.write_text(head + rules + block)
    assert len(load_config(path, {}).alert_rules()) == 3


def test_the_configuration_of_the_page_on_alerts_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "alerts.md").read_text(), re.DOTALL)
    path = tmp_path / "observer.yaml"
    path.write_text(
        "name: a\nkafka: {bootstrap.servers: a}\npipelines:\n- name: p\n  job: {name: j, checkpoint: /c}\n"
        "  dataset: {topic: t, fields: {a: string}, profile: {}}\n" + block
    )
    variables = dict.fromkeys(("TEAM_URL", "PAGER_URL"), "json://h/x") | {"HEARTBEAT_URL": "https://h/x"}
    config = load_config(path, variables)
    assert list(config.notify or {}) == ["team", "pager"]
    page = (ROOT / "docs" / "alerts.md").read_text()
    assert all(f"| `{key}` |" in page for key in Channel.model_fields)
    assert all(f"| `{state}` |" in page for state in State)


def test_the_commented_channels_of_the_example_are_some(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "visits" / "observer.yaml").read_text()
    start = text.index("# notify:   ")
    lines = [re.sub(r"^# ", "", line) for line in text[start:].splitlines()]
    path = tmp_path / "observer.yaml"
    path.write_text(text[:start] + "\n".join(re.sub(r"^(\s+)# ", r"\1", line) for line in lines))
    config = load_config(path, {"TEAM_URL": "json://h/x", "HEARTBEAT_URL": "https://h/x"})
    assert config.heartbeat is not None
    assert config.notify is not None
