"""What the journal holds of observed jobs."""

import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from offline_observer.errors import JournalError
from offline_observer.journal.jobs import acknowledge, read_jobs
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.reading import read_documents


def entry(job: str | None = None, memory: str = "") -> Entry:
    return Entry(pipeline="visits", document={"kind": "observation"}, job=job, memory=memory)


def test_memory_and_acknowledgement_outlive_the_observer(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    journal = Journal(path)
    assert journal.job("copy") == (None, 0)
    journal.append(entry("copy", "first"))
    journal.append(entry())
    journal.append(entry("copy", "second"))
    acknowledge(path, "copy", 3)  # while the observer owns the journal
    assert journal.job("copy") == ("second", 3)
    journal.append(entry("copy", "third"))
    acknowledge(path, "copy", 2)  # an older one takes nothing back
    journal.close()
    assert read_jobs(path) == {"copy": ("third", 3)}
    journal = Journal(path)
    assert journal.job("copy") == ("third", 3)
    assert journal.job("other") == (None, 0)
    journal.close()


def test_a_journal_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "observations.db"
    schema = resources.files("offline_observer.journal").joinpath("schema_1.sql").read_text()
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    connection.executescript(
        "INSERT INTO meta VALUES ('uuid', 'u');"
        "INSERT INTO observations (id, kind, pipeline, document) VALUES ('u-visits-1', 'observation', 'visits', '{}');"
        "INSERT INTO offsets VALUES ('visits', 't', 0, 7); PRAGMA user_version=1;"
    )
    connection.close()
    assert read_jobs(path) == {}
    assert list(read_documents(path)) == [("u-visits-1", {})]
    journal = Journal(path)
    assert journal.uuid == "u"
    assert journal.positions("visits") == {"t": {0: 7}}
    assert journal.append(entry("copy", "memory")) == "u-visits-2"
    journal.close()
    assert read_jobs(path) == {"copy": ("memory", 0)}


def test_there_is_no_journal(tmp_path: Path) -> None:
    for call in (lambda: read_jobs(tmp_path / "none"), lambda: acknowledge(tmp_path / "none", "copy", 1)):
        with pytest.raises(JournalError, match="there is no journal"):
            call()
    assert not (tmp_path / "none").exists()
