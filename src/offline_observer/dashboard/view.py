"""What somebody looks at: it stands in the page's address, so that it can be kept and sent (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from offline_observer.quality.times import read_time

RANGES: Mapping[str, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
"""How much time can be looked at, by its name in the address."""

THEMES = ("auto", "light", "dark")
_RANGE = "1h"
_LONGEST = 2000
_FIRST_YEAR, _LAST_YEAR = 1972, 9000
# What a year of 6-hour steps is; beyond it the browser would be given too much.
_MOST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is looked at.

    Attributes:
        job: The job whose lag is shown; None: the one that needs it most.
        dataset: The topic whose quality is shown; None likewise.
        length: How much time, by its name.
        until: When that ends; None: now, and it goes on.
        start: When it begins, in place of `length`; None without `until`.
        theme: `light`, `dark`, or as the browser has it.
        report: The report that is open.
        window: The window of the profile that is looked at; None: the newest.
        against: The one that it is compared with; None: the one before.
    """

    job: str | None = None
    dataset: str | None = None
    length: str = _RANGE
    until: datetime | None = None
    start: datetime | None = None
    theme: str = "auto"
    report: str | None = None
    window: str | None = None
    against: str | None = None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when."""
        end = self.until or now
        if self.start is not None and self.start < end:
            return max(self.start, end - _MOST), end
        return end - RANGES[self.length], end

    def link(self, **changes: object) -> str:
        """The address of another view."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        words = {
            "job": other.job,
            "dataset": other.dataset,
            "range": None if other.length == _RANGE else other.length,
            "from": _text(other.start),
            "until": _text(other.until),
            "theme": None if other.theme == "auto" else other.theme,
            "report": other.report,
            "window": other.window,
            "against": other.against,
        }
        return "?" + urlencode({key: value for key, value in words.items() if value})


def read_view(search: str | None) -> View:
    """The view of an address, by what comes after its `?`. What is no view of ours is left out."""
    words = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")[:_LONGEST]).items()}
    length, theme = words.get("range", _RANGE), words.get("theme", "auto")
    until = read_moment(words.get("until"))
    return View(
        job=words.get("job"),
        dataset=words.get("dataset"),
        length=length if length in RANGES else _RANGE,
        until=until,
        start=read_moment(words.get("from")),
        theme=theme if theme in THEMES else "auto",
        report=words.get("report"),
        window=words.get("window"),
        against=words.get("against"),
    )


def read_moment(text: str | None) -> datetime | None:
    """A time of an address, in UTC; None for what is none, or is so far away that no time can be added to it."""
    time = read_time(text)
    if time is None or not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        return None
    return time.astimezone(UTC)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
