"""A broker whose listeners want TLS, certificates and logins, and a server that gives tokens."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import trustme
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography.hazmat.primitives import serialization

from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import LOOPBACK, free_ports
from support.kafka import Cluster, eventually

PASSWORD = "right-pass-4711"  # noqa: S105 - of the tests' own broker
CLIENT_SECRET = "token-secret-4712"  # noqa: S105
KEY_PASSWORD = "key-pass-4713"  # noqa: S105
USER = "observer"
"""Known to every mechanism, and the name in the client certificate."""
LIMITED = "limited"
"""Another user, for PLAIN; the tests change its rights."""

PATH = "/token"
"""Where the server gives tokens that the broker takes; elsewhere it gives others."""

_LISTENERS = {"PLAINTEXT": "PLAINTEXT", "LOGIN": "SASL_SSL", "OPEN_LOGIN": "SASL_PLAINTEXT", "MUTUAL": "SSL"}
_LISTENERS |= {"MISNAMED": "SSL", "CONTROLLER": "PLAINTEXT"}
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
_JAAS = {
    "plain": (
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'user_{USER}="{PASSWORD}" user_{LIMITED}="{PASSWORD}";'
    ),
    "scram-sha-256": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "scram-sha-512": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    # Without a validator of its own the broker takes tokens that nobody has signed.
    "oauthbearer": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
}


class Certificates:
    """Files in PEM form, from two authorities; the broker trusts one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ours, other = trustme.CA(), trustme.CA()
        self.ca = self._written("ca.pem", ours.cert_pem.bytes())
        self.other_ca = self._written("other-ca.pem", other.cert_pem.bytes())
        self.broker = self._pair("broker.pem", ours.issue_cert(LOOPBACK, "localhost"))
        self.misnamed_broker = self._pair("misnamed.pem", ours.issue_cert("localhost"))
        client = ours.issue_cert("observer@example.org", common_name=USER)
        self.client = self._pair("client.pem", client)
        self.client_key = self._written("client.key", _pkcs8(client, KEY_PASSWORD))
        self.other_client = self._pair("other.pem", other.issue_cert("x@example.org", common_name=USER))

    def _written(self, name: str, content: bytes) -> str:
        (self._folder / name).write_bytes(content)
        return str(self._folder / name)

    def _pair(self, name: str, certificate: trustme.LeafCert) -> str:
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        return self._written(name, _pkcs8(certificate) + chain)


def _pkcs8(certificate: trustme.LeafCert, password: str | None = None) -> bytes:
    """A certificate's key in the only form that Kafka reads."""
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@dataclass(frozen=True)
class SecureKafka:
    """The broker; `cluster` is the administrator's way in."""

    cluster: Cluster
    certificates: Certificates
    ports: dict[str, int]

    def servers(self, listener: str) -> str:
        return f"{LOOPBACK}:{self.ports[listener]}"

    def add_scram_user(self, user: str) -> None:
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
            credential = UserScramCredentialUpsertion(
                user, ScramCredentialInfo(mechanism, 4096), PASSWORD.encode()
            )
            (future,) = self.cluster.admin.alter_user_scram_credentials([credential]).values()
            future.result(10)

    def allow(self, user: str, topic: str, operation: AclOperation) -> None:
        """Grants a right, as `kafka-acls` does."""
        (future,) = self.cluster.admin.create_acls([_acl(user, topic, operation)]).values()
        future.result(10)

    def take_away_all(self, user: str) -> None:
        rights = AclBindingFilter(
            ResourceType.ANY,
            None,  # type: ignore[arg-type]
            ResourcePatternType.ANY,
            f"User:{user}",
            None,  # type: ignore[arg-type]
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        (future,) = self.cluster.admin.delete_acls([rights]).values()
        future.result(10)
        eventually(
            lambda: self.cluster.admin.describe_acls(rights).result(10) == [], 10, "the rights to be gone"
        )

    def groups(self) -> list[str]:
        return [group.group_id for group in self.cluster.admin.list_consumer_groups().result(10).valid]


def _acl(user: str, topic: str, operation: AclOperation) -> AclBinding:
    return AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        operation,
        AclPermissionType.ALLOW,
    )


@contextmanager
def secure_kafka(folder: Path, java: Java, jars: list[Path]) -> Iterator[SecureKafka]:
    """Runs a broker with a listener of each kind, and with access control: what is not granted is denied."""
    certificates = Certificates(folder)
    ports = dict(zip(_LISTENERS, free_ports(len(_LISTENERS)), strict=True))
    listeners = [f"{name}://{LOOPBACK}:{port}" for name, port in ports.items()]
    properties = {
        "listeners": ",".join(listeners),
        "advertised.listeners": ",".join(listeners[:-1]),
        "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in _LISTENERS.items()),
        "controller.quorum.voters": f"1@{LOOPBACK}:{ports['CONTROLLER']}",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.broker,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": certificates.ca,
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/",
        "listener.name.misnamed.ssl.keystore.type": "PEM",
        "listener.name.misnamed.ssl.keystore.location": certificates.misnamed_broker,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": "User:ANONYMOUS",
    }
    for listener in ("login", "open_login"):
        properties[f"listener.name.{listener}.sasl.enabled.mechanisms"] = ",".join(_MECHANISMS)
        for mechanism, jaas in _JAAS.items():
            properties[f"listener.name.{listener}.{mechanism}.sasl.jaas.config"] = jaas
        # A token is good for so long, whatever it says of itself.
        properties[f"listener.name.{listener}.oauthbearer.connections.max.reauth.ms"] = "2000"
    broker = KafkaBroker(folder / "kafka", ports["PLAINTEXT"], java, jars, properties)
    try:
        broker.start()
        yield SecureKafka(Cluster(broker), certificates, ports)
    finally:
        broker.stop()


@contextmanager
def token_server(seconds: int = 4) -> Iterator[str]:
    """Serves tokens that nobody has signed, by the client credentials grant of OAuth 2.0; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            login = base64.b64encode(f"{USER}:{CLIENT_SECRET}".encode()).decode()
            if self.headers.get("Authorization") == f"Basic {login}":
                self._answer(
                    200, {"access_token": _token(seconds, signed=self.path != PATH), "expires_in": seconds}
                )
            else:
                said: dict[str, object] = {
                    "error": "invalid_client",
                    "error_description": "the secret is wrong",
                }
                self._answer(401, said)

        def _answer(self, status: int, content: dict[str, object]) -> None:
            body = json.dumps({"token_type": "Bearer", **content}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}{PATH}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def _token(seconds: int, *, signed: bool) -> str:
    now = int(time.time())
    parts = (
        {"alg": "RS256" if signed else "none"},
        {"sub": USER, "iat": now, "exp": now + seconds, "scope": "kafka"},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    # The broker cannot check a signature, so it refuses what has one.
    return ".".join([*encoded, "AAAA" if signed else ""])
