"""Reports of windows by the program as its users run it, on a real Kafka."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from support.browser import dom_of, screenshot_of
from support.kafka import Cluster, eventually
from support.observing import write_config
from support.program import journal_documents, start_program
from support.reports import Page

Start = Callable[[Path], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an observer; it is killed at the test's end, when it still runs."""
    started: list[subprocess.Popen[bytes]] = []

    def run(config: Path) -> "subprocess.Popen[bytes]":
        observer = start_program("run", "-c", str(config), log=tmp_path / "observer.log")
        started.append(observer)
        return observer

    yield run
    for observer in started:
        observer.kill()
        observer.wait()


def write_settings(folder: Path, cluster: Cluster, topic: str, **profile: object) -> Path:
    config = write_config(folder, cluster, dataset=topic)
    content = yaml.safe_load(config.read_text())
    content["pipelines"][0]["dataset"] |= {
        "fields": {"user_id": "string", "page": "string", "n": "integer"},
        "mask": ["user_id"],
        "profile": {"folder": "./reports", "every": "batch", **profile},
    }
    config.write_text(yaml.safe_dump(content))
    return config


def values(first: int, count: int) -> list[bytes]:
    return [
        json.dumps({"user_id": f"secret{number}", "page": f"/p{number % 3}", "n": number}).encode()
        for number in range(first, first + count)
    ]


def documents(folder: Path, kind: str = "observation") -> list[dict[str, Any]]:
    journal = folder / "observations.db"
    return journal_documents(journal, kind) if journal.exists() else []


def seen(folder: Path) -> int:
    return sum(one["all_events"] or 0 for one in documents(folder))


def outcomes(folder: Path) -> list[dict[str, Any]]:
    """The observations that tell what became of a report."""
    return [one for one in documents(folder) if one["profile"]]


def the_outcome(folder: Path, number: int, seconds: float = 240) -> dict[str, Any]:
    """The outcome of the report with this number, once it is known."""
    eventually(lambda: len(outcomes(folder)) > number, seconds, f"the outcome of report {number}")
    return outcomes(folder)[number]


