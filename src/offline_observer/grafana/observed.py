"""What the files for Grafana are made of (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from offline_observer.alert.rule import AlertRule
from offline_observer.alert.watched import Watched
from offline_observer.observation import invalid_name

Json = Mapping[str, object]
"""A part of a file, as plain values."""


class Login(Enum):
    """How Grafana is let in by the server. The secrets come from Grafana's environment."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - none
    API_KEY = "api key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the files are of.

    Attributes:
        name: The observer's name.
        index: What the names of its indices begin with.
        watched: What it watches.
        rules: Its alerts.
        login: How the server lets Grafana in.
        has_own_authority: The server's certificate is checked by an authority that Grafana has to be told.
    """

    name: str
    index: str
    watched: Watched
    rules: tuple[AlertRule, ...] = ()
    login: Login = Login.NONE
    has_own_authority: bool = False

    def invalid_fields(self) -> dict[str, str]:
        """The documents' names for the counts of invalid records, each with its field, by the names."""
        return {invalid_name(path): path for path in sorted(self.watched.checked(), key=invalid_name)}
