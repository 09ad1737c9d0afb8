"""Properties of a Schema Registry's client: which there are, and what is wrong with some (pure).

The list is that of `confluent_kafka.schema_registry.SchemaRegistryClient` of 2.16, which refuses others. No
message here holds a value: each may be a credential.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

URL = "url"
MOCK = "mock://"
"""How the URL of a registry begins that is in this process's memory."""

FILE_PROPERTIES = frozenset({"ssl.ca.location", "ssl.certificate.location", "ssl.key.location"})
"""The properties that name a file."""

_DEFAULTS: Mapping[str, float] = {
    # A tick waits for the answer. The client's own way is to wait for ever, and to ask again for a minute.
    "timeout": 2.0,
    "max.retries": 1,
    "retries.wait.ms": 200,
}
_NUMBERS = (
    *_DEFAULTS,
    "cache.capacity",
    "cache.latest.ttl.sec",
    "retries.max.wait.ms",
)
_SOURCE = "bearer.auth.credentials.source"
_CLUSTER = "bearer.auth.logical.cluster"
_ENDPOINT = "bearer.auth.issuer.endpoint.url"
_QUERY = "bearer.auth.issuer.endpoint.query"
_POOL = "bearer.auth.identity.pool.id"
# What each source of tokens must have, and what it may have.
_SOURCES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "STATIC_TOKEN": (("bearer.auth.token", _CLUSTER), (_POOL,)),
    "OAUTHBEARER": (
        (
            "bearer.auth.client.id",
            "bearer.auth.client.secret",
            "bearer.auth.scope",
            _ENDPOINT,
            _CLUSTER,
        ),
        (_POOL,),
    ),
    "OAUTHBEARER_AZURE_IMDS": ((_CLUSTER,), (_POOL, _ENDPOINT, _QUERY)),
}

PROPERTIES: tuple[str, ...] = (
    URL,
    "basic.auth.user.info",
    *sorted(FILE_PROPERTIES),
    "ssl.key.password",
    "proxy",
    *_NUMBERS,
    _SOURCE,
    *dict.fromkeys(key for needed, possible in _SOURCES.values() for key in (*needed, *possible)),
)
"""All that the client takes from a text."""


def property_problems(properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the client would refuse: the property, and what to do about it. Unknown ones are not looked for."""
    urls = _urls(properties)
    if not urls:
        yield URL, "the property url is required, for instance url: http://localhost:8081"
    elif not all(map(_is_url, urls)):
        yield URL, "this must be an http:// or https:// URL, or several of them, joined by commas"
    if "proxy" in properties and not _is_url(properties["proxy"]):
        yield "proxy", "this must be an http:// or https:// URL"
    for key in _NUMBERS:
        if key in properties and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", properties[key]):
            yield key, "this must be a number, 0 or more"
    yield from _login_problems(properties)
    yield from _token_problems(properties)


def _login_problems(properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if (login := properties.get("basic.auth.user.info")) is not None:
        if ":" not in login:
            yield "basic.auth.user.info", "this must be a user and a password, joined by a colon"
        elif any("@" in url for url in _urls(properties)):
            yield "basic.auth.user.info", "the url holds a user and a password already; leave one out"
    if "ssl.certificate.location" not in properties:
        for key in ("ssl.key.location", "ssl.key.password"):
            if key in properties:
                yield key, "this is of use only with ssl.certificate.location; set that, too"


def _token_problems(properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    given = [key for key in properties if key.startswith("bearer.auth.") and key in PROPERTIES]
    source = properties.get(_SOURCE)
    known = ", ".join(_SOURCES)
    if source is None:
        if given:
            yield given[0], f"this is of use only with {_SOURCE}, one of {known}"
        return
    if source not in _SOURCES:
        yield _SOURCE, f"this must be one of {known}"
        return
    needed, possible = _SOURCES[source]
    missing = [key for key in needed if not properties.get(key)]
    if missing:
        yield _SOURCE, f"this source needs {', '.join(missing)} as well"
    if _QUERY in possible and not (properties.get(_QUERY) or properties.get(_ENDPOINT)):
        yield _SOURCE, f"this source needs {_QUERY} as well"
    for key in given:
        if key not in (_SOURCE, *needed, *possible):
            yield key, "the chosen bearer.auth.credentials.source has no use for this; leave it out"


def client_properties(properties: Mapping[str, str]) -> dict[str, str | float]:
    """The properties as the client takes them, numbers as such, with the defaults that bound its time."""
    made: dict[str, str | float] = dict(_DEFAULTS)
    for key, value in properties.items():
        made[key] = float(value) if key in _NUMBERS else value
    if "ssl.certificate.location" in properties:
        # Without it OpenSSL would ask at the terminal for the password of a key that has one.
        made.setdefault("ssl.key.password", "")
    return made


def registry_name(properties: Mapping[str, str]) -> str:
    """The hosts of a registry, for a message: no user, no password, no path."""
    return ", ".join(_host(url) for url in _urls(properties))


def _urls(properties: Mapping[str, str]) -> list[str]:
    return [url.strip() for url in properties.get(URL, "").split(",") if url.strip()]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it raises when it is none
    except ValueError:
        return None
    return parts


def _is_url(url: str) -> bool:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https", "mock") or not parts.hostname:
        return False
    # A slash in a password has to be written as %2F; as it is, the host would be a part of the password.
    return "@" not in parts.path


def _host(url: str) -> str:
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "?"
    return parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