def workers(observer: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """The processes that the observer has started, but for the one that tidies up after them."""
    children = psutil.Process(observer.pid).children(recursive=True)
    return [one for one in children if not any("resource_tracker" in part for part in one.cmdline())]


def page_of(folder: Path, document: dict[str, Any]) -> Page:
    return Page((folder / "reports" / document["profile_report"]).read_bytes())


def test_each_batch_has_a_report_that_a_browser_shows_without_a_network(
    cluster: Cluster, tmp_path: Path, start: Start
) -> None:
    topic = cluster.topic(1)
    start(write_settings(tmp_path, cluster, topic))
    cluster.produce(topic, [*values(0, 300), b"no json"])
    made = the_outcome(tmp_path, 0)
    assert (made["profile"], made["profile_error"]) == ("made", None)
    path = tmp_path / "reports" / made["profile_report"]
    page = Page(path.read_bytes())
    assert page.line("Dataset") == topic
    assert page.line("Records in the window") == "301"
    assert page.line("Records in this report").startswith("300, a uniform sample")
    assert page.line("Offsets") == "0: 0 to 300"
    assert page.line("Masked fields") == "user_id"
    assert page.observations == 300
    assert (tmp_path / "reports" / f"{topic}_latest.html").read_bytes() == path.read_bytes()
    for one in (tmp_path / "reports").iterdir():
        assert b"secret" not in one.read_bytes()

    shown = Page(dom_of(tmp_path, path))
    assert shown.line("Records in the window") == "301"
    assert shown.observations == 300
    assert [row[:2] for row in shown.variables()["page"] if row[0].startswith("/p") and len(row) == 3] == [
        ["/p0", "100"],
        ["/p1", "100"],
        ["/p2", "100"],
    ]
    picture = screenshot_of(tmp_path, path)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000, "there is something on it"


def test_faults_of_the_process_that_makes_reports_are_said_and_the_observing_goes_on(
    cluster: Cluster, tmp_path: Path, start: Start
) -> None:
    topic = cluster.topic(1)
    observer = start(write_settings(tmp_path, cluster, topic, time_limit="8s"))
    eventually(lambda: len(documents(tmp_path)) > 0, 30, "an observation")

    # It hangs.
    (worker,) = workers(observer)
    cluster.produce(topic, values(0, 10))
    the_outcome(tmp_path, 0)
    (worker,) = workers(observer)
    worker.suspend()
    before = len(outcomes(tmp_path))
    cluster.produce(topic, values(10, 10))
    failed = the_outcome(tmp_path, before)
    assert (failed["profile"], failed["profile_report"]) == ("failed", None)
    assert failed["profile_error"] == "the process that makes reports did not make the report within 8 s"

    # It is killed, while it has a report to make.
    eventually(lambda: bool(workers(observer)), 10, "another process")
    (worker,) = workers(observer)
    assert worker.is_running()
    before = len(outcomes(tmp_path))
    cluster.produce(topic, values(20, 10))
    the_outcome(tmp_path, before)
    (worker,) = workers(observer)
    worker.suspend()
    before = len(outcomes(tmp_path))
    total = seen(tmp_path)
    cluster.produce(topic, values(30, 10))
    eventually(lambda: seen(tmp_path) == total + 10, 30, "the records")
    worker.kill()
    failed = the_outcome(tmp_path, before)
    assert failed["profile"] == "failed"
    assert "was ended by SIGKILL; was there too little memory?" in failed["profile_error"]

    before = len(outcomes(tmp_path))
    cluster.produce(topic, values(40, 10))
    made = the_outcome(tmp_path, before)
    assert (made["profile"], made["profile_error"]) == ("made", None)
    assert page_of(tmp_path, made).line("Offsets") == "0: 40 to 49"

    observations = documents(tmp_path)
    assert sum(one["all_events"] for one in observations) == 50
    assert all(one["dataset_error"] is None for one in observations)
    assert {one["window_records"] for one in documents(tmp_path, "profile")} == {10}


def test_ctrl_c_ends_it_at_once_whatever_its_reports_are_at(
    cluster: Cluster, tmp_path: Path, start: Start
) -> None:
    topic = cluster.topic(1)
    observer = start(write_settings(tmp_path, cluster, topic))
    cluster.produce(topic, values(0, 10))
    the_outcome(tmp_path, 0)
    (worker,) = workers(observer)
    children = psutil.Process(observer.pid).children(recursive=True)
    worker.suspend()
    cluster.produce(topic, values(10, 10))
    eventually(lambda: seen(tmp_path) == 20, 30, "the records")
    os.kill(observer.pid, signal.SIGINT)
    assert observer.wait(10) == 0
    gone, left = psutil.wait_procs(children, timeout=3)
    assert left == []
    assert set(gone) == set(children)
    assert "Traceback" not in (tmp_path / "observer.log").read_text()


def test_a_window_that_is_under_way_when_the_observer_is_killed_has_a_report_of_all_its_records(
    cluster: Cluster, tmp_path: Path, start: Start
) -> None:
    topic = cluster.topic(2)
    config = write_settings(tmp_path, cluster, topic, every="400 records")
    for partition in (0, 1):
        cluster.produce(topic, values(100 * partition, 100), partition=partition)
    observer = start(config)
    eventually(lambda: seen(tmp_path) == 200, 30, "the first half")
    observer.kill()
    observer.wait()
    assert outcomes(tmp_path) == []
    for partition in (0, 1):
        cluster.produce(topic, values(200 + 100 * partition, 100), partition=partition)
    start(config)
    made = the_outcome(tmp_path, 0)
    assert (made["profile"], made["profile_error"]) == ("made", None)
    page = page_of(tmp_path, made)
    assert page.observations == 400
    assert page.line("Offsets") == "0: 0 to 199; 1: 0 to 199"
    assert ["Distinct", "400"] in page.variables()["n"]


def test_where_no_report_can_be_written_the_numbers_go_on(
    cluster: Cluster, tmp_path: Path, start: Start
) -> None:
    (tmp_path / "reports").write_text("in the folder's place")
    topic = cluster.topic(1)
    start(write_settings(tmp_path, cluster, topic))
    cluster.produce(topic, values(0, 10))
    told = the_outcome(tmp_path, 0)
    assert told["profile"] == "failed"
    assert (
        "see that the disk is not full and that the observer's user may write the folder"
        in told["profile_error"]
    )
    assert {one["window_records"] for one in documents(tmp_path, "profile")} == {10}
    assert (tmp_path / "reports").read_text() == "in the folder's place"
