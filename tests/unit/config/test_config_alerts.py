"""What the configuration says of alerts, and what it refuses, with the line."""

from datetime import timedelta
from pathlib import Path

import pytest

from offline_observer.alert.measure import NoData
from offline_observer.alert.rule import AlertRule, Severity, Take
from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError

HEAD = """\
name: v
kafka: {bootstrap.servers: a}
pipelines:
"""
JOB = "  - name: p\n    job: {name: copy, checkpoint: /c}\n"
DATASET = """\
  - name: q
    dataset:
      topic: t
      fields: {user_id: string, page: string}
      rules: [{not_empty: [user_id]}, {not_empty: [page], severity: warn}]
"""
PROFILE = "      profile: {every: 1h, leave_out: [page]}\n"
ALL = JOB + DATASET + PROFILE


def alerts(folder: Path, text: str, pipelines: str = ALL) -> tuple[AlertRule, ...]:
    file = folder / "o.yaml"
    file.write_text(HEAD + pipelines + text, encoding="utf-8")
    return load_config(file, {}).alert_rules()


def one(folder: Path, *lines: str) -> AlertRule:
    (alert,) = alerts(folder, "alerts:\n  - name: a\n" + "".join(f"    {line}\n" for line in lines))
    return alert


def refusal(folder: Path, *lines: str, pipelines: str = ALL) -> str:
    with pytest.raises(ConfigError) as caught:
        alerts(folder, "alerts:\n" + "".join(f"  {line}\n" for line in lines), pipelines)
    return str(caught.value).replace(f"{folder}/o.yaml:", "")


def test_without_the_key_there_are_some_and_an_empty_list_is_none(tmp_path: Path) -> None:
    assert len(alerts(tmp_path, "")) == 8
    assert alerts(tmp_path, "alerts: []\n") == ()
    assert [alert.name for alert in alerts(tmp_path, "alerts: [{name: a, when: lag > 5}]\n")] == ["a"]
    with pytest.raises(ConfigError, match="expected a list, found nothing"):
        alerts(tmp_path, "alerts:\n")


def test_a_rule_on_whole_records_makes_records_invalid_as_well(tmp_path: Path) -> None:
    def names(rule: str) -> list[str]:
        dataset = f"  - {{name: q, dataset: {{topic: t, fields: {{a: string}}, rules: [{rule}]}}}}\n"
        return [alert.name for alert in alerts(tmp_path, "", dataset)]

    assert "invalid records" in names("no_unknown_fields")
    assert "invalid records" not in names("{not_empty: a, severity: warn}")
    assert "invalid records" not in names("row_count: {min: 1}")


def test_what_is_left_open_is_chosen_by_the_condition(tmp_path: Path) -> None:
    lag = one(tmp_path, "when: max_lag > 15")
    assert (lag.stays, lag.every, lag.over) == tuple(timedelta(minutes=n) for n in (5, 1, 10))
    assert (lag.severity, lag.no_data, lag.take) == (Severity.WARN, NoData.ALERTING, Take.LAST)
    assert (lag.labels, lag.keep_firing_for, lag.jobs, lag.datasets) == ({}, timedelta(), (), ())
    status = one(tmp_path, "when: status in [stalled, data_loss]")
    assert (status.stays, status.no_data, status.over) == (timedelta(), NoData.OK, timedelta(minutes=2))
    assert one(tmp_path, "when: drift(user_id) > 0.2").over == timedelta(hours=3)
    assert one(tmp_path, "when: no_data").stays == timedelta(minutes=1)


