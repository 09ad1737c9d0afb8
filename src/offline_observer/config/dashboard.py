"""The observer's own web address, in the configuration, and what is refused of it."""

import ipaddress
from collections.abc import Iterator

from pydantic import Field

from offline_observer.config.export import Secret
from offline_observer.config.strict_model import StrictModel
from offline_observer.config.yaml_messages import Location

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Dashboard(StrictModel):
    """Where the observer answers: with metrics, and to whoever asks whether it is well.

    Attributes:
        host: The address that it listens on.
        port: The port; 0 for any that is free.
        token: What a request must bring with it (`Authorization: Bearer TOKEN`); None: nothing.
        allowed_hosts: By what names it may be called, besides its own address and those of this machine.
    """

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8765, ge=0, le=65535)
    token: Secret | None = None
    allowed_hosts: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def dashboard_problems(dashboard: Dashboard | None) -> Iterator[tuple[Location, str]]:
    """What is wrong with it, with its place."""
    if dashboard is None:
        return
    if not dashboard.is_local and dashboard.token is None:
        yield (
            ("host",),
            "others can reach this address: give it a token, for instance token: ${OBSERVER_TOKEN}, or take 127.0.0.1",
        )
    if dashboard.token is not None and not dashboard.token.get_secret_value().strip():
        yield ("token",), "an empty token keeps nobody out"
