from pathlib import Path

import pytest
import trustme

from offline_observer.errors import ConfigError
from offline_observer.kafka.client import LastError, admin_client, consumer
from offline_observer.kafka.properties import hide_secrets

SECRET = "pass-4711"  # noqa: S105


def refused(properties: dict[str, str]) -> str:
    """What is said of properties, which is the same for both kinds of client."""
    properties = {"bootstrap.servers": "127.0.0.1:1", **properties}
    with pytest.raises(ConfigError) as by_admin:
        admin_client(properties, LastError(properties))
    with pytest.raises(ConfigError) as by_consumer:
        consumer(properties, "read_committed", LastError(properties))
    assert str(by_admin.value) == str(by_consumer.value)
    assert SECRET not in str(by_admin.value)
    assert "\n" not in str(by_admin.value)
    return str(by_admin.value)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"no.such": SECRET}, 'No such configuration property: "no.such"'),
        ({"security.protocol": SECRET}, 'Invalid value "…" for configuration property "security.protocol"'),
        ({"socket.timeout.ms": SECRET}, 'Invalid value for configuration property "socket.timeout.ms"'),
        ({"socket.timeout.ms": "1"}, '"socket.timeout.ms" value 1 is outside allowed range 10..300000'),
        ({"error_cb": SECRET}, "error_cb is no property that a text can set"),
        ({"security.protocol": "SASL_SSL"}, "sasl.mechanism is GSSAPI (Kerberos, the default)"),
        (
            {"security.protocol": "SASL_SSL", "sasl.mechanism": SECRET},
            "sasl.mechanism is none that librdkafka has; set it to PLAIN,",
        ),
        (
            {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.password": SECRET},
            "sasl.username and sasl.password must be set",
        ),
        (
            {"security.protocol": "sasl_ssl", "sasl.mechanisms": "OAUTHBEARER"},
            "gets no token; set sasl.oauthbearer.method to oidc",
        ),
        (
            {
                "security.protocol": "sasl_ssl",
                "sasl.mechanism": "OAUTHBEARER",
                "sasl.oauthbearer.method": "oidc",
                "sasl.oauthbearer.client.secret": SECRET,
            },
            "sasl.oauthbearer.token.endpoint.url",
        ),
        ({"security.protocol": "SSL", "ssl.key.pem": SECRET}, "ssl.key.pem holds no key in PEM form"),
        ({"security.protocol": "SSL", "ssl.ca.pem": SECRET}, "ssl.ca.pem holds no certificate in PEM form"),
    ],
)
def test_a_refusal_names_the_property_and_not_its_value(properties: dict[str, str], expected: str) -> None:
    assert expected in refused(properties)


@pytest.mark.parametrize(
    "key", ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location"]
)
def test_a_file_that_is_not_there(key: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    assert refused({key: str(missing)}) == f"kafka: {key}: there is no file {missing}"


def test_files_that_are_something_else(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no certificate\n")
    tls = {"security.protocol": "SSL"}
    assert refused({**tls, "ssl.key.location": str(tmp_path)}).endswith(f"{tmp_path} is not a file")
    assert "ssl.ca.location (" in refused({**tls, "ssl.ca.location": str(text)})
    certificate = refused({**tls, "ssl.certificate.location": str(text)})
    assert f"ssl.certificate.location ({text}) holds no certificate in PEM form" in certificate
    store = refused({**tls, "ssl.keystore.location": str(text), "ssl.keystore.password": SECRET})
    assert "no PKCS#12 file that ssl.keystore.password opens" in store


def test_a_key_that_does_not_fit(tmp_path: Path) -> None:
    authority = trustme.CA()
    ours, other = authority.issue_cert("a.example"), authority.issue_cert("b.example")
    certificate, key = tmp_path / "a.pem", tmp_path / "b.key"
    ours.cert_chain_pems[0].write_to_path(str(certificate))
    other.private_key_pem.write_to_path(str(key))
    tls = {"security.protocol": "SSL", "ssl.key.location": str(key)}
    assert "does not belong to the certificate" in refused(
        {**tls, "ssl.certificate.location": str(certificate)}
    )
    assert "there is a key, but no certificate for it" in refused(tls)


def test_folders_and_the_systems_own_authorities(tmp_path: Path) -> None:
    for location in (str(tmp_path), "probe"):
        properties = {"bootstrap.servers": "127.0.0.1:1", "ssl.ca.location": location}
        admin_client({**properties, "security.protocol": "SSL"}, LastError(properties))


def test_secrets_are_hidden_wherever_they_come_up() -> None:
    properties = {
        "sasl.password": SECRET,
        "sasl.oauthbearer.config": "principal=me",
        "ssl.key.password": "abc",
    }
    text = f"bad: {SECRET} at principal=me, abc, https://me:{SECRET}@tokens/x and https://tokens/x"
    assert hide_secrets(text, properties) == "bad: … at …, abc, https://tokens/x and https://tokens/x"
