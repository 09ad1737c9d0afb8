"""A registry on the network: what it answers, and how it fails."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from offline_observer.errors import ConfigError, ObserverError, SchemaRegistryError
from offline_observer.formats.avro import AvroFormat
from offline_observer.formats.avro_registry import Registry, registry_client
from offline_observer.formats.schema_registry import PROPERTIES
from support.schema_registry import SmallRegistry, small_registry

SECRET = "hunter2222"  # noqa: S105
LONG = {"type": "record", "name": "One", "fields": [{"name": "a", "type": "long"}]}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server() -> Iterator[SmallRegistry]:
    with small_registry() as registry:
        yield registry


def avro(url: str, **properties: str) -> AvroFormat:
    dotted = {key.replace("_", "."): value for key, value in properties.items()}
    return AvroFormat(Registry({"url": url, "retries.wait.ms": "1", **dotted}), time.monotonic)


def failure(made: AvroFormat) -> str:
    with pytest.raises(SchemaRegistryError) as caught:
        made.parse(b"\0\0\0\0\1\x0a")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert caught.value.exit_code == ObserverError.exit_code
    return str(caught.value)


def test_a_schema_is_asked_for_once(server: SmallRegistry) -> None:
    made = avro(server.url)
    header = server.add(1, LONG)
    assert [made.parse(header + b"\x0a") for _ in range(5)] == [{"a": 5}] * 5
    assert [made.parse(b"\0\0\0\0\2\x0a") for _ in range(5)] == [None] * 5
    assert server.asked == ["/schemas/ids/1", "/schemas/ids/2"]


def test_what_is_no_id_of_javas_is_not_asked_for(server: SmallRegistry) -> None:
    assert avro(server.url).parse(b"\0\x80\0\0\0\x0a") is None
    assert server.asked == []


def test_a_registry_that_is_older_than_guids_knows_none(server: SmallRegistry) -> None:
    assert avro(server.url).parse(b"\1" + bytes(16) + b"\x0a") is None
    assert server.asked == ["/schemas/guids/00000000-0000-0000-0000-000000000000"]


def test_references_and_a_deleted_one(server: SmallRegistry) -> None:
    place = {"type": "record", "name": "geo.Place", "fields": [{"name": "n", "type": "string"}]}
    reference = {**server.add_version("place", 3, place), "name": "geo.Place"}
    visit = {"type": "record", "name": "Visit", "fields": [{"name": "to", "type": "geo.Place"}]}
    header = server.add(7, visit, schemaType="AVRO", references=[reference])
    gone = server.add(8, visit, references=[{**reference, "version": 4}])
    made = avro(server.url)
    assert made.parse(header + b"\x02a") == {"to": {"n": "a"}}
    assert made.parse(gone + b"\x02a") is None
    # One that is said to refer to itself ends as well.
    circle = server.add_version("circle", 1, visit, references=[server.add_version("circle", 1, visit)])
    assert made.parse(server.add(9, visit, references=[circle]) + b"\x02a") is None


def test_logins_are_sent_and_not_shown(server: SmallRegistry) -> None:
    server.add(1, LONG)
    assert avro(server.url, basic_auth_user_info=f"me:{SECRET}").parse(b"\0\0\0\0\1\x0a") == {"a": 5}
    with_login = server.url.replace("://", f"://me:{SECRET}@")
    assert avro(with_login).parse(b"\0\0\0\0\1\x0a") == {"a": 5}
    assert len(set(server.logins)) == 1
    assert (server.logins[0] or "").startswith("Basic ")
    server.status = 401
    for made in (avro(server.url, basic_auth_user_info=f"me:{SECRET}"), avro(with_login)):
        host = server.url.removeprefix("http://")
        assert failure(made) == (
            f"the Schema Registry at {host} refuses the login (HTTP 401); check basic.auth.user.info or the "
            "bearer.auth properties"
        )


def test_a_token_is_sent(server: SmallRegistry) -> None:
    server.add(1, LONG)
    properties = {
        "bearer.auth.credentials.source": "STATIC_TOKEN",
        "bearer.auth.token": SECRET,
        "bearer.auth.logical.cluster": "lsrc-1",
    }
    assert avro(server.url, **properties).parse(b"\0\0\0\0\1\x0a") == {"a": 5}
    assert server.logins == [f"Bearer {SECRET}"]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "refuses the login (HTTP 403)"),
        (500, "has an error of its own (HTTP 500); look into its log"),
        (503, "has an error of its own (HTTP 503)"),
        (404, "does not answer as a Schema Registry does; check its url"),
        (302, "refuses to give a schema (HTTP 302)"),
        (429, "refuses to give a schema (HTTP 429)"),
    ],
)
def test_a_registry_that_does_not_tell(server: SmallRegistry, status: int, says: str) -> None:
    server.add(1, LONG)
    made = avro(server.url)
    server.status = status
    assert says in failure(made)
    server.status = None
    assert made.parse(b"\0\0\0\0\1\x0a") == {"a": 5}


@pytest.mark.parametrize("answer", [b"<html>", b"", [], {}, "text", {"schema": 5}, {"schema": None}, 5, None])
def test_what_is_no_registry(server: SmallRegistry, answer: object) -> None:
    server.answers["/schemas/ids/1"] = answer
    assert "does not answer as a Schema Registry does; check its url" in failure(avro(server.url))


def test_a_registry_that_is_slow(server: SmallRegistry) -> None:
    server.go_on.clear()
    began = time.monotonic()
    assert "does not answer in time" in failure(avro(server.url, timeout="0.2"))
    assert time.monotonic() - began < 2
    assert len(server.asked) == 2


def test_the_default_waits_for_seconds_only(server: SmallRegistry) -> None:
    server.go_on.clear()
    began = time.monotonic()
    assert "does not answer in time" in failure(avro(server.url, max_retries="0"))
    assert 1.5 < time.monotonic() - began < 4


def test_a_registry_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    text = failure(avro(f"http://me:{SECRET}@127.0.0.1:{port}/path"))
    assert text == (
        f"the Schema Registry at 127.0.0.1:{port} cannot be reached, the connection is refused; check its url, and "
        "that it runs"
    )


def test_the_second_of_two_answers(server: SmallRegistry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server.add(1, LONG)
    assert avro(f"http://127.0.0.1:{port},{server.url}").parse(b"\0\0\0\0\1\x0a") == {"a": 5}


def test_a_host_that_is_not_known() -> None:
    text = failure(avro("http://no-such-host.invalid:1", max_retries="0"))
    assert text.startswith("the Schema Registry at no-such-host.invalid:1 ")
    assert "check its url" in text


def test_tls_that_is_not_there(server: SmallRegistry) -> None:
    text = failure(avro(server.url.replace("http", "https")))
    assert "check whether its url is one of http or https" in text


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with small_registry(context) as server:
        server.add(1, LONG)
        assert "has a certificate that is not trusted; check ssl.ca.location" in failure(avro(server.url))
        trusting = avro(server.url, ssl_ca_location=str(tmp_path / "ca.pem"))
        assert trusting.parse(b"\0\0\0\0\1\x0a") == {"a": 5}


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({}, "url"),
        ({"url": " , "}, "url"),
        ({"url": "ftp://h"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "http://h:99999"}, "url"),
        ({"url": "http://["}, "url"),
        ({"url": f"http://me:1/{SECRET}@h"}, "url"),
        ({"url": "http://h", "timeout": SECRET}, "timeout"),
        ({"url": "http://h", "timeout": "-1"}, "timeout"),
        ({"url": "http://h", "max.retries": ""}, "max.retries"),
        ({"url": "http://h", "proxy": SECRET}, "proxy"),
        ({"url": "http://h", "basic.auth.user.info": SECRET}, "basic.auth.user.info"),
        ({"url": f"http://a:{SECRET}@h", "basic.auth.user.info": f"a:{SECRET}"}, "leave one out"),
        ({"url": "http://h", "ssl.key.location": "/k"}, "ssl.certificate.location"),
        ({"url": "http://h", "bearer.auth.token": SECRET}, "bearer.auth.credentials.source"),
        ({"url": "http://h", "bearer.auth.credentials.source": SECRET}, "STATIC_TOKEN"),
        ({"url": "http://h", "bearer.auth.credentials.source": "OAUTHBEARER"}, "bearer.auth.client.id"),
        (
            {
                "url": "http://h",
                "bearer.auth.credentials.source": "OAUTHBEARER_AZURE_IMDS",
                "bearer.auth.logical.cluster": "l",
            },
            "bearer.auth.issuer.endpoint.query",
        ),
        (
            {
                "url": "http://h",
                "bearer.auth.credentials.source": "STATIC_TOKEN",
                "bearer.auth.token": SECRET,
                "bearer.auth.logical.cluster": "l",
                "bearer.auth.scope": "s",
            },
            "bearer.auth.scope: the chosen",
        ),
        ({"url": "http://h", "no.such": SECRET}, "Unrecognized properties: no.such"),
        (
            {"url": "http://h", "ssl.ca.location": "/no/such/file"},
            "ssl.ca.location: there is no file /no/such",
        ),
    ],
)
def test_properties_that_are_refused(properties: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry_client(properties)
    assert str(caught.value).startswith("schema_registry: ")
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_files_that_hold_something_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text(SECRET)
    for key in ("ssl.ca.location", "ssl.certificate.location"):
        with pytest.raises(ConfigError, match="a certificate or the key cannot be used"):
            registry_client({"url": "https://h", key: str(wrong)})
    # Nobody is asked for the password of a key.
    locked, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    issued = trustme.CA().issue_cert("h")
    issued.cert_chain_pems[0].write_to_path(certificate)
    private = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked.write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.encode()))
    )
    files = {
        "url": "https://h",
        "ssl.certificate.location": str(certificate),
        "ssl.key.location": str(locked),
    }
    registry_client({**files, "ssl.key.password": SECRET}).close()
    for password in ({}, {"ssl.key.password": "other"}):
        with pytest.raises(ConfigError, match=r"ssl\.key\.password"):
            registry_client({**files, **password})
    assert capfd.readouterr() == ("", "")


def test_the_client_knows_every_property(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("h")
    ca, both = tmp_path / "ca.pem", tmp_path / "both.pem"
    authority.cert_pem.write_to_path(ca)
    issued.private_key_and_cert_chain_pem.write_to_path(both)
    plain = {
        "url": "https://h",
        "basic.auth.user.info": "a:b",
        "ssl.ca.location": str(ca),
        "ssl.certificate.location": str(both),
        "ssl.key.location": str(both),
        "ssl.key.password": "x",
        "proxy": "http://p:1",
        **dict.fromkeys(
            ["timeout", "cache.capacity", "cache.latest.ttl.sec", "max.retries", "retries.wait.ms"], "1"
        ),
        "retries.max.wait.ms": "1.5",
    }
    token = {"url": "http://h", "bearer.auth.logical.cluster": "l", "bearer.auth.identity.pool.id": "p"}
    source = "bearer.auth.credentials.source"
    sets: list[dict[str, str]] = [
        plain,
        {**token, source: "STATIC_TOKEN", "bearer.auth.token": "t"},
        {
            **token,
            source: "OAUTHBEARER",
            "bearer.auth.client.id": "c",
            "bearer.auth.client.secret": "s",
            "bearer.auth.scope": "s",
            "bearer.auth.issuer.endpoint.url": "http://t",
        },
        {**token, source: "OAUTHBEARER_AZURE_IMDS", "bearer.auth.issuer.endpoint.query": "q=1"},
    ]
    for properties in sets:
        registry_client(properties).close()
    assert {key for properties in sets for key in properties} == set(PROPERTIES)
