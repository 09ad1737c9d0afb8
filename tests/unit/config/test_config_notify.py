"""What the configuration says of who is told, and what it refuses."""

from datetime import timedelta
from pathlib import Path

import pytest

from offline_observer.alert.rule import Severity
from offline_observer.config import notify as notify_module
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError

BEFORE = """name: test
kafka: {bootstrap.servers: a}
pipelines: [{name: p, job: {name: j, checkpoint: /c}}]
"""
ALERT = "{name: a, when: lag > 15"


def load(folder: Path, text: str, **environment: str) -> Config:
    path = folder / "observer.yaml"
    path.write_text(BEFORE + text)
    return load_config(path, environment)


def test_what_it_says(tmp_path: Path) -> None:
    made = load(
        tmp_path,
        f"""alerts:
  - {ALERT}, notify: team, remind: 4h}}
  - {{name: b, when: lag > 1, notify: []}}
  - {{name: c, when: lag > 2}}
notify:
  team: {{url: "${{TEAM}}"}}
  pager: {{url: "json://h/hunter2", severity: [critical], give_up_after: 2h}}
heartbeat: https://hc-ping.com/hunter2
""",
        TEAM="json://admin:hunter2@h/hunter2",
    )
    assert made.notify is not None
    assert (made.notify["team"].give_up_after, made.notify["pager"].give_up_after) == (
        timedelta(days=1),
        timedelta(hours=2),
    )
    assert made.notify["team"].severity == tuple(Severity)
    assert made.notify["team"].url.get_secret_value() == "json://admin:hunter2@h/hunter2"
    rules = made.alert_rules()
    assert [rule.notify for rule in rules] == [("team",), (), None]
    assert [rule.remind for rule in rules] == [timedelta(hours=4), None, None]
    assert made.heartbeat is not None
    assert "hunter2" not in repr(made) + str(made.model_dump_json())
    assert load(tmp_path, "").notify is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("notify: {}", 4, "notify: name a channel, for instance team: "),
        ("notify: {team: {url: 'hunter2://x'}}", 4, "notify.team.url: Apprise can make nothing of this URL"),
        ("notify: {team: {url: ''}}", 4, "notify.team.url: Apprise can make nothing"),
        ("notify: {team: {url: [hunter2]}}", 4, "notify.team.url: a property must have one value"),
        ("notify: {team: {}}", 4, "notify.team.url: this key is required"),
        ("notify: {team: hunter2}", 4, "notify.team: expected a mapping"),
        (
            "notify: {team: {url: 'json://h', urls: hunter2}}",
            4,
            "notify.team.urls: unknown key; did you mean 'url'?",
        ),
        (
            "notify: {team: {url: 'json://h', severity: bad}}",
            4,
            "notify.team.severity: expected info, warn or critical",
        ),
        (
            "notify: {team: {url: 'json://h', severity: []}}",
            4,
            "notify.team.severity: expected 1 or more values",
        ),
        (
            "notify: {team: {url: 'json://h', give_up_after: 3}}",
            4,
            "notify.team.give_up_after: expected a duration",
        ),
        ("notify: {'a b': {url: 'json://h'}}", 4, "expected a name of at most 100"),
        (
            f"notify: {{team: {{url: 'json://h'}}}}\nalerts:\n- {ALERT}, notify: tem}}",
            6,
            "alerts[0].notify: there is no channel 'tem'; did you mean 'team'?",
        ),
        (
            f"notify: {{team: {{url: 'json://h'}}}}\nalerts:\n- {ALERT}, notify: [team, x]}}",
            6,
            "alerts[0].notify[1]: there is no channel 'x'; known here: team",
        ),
        (
            f"alerts:\n- {ALERT}, notify: team}}",
            5,
            "there is no channel 'team'; add it: notify: {team: {url: …}}",
        ),
        (
            f"alerts:\n- {ALERT}, remind: 59s}}",
            5,
            "alerts[0].remind: this is shorter than the time from one look",
        ),
        (f"alerts:\n- {ALERT}, remind: often}}", 5, "alerts[0].remind: expected a duration"),
        ("heartbeat: ftp://hunter2", 4, "heartbeat: a heartbeat is a URL, http:// or https://"),
        ("heartbeat: 'https://'", 4, "heartbeat: a heartbeat is a URL"),
        ("heartbeat: 'http://h:x/hunter2'", 4, "heartbeat: a heartbeat is a URL"),
        ("heartbeat: [hunter2]", 4, "heartbeat: a property must have one value"),
    ],
)
def test_what_it_refuses(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert f"observer.yaml:{line}: " in str(caught.value)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_without_the_libraries_a_url_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify_module, "has_libraries", lambda: False)
    assert load(tmp_path, "notify: {team: {url: 'nonsense'}}").notify
