from pathlib import Path

import pytest

from offline_observer.errors import JournalError
from offline_observer.journal.baselines import baseline_of, pin, windows_of
from offline_observer.journal.journal import Entry, Journal


def test_a_pin_is_seen_by_the_observer_that_owns_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    journal = Journal(path)
    try:
        assert journal.baseline("a") is None
        pin(path, "a", b"one")
        assert (journal.baseline("a"), journal.baseline("b")) == (b"one", None)
        pin(path, "a", b"two")
        assert journal.baseline("a") == baseline_of(path, "a") == b"two"
        pin(path, "a", None)
        assert (journal.baseline("a"), baseline_of(path, "a")) == (None, None)
    finally:
        journal.close()


def test_windows_can_be_read_beside_the_observer(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    journal = Journal(path)
    try:
        assert windows_of(path, "a") is None
        document: dict[str, object] = {"kind": "observation"}
        journal.append(Entry(pipeline="p", document=document, windows=b"content", windows_of="a"))
        assert windows_of(path, "a") == b"content"
    finally:
        journal.close()


def test_where_there_is_no_journal_nothing_is_pinned(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal at"):
        pin(tmp_path / "none.db", "a", b"x")
    assert list(tmp_path.iterdir()) == []
