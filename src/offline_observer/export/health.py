"""How an exporter is doing (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from offline_observer.observation import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHealth:
    """How an exporter is doing.

    Attributes:
        name: Its name in the configuration.
        backlog: Documents of the journal that have not arrived yet; None when that is not known.
        refused: Documents that are set aside, because the server refused them for what is in them.
        lost: Documents that were removed from the journal before they could be sent.
        last_success: When documents arrived last, since the observer was started.
        error: Why nothing arrives now; None when all is well.
        error_since: Since when.
    """

    name: str
    backlog: int | None = None
    refused: int = 0
    lost: int = 0
    last_success: datetime | None = None
    error: str | None = None
    error_since: datetime | None = None


def health_part(health: Iterable[ExportHealth]) -> Document:
    """What an observation's document says of the exporters: of several the worst. Empty when there are none.

    It is written before the document itself is sent, so that it tells how it was with the tick before.
    """
    every = list(health)
    if not every:
        return {}
    backlogs = [one.backlog for one in every if one.backlog is not None]
    errors = [f"{one.name}: {one.error}" for one in every if one.error]
    return {
        "export_backlog": max(backlogs, default=None),
        "export_refused": sum(one.refused for one in every),
        "export_lost": sum(one.lost for one in every),
        "export_error": "; ".join(errors) or None,
    }
