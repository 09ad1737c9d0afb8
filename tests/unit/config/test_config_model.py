"""The models on their own. What their messages look like in a file: test_config_file.py."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from offline_observer.config.model import Config, Dataset, Job
from offline_observer.config.same_checkpoint import comparable_checkpoint
from offline_observer.config.values import brokers
from offline_observer.observation import invalid_name
from offline_observer.quality.rules.rule import Rule

SECRET = "hunter2"  # noqa: S105


def config(*pipelines: dict[str, Any], folder: Path | None = None, **more: Any) -> Config:
    values = {"name": "visits", "kafka": {"bootstrap.servers": "a:9092"}, "pipelines": pipelines, **more}
    return Config.model_validate(values, context=None if folder is None else {"folder": folder})


def job(**more: Any) -> dict[str, Any]:
    return {"name": "p", "job": {"name": "j", "checkpoint": "/c", **more}}


def dataset(**more: Any) -> Dataset:
    return Dataset.model_validate({"topic": "t", **more})


def refusal(*pipelines: dict[str, Any], **more: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        config(*pipelines, **more)
    return str(caught.value)


def test_defaults() -> None:
    made = config({**job(), "dataset": {"topic": "t"}})
    (pipeline,) = made.pipelines
    assert pipeline.job is not None
    assert pipeline.dataset is not None
    assert made.every == timedelta(seconds=10)
    assert made.journal == Path("observations.db")
    assert pipeline.job.isolation_level == "read_uncommitted"
    assert pipeline.dataset.isolation_level == "read_committed"
    assert pipeline.dataset.start_from == "latest"
    assert pipeline.dataset.rule_list() == ()
    assert pipeline.dataset.fields == {}


def test_nothing_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        config(job()).name = "other"


def test_kafka_properties_become_the_texts_that_librdkafka_expects() -> None:
    kafka = {"bootstrap.servers": "a", "x": True, "y": False, "z": 5, "f": 0.5, "t": "yes", "e": ""}
    assert config(job(), kafka=kafka).kafka == {
        "bootstrap.servers": "a",
        "x": "true",
        "y": "false",
        "z": "5",
        "f": "0.5",
        "t": "yes",
        "e": "",
    }


@pytest.mark.parametrize("servers", [None, "", " ", ",", "PLAINTEXT://"])
def test_kafka_needs_brokers(servers: str | None) -> None:
    kafka = {"client.id": "x"} | ({} if servers is None else {"bootstrap.servers": servers})
    assert refusal(job(), kafka=kafka)


def test_a_part_has_its_own_kafka_properties_in_place_of_the_files() -> None:
    own = {"bootstrap.servers": "b"}
    made = config({**job(), "dataset": {"topic": "t", "kafka": own}})
    assert made.kafka_of_job(made.pipelines[0]) == {"bootstrap.servers": "a:9092"}
    assert made.kafka_of_dataset(made.pipelines[0]) == own
    made = config({**job(kafka=own), "dataset": {"topic": "t"}}, kafka={"bootstrap.servers": "a", "x": "y"})
    assert made.kafka_of_job(made.pipelines[0]) == own
    assert made.kafka_of_dataset(made.pipelines[0]) == {"bootstrap.servers": "a", "x": "y"}


def test_the_properties_are_the_callers_to_change() -> None:
    made = config(job())
    made.kafka_of_job(made.pipelines[0])["group.id"] = "x"
    assert "group.id" not in made.kafka


def test_kafka_values_are_in_no_repr() -> None:
    kafka = {"bootstrap.servers": "a", "sasl.password": SECRET, "client.id": "shown-nowhere"}
    made = config({**job(kafka=kafka), "dataset": {"topic": "t", "kafka": kafka}}, kafka=kafka)
    for text in (repr(made), str(made), repr(made.pipelines), f"{made.pipelines[0].job}"):
        assert SECRET not in text
        assert "shown-nowhere" not in text
        assert "kafka" not in text


@pytest.mark.parametrize(
    "kafka",
    [
        SECRET,
        [SECRET],
        {"sasl.password": SECRET},
        {"bootstrap.servers": "a", "sasl.password": [SECRET]},
        {"bootstrap.servers": "a", "sasl.password": {SECRET: SECRET}},
        {"bootstrap.servers": "a", "isolation.level": SECRET},
        {"bootstrap.servers": [SECRET]},
    ],
)
def test_kafka_values_are_in_no_error(kafka: object) -> None:
    assert SECRET not in refusal(job(), kafka=kafka)
    assert SECRET not in refusal(job(kafka=kafka))
    assert SECRET not in refusal({"name": "p", "dataset": {"topic": "t", "kafka": kafka}})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("earliest", "earliest"),
        ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01 00:00:00 Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01t00:00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01 02:00:00.5 +02:00", datetime(2024, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        (datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_start_from(value: object, expected: object) -> None:
    assert dataset(start_from=value).start_from == expected


@pytest.mark.parametrize(
    "value",
    [
        *("now", "", "2024-13-01T00:00:00Z", "24:00", "Latest ", 1704067200, True, None, [], 1.5),
        *("2024-01-01", "2024-01-01T00:00:00", datetime(2024, 1, 1)),  # noqa: DTZ001
        *("1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+01:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_start_from_refuses(value: object) -> None:
    with pytest.raises(ValidationError, match="expected"):
        dataset(start_from=value)


def test_rule_list_has_each_field_in_the_order_of_the_file() -> None:
    made = dataset(rules=[{"not_empty": ["b", "a.c"]}, {"not_empty": "d"}])
    assert made.rule_list() == (Rule("not_empty", "b"), Rule("not_empty", "a.c"), Rule("not_empty", "d"))


def test_a_rule_may_be_on_a_declared_field_and_on_the_objects_around_it() -> None:
    made = dataset(
        fields={"a.b.c": "string", "a.b": "object", "d": "array"},
        rules=[{"not_empty": ["a", "a.b", "a.b.c", "d"]}],
    )
    assert len(made.rule_list()) == 4


@pytest.mark.parametrize("field", ["", ".", "a.", ".a", "a..b", "a. .b", " "])
def test_a_path_has_no_empty_part(field: str) -> None:
    with pytest.raises(ValidationError, match="no part of it empty"):
        dataset(fields={field: "string"})
    with pytest.raises(ValidationError, match="no part of it empty"):
        dataset(rules=[{"not_empty": [field]}])


@pytest.mark.parametrize("name", ["visits", "a", "9", "_x", "a.b-c_d", "A" * 100])
def test_names(name: str) -> None:
    assert config({**job(), "name": name}, name=name).name == name


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "é", ".", "..", "-x", "a\n", "A" * 101, "a:b"])
def test_names_refused(name: str) -> None:
    assert "expected a name" in refusal(job(), name=name)
    assert "expected a name" in refusal({**job(), "name": name})


@pytest.mark.parametrize("topic", ["", ".", "..", "^t.*", "a b", "a,b", "a" * 250, "t\n"])
def test_topics_refused(topic: str) -> None:
    with pytest.raises(ValidationError, match="expected the name of one topic"):
        dataset(topic=topic)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("c", "/folder/c"),
        ("./c/d", "/folder/c/d"),
        ("../c", "/folder/../c"),
        ("/c", "/c"),
        ("~/c", "/folk/me/c"),
        ("file:///c", "/c"),
        ("file:/c", "/c"),
        ("file://c", "/folder/c"),
        ("s3a://bucket/c", "s3a://bucket/c"),
        ("hdfs://host:8020/c/", "hdfs://host:8020/c/"),
        ("simplecache::s3://bucket/c", "simplecache::s3://bucket/c"),
        ("a:b", "/folder/a:b"),
    ],
)
def test_checkpoints(written: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/folk/me")
    made = config(job(checkpoint=written), folder=Path("/folder")).pipelines[0].job
    assert made is not None
    assert made.checkpoint == expected


@pytest.mark.parametrize("written", ["", " ", "file://", "dbfs:/c", "hdfs:/c", "~nobody-of-this-name/c"])
def test_checkpoints_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        Job(name="j", checkpoint=written)


def test_the_journal_is_relative_to_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/folk/me")
    folder = Path("/folder")
    assert config(job(), folder=folder).journal == Path("/folder/observations.db")
    assert config(job(), folder=folder, journal="./x/y.db").journal == Path("/folder/x/y.db")
    assert config(job(), folder=folder, journal="/x.db").journal == Path("/x.db")
    assert config(job(), folder=folder, journal="~/x.db").journal == Path("/folk/me/x.db")
    assert config(job(), journal="x.db").journal == Path("x.db")


@pytest.mark.parametrize("journal", ["", "s3://bucket/x.db", None, 5, [], True])
def test_journals_refused(journal: object) -> None:
    assert refusal(job(), journal=journal)


@pytest.mark.parametrize(("a", "b"), [("/c", "/c/"), ("/c", "/x/../c"), ("s3://b/c", "s3://b/c/")])
def test_two_ways_to_write_a_checkpoint(a: str, b: str) -> None:
    assert comparable_checkpoint(a, {}) == comparable_checkpoint(b, {})
    other = job(checkpoint=b, name="k")
    assert "has the job with this checkpoint already" in refusal(job(checkpoint=a), {**other, "name": "q"})


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("a:9092", "a:9092", True),
        ("a:9092", "b:9092,A", True),
        ("a:9092", "SASL_SSL://a:9092", True),
        ("[::1]:9092", "[::1]:9092", True),
        ("a:9092", "a:9093", False),
        ("a", "b", False),
    ],
)
def test_a_topic_is_in_one_pipeline_only_of_a_cluster(a: str, b: str, same: bool) -> None:
    pipelines = (
        {"name": "p", "dataset": {"topic": "t"}},
        {"name": "q", "dataset": {"topic": "t", "kafka": {"bootstrap.servers": b}}},
    )
    kafka = {"bootstrap.servers": a}
    if same:
        message = "pipelines[0] has this topic of the same cluster already"
        assert message in refusal(*pipelines, kafka=kafka)
    else:
        assert len(config(*pipelines, kafka=kafka).pipelines) == 2


def test_brokers() -> None:
    servers = {"bootstrap.servers": " A:1 ,, b, PLAINTEXT://c:2,"}
    assert brokers(servers) == {"a:1", "b:9092", "c:2"}


def test_document_names() -> None:
    assert invalid_name("context.user.ip") == "invalid_context_user_ip"


@pytest.mark.parametrize(
    ("profile", "more", "message"),
    [
        ({}, {"fields": {}}, "a profile is of the dataset's fields"),
        ({"every": "5s"}, {}, "a window is not shorter than the time from one observation to the next"),
        ({"every": "2d"}, {}, "expected a duration from 1s to 1d"),
        ({"every": "soon"}, {}, "duration"),
        ({"often": "5m"}, {}, "Extra inputs are not permitted"),
        ({"every": "0 records"}, {}, "a number of records such as 10000 records, or batch"),
        ({"every": 5}, {}, "a number of records such as 10000 records, or batch"),
        ({"every": "1.5 records"}, {}, "a number of records such as 10000 records, or batch"),
        ({"folder": "s3://bucket/a"}, {}, "expected a folder on a local disk, not a URL"),
        ({"folder": ""}, {}, "expected a path"),
        ({"folder": 3}, {}, "expected a path"),
        ({"sample": 0}, {}, "greater than or equal to 1"),
        ({"keep": 0}, {}, "greater than or equal to 1"),
        ({"max_bytes": 0}, {}, "greater than or equal to 1"),
        ({"time_limit": "0s"}, {}, "expected a duration above zero"),
        ({"leave_out": ["b"]}, {}, "the field 'b' is not among the dataset's fields"),
        ({"leave_out": ["a"]}, {}, "no field is left to make a profile of"),
    ],
)
def test_a_profile_that_cannot_be(profile: dict[str, object], more: dict[str, object], message: str) -> None:
    dataset = {"topic": "t", "fields": {"a": "string"}, "profile": profile, **more}
    assert message in refusal({"name": "p", "dataset": dataset})


def test_a_profile_has_defaults() -> None:
    profile = dataset(fields={"a": "string"}, profile={}).profile
    assert profile is not None
    assert profile.every == timedelta(minutes=5)
    assert (profile.folder, profile.sample, profile.keep) == (None, 10_000, 48)
    assert dataset().profile is None


@pytest.mark.parametrize(
    ("every", "length"),
    [("90s", timedelta(seconds=90)), ("10000 records", 10_000), ("1 record", 1), ("batch", 1)],
)
def test_how_long_a_window_is(every: str, length: timedelta | int) -> None:
    profile = dataset(fields={"a": "string"}, profile={"every": every}).profile
    assert profile is not None
    assert profile.every == length


def test_fields_that_are_left_out_of_a_profile() -> None:
    fields = {"a": "string", "b.c": "string", "b.d.e": "string", "bc": "string"}
    profile = dataset(fields=fields, profile={"leave_out": ["b", "a"]}).profile
    assert profile is not None
    assert profile.fields_of(dict.fromkeys(fields, "string")) == ("bc",)


def test_two_datasets_whose_reports_would_have_the_same_names(tmp_path: Path) -> None:
    def one(name: str, folder: str, servers: str) -> dict[str, object]:
        kafka = {"bootstrap.servers": servers}
        profile = {"folder": folder}
        fields = {"a": "string"}
        return {"name": name, "dataset": {"topic": "t", "fields": fields, "kafka": kafka, "profile": profile}}

    path = str(tmp_path)
    message = "pipelines[0] has reports of the same name in this folder already"
    assert message in refusal(one("p", path, "a"), one("q", path, "b"))
    assert len(config(one("p", path, "a"), one("q", f"{path}/b", "b")).pipelines) == 2
