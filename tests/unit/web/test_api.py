"""The journal as JSON, and reports, as they are asked for by HTTP."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from offline_observer.clock import SystemClock
from offline_observer.dashboard.watched import PageOf
from offline_observer.reports.report_folder import ReportFolder
from offline_observer.time_text import format_time
from offline_observer.web.api import Api
from offline_observer.web.report_files import report_page
from offline_observer.web.site import Page, Request
from support.journals import entry, write_journal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class FixedClock(SystemClock):
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def api(tmp_path: Path) -> Api:
    entries = [
        entry(
            NOW - timedelta(minutes=n), (n, 0), pipeline=name, job_status="lagging" if name == "b" else "ok"
        )
        for n in (90, 50, 10, 0)
        for name in ("a", "b")
    ]
    path = write_journal(tmp_path / "o.db", entries)
    return Api(PageOf(name="test", journal=path, every=timedelta(minutes=1)), FixedClock())


def content(page: Page) -> Any:
    assert page.status is HTTPStatus.OK
    assert page.content_type == "application/json"
    return json.loads(page.body)


def observations(api: Api, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = content(api.observations(Request(query=query)))["observations"]
    return found


def test_jobs(api: Api) -> None:
    answer = content(api.jobs(Request()))
    assert answer["at"] == "2026-11-25T12:00:00.000Z"
    jobs = [(one["kind"], one["name"], one["status"], one["is_fine"]) for one in answer["jobs"]]
    assert jobs[0] == ("job", "b_job", "lagging", False)
    assert len(jobs) == 4
    assert answer["jobs"][0]["max_lag"] == 0
    assert answer["jobs"][0]["last_observation"] == "2026-11-25T12:00:00.000Z"


def test_observations(api: Api) -> None:
    found = observations(api)
    assert [(one["pipeline"], one["@timestamp"]) for one in found] == [
        (name, format_time(NOW - timedelta(minutes=n))) for n in (50, 10) for name in ("a", "b")
    ]
    assert all(one["id"] for one in found)
    assert len(observations(api, pipeline="a")) == 2
    assert [one["partition"] for one in observations(api, pipeline="a", kind="partition", limit="2")] == [
        0,
        1,
    ]
    assert len(observations(api, **{"from": "2026-11-25T00:00:00Z", "to": "2026-11-26 00:00:00+01:00"})) == 8
    assert [one["@timestamp"][11:16] for one in observations(api, limit="3")] == ["11:10", "11:50", "11:50"]
    assert observations(api, pipeline="nobody") == []
    assert observations(api, pipeline="a'; DROP TABLE observations --") == []
    assert len(observations(api)) == 4


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "0"}, "from 1 to 10000"),
        ({"limit": "10001"}, "from 1 to 10000"),
        ({"limit": "9" * 5000}, "from 1 to 10000"),
        ({"limit": "x"}, "from 1 to 10000"),
        ({"limit": "-1"}, "from 1 to 10000"),
        ({"limit": "²"}, "from 1 to 10000"),
        ({"kind": "offsets"}, "observation, partition, profile"),
        ({"from": "yesterday"}, "from is a time such as"),
        ({"to": "0001-01-01T00:00:00Z"}, "to is a time such as"),
        ({"till": "2026-01-01"}, "no parameter 'till'"),
    ],
)
def test_what_is_not_understood_is_said(api: Api, query: dict[str, str], words: str) -> None:
    page = api.observations(Request(query=query))
    assert page.status is HTTPStatus.BAD_REQUEST
    assert words in page.body.decode()


def test_reports_are_served_from_their_folder_only(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "reports", "visits", 10, 10**9)
    folder.write(NOW, b"<html>report", b"kept")
    (tmp_path / "reports" / "secret.html").write_text("secret")
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "reports" / "visits_20260101T000000Z.html").symlink_to(tmp_path / "nowhere")

    def ask(rest: str) -> Page:
        return report_page({"visits": folder}, Request(rest=rest))

    page = ask("visits/visits_20261125T120000Z.html")
    assert page.body == b"<html>report"
    assert page.policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "connect-src" not in page.policy
    assert ask("visits/visits_latest.html").body == b"<html>report"
    for rest in (
        "",
        "visits",
        "visits/",
        "visits/secret.html",
        "visits/../secret.html",
        "visits/../../etc/passwd",
        "../secret.html",
        "visits//etc/passwd",
        "visits/visits_20261125T120000Z.profile",
        "visits/visits_20260101T000000Z.html",
        "visits/\0.html",
    ):
        assert ask(rest).status is HTTPStatus.NOT_FOUND, rest
