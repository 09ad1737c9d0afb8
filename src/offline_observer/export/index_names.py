"""Names of indices (pure): an alias for each kind of document, over one index for each month.

Which month an index is of is said by the document's own time, so that a document that is sent again comes to the same one. To
drop what is old is to drop whole indices.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

SUFFIXES: Mapping[str, str] = {"observation": "", "partition": "_partitions", "profile": "_profiles"}
"""By the kind of document what its alias adds to the name in the configuration."""

_MONTH = re.compile(r"([0-9]{4})\.(0[1-9]|1[0-2])")
_TIME = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-")
_DECEMBER = 12


def alias_of(index: str, kind: str) -> str:
    """The alias under which documents of a kind are found.

    Raises:
        KeyError: There is no such kind.
    """
    return index + SUFFIXES[kind]


def index_of(alias: str, timestamp: str) -> str:
    """The index that a document is in: `visits_observation_stats-2026.11`.

    Args:
        alias: The alias of its kind.
        timestamp: Its time, ISO 8601 in UTC.

    Raises:
        ValueError: It is no time.
    """
    if not _TIME.match(timestamp):
        raise ValueError("it has no time (@timestamp)")
    return f"{alias}-{timestamp[:4]}.{timestamp[5:7]}"


def own(names: Iterable[str], alias: str) -> list[str]:
    """Those of some indices whose names begin as an alias that are its own: another may begin so as well."""
    return [name for name in names if _end(name, alias) is not None]


def older(names: Iterable[str], alias: str, now: datetime, keep: timedelta) -> list[str]:
    """Those of some indices of an alias all of whose documents are older than that."""
    return [name for name in names if (end := _end(name, alias)) is not None and end <= now - keep]


def _end(name: str, alias: str) -> datetime | None:
    """When the month of an index ends; None for one that is none of ours."""
    if not name.startswith(f"{alias}-"):
        return None
    match = _MONTH.fullmatch(name, len(alias) + 1)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    if year == 0 or year > 9998:  # noqa: PLR2004 - beyond what a time can be
        return None
    return datetime(year + month // _DECEMBER, month % _DECEMBER + 1, 1, tzinfo=UTC)
