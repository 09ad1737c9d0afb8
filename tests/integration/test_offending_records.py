"""The records that broke rules, from the journal and a real broker."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.kafka import Cluster, eventually
from support.observing import LONG
from support.program import journal_documents, json_lines, run_program, start_program

RULES = [{"not_empty": ["user_id"]}, {"range": {"age": {"min": 0}}, "severity": "warn", "name": "ages"}]


def write_config(folder: Path, servers: str, topic: str, *, every: str = LONG, **dataset: object) -> str:
    content = {
        "name": "test",
        "every": every,
        "kafka": {"bootstrap.servers": servers},
        "pipelines": [
            {
                "name": "visits",
                "dataset": {"topic": topic, "start_from": "earliest", "rules": RULES, **dataset},
            }
        ],
    }
    path = folder / "observer.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


def records(config: str, *arguments: str) -> list[dict[str, Any]]:
    done = run_program("records", "-c", config, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json_lines(done.stdout)


def test_the_records_of_a_rule_while_the_observer_runs(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(2)
    config = write_config(tmp_path, cluster.servers, topic, every="1s", mask=["user.ip"])
    observer = start_program("run", "-c", config, log=tmp_path / "observer.log")
    journal = tmp_path / "observations.db"

    def are_counted(number: int) -> bool:
        return journal.exists() and sum(d["all_events"] for d in journal_documents(journal)) == number

    try:
        cluster.produce(topic, [b'{"user_id":"u"}'] * 600 + [b'{"user_id":"","user":{"ip":"1.2.3.4"}}'])
        cluster.produce(topic, [b'{"user_id":"u","age":-1}', b"cut {"], partition=1, key=b"k")
        eventually(lambda: are_counted(603), 30, "the first records")
        cluster.produce(
            topic, [b'{"age":-2,"user":[{"ip":"5.6.7.8","login":"\\u001b[2Ja"}]}', b'{"user_id":null}']
        )
        eventually(lambda: are_counted(605), 30, "the others")

        newest = records(config, "--rule", "user_id.not_empty", "--last", "2")
        assert [(one["partition"], one["offset"], one["rules"], one["value"]) for one in newest] == [
            (0, 601, ["user_id.not_empty"], {"age": -2, "user": [{"ip": "***", "login": "\x1b[2Ja"}]}),
            (0, 602, ["user_id.not_empty"], {"user_id": None}),
        ]
        age, _ = records(config, "--rule", "ages")
        assert (age["partition"], age["offset"], age["key"], age["value"]) == (
            1,
            0,
            "***",
            {"user_id": "u", "age": -1},
        )
        unmasked = records(config, "--rule", "user_id.not_empty", "--unmasked")
        assert unmasked[0]["value"] == {"user_id": "", "user": {"ip": "1.2.3.4"}}
        (hidden,) = records(config, "--rule", "unparseable")
        assert (hidden["text"], hidden["value"]) == (None, None)
        assert "cannot be masked" in hidden["problem"]
        assert [one["text"] for one in records(config, "--rule", "unparseable", "--unmasked")] == ["cut {"]

        cluster.delete_records(topic, 0, 601)
        gone, *there = records(config, "--rule", "user_id.not_empty")
        assert (gone["offset"], gone["problem"], gone["value"]) == (600, "no longer in Kafka", None)
        assert [(one["offset"], one["problem"]) for one in there] == [(601, None), (602, None)]
        shown = run_program("records", "-c", config)
        assert shown.returncode == 0
        assert f"{topic}-0 offset 600, " in shown.stdout
        assert "  no longer in Kafka\n" in shown.stdout
        assert "1.2.3.4" not in shown.stdout
        assert "5.6.7.8" not in shown.stdout
        assert "\x1b" not in shown.stdout
        assert observer.poll() is None, "the observer goes on"
    finally:
        observer.terminate()
        assert observer.wait(10) == 0
    assert "content" not in journal_documents(journal)[0].get("offenders", [{}])[0]


def test_a_topic_that_was_made_anew_or_is_gone(cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(1)
    config = write_config(tmp_path, cluster.servers, topic)
    cluster.produce(topic, [b"{}"])
    assert run_program("run", "-c", config, "--once").returncode == 0
    assert [one["value"] for one in records(config)] == [{}]

    cluster.delete_topic(topic)
    done = run_program("records", "-c", config)
    assert done.returncode == 3
    assert "the broker has no such topic" in done.stderr
    cluster.topic(1, name=topic)
    cluster.produce(topic, [b'{"user_id":"another record at this place"}'])
    assert [(one["value"], one["problem"]) for one in records(config)] == [(None, "no longer in Kafka")]


@pytest.mark.parametrize("mask", [[], ["user.login"]])
def test_content_in_the_documents(cluster: Cluster, tmp_path: Path, mask: list[str]) -> None:
    topic = cluster.topic(1)
    config = write_config(tmp_path, cluster.servers, topic, samples="content", mask=mask)
    cluster.produce(topic, [b'{"user": {"login": "ada"}}', b"\xff\x00", b'{"a":"' + b"x" * 3000 + b'"}'])
    assert run_program("run", "-c", config, "--once").returncode == 0
    (document,) = journal_documents(tmp_path / "observations.db")
    contents = [(one["rule"], one["content"]) for one in document["offenders"]]
    assert [rule for rule, _ in contents] == ["unparseable", "user_id.not_empty", "user_id.not_empty"]
    if mask:
        assert contents[:2] == [("unparseable", None), ("user_id.not_empty", '{"user":{"login":"***"}}')]
    else:
        assert contents[0][1] == "\\xff\x00"
        assert contents[1][1] == '{"user": {"login": "ada"}}'
    assert (len(contents[2][1]), contents[2][1][-1]) == (2001, "…")


def test_a_broker_that_is_away(tmp_path: Path, cluster: Cluster) -> None:
    topic = cluster.topic(1)
    config = write_config(tmp_path, cluster.servers, topic)
    cluster.produce(topic, [b"{}"])
    assert run_program("run", "-c", config, "--once").returncode == 0
    write_config(tmp_path, "127.0.0.1:1", topic)
    began = time.monotonic()
    done = run_program("records", "-c", config, "--timeout", "3")
    assert time.monotonic() - began < 10
    assert done.returncode == 3
    assert "no answer from the Kafka broker at 127.0.0.1:1" in done.stderr
    assert done.stdout == ""