def test_what_is_said(tmp_path: Path) -> None:
    alert = one(
        tmp_path,
        "when: max_lag > 15",
        "for: 0s",
        "every: 30s",
        "severity: critical",
        "labels: {team: data, tier: 1}",
        "no_data: no_data",
        "keep_firing_for: 10m",
        "over: 20m",
        "take: max",
        "jobs: copy",
    )
    assert alert.stays == timedelta()
    assert (alert.every, alert.over) == (timedelta(seconds=30), timedelta(minutes=20))
    assert (alert.severity, alert.no_data) == (Severity.CRITICAL, NoData.NO_DATA)
    assert alert.labels == {"team": "data", "tier": "1"}
    assert (alert.keep_firing_for, alert.take) == (timedelta(minutes=10), Take.MAX)
    assert alert.jobs == ("copy",)
    assert one(tmp_path, "when: drift > 0.2", "datasets: [t]").datasets == ("t",)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- {name: a}", "13: alerts[0].when: this key is required and missing"),
        ("- {when: lag > 5}", "13: alerts[0].name: this key is required and missing"),
        ("- {name: '', when: lag > 5}", "name: expected a name of one line and at most 100 characters"),
        (
            "- {name: a, wen: lag > 5, when: lag > 5}",
            "13: alerts[0].wen: unknown key; did you mean 'when'?",
        ),
        ("- {name: a, when: 5}", "expected a condition, such as max_lag > 15, found the number 5"),
        ("- {name: a, when: lagg > 5}", "nothing is measured that is called 'lagg'; did you mean 'lag'?"),
        (
            "- {name: a, when: lag}",
            (
                "13: alerts[0].when: expected lag to be compared with a number by > >= < <= == or !=, "
                "as in lag > 15, found 'lag'"
            ),
        ),
        ("- {name: a, when: status in stalled}", "expected status in [rewound, data_loss]"),
        ("- {name: a, when: lag > 5, for: 5}", "alerts[0].for: expected a duration with its unit"),
        ("- {name: a, when: lag > 5, every: 500ms}", "every: expected a duration of 1s or more"),
        ("- {name: a, when: lag > 5, over: 2d}", "over: expected a duration of at most 1d"),
        ("- {name: a, when: lag > 5, over: 5s}", "over: this is shorter than the time from one observation"),
        (
            "- {name: a, when: lag > 5, severity: bad}",
            "severity: expected info, warn or critical, found 'bad'",
        ),
        ("- {name: a, when: lag > 5, no_data: x}", "no_data: expected alerting, ok or no_data, found 'x'"),
        ("- {name: a, when: lag > 5, take: min}", "take: expected last or max, found 'min'"),
        ("- {name: a, when: lag > 5, labels: [x]}", "labels: expected a mapping of keys to values, found"),
        (
            "- {name: a, when: lag > 5, labels: {severity: x}}",
            "every alert brings this label itself; use severity: of the alert",
        ),
        ("- {name: a, when: lag > 5, labels: {1x: x}}", "expected a label of letters, digits and _"),
        ("- {name: a, when: lag > 5, labels: {x: [y]}}", "a property must have one value"),
        ("- {name: a, when: lag > 5, jobs: [copi]}", "jobs[0]: no pipeline has the job 'copi'; did you mean"),
        ("- {name: a, when: lag > 5, datasets: [t]}", "datasets: lag is of a job; name those that are meant"),
        ("- {name: a, when: drift > 0.5, jobs: copy}", "jobs: drift is of a dataset; name those that are"),
        (
            "- {name: a, when: drift > 0.5, datasets: u}",
            "datasets: no pipeline has the dataset 'u'; known here: t",
        ),
        ("- {name: a, when: export_backlog > 5, jobs: copy}", "export_backlog is of the observer as a whole"),
        (
            "- {name: a, when: invalid_ratio(user) > 0.2}",
            (
                "13: alerts[0].when: no rule of severity error is on the field 'user', so nothing counts its "
                "invalid records; did you mean 'user_id'?"
            ),
        ),
        ("- {name: a, when: invalid_ratio(page) > 0.2}", "no rule of severity error is on the field 'page'"),
        (
            "- {name: a, when: drift(user) > 0.2}",
            "no profile is of the field 'user'; did you mean 'user_id'?",
        ),
        ("- {name: a, when: drift(page) > 0.2}", "no profile is of the field 'page'; known here: user_id"),
        ("- {name: a, when: unparseable > 0, take: max}", "take: unparseable is added up over the time"),
        (
            "- {name: a, when: invalid_ratio > 0, take: max}",
            "take: invalid_ratio is a share of all that time",
        ),
        ("- {name: a, when: status == stalled, take: max}", "take: a status has no largest one"),
        ("- {name: a, when: no_data, take: max}", "take: no data is of all that time"),
        ("- {name: a, when: no_data, no_data: ok}", "no_data: this alert is about there being no data"),
    ],
)
def test_what_is_refused(tmp_path: Path, line: str, says: str) -> None:
    text = refusal(tmp_path, line)
    assert says in text
    assert len(text.splitlines()) == 1


def test_two_alerts_of_one_name_are_refused_at_the_second_ones_line(tmp_path: Path) -> None:
    lines = ("- {name: Lag, when: lag > 5}", "- name: lag", "  when: lag > 6")
    assert refusal(tmp_path, *lines) == "14: alerts[1].name: alerts[0] has this name already"


@pytest.mark.parametrize(
    ("when", "pipelines", "says"),
    [
        ("lag > 5", DATASET, "lag is of a job, and no pipeline has one"),
        ("status == ok", DATASET, "status is of a job, and no pipeline has one"),
        ("unparseable > 0", JOB, "unparseable is of a dataset, and no pipeline has one"),
        ("drift > 0.5", JOB, "drift is of a dataset, and no pipeline has one"),
        ("drift > 0.5", DATASET, "drift is of a dataset's profile, and no dataset has one"),
        (
            "invalid_ratio(a) > 0.5",
            "  - {name: q, dataset: {topic: t}}\n",
            "no rule of severity error is on the field 'a', so nothing counts its invalid records",
        ),
    ],
)
def test_an_alert_is_about_something_that_is_there(
    tmp_path: Path, when: str, pipelines: str, says: str
) -> None:
    text = refusal(tmp_path, f"- {{name: a, when: {when}}}", pipelines=pipelines)
    assert text.endswith(f"alerts[0].when: {says}")
