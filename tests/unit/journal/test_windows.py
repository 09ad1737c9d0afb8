"""What the journal holds of a dataset's profile."""

import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from offline_observer.errors import JournalError
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import read_documents


def entry(windows: bytes | None, *fields: str) -> Entry:
    return Entry(
        pipeline="visits",
        document={"kind": "observation"},
        windows=windows,
        windows_of="visits",
        profiles=[{"kind": "profile", "field": field} for field in fields],
    )


def test_the_windows_outlive_the_observer(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    journal = Journal(path)
    assert journal.windows("visits") is None
    journal.append(entry(b"\0first"))
    journal.append(entry(None))
    assert journal.windows("visits") == b"\0first"
    identity = journal.append(entry(b"second", "user_id", "a.b"))
    journal.close()
    journal = Journal(path)
    assert journal.windows("visits") == b"second"
    assert journal.windows("other") is None
    journal.close()
    assert [one for one, _ in read_documents(path, "profile")] == [
        f"{identity}/profile/user_id",
        f"{identity}/profile/a.b",
    ]


def test_windows_and_positions_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "observations.db")
    journal.append(entry(b"first"))
    moved = Entry(
        pipeline="visits",
        document={"kind": "observation"},
        windows=b"second",
        windows_of="visits",
        profiles=[{"kind": "profile", "field": "a"}],
        dataset="visits",
        positions={0: 5},
        read_from={"t": {0: 1}},
    )
    with pytest.raises(JournalError, match="another observer"):
        journal.append(moved)
    assert journal.windows("visits") == b"first"
    journal.close()
    assert list(read_documents(tmp_path / "observations.db", "profile")) == []


def test_a_journal_of_the_second_format_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    connection = sqlite3.connect(path)
    for number in (1, 2):
        schema = resources.files("offline_observer.journal").joinpath(f"schema_{number}.sql").read_text()
        connection.executescript(schema)
    connection.executescript(
        "INSERT INTO meta VALUES ('uuid', 'u'); INSERT INTO jobs VALUES ('copy', 'memory'); PRAGMA user_version=2;"
    )
    connection.close()
    journal = Journal(path)
    assert journal.windows("visits") is None
    journal.append(entry(b"first"))
    assert (journal.windows("visits"), journal.job("copy")) == (b"first", ("memory", 0))
    journal.close()
