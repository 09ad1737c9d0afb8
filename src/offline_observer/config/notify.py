"""Who is told of alerts, in the configuration, and what is refused of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from offline_observer.alert import look
from offline_observer.alert.rule import Severity
from offline_observer.config.alerts import Alert
from offline_observer.config.export import Secret
from offline_observer.config.strict_model import StrictModel
from offline_observer.config.values import Duration, Name
from offline_observer.config.yaml_messages import Location, did_you_mean

# The libraries of the extra `notify`.
_LIBRARIES = ("apprise", "tenacity")


def has_libraries() -> bool:
    """Whether what brings messages is installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


def _channel_url(value: SecretStr) -> SecretStr:
    # Whoever only reads the configuration need not have the libraries.
    if has_libraries():
        from offline_observer.notify.channel import is_usable

        if not is_usable(value.get_secret_value()):
            raise ValueError(
                "Apprise can make nothing of this URL; write one as its documentation has it, for instance "
                "json://host:port/path for a webhook, or mailto://user:password@host"
            )
    return value


def _heartbeat_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or not text.isprintable() or " " in text:
        raise ValueError("a heartbeat is a URL, http:// or https://")
    return value


def _severities(value: object) -> object:
    return (value,) if isinstance(value, str) else value


HeartbeatUrl = Annotated[Secret, AfterValidator(_heartbeat_url)]
"""What is called after each tick that was written."""


class Channel(StrictModel):
    """Somebody who is told.

    Attributes:
        url: Where, as Apprise has it.
        severity: Of alerts of these severities only.
        give_up_after: For how long a message is tried that does not arrive.
    """

    url: Annotated[Secret, AfterValidator(_channel_url)]
    severity: Annotated[tuple[Severity, ...], BeforeValidator(_severities)] = Field(
        default=tuple(Severity), min_length=1
    )
    give_up_after: Duration = timedelta(days=1)

    def known_as(self, name: str) -> look.Channel:
        """The channel as alerts know it."""
        return look.Channel(name, frozenset(self.severity))


Channels = dict[Name, Channel]


def notify_problems(
    alerts: Sequence[Alert], channels: Mapping[str, Channel] | None
) -> Iterator[tuple[Location, str]]:
    """What is wrong with who is told, with its place."""
    if channels is not None and not channels:
        yield (
            ("notify",),
            "name a channel, for instance team: {url: 'json://host:port/path'}, or leave notify out",
        )
    for index, alert in enumerate(alerts):
        for number, name in enumerate(alert.notify or ()):
            if name not in (channels or {}):
                known = (
                    did_you_mean(name, channels) if channels else f"add it: notify: {{{name}: {{url: …}}}}"
                )
                yield ("alerts", index, "notify", number), f"there is no channel {name!r}; {known}"
        if alert.remind is not None and alert.remind < alert.every:
            yield (
                ("alerts", index, "remind"),
                "this is shorter than the time from one look at the alert to the next (every)",
            )
