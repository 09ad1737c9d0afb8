"""A journal of an older format, brought up to date for who only reads it."""

from collections.abc import Callable
from pathlib import Path

from offline_observer.errors import JournalError
from offline_observer.journal.format import SCHEMA_VERSION
from offline_observer.journal.journal import Journal
from offline_observer.journal.reading import opened

# What takes longer than a moment is said before.
_LARGE = 20_000_000


def say_if_it_takes_long(path: Path, say: Callable[[str], None]) -> None:
    """Says that a journal is brought up to date by who opens it next, when that takes longer than a moment."""
    try:
        size = path.stat().st_size
        with opened(path) as (_, version):
            is_old = version < SCHEMA_VERSION
    except (JournalError, OSError):
        return  # whoever opens it says what is wrong
    if is_old and size > _LARGE:
        say(
            f"bringing the journal up to date, once: {size / 1e6:,.0f} MB, about {max(1, size // 15_000_000)} s"
        )


def bring_up_to_date_if_free(path: Path) -> None:
    """Brings a journal of an older format up to date, as an observer does that opens it; nothing in it is lost.

    Raises:
        JournalError: There is no journal; or it is of an older format and belongs to an observer that is running, or must not
            be written.
    """
    with opened(path) as (_, version):
        if version == SCHEMA_VERSION:
            return
    try:
        Journal(path).close()
    except JournalError as error:
        raise JournalError(
            f"the journal {path} has format {version}, and the page needs format {SCHEMA_VERSION}, to which it cannot be "
            f"brought: {error}"
        ) from None
