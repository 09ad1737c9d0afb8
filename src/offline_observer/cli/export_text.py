"""How exporters are doing, as text for people."""

from collections.abc import Iterator

from offline_observer.export.health import ExportHealth
from offline_observer.time_text import format_time


def export_remarks(health: ExportHealth) -> Iterator[str]:
    """What a person should read of an exporter; nothing when all is well."""
    if health.error:
        facts = []
        if health.error_since:
            facts.append(f"since {format_time(health.error_since)}")
        if health.backlog:
            facts.append(f"{health.backlog:,} documents wait")
        yield f"{health.name}: {health.error}" + (f" ({', '.join(facts)})" if facts else "")
    if health.refused:
        yield f"{health.name} has refused {health.refused:,} documents; offline-observer export shows why"


class ExportNews:
    """Says of each exporter only what is new since it was last asked, for an output that is a line for each event."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[str | None, int]] = {}

    def of(self, health: ExportHealth) -> Iterator[str]:
        """The sentences."""
        error, refused = self._before.get(health.name, (None, 0))
        self._before[health.name] = (health.error, health.refused)
        if error and not health.error:
            yield f"{health.name}: documents arrive again"
        if (health.error, health.refused) != (error, refused):
            yield from export_remarks(health)
