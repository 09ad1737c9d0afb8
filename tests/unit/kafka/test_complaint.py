"""What librdkafka says, word for word, and what becomes of it."""

import pytest
from confluent_kafka import KafkaError

from offline_observer.kafka.client import LastError
from offline_observer.kafka.complaint import broker_of, security_problem

SSL = {"security.protocol": "SSL"}
SCRAM = {"security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512"}
BEARER = {"security.protocol": "SASL_SSL", "sasl.mechanisms": "OAUTHBEARER"}
NO_TOKEN = "Failed to acquire SASL OAUTHBEARER token: "  # noqa: S105
BROKER = "sasl_ssl://kafka:9093/bootstrap: "


@pytest.mark.parametrize(
    ("text", "properties", "expected"),
    [
        (
            "SASL authentication error: Authentication failed: Invalid username or password (after 301ms)",
            SCRAM,
            "the broker refuses the user or the password; check sasl.username, sasl.password and sasl.mechanism",
        ),
        ("SASL authentication error: {}", BEARER, "refuses the token; check the sasl.oauthbearer properties"),
        (
            "SASL X mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: A,B-1 (after 6ms)",
            SCRAM,
            "does not take this SASL mechanism; set sasl.mechanism to one of: A, B-1",
        ),
        (
            "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: (…)",
            SCRAM,
            "takes no login (SASL); set security.protocol to SSL,",
        ),
        (
            "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certif…",
            SCRAM,
            "the broker's certificate is not trusted; check ssl.ca.location and the host name",
        ),
        (
            "Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number 42",
            SSL,
            "wants a client certificate; set ssl.certificate.location and ssl.key.location",
        ),
        (
            "Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116",
            SSL,
            "wants a client certificate",
        ),
        (
            "Receive failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48",
            {**SSL, "ssl.certificate.location": "client.pem"},
            "does not trust the client certificate",
        ),
        (
            "SSL handshake failed: error:0A00042E:SSL routines::tlsv1 alert protocol version: SSL alert number 70",
            SSL,
            "the TLS handshake failed; check the TLS versions and ciphers",
        ),
        (
            "SSL handshake failed: Disconnected: … by peer: connecting to a PLAINTEXT broker listener? (…)",
            SCRAM,
            "check the port; a listener without TLS wants security.protocol SASL_PLAINTEXT",
        ),
        (
            "Receive failed: Invalid response size 352518912 (0..100000000): increase receive.message.max.bytes",
            {},
            "does not speak Kafka, or wants TLS; check the port and security.protocol",
        ),
        (
            NO_TOKEN + "Invalid sasl.oauthbearer.config: must not be empty",
            BEARER,
            "check sasl.oauthbearer.config",
        ),
        (
            NO_TOKEN + "Could not resolve host: tokens",
            BEARER,
            "to be had (Could not resolve host: tokens); check",
        ),
        (
            NO_TOKEN + '{"error": "invalid_client", "error_description": "no such client", "id": "x1"}',
            BEARER,
            "to be had (invalid_client: no such client); check",
        ),
    ],
)
def test_what_is_wrong_and_what_to_check(text: str, properties: dict[str, str], expected: str) -> None:
    assert expected in str(security_problem(text, properties))
    assert expected in str(security_problem(BROKER + text, properties))


@pytest.mark.parametrize(
    "text",
    [
        "Connect to ipv4#10.0.0.1:9093 failed: Connection refused (after 0ms in state CONNECT)",
        "Failed to resolve 'kafka:9093': Name or service not known (after 8ms in state CONNECT)",
        "Disconnected (after 5000ms in state UP)",
    ],
)
def test_what_is_not_about_security(text: str) -> None:
    assert security_problem(BROKER + text, SCRAM) is None


def test_a_token_is_not_repeated() -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvYnNlcnZlciIsImV4cCI6MTc2NDAwMDAwMH0."  # noqa: S105
    for detail in (f'{{"access_token": "{token}"}}', f"cannot parse {token}"):
        assert token[:20] not in str(security_problem(NO_TOKEN + detail, BEARER))


def test_the_broker_that_a_complaint_is_about() -> None:
    assert broker_of(BROKER + "SSL handshake failed") == "kafka:9093"
    assert broker_of("ssl://[::1]:9093/2: SSL handshake failed") == "[::1]:9093"
    assert broker_of("Failed to acquire SASL OAUTHBEARER token: x") is None


def test_a_connection_that_is_closed_does_not_hide_why_it_was_refused() -> None:
    errors = LastError({**SCRAM, "sasl.password": "pass-4711"})
    errors(KafkaError(KafkaError._AUTHENTICATION, BROKER + "SASL authentication error: pass-4711 is wrong"))
    errors(KafkaError(KafkaError._TRANSPORT, BROKER + "Disconnected (after 1ms in state AUTH_REQ)"))
    errors(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    assert "authentication failed" in errors.sentence()
    assert "pass-4711" not in f"{errors.text} {errors.problem} {errors.sentence()} {errors.diagnosis()}"
    errors(KafkaError(KafkaError._TRANSPORT, BROKER + "Connect to kafka:9093 failed: Connection refused"))
    assert errors.problem is None
    assert "Connection refused" in errors.sentence()
    errors.clear()
    assert (errors.sentence(), errors.diagnosis()) == ("", None)
