"""librdkafka properties: what is secret in them, what names a file, and what librdkafka's refusals mean (pure)."""

import re
from collections.abc import Mapping

FILE_PROPERTIES = frozenset(
    {
        "https.ca.location",
        "sasl.kerberos.keytab",
        "sasl.oauthbearer.assertion.file",
        "sasl.oauthbearer.assertion.jwt.template.file",
        "sasl.oauthbearer.assertion.private.key.file",
        "ssl.ca.location",
        "ssl.certificate.location",
        "ssl.crl.location",
        "ssl.key.location",
        "ssl.keystore.location",
    }
)
"""The properties that name a file."""

PROBE = "probe"
"""In place of a file: librdkafka looks where the system's certificates may be."""

_SECRET = re.compile(r"password|passphrase|secret|\.pem$|^sasl\.oauthbearer\.(?:config|extensions)$")
# Shorter ones would be found in words that have nothing to do with them.
_SHORTEST_HIDDEN = 4
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]*@")
_HIDDEN = "…"
_OFFERED = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"


def security_protocol(properties: Mapping[str, str]) -> str:
    """The security protocol in upper case; librdkafka's default is PLAINTEXT."""
    return properties.get("security.protocol", "PLAINTEXT").upper()


def sasl_mechanism(properties: Mapping[str, str]) -> str:
    """The SASL mechanism in upper case; librdkafka's default is GSSAPI, which is Kerberos."""
    return properties.get("sasl.mechanism", properties.get("sasl.mechanisms", "GSSAPI")).upper()


def hide_secrets(text: str, properties: Mapping[str, str]) -> str:
    """A text of librdkafka without the secrets that the properties hold: passwords, keys, logins in URLs."""
    for key, value in properties.items():
        if _SECRET.search(key) and len(value) >= _SHORTEST_HIDDEN:
            text = text.replace(value, _HIDDEN)
    return _URL_LOGIN.sub("", text)


def refusal(text: str, properties: Mapping[str, str]) -> str:
    """What librdkafka's refusal of properties means, as a sentence that names the property and holds no secret.

    Args:
        text: librdkafka's own words.
        properties: The properties that it refuses.
    """
    for pattern, meaning in _REFUSALS:
        if match := re.search(pattern, text):
            return meaning.format(*(_with_file(found, properties) for found in match.groups()))
    text = text.strip().removeprefix("Failed to create admin client: ")
    text = text.removeprefix("Failed to create consumer: ")
    for value in properties.values():
        # A wrong value may come from the environment, or be a password in the wrong place.
        text = text.replace(f'"{value}"', f'"{_HIDDEN}"') if value else text
    return f"{hide_secrets(text, properties)}; librdkafka's list of properties has all of them"


def _with_file(found: str, properties: Mapping[str, str]) -> str:
    """A property's name, with the file that it names."""
    return f"{found} ({properties[found]})" if found in FILE_PROPERTIES and found in properties else found


_REFUSALS = (
    (
        r"No provider for SASL mechanism GSSAPI",
        f"sasl.mechanism is GSSAPI (Kerberos, the default), which this librdkafka is built without; set it to {_OFFERED}",
    ),
    (
        r"Unsupported SASL mechanism",
        f"sasl.mechanism is none that librdkafka has; set it to {_OFFERED}",
    ),
    (
        r"key values mismatch",
        "the key in ssl.key.location does not belong to the certificate in ssl.certificate.location",
    ),
    (
        r"no certificate assigned",
        "there is a key, but no certificate for it; set ssl.certificate.location",
    ),
    (
        r"(ssl\.key\.(?:location|pem)) failed:.*(?:PEM lib|bad decrypt|DECODER|no start line)",
        "{0} holds no key in PEM form that can be read; if it is encrypted, check ssl.key.password",
    ),
    (
        r"(ssl\.(?:ca|certificate)\.(?:location|pem))(?: failed)?:.*(?:no certificate|no start line|PEM lib)",
        "{0} holds no certificate in PEM form",
    ),
    (
        r"Error reading (ssl\.keystore\.location)|(?:Failed to parse|PKCS#12)[^`]*keystore",
        "ssl.keystore.location is no PKCS#12 file that ssl.keystore.password opens",
    ),
)
