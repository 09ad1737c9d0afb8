import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.live import Live

from offline_observer.cli import document_text
from offline_observer.cli.tally import Tally
from offline_observer.cli.view import LiveView, PlainView
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.observation import Document
from offline_observer.observer import Tick

NOW = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)


def document(**changes: object) -> Document:
    return {
        "@timestamp": "2026-11-25T01:02:03.456Z",
        "kind": "observation",
        "observer": "blog",
        "pipeline": "visits",
        "job": "passthrough",
        "dataset": "processed_visits",
        "all_events": 1234,
        "unparseable": 1,
        "dataset_behind": 0,
        "dataset_error": None,
        "invalid_user_id": 2,
        "invalid_page": 0,
        "lag_per_partition": {"0": 2, "1": 29},
        "max_lag": 29,
        "job_status": "ok",
        "reason": "fine",
        **changes,
    }


def tick(*documents: Document, errors: tuple[str, ...] = ()) -> Tick:
    return Tick(timestamp=NOW, documents=documents, seconds=0.1, errors=errors)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "observer.yaml"
    path.write_text(
        "name: blog\nkafka: {bootstrap.servers: h}\npipelines:\n  - {name: visits, dataset: {topic: processed_visits}}\n"
    )
    return load_config(path, {})


def test_a_plain_line() -> None:
    assert document_text.line(document()) == (
        "2026-11-25T01:02:03.456Z  visits  ok  records=1,234  invalid_user_id=2  invalid_page=0  unparseable=1  "
        "lag 0:2 1:29"
    )


def test_what_is_unknown_is_a_question_mark_with_its_reason() -> None:
    line = document_text.line(
        document(
            job_status="unknown",
            reason="no broker",
            all_events=None,
            unparseable=None,
            lag_per_partition={"0": None},
            max_lag=None,
            dataset_error="no topic",
            dataset_behind=None,
        )
    )
    assert "records=?" in line
    assert "lag 0:?" in line
    assert line.endswith("(unknown: no broker)  (dataset: no topic)")


def test_many_partitions_are_shown_by_their_largest_lag() -> None:
    many = {str(number): number for number in range(50)}
    assert document_text.lag_text(document(lag_per_partition=many, max_lag=49)) == "max 49"


def test_records_left_for_later_are_said() -> None:
    assert document_text.remarks(document(dataset_behind=5000)) == [
        "dataset: 5,000 records left for the next ticks"
    ]


def test_of_broken_rules_those_on_the_dataset_are_said() -> None:
    calm = document(broken_user_id_not_empty=5, dataset_status="error", dataset_reason="5 records break it")
    assert document_text.remarks({**calm, "dataset_broken": []}) == []
    assert document_text.remarks({**calm, "profile_error": "a fault"}) == ["profile failed: a fault"]
    sentence = "freshness: the newest record is 6 min old, allowed are 5m"
    assert document_text.remarks({**calm, "dataset_broken": [sentence]}) == [f"dataset: {sentence}"]
    assert "(dataset: freshness: " in document_text.line({**calm, "dataset_broken": [sentence]})


def test_a_pipeline_without_a_job_or_a_dataset() -> None:
    job_only: Document = {
        "@timestamp": "2026-11-25T01:02:03.456Z",
        "pipeline": "p",
        "dataset": None,
        "job_status": "ok",
        "max_lag": 1,
    }
    dataset_only: Document = {
        "@timestamp": "2026-11-25T01:02:03.456Z",
        "pipeline": "q",
        "dataset": "t",
        "all_events": 1,
        "unparseable": 0,
    }
    assert document_text.line(job_only) == "2026-11-25T01:02:03.456Z  p  ok  lag max 1"
    assert document_text.line(dataset_only) == "2026-11-25T01:02:03.456Z  q  records=1  unparseable=0"
    headings = document_text.columns([job_only, dataset_only])
    assert (
        len(document_text.row(job_only, headings))
        == len(document_text.row(dataset_only, headings))
        == len(headings)
    )


def test_the_plain_view_prints_a_line_per_observation(config: Config) -> None:
    output = io.StringIO()
    view = PlainView(config, Console(file=output, soft_wrap=True))
    view.on_tick(tick(document(), document(pipeline="other"), errors=("visits: disk full",)))
    assert [line.split("  ")[1:2] for line in output.getvalue().splitlines()] == [["visits"], ["other"], []]
    assert output.getvalue().splitlines()[2] == "not written: visits: disk full"


def test_the_live_view_shows_the_newest_ticks_and_what_is_wrong(config: Config) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120, height=16, color_system=None)
    with Live(console=console, auto_refresh=False) as live:
        view = LiveView(config, console, live)
        assert "waiting for the first observation" in output.getvalue()
        for number in range(30):
            view.on_tick(tick(document(all_events=1000 + number)))
        output.truncate(0)
        view.on_tick(
            tick(document(job_status="data_loss", reason="5 records expired"), errors=("disk full",))
        )
    shown = output.getvalue()
    assert "data_loss: 5 records expired" in shown
    assert "not written: disk full" in shown
    assert "1,029" in shown
    assert "1,000" not in shown, "the oldest made room"


def test_the_summary() -> None:
    tally = Tally()
    tally.add(
        tick(document(), document(all_events=None, invalid_user_id=None, unparseable=None, max_lag=None))
    )
    tally.add(tick(document(max_lag=7)))
    assert tally.lines(Path("/elsewhere/observations.db")) == [
        "observations  3",
        "records seen  2,468",
        "errors        4 invalid fields, 2 unparseable records",
        "worst lag     29",
        "journal       /elsewhere/observations.db",
    ]
    assert "worst lag     unknown" in Tally().lines(Path("x"))
