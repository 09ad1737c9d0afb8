"""Options of a checkpoint's filesystem: in a file, on a command line, and never in a message."""

from pathlib import Path
from typing import Any

import pytest

from offline_observer.cli.app import run_command
from offline_observer.config.load import load_config
from offline_observer.config.model import Config, Job
from offline_observer.config.same_checkpoint import comparable_checkpoint
from offline_observer.config.storage import parse_storage
from offline_observer.errors import ConfigError

SECRET = "hunter2222"  # noqa: S105


def load(tmp_path: Path, job: str, environment: dict[str, str] | None = None) -> Config:
    path = tmp_path / "observer.yaml"
    path.write_text(
        'name: v\nkafka: {bootstrap.servers: "a:9092"}\npipelines:\n  - name: p\n    job:\n      name: j\n'
        + job
    )
    return load_config(path, environment or {})


def storage_of(config: Config) -> dict[str, Any]:
    job = config.pipelines[0].job
    assert job is not None
    return job.storage


def test_options_in_a_file(tmp_path: Path) -> None:
    text = """
      checkpoint: s3://b/c
      storage:
        key: 0123
        secret: ${S}
        token: 123456
        anon: false
        max_concurrency: 2
        session_verify: null
        client_kwargs: {endpoint_url: "http://minio:9000", list: [1, x]}
        config_kwargs: {read_timeout: 1.50}
"""
    config = load(tmp_path, text, {"S": SECRET})
    assert storage_of(config) == {
        "key": "0123",
        "secret": SECRET,
        "token": "123456",
        "anon": False,
        "max_concurrency": 2,
        "session_verify": None,
        "client_kwargs": {"endpoint_url": "http://minio:9000", "list": [1, "x"]},
        "config_kwargs": {"read_timeout": 1.5},
    }
    assert type(storage_of(config)["config_kwargs"]["read_timeout"]) is float
    assert SECRET not in repr(config)
    assert "minio" not in repr(config)


def test_no_options_are_none(tmp_path: Path) -> None:
    assert storage_of(load(tmp_path, "      checkpoint: s3://b/c\n")) == {}


@pytest.mark.parametrize(
    ("storage", "says"),
    [
        (f"storage: {SECRET}", "storage: this must be a mapping"),
        (f"storage: [{SECRET}]", "storage: this must be a mapping"),
        (f"storage: {{use_listings_cache: {SECRET}}}", "use_listings_cache: the observer sets this"),
        (f"storage: {{'': {SECRET}}}", "an option's name must be a text"),
        (f"storag: {{secret: {SECRET}}}", "did you mean 'storage'?"),
        ("storage: {secret: '${NOT_SET}'}", "the environment variable NOT_SET is not set"),
    ],
)
def test_messages_name_the_line_and_hold_no_value(tmp_path: Path, storage: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"      checkpoint: s3://b/c\n      {storage}\n")
    assert says in str(caught.value)
    assert ":8: " in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("checkpoint", ["/c", "file:///c", "file:/c", "./c"])
def test_a_local_checkpoint_takes_no_options(tmp_path: Path, checkpoint: str) -> None:
    with pytest.raises(ConfigError, match="storage: a checkpoint on a local disk takes no options") as caught:
        load(tmp_path, f"      checkpoint: {checkpoint}\n      storage: {{secret: {SECRET}}}\n")
    assert SECRET not in str(caught.value)


def test_values_that_only_python_has() -> None:
    with pytest.raises(ValueError, match="an option must be a text") as caught:
        Job.model_validate({"name": "j", "checkpoint": "s3://b/c", "storage": {"secret": {SECRET}}})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("s3://b/c", "s3a://b/c"),
        ("s3a://b/c/", "S3://b/c"),
        ("gs://b/c", "gcs://b/c"),
        ("abfss://c@acc.dfs.core.windows.net/x", "abfs://c@acc.dfs.core.windows.net/x/"),
        ("hdfs://nn/c", "hdfs://NN:8020/c"),
        ("webhdfs://me@nn:9870/c", "webhdfs://nn:9870/c"),
    ],
)
def test_two_ways_to_write_a_remote_checkpoint(a: str, b: str) -> None:
    assert comparable_checkpoint(a, {}) == comparable_checkpoint(b, {})
    pipelines = [
        {"name": name, "job": {"name": name, "checkpoint": checkpoint}}
        for name, checkpoint in (("p", a), ("q", b))
    ]
    with pytest.raises(ValueError, match=r"pipelines\[0\] has the job with this checkpoint already"):
        Config.model_validate({"name": "v", "kafka": {"bootstrap.servers": "a"}, "pipelines": pipelines})


def test_what_is_another_checkpoint() -> None:
    assert comparable_checkpoint("s3://b/c", {}) != comparable_checkpoint("gs://b/c", {})
    assert comparable_checkpoint("s3://b/c", {}) != comparable_checkpoint("s3://b/d", {})
    elsewhere = {"client_kwargs": {"endpoint_url": "http://minio:9000"}}
    assert comparable_checkpoint("s3://b/c", {}) != comparable_checkpoint("s3a://b/c", elsewhere)
    # Another key is not another place.
    assert comparable_checkpoint("s3://b/c", {"key": "a"}) == comparable_checkpoint("s3a://b/c", {"key": "b"})


def test_an_azure_account_from_the_options() -> None:
    url = "abfs://c@acc.dfs.core.windows.net/x"
    assert comparable_checkpoint("abfs://c/x", {"account_name": "acc"}) == comparable_checkpoint(url, {})


def test_options_of_a_command_line() -> None:
    pairs = [
        "key=${K}",
        "secret=a=b=",
        "token=12345",
        "anon=true",
        "max_concurrency=2",
        "empty=",
        "client_kwargs.endpoint_url=http://h:1",
        "client_kwargs.region_name=eu",
        "config_kwargs.retries.mode=legacy",
        "digits=${D}",
    ]
    assert parse_storage(pairs, {"K": SECRET, "D": "12"}) == {
        "key": SECRET,
        "secret": "a=b=",
        "token": "12345",
        "anon": True,
        "max_concurrency": 2,
        "empty": None,
        "client_kwargs": {"endpoint_url": "http://h:1", "region_name": "eu"},
        "config_kwargs": {"retries": {"mode": "legacy"}},
        "digits": "12",
    }


@pytest.mark.parametrize(
    "pairs",
    [
        [SECRET],
        [f"={SECRET}"],
        [f"a..b={SECRET}"],
        [f"a={SECRET}", f"a.b={SECRET}"],
        [f"a.b={SECRET}", f"a={SECRET}"],
        [f"skip_instance_cache={SECRET}"],
        ["a=${NOT_SET}"],
    ],
)
def test_what_is_no_option(pairs: list[str]) -> None:
    with pytest.raises(ValueError) as caught:
        parse_storage(pairs, {})
    assert SECRET not in str(caught.value)


def test_commands_refuse_options_without_repeating_them(capsys: pytest.CaptureFixture[str]) -> None:
    lag = ["lag", "--bootstrap-servers", "127.0.0.1:1", "--checkpoint"]
    for command in (
        ["checkpoint", "s3://b/c", "--storage", SECRET],
        ["checkpoint", "/c", "--storage", f"secret={SECRET}"],
        [*lag, "s3://b/c", "--storage", SECRET],
        [*lag, "/c", "--storage", f"secret={SECRET}"],
    ):
        assert run_command(command) == 2
        shown = "".join(capsys.readouterr())
        assert "--storage: " in shown
        assert SECRET not in shown
