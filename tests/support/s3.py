"""A real S3 server (moto's) that counts what it is asked, and can be told to refuse."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from offline_observer.demo.ports import LOOPBACK, free_ports

KEY = "AKIAWATCHEROFJOBS"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzSECRET"  # noqa: S105 - no real one
TOKEN = "FwoGZXIvYXdzEJr//////////session-token"  # noqa: S105

Answer = tuple[str, str]
"""A status and an error code, to be answered in place of the server."""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass


class S3Server:
    """The server, on a port of its own. It can be stopped and started again, and keeps its buckets.

    Attributes:
        requests: What was asked since `forget`: method, path and query.
        refuse: Asked before the server is; what it returns is the answer.
    """

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.requests: list[str] = []
        self.refuse: Callable[[dict[str, Any]], Answer | None] = lambda _: None
        self._application = DomainDispatcherApplication(create_backend_app)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{query}")
        if refused := self.refuse(environ):
            status, code = refused
            body = f"<Error><Code>{code}</Code><Message>{code} here</Message></Error>".encode()
            start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
            return [body]
        return self._application(environ, start_response)  # type: ignore[no-any-return]

    def start(self) -> None:
        self._server = make_server(LOOPBACK, self.port, self, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def forget(self) -> None:
        """Counts from here on."""
        self.requests.clear()

    def client(self, key: str = KEY, secret: str = SECRET, service: str = "s3") -> Any:
        """A client other than the program's."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )

    def options(self, **more: Any) -> dict[str, Any]:
        """Storage options with which the program reads from here."""
        client = {"endpoint_url": self.url, "region_name": "us-east-1"}
        return {"key": KEY, "secret": SECRET, "client_kwargs": client, **more}


def upload(client: Any, folder: Path, bucket: str, prefix: str) -> None:
    """Copies a local folder into a bucket."""
    for path in folder.rglob("*"):
        if path.is_file():
            client.put_object(
                Bucket=bucket, Key=f"{prefix}/{path.relative_to(folder).as_posix()}", Body=path.read_bytes()
            )
