"""Elasticsearch, by its official client: version 8 of it speaks to servers 8 and 9."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch import ConnectionTimeout as TimedOut
from elasticsearch.exceptions import ElasticsearchWarning, SerializationError, UnsupportedProductError

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

_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
_LINES = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"

# What it has to say comes with its errors.
for _name in ("elastic_transport", "elasticsearch"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False
# A server's remarks, such as that an older template matches too, with the place in this program where it was asked.
warnings.filterwarnings("ignore", category=ElasticsearchWarning)


class ElasticsearchServer:
    """A connection to a server. It tries nothing again: whoever asks does.

    Args:
        settings: What the configuration says of it.

    Raises:
        ConfigError: A file of certificates cannot be read.
    """

    def __init__(self, settings: SearchExport) -> None:
        options: dict[str, Any] = {
            "request_timeout": settings.timeout.total_seconds(),
            "max_retries": 0,
            "retry_on_timeout": False,
            "http_compress": True,
            "headers": login_headers(settings),
        }
        check_authorities(settings, "elasticsearch")
        if settings.ca_file:
            options["ca_certs"] = str(settings.ca_file)
        if settings.ca_fingerprint:
            options["ssl_assert_fingerprint"] = settings.ca_fingerprint.replace(":", "")
            options["verify_certs"] = False
            options["ssl_show_warn"] = False
        try:
            self._client = Elasticsearch(list(settings.url), **options)
        except (OSError, ValueError) as error:
            raise ConfigError(f"export.elasticsearch: {error}") from None

    def ask(self, method: str, path: str, body: object = None, **parameters: str) -> Answer:
        """Sends a request; see `SearchServer`."""
        headers = {"accept": _JSON} | ({} if body is None else {"content-type": _JSON})
        return self._perform(method, path, parameters, headers, body)

    def bulk(self, lines: Sequence[str]) -> Answer:
        """Sends a bulk request; see `SearchServer`."""
        headers = {"accept": _JSON, "content-type": _LINES}
        return self._perform("POST", "/_bulk", BULK_PARAMETERS, headers, lines)

    def _perform(
        self, method: str, path: str, parameters: Mapping[str, str], headers: dict[str, str], body: object
    ) -> Answer:
        try:
            found = self._client.perform_request(method, target(path, parameters), headers=headers, body=body)
        except ApiError as error:
            return Answer(error.meta.status, error.body)
        except UnsupportedProductError:
            raise ExportError(
                "the server is no Elasticsearch, or something before it takes its headers away; for OpenSearch "
                "use export.opensearch"
            ) from None
        except TimedOut:
            raise AnswerLateError("the server did not answer in time") from None
        except SerializationError:
            raise ExportError(
                "the server's answer is no JSON; does something else answer in its place?"
            ) from None
        except TransportError as error:
            raise ExportError(unreachable(error.message)) from None
        return Answer(found.meta.status, found.body)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
