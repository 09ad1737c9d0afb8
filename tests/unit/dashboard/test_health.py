"""Is each job all right, and if not, why."""

from datetime import UTC, datetime, timedelta

import pytest

from offline_observer.dashboard.health import Health, dataset_health, headline, job_health
from offline_observer.dashboard.palette import SIGNS, STATUS_COLOURS, line
from offline_observer.lag.status import Status
from offline_observer.observation import Document
from offline_observer.quality.verdict import DatasetStatus
from offline_observer.time_text import format_time

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EVERY = timedelta(seconds=10)


def document(seconds_ago: float = 5, **more: object) -> Document:
    return {
        "@timestamp": format_time(NOW - timedelta(seconds=seconds_ago)),
        "pipeline": "p",
        "job": "j",
        "dataset": "d",
        **more,
    }


def test_a_job() -> None:
    newest = document(
        job_status="stalled",
        reason="120 records wait",
        max_lag=120,
        seconds_behind=9.5,
        seconds_to_catch_up=None,
    )
    health = job_health(newest, document(300), EVERY, NOW)
    assert (health.kind, health.name, health.status, health.reason, health.is_fine) == (
        "job",
        "j",
        "stalled",
        "120 records wait",
        False,
    )
    assert health.since == NOW - timedelta(seconds=300)
    assert health.numbers == {
        "max_lag": 120,
        "total_lag": None,
        "seconds_behind": 9.5,
        "seconds_to_catch_up": None,
        "expired_records": None,
    }


@pytest.mark.parametrize("status", Status)
def test_every_status_of_a_job(status: Status) -> None:
    health = job_health(document(job_status=status.value), None, EVERY, NOW)
    assert health.is_fine is (status in (Status.OK, Status.STARTING))
    assert status.value in SIGNS
    assert status.value in STATUS_COLOURS


@pytest.mark.parametrize("status", DatasetStatus)
def test_every_status_of_a_dataset(status: DatasetStatus) -> None:
    health = dataset_health(
        document(dataset_status=status.value, dataset_error="away", dataset_reason="rules"), EVERY, NOW
    )
    assert health.is_fine is (status is DatasetStatus.OK)
    assert health.reason == "away"
    assert status.value in SIGNS
    assert status.value in STATUS_COLOURS


@pytest.mark.parametrize(("seconds", "silent"), [(59, False), (61, True), (86400, True)])
def test_who_is_silent_is_not_all_right_whatever_was_last(seconds: float, silent: bool) -> None:
    for health in (
        job_health(document(seconds, job_status="ok"), None, EVERY, NOW),
        dataset_health(document(seconds, dataset_status="ok"), EVERY, NOW),
    ):
        assert (health.status == "silent") is silent
        assert health.is_fine is not silent
        if silent:
            assert health.reason is not None
            assert "it was ok then" in health.reason


def test_the_headline() -> None:
    def health(name: str, status: str) -> Health:
        return job_health(document(job_status=status, job=name), None, EVERY, NOW)

    silent = job_health(document(3600, job_status="ok"), None, EVERY, NOW)
    assert headline([silent, silent]) == ("Nothing is observed any more: the observer has stopped.", False)
    assert headline([silent, health("b", "ok")]) == ("j is not observed any more.", False)
    assert headline([]) == ("Nothing has been observed yet.", True)
    assert headline([health("a", "ok")]) == ("The job is all right.", True)
    assert headline([health("a", "ok"), health("b", "starting")]) == ("Everything is all right.", True)
    assert headline([health("a", "stalled"), health("b", "ok")]) == ("a is stalled.", False)
    many = [health(str(number), "data_loss") for number in range(5)]
    assert headline(many) == ("0 has lost data, 1 has lost data, 2 has lost data, and 2 more.", False)


def test_lines_can_be_told_apart() -> None:
    assert len({line(number) for number in range(35)}) == 35
