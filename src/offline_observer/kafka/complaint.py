"""What a complaint of librdkafka says about security (pure): what is wrong, and what to check."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from offline_observer.kafka.properties import sasl_mechanism, security_protocol

_TOKEN = re.compile(r"Failed to acquire SASL OAUTHBEARER token(?: from OIDC)?: *(?P<detail>.*)", re.DOTALL)
_NO_SASL = re.compile(r"Request not valid in current SASL state")
_MECHANISMS = re.compile(
    r"Unsupported SASL mechanism: broker's supported mechanisms: *(?P<list>[A-Z0-9,_ -]*)"
)
_LOGIN = re.compile(r"SASL authentication error|SASL \S+ mechanism handshake failed|invalid credentials")
_UNTRUSTED = re.compile(r"certificate verify failed|certificate could not be verified")
_ALERT = re.compile(
    r"alert (?:(?:bad|unsupported|revoked|unknown) )?certificate|alert unknown ca|alert access denied"
)
_NO_TLS_VERSION = re.compile(r"alert (?:protocol version|handshake failure)|no protocols available")
_NO_TLS = re.compile(
    r"connecting to a PLAINTEXT broker listener|wrong version number|packet length too long|record layer failure"
)
_NOT_KAFKA = re.compile(r"receive\.message\.max\.bytes|Invalid response size")
_BROKER = re.compile(r"^[a-z_]+://(?P<broker>[^/\s]+)/")
# What could be a token, a key or a piece of one.
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_.-]{32,}")
_NO_TOKEN = "authentication failed, no OAUTHBEARER token was to be had"  # noqa: S105 - a message
_CLIENT_CERTIFICATE = ("ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.location")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the way in.

    Attributes:
        what: What is wrong.
        check: What to look at, or to do.
        untrusted: The broker's certificate was refused. librdkafka does not say why.
    """

    what: str
    check: str
    untrusted: bool = False

    def __str__(self) -> str:
        return f"{self.what}; {self.check}"


def broker_of(text: str) -> str | None:
    """The broker, as `host:port`, that a complaint is about; None when it is about none."""
    match = _BROKER.match(text)
    return match["broker"] if match else None


def security_problem(text: str, properties: Mapping[str, str], *, login: bool = False) -> Problem | None:  # noqa: PLR0911 - a table
    """What a complaint means for the security of the connection; None when it is about something else.

    Args:
        text: librdkafka's words.
        properties: The client's properties.
        login: librdkafka's code says that the authentication failed.
    """
    if match := _TOKEN.search(text):
        return _no_token(match["detail"])
    if _NO_SASL.search(text):
        plain = "SSL" if security_protocol(properties) == "SASL_SSL" else "PLAINTEXT"
        return Problem(
            "the listener takes no login (SASL)", f"set security.protocol to {plain}, or check the port"
        )
    if match := _MECHANISMS.search(text):
        known = match["list"].strip().replace(",", ", ")
        return Problem(
            "the listener does not take this SASL mechanism", f"set sasl.mechanism to one of: {known}"
        )
    if _UNTRUSTED.search(text):
        return Problem(
            "the broker's certificate is not trusted",
            "check ssl.ca.location and the host name",
            untrusted=True,
        )
    if _ALERT.search(text):
        return _client_certificate(properties)
    if _NO_TLS_VERSION.search(text):
        return Problem(
            "the TLS handshake failed", "check the TLS versions and ciphers, and the client certificate"
        )
    if _NO_TLS.search(text):
        plain = "SASL_PLAINTEXT" if security_protocol(properties) == "SASL_SSL" else "PLAINTEXT"
        return Problem(
            "the listener does not answer the TLS handshake",
            f"check the port; a listener without TLS wants security.protocol {plain}",
        )
    if _NOT_KAFKA.search(text):
        return Problem(
            "what listens there does not speak Kafka, or wants TLS", "check the port and security.protocol"
        )
    if login or _LOGIN.search(text):
        return _login(properties)
    return None


def _login(properties: Mapping[str, str]) -> Problem:
    if sasl_mechanism(properties) == "OAUTHBEARER":
        return Problem(
            "authentication failed, the broker refuses the token", "check the sasl.oauthbearer properties"
        )
    return Problem(
        "authentication failed, the broker refuses the user or the password",
        "check sasl.username, sasl.password and sasl.mechanism",
    )


def _no_token(detail: str) -> Problem:
    # Said of its content, which holds the credentials, the detail would repeat it.
    if "sasl.oauthbearer.config" in detail or "sasl.oauthbearer.extensions" in detail:
        return Problem(_NO_TOKEN, "check sasl.oauthbearer.config")
    why = _answer_of_token_server(detail)
    return Problem(f"{_NO_TOKEN} ({why})" if why else _NO_TOKEN, "check the sasl.oauthbearer properties")


def _answer_of_token_server(detail: str) -> str:
    """What may be shown of it: the two fields that OAuth 2.0 (RFC 6749, 5.2) has for this, or a text without data."""
    if "{" in detail:
        fields = (re.search(rf'"{name}": *"([^"]*)"', detail) for name in ("error", "error_description"))
        detail = ": ".join(field[1] for field in fields if field)
    return _LONG_WORD.sub("…", " ".join(detail.split()))[:200]


def _client_certificate(properties: Mapping[str, str]) -> Problem:
    if any(properties.get(key) for key in _CLIENT_CERTIFICATE):
        return Problem(
            "the broker does not trust the client certificate",
            "check ssl.certificate.location and ssl.key.location, and which CA the broker trusts",
        )
    return Problem(
        "the broker wants a client certificate", "set ssl.certificate.location and ssl.key.location"
    )
