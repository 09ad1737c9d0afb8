"""The commands on alerts, on a journal and a real receiver."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offline_observer.alert.instance import Instance, Key, State
from offline_observer.alert.look import Look, Transition
from offline_observer.alert.message import Kind, Message
from offline_observer.cli.app import run_command
from offline_observer.journal import alert_text
from offline_observer.journal.alerts import AlertFacts, read_alert_states, write_alerts, write_look
from offline_observer.journal.journal import Journal
from offline_observer.journal.notifications import note_failed, read_notifications, read_undelivered
from support.webhook import Webhook, webhook

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def path(tmp_path: Path, receiver: Webhook) -> Path:
    """A configuration, with a journal in which an alert fires and a message was given up."""
    path = tmp_path / "observer.yaml"
    path.write_text(f"""
name: test
kafka: {{bootstrap.servers: a}}
journal: ./observations.db
pipelines: [{{name: visits, job: {{name: copy, checkpoint: /c}}, dataset: {{topic: out}}}}]
alerts:
- {{name: partition lag, when: lag > 15, labels: {{team: data}}}}
- {{name: job, when: status == stalled, notify: [team, pager], severity: critical}}
- {{name: quiet, when: no_data, notify: []}}
- {{name: backlog, when: export_backlog > 5}}
notify:
  team: {{url: "{receiver.url}"}}
  pager: {{url: "json://admin:hunter2@127.0.0.1:9/hunter2", severity: critical}}
