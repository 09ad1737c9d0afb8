"""The Schema Registry, asked with Confluent's own client."""

import socket
import ssl
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import OAuthTokenError
from confluent_kafka.schema_registry.error import SchemaRegistryError as RefusedError

from offline_observer.errors import ConfigError, SchemaRegistryError
from offline_observer.formats.header import ID_BYTE
from offline_observer.formats.schema_registry import (
    FILE_PROPERTIES,
    MOCK,
    URL,
    client_properties,
    property_problems,
    registry_name,
)

Answer = TypeVar("Answer")
Reference = tuple[str, int]
"""A subject, and the version of its schema."""

# The registry's ids are Java's int. It does not take a larger one for an id at all.
_LARGEST_ID = 2**31 - 1
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _SERVER_ERROR = 401, 403, 404, 500
_NOT_A_REGISTRY = "does not answer as a Schema Registry does; check its url"
# The registry's own codes for what it does not have; a 404 without one comes from something else.
_NOT_FOUND_CODES = range(40400, 40500)


def registry_client(properties: Mapping[str, str]) -> SchemaRegistryClient:
    """A client of a registry; `mock://name` is one in this process's memory, the same for the same name.

    Raises:
        ConfigError: A property cannot be, or a file that one names is not there or is not what it should be.
    """
    for key, text in property_problems(properties):
        raise ConfigError(f"schema_registry: {key}: {text}")
    url = properties[URL]
    return _mock_client(url) if url.startswith(MOCK) else _client(properties)


@cache
def _mock_client(url: str) -> SchemaRegistryClient:
    return SchemaRegistryClient.new_client({URL: url})


def _client(properties: Mapping[str, str]) -> SchemaRegistryClient:
    for key in FILE_PROPERTIES & properties.keys():
        path = Path(properties[key])
        if not path.is_file() and not (key == "ssl.ca.location" and path.is_dir()):
            raise ConfigError(f"schema_registry: {key}: there is no file {path}")
    try:
        return SchemaRegistryClient(client_properties(properties))
    except ssl.SSLError:
        raise ConfigError(
            "schema_registry: a certificate or the key cannot be used; check that ssl.ca.location, "
            "ssl.certificate.location and ssl.key.location hold PEM, that the key belongs to the certificate, "
            "and ssl.key.password"
        ) from None
    except OSError as error:
        raise ConfigError(f"schema_registry: a file cannot be read: {error.strerror}") from None
    except (TypeError, ValueError) as error:
        # The client's words may repeat a value.
        text = str(error) if str(error).startswith("Unrecognized properties") else "the client refuses them"
        raise ConfigError(f"schema_registry: {text}; check the properties") from None


class Registry:
    """Schemas, by what stands in the header of a record.

    Args:
        properties: Those of the client.

    Raises:
        ConfigError: The properties are refused.
    """

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._client = registry_client(properties)
        self._name = registry_name(properties)
        if not properties[URL].startswith(MOCK):
            weakref.finalize(self, self._client.close)

    def schema_texts(self, header: bytes) -> tuple[str, ...] | None:
        """An Avro schema and all that it refers to, each after those that it refers to itself: the schema is last.

        Args:
            header: A record's header.

        Returns:
            The texts; None when the registry does not have the schema, or it is none of Avro.

        Raises:
            SchemaRegistryError: The registry cannot be reached, or does not tell. In a few seconds.
        """
        if header[0] == ID_BYTE:
            number = int.from_bytes(header[1:])
            if number > _LARGEST_ID:
                return None
            schema = self._ask(lambda: self._client.get_schema(number))
        else:
            guid = str(UUID(bytes=bytes(header[1:])))
            # A registry that is older than GUIDs knows no such address.
            schema = self._ask(lambda: self._client.get_schema_by_guid(guid), old=True)
        if schema is None or schema.schema_type not in (None, "AVRO"):
            return None
        texts: dict[Reference, str] = {}
        complete = all(self._collect(reference, texts) for reference in _references(schema))
        return (*texts.values(), _text(schema, self._name)) if complete else None

    def _collect(
        self, reference: Reference, texts: dict[Reference, str], around: tuple[Reference, ...] = ()
    ) -> bool:
        """Adds what a reference stands for, and before it what that refers to; False when it is not to be had."""
        if reference in texts:
            return True
        if reference in around:
            return False
        found = self._ask(lambda: self._client.get_version(*reference, deleted=True))
        if found is None:
            return False
        inside = (*around, reference)
        if not all(self._collect(inner, texts, inside) for inner in _references(found.schema)):
            return False
        texts[reference] = _text(found.schema, self._name)
        return True

    def _ask(self, call: Callable[[], Answer], *, old: bool = False) -> Answer | None:
        """What the registry answers; None when it does not have it."""
        try:
            return call()
        except RefusedError as error:
            status, code = error.http_status_code, error.error_code
            if status == _NOT_FOUND and (old or code in _NOT_FOUND_CODES):
                return None
            problem = _refusal(status)
        except OAuthTokenError:
            problem = "is not asked, no token was to be had; check the bearer.auth properties"
        except Exception as error:  # noqa: BLE001 - the client lets through what its HTTP library raises
            problem = _failure(error)
        # Outside of the except block: what the client raised may hold a URL with a password.
        raise SchemaRegistryError(f"the Schema Registry at {self._name} {problem}")


def _references(schema: Schema) -> Iterator[Reference]:
    for reference in schema.references or ():
        if reference.subject is not None and reference.version is not None:
            yield reference.subject, reference.version


def _text(schema: Schema, name: str) -> str:
    if not isinstance(schema.schema_str, str):
        raise SchemaRegistryError(f"the Schema Registry at {name} {_NOT_A_REGISTRY}")
    return schema.schema_str


def _refusal(status: int) -> str:
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        return f"refuses the login (HTTP {status}); check basic.auth.user.info or the bearer.auth properties"
    if status == _NOT_FOUND:
        return _NOT_A_REGISTRY
    if status >= _SERVER_ERROR:
        return f"has an error of its own (HTTP {status}); look into its log"
    return f"refuses to give a schema (HTTP {status}); check its url"


# What is behind an exception, the most telling first, and what it means.
_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "has a certificate that is not trusted; check ssl.ca.location and the host name",
    ),
    (
        ssl.SSLError,
        "does not come to terms on TLS; check whether its url is one of http or https, and the client certificate",
    ),
    (TimeoutError, "does not answer in time; check its url, and that it runs"),
    (socket.gaierror, "has a host name that is not known; check its url"),
    (ConnectionRefusedError, "cannot be reached, the connection is refused; check its url, and that it runs"),
    (OSError, "cannot be reached, or breaks the connection off; check its url, and that it runs"),
)


def _failure(error: BaseException) -> str:
    causes = list(_causes(error))
    for kind, text in _FAILURES:
        if any(isinstance(cause, kind) for cause in causes):
            return text
    # Of the HTTP library, which is one of two: all that happens on the way to an answer.
    if any(base.__name__ == "TransportError" for base in type(error).__mro__):
        return "breaks the connection off; check its url, and that it runs"
    return _NOT_A_REGISTRY


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and those behind it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
