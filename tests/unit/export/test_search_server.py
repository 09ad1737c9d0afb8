"""What the two clients have in common."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from offline_observer.config.export import SearchExport
from offline_observer.config.load import load_config
from offline_observer.errors import ConfigError
from offline_observer.export.registry import make_exporters
from offline_observer.export.search_server import Answer, login_headers, without_secrets

URL = "http://127.0.0.1:9"
WORD = "geheim\u2019"


def settings(**more: Any) -> SearchExport:
    return SearchExport.model_validate({"url": URL, **more})


def test_who_asks_is_said_in_utf_8_whatever_the_letters() -> None:
    assert login_headers(settings()) == {}
    assert login_headers(settings(api_key="c2VjcmV0\n")) == {"authorization": "ApiKey c2VjcmV0"}
    (login,) = login_headers(settings(username="jörg", password=f"{WORD}\n")).values()
    scheme, _, text = login.partition(" ")
    assert scheme == "Basic"
    assert b64decode(text).decode() == f"jörg:{WORD}\n"


@pytest.mark.parametrize(
    "more",
    [{"api_key": "c2VjcmV0"}, {"username": "u", "password": 'WORD"ö'}, {"username": "u", "password": WORD}],
)
def test_credentials_that_are_repeated_in_an_answer_are_hidden(more: dict[str, str]) -> None:
    made = settings(**more)
    (header,) = login_headers(made).values()
    secret = more.get("api_key") or more["password"]
    reason = f"unable to read [{header}] or [{secret}]"
    for body in ({"error": {"type": "security_exception", "reason": reason}}, reason, None):
        answer = without_secrets(Answer(401, body), made)
        told = f"{answer.body} {answer.text}"
        assert secret not in told
        assert header.partition(" ")[2] not in told
    fine = Answer(200, {"x": secret})
    assert without_secrets(fine, made) is fine


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read: No such file"), ("no PEM", "has no certificate in PEM")]
)
def test_a_file_of_certificates_that_is_of_no_use_is_named(
    content: str | None, said: str, product: str, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    config = f"""
name: o
kafka: {{bootstrap.servers: "h:9092"}}
pipelines: [{{name: p, job: {{name: j, checkpoint: ./c}}}}]
export: {{{product}: {{url: "https://h", ca_file: ./ca.pem}}}}
"""
    (tmp_path / "observer.yaml").write_text(config)
    with pytest.raises(ConfigError) as told:
        make_exporters(load_config(tmp_path / "observer.yaml", {}))
    assert f"export.{product}.ca_file: {path} {said}" in str(told.value)


@pytest.mark.parametrize("product", ["elasticsearch", "opensearch"])
def test_a_login_in_any_letters_makes_a_client(product: str) -> None:
    made = settings(username="jörg", password=WORD)
    if product == "elasticsearch":
        from offline_observer.export.elasticsearch import ElasticsearchServer

        ElasticsearchServer(made).close()
    else:
        from offline_observer.export.opensearch import OpenSearchServer

        OpenSearchServer(made).close()