""")
    journal = Journal(tmp_path / "observations.db")
    message = Message(
        alert="partition lag",
        severity="warn",
        kind=Kind.FIRING,
        title="[firing] t",
        body="b",
        channels=("team",),
    )
    key = Key("visits", "visits/0")
    look = Look(
        changed={key: Instance(State.FIRING, NOW, fired_at=NOW, value=20, reason="r")},
        transitions=[Transition(key, State.PENDING, State.FIRING, 20)],
        messages=[message, message],
    )
    with journal.transaction() as execute:
        write_alerts(
            execute, {"partition lag": AlertFacts("lag > 15", "warn"), "quiet": AlertFacts("no_data", "info")}
        )
        write_look(execute, "partition lag", look, {"visits": "copy"}, NOW)
    note_failed(journal, 1, "HTTP 500", NOW)
    journal.close()
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_command(["alerts", *arguments])
    found = capsys.readouterr()
    assert "hunter2" not in found.out + found.err
    return code, found.out, found.err


def test_states_history_and_messages_as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "-c", str(path), "--json")
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["kind"] for line in lines] == ["alert", "alert", "change", "message", "message"]
    assert lines[0] == {
        "kind": "alert",
        "alert": "partition lag",
        "state": "firing",
        "severity": "warn",
        "condition": "lag > 15",
        "pipeline": "visits",
        "job": "copy",
        "part": "visits/0",
        "since": "2026-11-25T12:00:00.000Z",
        "value": 20,
        "reason": "r",
        "silenced_until": None,
    }
    assert (lines[1]["alert"], lines[1]["state"], lines[1]["pipeline"]) == ("quiet", "normal", None)
    assert (lines[2]["from"], lines[2]["to"]) == ("pending", "firing")
    assert (lines[4]["tries"], lines[4]["error"], lines[4]["given_up_at"]) == (
        1,
        "HTTP 500",
        "2026-11-25T12:00:00.000Z",
    )
    code, again, _ = run(capsys, "--journal", str(path.with_name("observations.db")))
    assert (code, again) == (0, out)


def test_the_same_for_people(path: Path) -> None:
    journal = path.with_name("observations.db")
    first, second = read_alert_states(journal)
    assert alert_text.state_row(first) == [
        *("firing", "partition lag", "warn", "visits visits/0", "20", "2026-11-25 12:00:00", "lag > 15")
    ]
    assert alert_text.state_row(second) == ["normal", "quiet", "info", "all", "", "", "no_data"]
    waits, given_up = alert_text.undelivered_lines(read_undelivered(journal, 9))
    assert waits == "team: waits: [firing] t (2026-11-25 12:00:00)"
    assert given_up == "team: given up after 1 try: [firing] t (2026-11-25 12:00:00): HTTP 500"


def test_on_a_terminal_there_is_a_table(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    run(capsys, "silence", "quiet", "--for", "1h", "-c", str(path))
    code, out, err = run(capsys, "-c", str(path))
    lines = [" ".join(re.sub(r"\x1b\[[0-9;]*m", "", line).split()) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[0] == "state alert severity of value since (UTC) condition"
    assert lines[1] == "firing partition lag warn visits visits/0 20 2026-11-25 12:00:00 lag > 15"
    assert lines[2] == "normal, silenced quiet info all no_data"
    assert lines[3].startswith("quiet is silenced until ")
    assert lines[5:7] == [
        "time (UTC) alert of from to value",
        "2026-11-25 12:00:00 partition lag visits visits/0 pending firing 20",
    ]
    assert lines[-2:] == [
        "team: waits: [firing] t (2026-11-25 12:00:00)",
        "team: given up after 1 try: [firing] t (2026-11-25 12:00:00): HTTP 500",
    ]


def test_without_a_channel_it_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = path.read_text()
    path.write_text(text[: text.index("alerts:")])
    code, _, err = run(capsys, "-c", str(path))
    assert (code, "nobody is told" in err) == (0, True)
    code, _, err = run(capsys, "test", "partition lag", "-c", str(path))
    assert (code, "nobody is told of the alert 'partition lag'" in err) == (2, True)
    code, _, err = run(capsys, "resend", "-c", str(path))
    assert (code, "has no channel" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "one of -c FILE (a configuration) and --journal FILE"),
        (["--journal", "none.db"], 3, "there is no journal at none.db"),
        (
            ["test", "partition lg", "-c", "FILE"],
            2,
            "there is no alert 'partition lg'; did you mean 'partition lag'?",
        ),
        (["test", "quiet", "-c", "FILE"], 2, "nobody is told of the alert 'quiet'"),
        (["silence", "partition lg", "--for", "1h", "-c", "FILE"], 2, "did you mean 'partition lag'?"),
        (["silence", "quiet", "-c", "FILE"], 2, "one of --for DURATION and --end"),
        (["silence", "quiet", "--for", "1h", "--end", "-c", "FILE"], 2, "one of --for DURATION and --end"),
        (["silence", "quiet", "--for", "31d", "-c", "FILE"], 2, "for 30d at most"),
        (["silence", "quiet", "--for", "x", "-c", "FILE"], 2, "--for: expected a duration"),
    ],
)
def test_what_it_refuses(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    found, _, err = run(capsys, *(str(path) if one == "FILE" else one for one in arguments))
    assert found == code
    assert message in err


def test_a_sample_goes_to_the_channels_of_the_alert(
    path: Path, receiver: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "test", "partition lag", "-c", str(path))
    assert (code, out) == (0, "team: ok\n")
    (sample,) = receiver.received
    assert sample["title"] == "[test] partition lag (warn): visits"
    assert "team: data" in sample["message"]
    assert "partition topic/0: 15, since" in sample["message"]
    assert "this is a test, nothing has happened" in sample["message"]
    code, out, _ = run(capsys, "test", "job", "-c", str(path))
    assert code == 3
    assert out.splitlines()[0] == "team: ok"
    assert out.splitlines()[1].startswith("pager: ")
    assert run(capsys, "test", "backlog", "-c", str(path))[0] == 0
    assert receiver.titles()[-1] == "[test] backlog (warn): test"


def test_silences(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC)
    code, out, _ = run(capsys, "silence", "quiet", "--for", "2h", "-c", str(path))
    assert code == 0
    (row,) = [row for row in read_alert_states(path.with_name("observations.db")) if row.alert == "quiet"]
    assert row.silenced_until is not None
    assert timedelta(hours=1, minutes=59) < row.silenced_until - before < timedelta(hours=2, minutes=1)
    assert out == f"quiet: silenced until {row.silenced_until:%Y-%m-%d %H:%M:%S} UTC\n"
    assert alert_text.state_row(row)[0] == "normal, silenced"
    assert next(iter(alert_text.silence_lines([row]))).startswith("quiet is silenced until ")
    code, out, _ = run(capsys, "silence", "quiet", "--end", "-c", str(path))
    assert (code, out) == (0, "quiet: the silence has ended\n")
    assert all(row.silenced_until is None for row in read_alert_states(path.with_name("observations.db")))


def test_what_was_given_up_is_sent_again(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "resend", "-c", str(path))
    assert (code, out) == (0, "1 message is in the queue again\n")
    assert read_notifications(path.with_name("observations.db"), 9)[1].given_up_at is None
