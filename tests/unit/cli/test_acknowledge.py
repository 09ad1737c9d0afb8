from datetime import UTC, datetime
from pathlib import Path

import pytest

from offline_observer.cli.app import run_command
from offline_observer.journal.jobs import read_jobs
from offline_observer.journal.journal import Entry, Journal
from offline_observer.lag.incident import Incident, IncidentKind
from offline_observer.lag.memory import JobMemory

SEEN = datetime(2026, 11, 25, 3, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    loss = Incident(
        number=1,
        kind=IncidentKind.EXPIRED,
        since=SEEN,
        last=SEEN,
        present=False,
        topic="visits",
        partition=2,
        records=5,
    )
    anew = Incident(number=2, kind=IncidentKind.CHECKPOINT_ANEW, since=SEEN, last=SEEN, query_id="q")
    journal = Journal(tmp_path / "observations.db")
    for job, memory in {
        "copy": JobMemory(incidents=(loss, anew), next_number=3),
        "calm": JobMemory(),
    }.items():
        journal.append(
            Entry(pipeline=job, document={"kind": "observation"}, job=job, memory=memory.to_json())
        )
    journal.append(Entry(pipeline="odd", document={"kind": "observation"}, job="odd", memory="{"))
    journal.close()
    return journal.path


def test_what_is_acknowledged_is_said_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["acknowledge", "--journal", str(path), "copy", "calm"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "copy: acknowledged: visits-2: 5 records expired before the job read them, seen at 2026-11-25 03:12:00 UTC",
        "copy: acknowledged: the checkpoint was made anew: another query (q) writes it, seen at 2026-11-25 03:12:00 UTC",
        "calm: there is nothing to acknowledge",
    ]
    assert read_jobs(path)["copy"][1] == 2
    assert run_command(["acknowledge", "--journal", str(path), "copy"]) == 0
    assert capsys.readouterr().out == "copy: there is nothing to acknowledge\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["visit"], 2, "has no job 'visit'; jobs that it knows: calm, copy, odd"),
        ([], 2, "name the jobs, or all of them with --all"),
        (["copy", "--all"], 2, "name the jobs, or all of them with --all"),
        (["odd"], 3, "cannot be read"),
        (["copy", "-c", "observer.yaml"], 2, "one of -c FILE (a configuration) and --journal FILE"),
    ],
)
def test_what_is_refused(
    path: Path, arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["acknowledge", "--journal", str(path), *arguments]) == code
    assert message in " ".join(capsys.readouterr().err.split())
    assert read_jobs(path)["copy"][1] == 0
