"""`offline-observer alerts test`: a sample of an alert to those who would be told of it."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from offline_observer.alert.instance import Instance, Key, State
from offline_observer.alert.measure import Shape, Subject
from offline_observer.alert.message import Kind, Message, message
from offline_observer.alert.rule import AlertRule
from offline_observer.alert.sight import targets_of
from offline_observer.cli.alerts_silence import NameArgument, check_name
from offline_observer.cli.range_options import ConfigOption
from offline_observer.config.load import load_config
from offline_observer.config.notify import has_libraries
from offline_observer.errors import EXIT_UNREACHABLE, ConfigError
from offline_observer.notify.plan import Plan, plan_of

if TYPE_CHECKING:  # it comes with an extra
    from offline_observer.notify.channel import Channel


def test(name: NameArgument, config: ConfigOption) -> None:
    """Send a sample of an alert to its channels, and say of each whether it arrived.

    It is marked as a test. Nothing is written into the journal, and an observer that is running is not affected.
    """
    loaded = load_config(config, os.environ)
    check_name(loaded, name)
    plan = plan_of(loaded)
    rule = next(rule for rule in plan.rules if rule.name == name)
    sample = sample_message(plan, rule, datetime.now(UTC))
    if not loaded.notify or not sample.channels:
        raise ConfigError(
            f"nobody is told of the alert {name!r}; see notify of the configuration and of the alert"
        )
    if not has_libraries():
        raise ConfigError("notify needs libraries: pip install 'offline-observer[notify]'")
    from offline_observer.notify.channel import Channel

    failed = False
    for channel in sample.channels:
        text = _send(Channel(channel, loaded.notify[channel].url.get_secret_value()), sample)
        failed = failed or text is not None
        typer.echo(f"{channel}: {text or 'ok'}")
    if failed:
        raise typer.Exit(EXIT_UNREACHABLE)


def _send(channel: "Channel", sample: Message) -> str | None:
    """Why it did not arrive; None when it did."""
    from offline_observer.notify.channel import DeliveryError

    try:
        channel.send(sample.title, sample.body, str(sample.kind), sample.severity)
    except DeliveryError as error:
        return str(error)
    return None


def sample_message(plan: Plan, rule: AlertRule, now: datetime) -> Message:
    """What the alert would say, of a thing that it watches and a value at which it holds."""
    condition = rule.condition
    names = [] if condition.measure.name == "export_backlog" else list(targets_of(rule, plan.targets))
    part = "topic/0" if condition.measure.subject is Subject.PARTITION else ""
    value = condition.statuses[-1] if condition.statuses else condition.value
    if condition.measure.shape is Shape.ABSENCE:
        value = None
    one = Instance(
        State.FIRING, now, fired_at=now, value=value, reason="this is a test, nothing has happened"
    )
    found = {Key(names[0] if names else "", part): (one, "")}
    return message(plan.subjects(), rule, Kind.TEST, found, plan.told(rule).channels, now)
