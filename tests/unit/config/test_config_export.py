"""What the configuration says of exporters, and what it refuses."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from offline_observer.config.export import Export, SearchExport
from offline_observer.config.model import Config

SECRET = "hunter2"  # noqa: S105


def config(export: dict[str, Any], folder: Path | None = None, **more: Any) -> Config:
    pipeline = {"name": "p", "job": {"name": "j", "checkpoint": "/c"}}
    values = {
        "name": "Visits",
        "kafka": {"bootstrap.servers": "a"},
        "pipelines": [pipeline],
        "export": export,
    }
    return Config.model_validate({**values, **more}, context=None if folder is None else {"folder": folder})


def elasticsearch(**more: Any) -> SearchExport:
    made = config({"elasticsearch": {"url": "http://h:9200", **more}}).export.elasticsearch
    assert made is not None
    return made


def refusal(**more: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        elasticsearch(**more)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_defaults() -> None:
    made = config({"elasticsearch": {"url": "http://h:9200"}})
    one = made.export.elasticsearch
    assert one is not None
    assert (one.url, one.timeout, one.bulk_documents) == (("http://h:9200",), timedelta(seconds=30), 1000)
    assert made.index_of(one) == "visits_observation_stats", "indices have small letters"
    assert made.keep is None
    assert made.export.all() == {"elasticsearch": one}
    assert Export().all() == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://h", "http://h:80"),
        ("https://h/", "https://h:443"),
        ("https://h/search/", "https://h:443/search"),
        ("http://[::1]:9200", "http://[::1]:9200"),
    ],
)
def test_a_url_has_its_port(written: str, read: str) -> None:
    assert elasticsearch(url=written).url == (read,)
    assert elasticsearch(url=[written, "http://b:1"]).url == (read, "http://b:1")


@pytest.mark.parametrize(
    "url",
    [
        "h:9200",
        "ftp://h",
        "http://",
        "http://h:x",
        "http://h:99999",
        [],
        f"http://elastic:{SECRET}@h:9200",
        "http://h?q=1",
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: object) -> None:
    assert refusal(url=url)


@pytest.mark.parametrize("index", ["Visits", "_x", "-x", "a b", "a*", "a/b", "x" * 201, ""])
def test_what_is_no_name_of_an_index_is_refused(index: str) -> None:
    assert "name of an index" in refusal(index=index)


def test_credentials() -> None:
    assert "go together" in refusal(username="u")
    assert "go together" in refusal(password=SECRET)
    assert "either an api_key" in refusal(api_key=SECRET, username="u", password=SECRET)
    one = elasticsearch(username="u", password=12345)
    assert one.password is not None
    assert one.password.get_secret_value() == "12345"
    assert "12345" not in repr(one)


def test_an_api_key_loses_the_end_of_its_line_and_what_is_none_is_refused_without_being_shown() -> None:
    key = elasticsearch(api_key=f" {SECRET}\r\n").api_key
    assert key is not None
    assert key.get_secret_value() == SECRET
    for wrong in (f"{SECRET} and", f"{SECRET}\u2019", f"a\n{SECRET}"):
        told = refusal(api_key=wrong)
        assert "API key is" in told
        assert SECRET not in told


def test_certificates(tmp_path: Path) -> None:
    assert "https:// only" in refusal(ca_file="ca.pem")
    assert "fingerprint" in refusal(url="https://h", ca_fingerprint="abc")
    assert "either ca_file" in refusal(url="https://h", ca_file="a", ca_fingerprint="ab" * 32)
    made = config({"elasticsearch": {"url": "https://h", "ca_file": "ca.pem"}}, tmp_path).export.elasticsearch
    assert made is not None
    assert made.ca_file == tmp_path / "ca.pem"
    with pytest.raises(ValidationError, match="checks no fingerprint"):
        config({"opensearch": {"url": "https://h", "ca_fingerprint": "ab" * 32}})


def test_what_is_kept() -> None:
    assert config({}, keep="30d").keep == timedelta(days=30)
    with pytest.raises(ValidationError, match="1d or more"):
        config({}, keep="1h")
