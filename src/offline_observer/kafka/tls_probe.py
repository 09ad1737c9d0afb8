"""A look at a listener with a TLS handshake, for what librdkafka does not tell: why a connection failed."""

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

from offline_observer.kafka.complaint import Problem
from offline_observer.kafka.properties import PROBE, security_protocol

_SECONDS = 1.0
_DEFAULT_PORT = 9092
# OpenSSL's numbers for what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID = 10, 9
_WRONG_NAMES = frozenset({62, 64})


def refused_certificate(broker: str, properties: Mapping[str, str]) -> Problem | None:
    """Why the broker's certificate is not trusted; None when this look does not tell.

    Args:
        broker: `host:port`.
        properties: The client's properties.
    """
    host, port = _address(broker)
    try:
        context = ssl.create_default_context()
        _load_authorities(context, properties)
        with _connect(host, port) as connection, context.wrap_socket(connection, server_hostname=host):
            return None
    except ssl.SSLCertVerificationError as error:
        return _why_not_trusted(error, host)
    except (OSError, ValueError):
        return None


def silent_listener(broker: str, properties: Mapping[str, str]) -> Problem | None:
    """Why a listener ends every connection without a word; None when this look does not tell.

    Args:
        broker: `host:port`.
        properties: The client's properties.
    """
    protocol = security_protocol(properties)
    login = protocol.startswith("SASL_") or any(key.startswith("sasl.") for key in properties)
    if not protocol.endswith("SSL"):
        tls = _speaks_tls(*_address(broker))
        if tls is None:
            return None
        if tls:
            wanted = "SASL_SSL" if login else "SSL, or to SASL_SSL with a login"
            return Problem(
                f"the listener speaks TLS and security.protocol is {protocol}", f"set it to {wanted}"
            )
    elif _speaks_tls(*_address(broker)) is None:
        return None
    if not protocol.startswith("SASL_"):
        wanted = "SASL_SSL" if protocol == "SSL" else "SASL_PLAINTEXT"
        return Problem(
            f"the listener ends every connection, and may want a login while security.protocol is {protocol}",
            f"set it to {wanted} and sasl.mechanism to the listener's, or check the port",
        )
    return None


def _address(broker: str) -> tuple[str, int]:
    host, separator, port = broker.rpartition("://")[2].rpartition(":")
    if not separator or not port.isdigit():
        return broker, _DEFAULT_PORT
    return host.strip("[]"), int(port)


def _connect(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=_SECONDS)
    connection.settimeout(_SECONDS)
    return connection


def _load_authorities(context: ssl.SSLContext, properties: Mapping[str, str]) -> None:
    if pem := properties.get("ssl.ca.pem"):
        context.load_verify_locations(cadata=pem)
    location = properties.get("ssl.ca.location")
    if location and location != PROBE:
        if Path(location).is_dir():
            context.load_verify_locations(capath=location)
        else:
            context.load_verify_locations(cafile=location)


def _why_not_trusted(error: ssl.SSLCertVerificationError, host: str) -> Problem:
    if error.verify_code in _WRONG_NAMES:
        return Problem(
            f"the broker's certificate is not for the host name {host}",
            "use a name that the certificate has in bootstrap.servers and advertised.listeners, or have one made "
            "for this name",
        )
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        when = "has expired" if error.verify_code == _EXPIRED else "is not valid yet"
        return Problem(f"the broker's certificate {when}", "have it renewed, and check the clocks")
    return Problem(
        f"the broker's certificate is not trusted ({error.verify_message})",
        "check that ssl.ca.location names the CA that signed it",
    )


def _speaks_tls(host: str, port: int) -> bool | None:
    """Whether a listener answers a TLS handshake; None when it cannot be reached, or hangs."""
    context = ssl.create_default_context()
    # Nothing is sent through this connection: it only tells whether TLS is spoken there.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        connection = _connect(host, port)
    except OSError:
        return None
    try:
        with connection, context.wrap_socket(connection, server_hostname=host):
            return True
    except ssl.SSLEOFError:
        return False
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except TimeoutError:
        return None
    except OSError:
        return False
