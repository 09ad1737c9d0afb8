"""Who is answered (pure)."""

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Collection

from offline_observer.config.dashboard import LOOPBACK_NAMES, Dashboard

_BEARER = "bearer "
_BASIC = "basic "


class Access:
    """Decides about requests.

    Args:
        dashboard: What the configuration says of the address.
    """

    def __init__(self, dashboard: Dashboard) -> None:
        self._token = dashboard.token.get_secret_value().encode() if dashboard.token else None
        self._hosts: Collection[str] = {
            host_name(name) for name in (*LOOPBACK_NAMES, dashboard.host, *dashboard.allowed_hosts)
        }

    def knows_host(self, header: str) -> bool:
        """Whether a request calls the observer by a name of its own.

        A page of somebody else's may have a name that leads to this machine, and read what is here through the browser of
        whoever looks at it; but it calls it by that name. Nobody can give an address, as it is, to another machine.
        """
        name = host_name(header)
        return name in self._hosts or _is_address(name)

    def has_token(self, authorization: str) -> bool:
        """Whether a request brings the token with it; always when there is none."""
        if self._token is None:
            return True
        given = _given(authorization)
        return given is not None and hmac.compare_digest(given, self._token)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _given(authorization: str) -> bytes | None:
    """The token in a header `Authorization`: as a bearer's, or as the password that a browser asks for."""
    # Bytes come in WSGI as the characters of those numbers.
    if authorization.lower().startswith(_BEARER):
        return authorization[len(_BEARER) :].strip().encode("latin-1", errors="replace")
    if authorization.lower().startswith(_BASIC):
        try:
            pair = base64.b64decode(authorization[len(_BASIC) :].strip(), validate=True)
        except (binascii.Error, ValueError):
            return None
        return pair.partition(b":")[2]
    return None


def host_name(header: str) -> str:
    """The name in a header `Host`, without its port."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if text.count(":") == 1 else text
