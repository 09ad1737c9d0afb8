"""The alerts on the page: how they are, how they came to be so, and what has not arrived."""

from collections.abc import Sequence

from dash import html

from offline_observer.alert.message import plain
from offline_observer.dashboard.elements import Element, aria, table
from offline_observer.dashboard.palette import ALERT_SIGNS
from offline_observer.journal.alert_text import (
    CHANGE_COLUMNS,
    STATE_COLUMNS,
    change_row,
    state_row,
    undelivered_lines,
)
from offline_observer.journal.alerts import AlertChange, AlertStateRow
from offline_observer.journal.notifications import Notification

_SHOWN = 50
_NAMED = 3
_NONE = (
    "No alert is evaluated here. The observer evaluates those of the configuration (alerts:) while it runs, or a set that suits "
    "it where the configuration names none."
)


def alerts_part(
    states: Sequence[AlertStateRow], changes: Sequence[AlertChange], undelivered: Sequence[Notification]
) -> Element:
    """The alerts.

    Args:
        states: How each alert is, those that are raised first.
        changes: How they went from state to state, the newest first.
        undelivered: Messages that have not arrived.
    """
    if not states:
        return html.P(_NONE, className="empty")
    rows = [_row(one) for one in states[:_SHOWN]]
    found: list[Element] = [table("How each alert is", STATE_COLUMNS, rows, "")]
    if len(states) > _SHOWN:
        found.append(
            html.P(
                f"and {len(states) - _SHOWN:,} more: offline-observer alerts lists them all",
                className="empty",
            )
        )
    if undelivered:
        found.append(html.H3("Messages that have not arrived"))
        found.append(html.Ul([html.Li(line) for line in undelivered_lines(undelivered)]))
    if changes:
        history = table(
            "How alerts went from state to state, the newest first",
            CHANGE_COLUMNS,
            [change_row(one) for one in changes],
            "",
        )
        found.append(html.Details([html.Summary("History"), history]))
    return html.Div(found)


def raised(states: Sequence[AlertStateRow]) -> str:
    """How many alerts fire, a sentence; empty when none does."""
    names = list(dict.fromkeys(one.alert for one in states if one.state in ("firing", "recovering")))
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} {'alert fires' if len(names) == 1 else 'alerts fire'}: {plain(', '.join(names[:_NAMED]))}{more}."


def _row(one: AlertStateRow) -> list[Element]:
    state, *others = state_row(one)
    sign = html.Span(ALERT_SIGNS.get(one.state, ""), className="sign", **aria(hidden="true"))
    return [html.Span([sign, state.replace("_", " ")], className=f"alert is-{one.state}"), *others]
