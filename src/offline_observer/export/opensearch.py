"""OpenSearch, by its official client."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from opensearchpy import ConnectionTimeout as TimedOut
from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException, OpenSearchWarning, TransportError

from offline_observer.config.export import SearchExport
from offline_observer.errors import ConfigError
from offline_observer.export.exporter import AnswerLateError, ExportError
from offline_observer.export.search_server import (
    BULK_PARAMETERS,
    Answer,
    check_authorities,
    login_headers,
    target,
    unreachable,
)

# What it has to say comes with its errors.
logging.getLogger("opensearch").addHandler(logging.NullHandler())
logging.getLogger("opensearch").propagate = False
# A server's remarks, such as that an older template matches too, with the place in the library.
warnings.filterwarnings("ignore", category=OpenSearchWarning)


class OpenSearchServer:
    """A connection to a server. It tries nothing again: whoever asks does.

    Args:
        settings: What the configuration says of it.

    Raises:
        ConfigError: A file of certificates cannot be read.
    """

    def __init__(self, settings: SearchExport) -> None:
        options: dict[str, Any] = {
            "timeout": settings.timeout.total_seconds(),
            "max_retries": 0,
            "retry_on_timeout": False,
            "http_compress": True,
            "headers": login_headers(settings),
        }
        check_authorities(settings, "opensearch")
        if settings.ca_file:
            options["ca_certs"] = str(settings.ca_file)
        try:
            self._client = OpenSearch([_host(url) for url in settings.url], **options)
        except (OSError, ValueError, OpenSearchException) as error:
            raise ConfigError(f"export.opensearch: {error}") from None

    def ask(self, method: str, path: str, body: object = None, **parameters: str) -> Answer:
        """Sends a request; see `SearchServer`."""
        return self._perform(method, path, parameters, body)

    def bulk(self, lines: Sequence[str]) -> Answer:
        """Sends a bulk request; see `SearchServer`."""
        body = "\n".join(lines) + "\n"
        return self._perform("POST", "/_bulk", BULK_PARAMETERS, body)

    def _perform(self, method: str, path: str, parameters: Mapping[str, str], body: object) -> Answer:
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, str) else None
        # In the path: a parameter `timeout` the client would take for its own.
        whole = target(path, parameters)
        try:
            found = self._client.transport.perform_request(method, whole, body=body, headers=headers)
        except TimedOut:
            raise AnswerLateError("the server did not answer in time") from None
        except TransportError as error:
            if isinstance(error.status_code, int):
                return Answer(error.status_code, error.info)
            raise ExportError(unreachable(str(error.error))) from None
        except OpenSearchException:
            raise ExportError(
                "the server's answer is no JSON; does something else answer in its place?"
            ) from None
        return Answer(200, found)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def _host(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "use_ssl": parts.scheme == "https",
        "url_prefix": parts.path,
    }
