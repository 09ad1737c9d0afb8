"""Where observations are sent, in the configuration, and what is refused of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from offline_observer.config.strict_model import StrictModel
from offline_observer.config.values import Duration, LocalFile, property_value
from offline_observer.config.yaml_messages import Location

# What the names of indices made from it add: `_partitions-2026.11`. A name may have 255 bytes.
_LONGEST_INDEX = 200
_INDEX = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){32}")
_API_KEY = re.compile(r"[!-~]*")
_LEAST_KEPT = timedelta(days=1)


def _urls(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _url(value: str) -> str:
    # What stands there may hold a password: it is not repeated.
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("a server's URL is http://host:port or https://host:port") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a server's URL is http://host:port or https://host:port")
    if parts.username or parts.password:
        raise ValueError("a URL takes no credentials; use username: and password:, or api_key:")
    if parts.query or parts.fragment:
        raise ValueError("a server's URL ends with its path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # The clients want a port; without one a browser would take these.
    port = port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def index_name(value: str) -> str:
    """What the names of indices begin with.

    Raises:
        ValueError: It cannot be that.
    """
    if not _INDEX.fullmatch(value) or len(value) > _LONGEST_INDEX:
        raise ValueError(
            f"expected the name of an index: at most {_LONGEST_INDEX} small letters, digits, _, - and ., which begins "
            "with a letter or a digit",
        )
    return value


def _keep(value: timedelta) -> timedelta:
    if value < _LEAST_KEPT:
        raise ValueError("expected a duration of 1d or more")
    return value


def _secret(value: object) -> str:
    return property_value(value)


def _api_key(value: object) -> str:
    # Read from a file it often ends with a line's end, which no header of a request may hold.
    key = _secret(value).strip()
    if not _API_KEY.fullmatch(key):
        # What stands there is a secret: it is not repeated.
        raise ValueError(
            "an API key is ASCII characters without a space, as the server gives it out (`encoded`)"
        )
    return key


def _fingerprint(value: str) -> str:
    if not _FINGERPRINT.fullmatch(value):
        raise ValueError("expected the SHA-256 fingerprint of a certificate: 64 hexadecimal digits")
    return value


Keep = Annotated[Duration, AfterValidator(_keep)]
"""How long observations are kept: a day at the least."""

Secret = Annotated[SecretStr, BeforeValidator(_secret)]

ApiKey = Annotated[SecretStr, BeforeValidator(_api_key)]


class SearchExport(StrictModel):
    """A server, or several nodes of one, that takes the documents: Elasticsearch or OpenSearch.

    Attributes:
        url: Its URLs.
        index: What the names of its indices begin with; None: the observer's name and `_observation_stats`.
        api_key: An API key.
        username: The user, if it asks for one.
        password: The user's password.
        ca_file: Certificates of the authorities that are trusted, in PEM; None: the system's.
        ca_fingerprint: SHA-256 fingerprint of a certificate that the server shows, its own or its authority's, in place of
            `ca_file`.
        timeout: How long a request may take.
        replicas: How many copies its indices have; None: as the server has it.
        bulk_documents: How many documents are sent at a time, at most.
        bulk_bytes: How large they may be together.
    """

    url: Annotated[tuple[Annotated[str, AfterValidator(_url)], ...], BeforeValidator(_urls)] = Field(
        min_length=1
    )
    index: Annotated[str, AfterValidator(index_name)] | None = None
    api_key: ApiKey | None = None
    username: str | None = None
    password: Secret | None = None
    ca_file: LocalFile | None = None
    ca_fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    timeout: Duration = timedelta(seconds=30)
    replicas: int | None = Field(default=None, ge=0, le=10)
    bulk_documents: int = Field(default=1000, ge=1, le=100_000)
    bulk_bytes: int = Field(default=5_000_000, ge=10_000, le=100_000_000)

    def problems(self) -> Iterator[tuple[Location, str]]:
        """What is wrong with it, with its place."""
        if self.api_key and (self.username or self.password):
            yield ("api_key",), "give either an api_key, or username and password"
        if (self.username is None) != (self.password is None):
            yield ("username",), "username and password go together"
        is_tls = all(url.startswith("https:") for url in self.url)
        if (self.ca_file or self.ca_fingerprint) and not is_tls:
            yield ("url",), "a certificate is checked of https:// only"
        if self.ca_file and self.ca_fingerprint:
            yield ("ca_fingerprint",), "give either ca_file or ca_fingerprint"


class Export(StrictModel):
    """Where observations are sent.

    Attributes:
        elasticsearch: An Elasticsearch server, version 8 or 9.
        opensearch: An OpenSearch server.
    """

    elasticsearch: SearchExport | None = None
    opensearch: SearchExport | None = None

    def all(self) -> dict[str, SearchExport]:
        """Those that are there, by their names."""
        named = {"elasticsearch": self.elasticsearch, "opensearch": self.opensearch}
        return {name: one for name, one in named.items() if one is not None}


def export_problems(export: Export) -> Iterator[tuple[Location, str]]:
    """What is wrong with the exporters, with its place."""
    for name, one in export.all().items():
        for place, text in one.problems():
            yield (name, *place), text
    if export.opensearch and export.opensearch.ca_fingerprint:
        yield ("opensearch", "ca_fingerprint"), "OpenSearch's client checks no fingerprint; use ca_file"
