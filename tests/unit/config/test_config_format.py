"""The format of records in a file, and the Schema Registry's properties, which are in no message."""

from pathlib import Path

import pytest

from offline_observer.config.load import load_config
from offline_observer.config.model import Dataset
from offline_observer.errors import ConfigError
from offline_observer.formats.format import FormatSettings

SECRET = "hunter2222"  # noqa: S105
HEAD = (
    'name: v\nkafka: {bootstrap.servers: "a:9092"}\npipelines:\n  - name: p\n    dataset:\n      topic: t\n'
)


def dataset(tmp_path: Path, *lines: str) -> Dataset:
    path = tmp_path / "observer.yaml"
    path.write_text(HEAD + "".join(f"      {line}\n" for line in lines))
    made = load_config(path, {"S": SECRET}).pipelines[0].dataset
    assert made is not None
    return made


def refusal(tmp_path: Path, *lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        dataset(tmp_path, *lines)
    assert SECRET not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path}/observer.yaml:")


def test_the_default_is_json(tmp_path: Path) -> None:
    assert dataset(tmp_path).format_settings() == FormatSettings("json", {})
    settings = dataset(tmp_path, "format: json_schema_registry").format_settings()
    assert settings == FormatSettings("json_schema_registry", {})


def test_properties_become_the_texts_that_were_written(tmp_path: Path) -> None:
    made = dataset(
        tmp_path,
        "format: avro",
        "schema_registry:",
        '  url: "https://registry:8081"',
        "  basic.auth.user.info: me:${S}",
        "  ssl.ca.location: certificates/ca.pem",
        "  timeout: 1.50",
        "  max.retries: 0",
    )
    assert made.format_settings() == FormatSettings(
        "avro",
        {
            "url": "https://registry:8081",
            "basic.auth.user.info": f"me:{SECRET}",
            "ssl.ca.location": str(tmp_path / "certificates" / "ca.pem"),
            "timeout": "1.50",
            "max.retries": "0",
        },
    )
    assert SECRET not in repr(made)
    assert "registry:8081" not in repr(made)


URL = "  url: http://registry"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["format: avr"], "7: pipelines[0].dataset.format: unknown format; did you mean 'avro'?"),
        (["format: xml"], "format: unknown format; known here: json, json_schema_registry, avro"),
        (["format: 5"], "format: expected a text, found the number 5"),
        (["format: avro"], "7: pipelines[0].dataset.format: the format avro needs schema_registry"),
        (
            ["format: avro", "schema_registry: {}"],
            "8: pipelines[0].dataset.schema_registry: the property url",
        ),
        (
            ["schema_registry:", URL],
            "7: pipelines[0].dataset.schema_registry: the format json has no use for",
        ),
        ([f"schema_registry: {SECRET}"], "schema_registry: this must be a mapping of properties"),
        ([f"schema_registry: [{SECRET}]"], "schema_registry: this must be a mapping of properties"),
        (
            ["format: avro", "schema_registry:", URL, f"  basic.auth.user.inf: {SECRET}"],
            "basic.auth.user.inf: unknown property; did you mean 'basic.auth.user.info'?",
        ),
        (
            ["format: avro", "schema_registry:", URL, "  basic.auth.user.info: ${S}"],
            "10: pipelines[0].dataset.schema_registry.basic.auth.user.info: this must be a user and a password",
        ),
        (
            ["format: avro", "schema_registry:", f"  url: {SECRET}"],
            "9: pipelines[0].dataset.schema_registry.url: this must be an http:// or https:// URL",
        ),
        (
            ["format: avro", "schema_registry:", URL, f"  timeout: {SECRET}"],
            "10: pipelines[0].dataset.schema_registry.timeout: this must be a number",
        ),
        (
            ["format: avro", "schema_registry:", URL, f"  basic.auth.user.info: {{{SECRET}: {SECRET}}}"],
            "basic.auth.user.info: a property must have one value",
        ),
        (
            ["format: avro", "schema_registry:", URL, "  ssl.ca.location: ''"],
            "ssl.ca.location: expected a path",
        ),
    ],
)
def test_messages_name_the_line_and_hold_no_value(tmp_path: Path, lines: list[str], says: str) -> None:
    text = refusal(tmp_path, *lines)
    assert says in text
    assert len(text.splitlines()) == 1
