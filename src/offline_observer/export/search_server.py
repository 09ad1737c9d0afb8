"""A server that takes bulk requests, as the two clients reach it."""

import json
import re
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from offline_observer.config.export import SearchExport
from offline_observer.errors import ConfigError
from offline_observer.export.bulk import error_kind, error_text

_FINE = range(200, 300)
_ELSEWHERE = range(300, 400)
_LONGEST = 500
_NOT_FOUND = 404
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_TOO_LARGE = 413
# A full disk, or a cluster or an index that may only be read: it is not the user's rights.
_BLOCKED = "cluster_block_exception"


BULK_PARAMETERS: Mapping[str, str] = {
    # Of what has arrived nothing more is told.
    "filter_path": "errors,items.*.status,items.*.error",
    # For a shard that is away; the server's own minute is longer than a client waits.
    "timeout": "10s",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers.

    Attributes:
        status: The HTTP status.
        body: What the body says, parsed; a text when it is no JSON.
    """

    status: int
    body: object

    @property
    def is_error(self) -> bool:
        """Whether it did not do what was asked."""
        return self.status not in _FINE

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for is not there."""
        return self.status == _NOT_FOUND

    @property
    def kind(self) -> str:
        """The name of the error."""
        return error_kind(self.body.get("error")) if isinstance(self.body, dict) else ""

    @property
    def text(self) -> str:
        """The error in the server's words, and what to do where that is clear."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        if self.status == _TOO_LARGE:
            return "larger than the server takes, or what stands before it (status 413)"
        if self.status in _ELSEWHERE:
            return f"the server's address sends elsewhere (status {self.status}); give the address that answers itself in url"
        if error is None:
            text = f"not the server but what stands before it answers, or something in its place (status {self.status})"
        else:
            text = error_text(error, self.status)
        if self.status == _UNAUTHORIZED:
            return f"the server does not know the credentials: {text}; see api_key, or username and password"
        if self.status == _FORBIDDEN and self.kind != _BLOCKED:
            return (
                f"the server does not allow it: {text}; the user needs to read the cluster's state, manage index "
                "templates, and create and write the indices"
            )
        return text


def unreachable(error: str) -> str:
    """Why there is no connection, without the names of the libraries that stood on its way."""
    reason = re.split(r"\[(?:Errno -?[0-9]+|SSL[^]]*)\] ", error)[-1]
    return f"the server cannot be reached: {reason.strip(' )')}"[:_LONGEST]


def login_headers(settings: SearchExport) -> dict[str, str]:
    """What a request says of who asks; empty when the configuration has no credentials.

    The clients would write a login in ASCII, each with an error of its own for any other; servers read UTF-8.
    """
    if settings.api_key:
        return {"authorization": f"ApiKey {settings.api_key.get_secret_value()}"}
    if settings.username and settings.password:
        login = f"{settings.username}:{settings.password.get_secret_value()}"
        return {"authorization": f"Basic {b64encode(login.encode()).decode()}"}
    return {}


def without_secrets(answer: Answer, settings: SearchExport) -> Answer:
    """An error without the credentials: what stands before a server may repeat the headers that it does not like.

    Args:
        answer: What was answered.
        settings: What the configuration says of the server.
    """
    if not answer.is_error:
        return answer
    secrets = [header.partition(" ")[2] for header in login_headers(settings).values()]
    secrets += [one.get_secret_value() for one in (settings.api_key, settings.password) if one]
    text = json.dumps(answer.body)
    for secret in secrets:
        # As it stands in JSON, without the quotes.
        text = text.replace(json.dumps(secret)[1:-1], "***")
    return Answer(answer.status, json.loads(text))


def check_authorities(settings: SearchExport, name: str) -> None:
    """The clients read the file with the first connection only, and do not say which one they mean.

    Args:
        settings: What the configuration says of a server.
        name: Its name there.

    Raises:
        ConfigError: The file of certificates cannot be read, or has none.
    """
    if settings.ca_file is None:
        return
    try:
        ssl.create_default_context(cafile=settings.ca_file)
    except ssl.SSLError:
        problem = "has no certificate in PEM"
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    else:
        return
    raise ConfigError(
        f"export.{name}.ca_file: {settings.ca_file} {problem}; it takes the certificates of the authorities that are trusted"
    )


def target(path: str, parameters: Mapping[str, str]) -> str:
    """A path with the parameters of its query."""
    return f"{path}?{urlencode(parameters)}" if parameters else path


class SearchServer(Protocol):
    """A connection to a server."""

    def ask(self, method: str, path: str, body: object = None, **parameters: str) -> Answer:
        """Sends a request.

        Args:
            method: `GET`, `PUT`, `POST` or `DELETE`.
            path: From the root on.
            body: What goes into the body, as JSON; None for nothing.
            parameters: Of the query.

        Raises:
            ExportError: There was no answer.
        """

    def bulk(self, lines: Sequence[str]) -> Answer:
        """Sends a bulk request.

        Args:
            lines: Its lines, each a JSON object.

        Raises:
            ExportError: There was no answer; the server may have done it, or a part of it.
        """

    def close(self) -> None:
        """Closes the connections."""
