"""The look at a listener, on sockets of the test's own."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import trustme

from offline_observer.kafka.tls_probe import refused_certificate, silent_listener

AUTHORITY = trustme.CA()
NOW = datetime.now(UTC)


@contextmanager
def listener(serve: Callable[[socket.socket], object], family: socket.AddressFamily) -> Iterator[str]:
    """Answers one connection; yields the address."""
    with socket.create_server(
        ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family
    ) as server:
        server.settimeout(5)

        def run() -> None:
            connection, _ = server.accept()
            connection.settimeout(5)
            with connection, suppress(OSError):
                serve(connection)

        thread = Thread(target=run)
        thread.start()
        host = "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
        yield f"{host}:{server.getsockname()[1]}"
        thread.join(10)


def speak_tls(certificate: trustme.LeafCert) -> Callable[[socket.socket], object]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)

    return serve


@pytest.mark.parametrize(
    ("certificate", "trusted", "expected"),
    [
        (AUTHORITY.issue_cert("127.0.0.1"), True, None),
        (AUTHORITY.issue_cert("127.0.0.1"), False, "not trusted (unable to get local issuer certificate)"),
        (AUTHORITY.issue_cert("127.0.0.2", "kafka.example"), True, "is not for the host name 127.0.0.1"),
        (
            AUTHORITY.issue_cert(
                "127.0.0.1", not_before=NOW - timedelta(days=2), not_after=NOW - timedelta(days=1)
            ),
            True,
            "has expired; have it renewed",
        ),
        (
            AUTHORITY.issue_cert(
                "127.0.0.1", not_before=NOW + timedelta(days=1), not_after=NOW + timedelta(days=2)
            ),
            True,
            "is not valid yet",
        ),
    ],
    ids=["good", "of another authority", "for another host", "expired", "not yet valid"],
)
def test_why_a_certificate_is_not_trusted(
    certificate: trustme.LeafCert, trusted: bool, expected: str | None, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    (AUTHORITY if trusted else trustme.CA()).cert_pem.write_to_path(str(authority))
    with listener(speak_tls(certificate), socket.AF_INET) as broker:
        problem = refused_certificate(broker, {"ssl.ca.location": str(authority)})
    assert problem is None if expected is None else expected in str(problem)


def test_an_address_of_version_6(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(authority))
    try:
        with listener(speak_tls(AUTHORITY.issue_cert("localhost")), socket.AF_INET6) as broker:
            problem = refused_certificate(broker, {"ssl.ca.location": str(authority)})
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert "not for the host name ::1" in str(problem)


def test_a_listener_that_speaks_tls_and_one_that_does_not() -> None:
    with listener(speak_tls(AUTHORITY.issue_cert("127.0.0.1")), socket.AF_INET) as broker:
        assert "set it to SASL_SSL" in str(silent_listener(broker, {"sasl.username": "observer"}))
    with listener(lambda connection: connection.recv(10), socket.AF_INET) as broker:
        assert "may want a login while security.protocol is PLAINTEXT" in str(silent_listener(broker, {}))


def test_what_cannot_be_told() -> None:
    assert silent_listener("127.0.0.1:1", {}) is None
    assert refused_certificate("127.0.0.1:1", {}) is None
    with listener(
        lambda connection: connection.recv(1000) and connection.recv(1000), socket.AF_INET
    ) as broker:
        assert silent_listener(broker, {}) is None, "it hangs"
