"""What all the ticks of a run came to, for the lines at its end."""

from pathlib import Path

from offline_observer.cli.options import short_path
from offline_observer.observer import Tick


class Tally:
    """Adds ticks up."""

    def __init__(self) -> None:
        self._observations = 0
        self._records = 0
        self._invalid = 0
        self._unparseable = 0
        self._worst_lag: int | None = None
        self._reports = {"made": 0, "failed": 0}

    def add(self, tick: Tick) -> None:
        """Adds a tick."""
        for document in tick.documents:
            self._observations += 1
            self._records += _count(document.get("all_events"))
            self._unparseable += _count(document.get("unparseable"))
            self._invalid += sum(
                _count(value) for key, value in document.items() if key.startswith("invalid_")
            )
            if (profile := document.get("profile")) in self._reports:
                self._reports[str(profile)] += 1
            lag = document.get("max_lag")
            if isinstance(lag, int):
                self._worst_lag = max(lag, self._worst_lag or 0)

    def lines(self, journal: Path) -> list[str]:
        """The summary, a line each."""
        lag = "unknown" if self._worst_lag is None else f"{self._worst_lag:,}"
        made, failed = self._reports["made"], self._reports["failed"]
        reports = [f"reports       {made:,} made, {failed:,} failed"] if made or failed else []
        return [
            f"observations  {self._observations:,}",
            f"records seen  {self._records:,}",
            f"errors        {self._invalid:,} invalid fields, {self._unparseable:,} unparseable records",
            f"worst lag     {lag}",
            *reports,
            f"journal       {short_path(journal)}",
        ]


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
