"""A small Schema Registry: the answers over HTTP that reading needs, and the ways in which it can fail."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from confluent_kafka.schema_registry import Schema as ClientSchema
from confluent_kafka.schema_registry import SchemaReference, SchemaRegistryClient
from confluent_kafka.serialization import MessageField, SerializationContext

from offline_observer.formats.avro_registry import registry_client


@dataclass
class SmallRegistry:
    """What is in it, and how it answers; tests change both.

    Attributes:
        answers: By path without the query: the body, a JSON value or bytes as they are.
        status: In place of an answer, when set.
        go_on: Every answer is held back until it is set.
        asked: The paths that were asked for.
        logins: The Authorization headers that came.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)
    url: str = ""

    def add(self, number: int, schema: object, **more: Any) -> bytes:
        """Puts a schema in; returns the header of its records."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        self.answers[f"/schemas/ids/{number}"] = {"schema": text, **more}
        return b"\0" + number.to_bytes(4)

    def add_version(self, subject: str, version: int, schema: object, **more: Any) -> dict[str, Any]:
        """Puts a schema in that others refer to; returns a reference to it, still without a name."""
        body = {"subject": subject, "version": version, "id": 1000 + len(self.answers)}
        self.answers[f"/subjects/{subject}/versions/{version}"] = {
            **body,
            "schema": json.dumps(schema),
            **more,
        }
        return {"name": subject, "subject": subject, "version": version}


@contextmanager
def small_registry(tls: ssl.SSLContext | None = None) -> Iterator[SmallRegistry]:
    """The registry on a free port of this machine."""
    registry = SmallRegistry()
    registry.go_on.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            registry.asked.append(path)
            registry.logins.append(self.headers.get("Authorization"))
            registry.go_on.wait(30)
            status: int
            body: Any
            if registry.status is not None:
                status, body = registry.status, {"error_code": registry.status, "message": "HTTP"}
            elif path in registry.answers:
                status, body = 200, registry.answers[path]
            elif path.startswith("/schemas/ids/"):
                status, body = 404, {"error_code": 40403, "message": "Schema not found"}
            elif path.startswith("/subjects/"):
                status, body = 404, {"error_code": 40401, "message": "Subject not found"}
            else:
                status, body = 404, {"error_code": 404, "message": "HTTP 404 Not Found"}
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client had waited for long enough

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    registry.url = f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        registry.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


def mock_client(name: str) -> SchemaRegistryClient:
    """The client's own registry in memory, which a format with the url `mock://name` asks."""
    return registry_client({"url": f"mock://{name}"})


def schema(text: object, kind: str = "AVRO", references: list[SchemaReference] | None = None) -> ClientSchema:
    return ClientSchema(text if isinstance(text, str) else json.dumps(text), kind, references or [])


def value_of(topic: str) -> SerializationContext:
    """What a serializer is told: a value of the topic."""
    return SerializationContext(topic, MessageField.VALUE)
