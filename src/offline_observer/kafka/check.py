"""What can be seen of librdkafka properties before a client is made with them."""

import os
from collections.abc import Mapping
from pathlib import Path

from offline_observer.errors import ConfigError
from offline_observer.kafka.properties import FILE_PROPERTIES, PROBE, sasl_mechanism, security_protocol

# Certificates of authorities may be in a folder.
_FOLDER_TOO = frozenset({"https.ca.location", "ssl.ca.location"})


def check_properties(properties: Mapping[str, str]) -> None:
    """Looks for what librdkafka would refuse with a riddle, or accept and never connect.

    Raises:
        ConfigError: A property is not for a text to set, a file is not there, or OAUTHBEARER has no token.
    """
    for key, value in properties.items():
        if key == "logger" or key.endswith("_cb"):
            raise ConfigError(f"kafka: {key} is no property that a text can set")
        if key in FILE_PROPERTIES:
            _check_file(key, value)
    if (
        security_protocol(properties).startswith("SASL_")
        and sasl_mechanism(properties) == "OAUTHBEARER"
        and properties.get("sasl.oauthbearer.method", "default").lower() == "default"
        and properties.get("enable.sasl.oauthbearer.unsecure.jwt", "false").lower() != "true"
    ):
        raise ConfigError(
            "kafka: sasl.mechanism OAUTHBEARER gets no token; set sasl.oauthbearer.method to oidc and "
            "sasl.oauthbearer.token.endpoint.url to the server that gives it"
        )


def _check_file(key: str, value: str) -> None:
    path = Path(value)
    if key in _FOLDER_TOO and (value == PROBE or path.is_dir()):
        return
    if not path.exists():
        raise ConfigError(f"kafka: {key}: there is no file {value}")
    if not path.is_file():
        raise ConfigError(f"kafka: {key}: {value} is not a file")
    if not os.access(path, os.R_OK):
        raise ConfigError(f"kafka: {key}: the file {value} cannot be read: permission denied")
