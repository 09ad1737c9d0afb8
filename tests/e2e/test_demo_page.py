"""The page of the demo in a real browser, while the job is stopped and started again."""

import os
import re
import signal
from pathlib import Path

import psutil
import pytest
import yaml

from offline_observer.demo.jars import SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import find_java
from offline_observer.demo.scenario import OBSERVER, PASSTHROUGH_JOB, scenario_folder
from offline_observer.demo.spark_job import start_spark_job
from support.demo import demo_folder, start_demo
from support.kafka import eventually
from support.page import PHONE, WIDE, Page, opened_page
from support.program import start_program

folder = pytest.fixture(demo_folder)

RULES = [
    {
        "name": "job in trouble",
        "when": "status in [stalled, data_loss]",
        "severity": "critical",
        "for": "15s",
        "every": "1s",
        "over": "4s",
    },
    {"name": "partition lag", "when": "lag > 100000"},
]


def observer_of_its_own(folder: Path, servers: str) -> Path:
    """The scenario's configuration, with a job that is called stalled soon and an alert that is raised soon."""
    text = (scenario_folder() / OBSERVER).read_text()
    content = yaml.safe_load(
        text.replace("${VISITS_BOOTSTRAP_SERVERS:-127.0.0.1:9092}", servers).replace(
            "${VISITS_DATA:-../../demo-data}", str(folder)
        )
    )
    content |= {"every": "2s", "journal": str(folder / "own.db"), "alerts": RULES, "dashboard": {"port": 0}}
    content["pipelines"][0]["job"]["stalled_after"] = "10s"
    content["pipelines"][0]["dataset"].pop("profile")
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def address_in(log: Path, pattern: str) -> str:
    eventually(
        lambda: log.exists() and re.search(pattern, log.read_text()) is not None, 180, "the page's address"
    )
    found = re.search(pattern, log.read_text())
    assert found is not None
    return found[1]


def raised(page: Page) -> dict[str, str]:
    """The states of the alerts on the page, by their names."""
    rows = page.run(
        "return [...document.querySelectorAll('#alerts table:first-of-type tbody tr')].map(r => r.innerText)"
    )
    return {cells[1].split(" (")[0]: cells[0].strip() for row in rows if len(cells := row.split("\t")) > 2}


def state(page: Page) -> str:
    return re.sub(r"[^a-z ]", "", raised(page).get("job in trouble", "")).strip()


def test_a_job_stops_and_comes_back(folder: Path) -> None:
    demo = start_demo(folder, "--rate", "20")
    log = folder.parent / "demo.log"
    own = job = None
    try:
        of_demo = address_in(log, r"Look at it in a browser: (\S+)")
        servers = re.search(r"--bootstrap-servers (\S+)", log.read_text())
        pid = re.search(r"kill (\d+)", log.read_text())
        assert servers is not None
        assert pid is not None
        own_log = folder.parent / "own.log"
        own = start_program("run", "-c", str(observer_of_its_own(folder, servers[1])), log=own_log)
        url = address_in(own_log, r"page at (\S+)")
        with opened_page(url) as page:
            page.url = of_demo
            page.open("?range=15m")
            assert "passthrough_visits_processor" in page.text("#cards")
            page.url = url
            page.open("?range=15m")
            for chart in ("errors", "lag"):
                drawn = f"return document.querySelectorAll('#{chart} .trace').length"
                page.wait(lambda script=drawn: page.run(script) > 1, f"data in {chart}")
            page.wait(lambda: state(page) == "normal", "the alert to be normal")
            psutil.Process(int(pid[1])).kill()
            page.wait(lambda: "passthrough_visits_processor is stalled" in page.text("#headline"), "stalled")
            assert "no batch has been committed for" in page.text("#cards"), "its reason"
            seen: list[str] = []

            def is_firing() -> bool:
                if (now := state(page)) not in seen[-1:]:
                    seen.append(now)
                return now == "firing"

            page.wait(is_firing, "the alert to fire")
            assert [one for one in seen if one != "normal"] == ["pending", "firing"]
            for theme in ("light", "dark"):
                for size in (WIDE, PHONE):
                    page.picture("stalled", size, theme)
            page.look_as(WIDE, "light")
            job = start_spark_job(
                "passthrough job again",
                scenario_folder() / PASSTHROUGH_JOB,
                [
                    "--bootstrap-servers",
                    servers[1],
                    "--checkpoint",
                    str(folder / "checkpoints" / "passthrough"),
                ],
                folder / "jobs",
                find_java(os.environ),
                fetch_jars(SPARK_KAFKA_CONNECTOR, lambda _: None),
            )
            page.wait(lambda: "is stalled" not in page.text("#headline"), "the job to be well again", 120)
            page.wait(lambda: state(page) == "normal", "the alert to be over")
            assert page.complaints() == []
            ours = (f"{url}/", f"{of_demo}/")
            assert [one for one in page.requested() if not one.startswith(ours)] == []
    finally:
        if own is not None:
            own.send_signal(signal.SIGINT)
            assert own.wait(20) == 0
        if job is not None:
            job.stop(5.0)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    assert "Traceback" not in own_log.read_text() + log.read_text()
