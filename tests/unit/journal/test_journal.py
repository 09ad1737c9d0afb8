import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from offline_observer.errors import JournalError
from offline_observer.journal.journal import Entry, Journal, Positions
from offline_observer.journal.reading import read_documents


def entry(
    events: int,
    positions: dict[int, int] | None = None,
    topic_id: str = "t1",
    read_from: Positions | None = None,
) -> Entry:
    return Entry(
        pipeline="visits",
        document={"kind": "observation", "all_events": events},
        partitions=[{"kind": "partition", "topic": "visits", "partition": 3}],
        dataset="visits/processed",
        topic_id=topic_id,
        positions=positions or {},
        read_from=read_from or {},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder with spaces" / "observations.db"


def test_documents_and_positions_survive_a_restart(path: Path) -> None:
    journal = Journal(path)
    first = journal.append(entry(1, {0: 10, 1: 5}))
    journal.close()
    journal = Journal(path)
    second = journal.append(entry(2, {0: 12}, read_from={"t1": {0: 10, 1: 5}}))
    assert journal.positions("visits/processed") == {"t1": {0: 12, 1: 5}}
    assert journal.positions("other") == {}
    journal.close()
    assert first == f"{journal.uuid}-visits-1"
    assert second == f"{journal.uuid}-visits-3", "the partition's document has a sequence too"
    documents = list(read_documents(path))
    assert [identity for identity, _ in documents] == [
        first,
        f"{first}/visits/3",
        second,
        f"{second}/visits/3",
    ]


def test_positions_are_kept_per_topic_id(path: Path) -> None:
    journal = Journal(path)
    journal.append(entry(1, {0: 10}, "old"))
    journal.append(entry(1, {0: 3}, "new", read_from={"old": {0: 10}}))
    assert journal.positions("visits/processed") == {"old": {0: 10}, "new": {0: 3}}
    journal.close()


def test_reading_by_kind_and_the_newest(path: Path) -> None:
    journal = Journal(path)
    for events in range(5):
        journal.append(entry(events))
    # A reader is not refused while the owner is there.
    assert [d["all_events"] for _, d in read_documents(path, "observation", 2)] == [3, 4]
    assert len(list(read_documents(path, "partition"))) == 5
    assert len(list(read_documents(path, last=1))) == 1
    journal.close()


def test_a_second_owner_is_refused(path: Path) -> None:
    journal = Journal(path)
    with pytest.raises(JournalError, match="belongs to another observer"):
        Journal(path)
    journal.close()
    Journal(path).close()


def test_a_link_to_a_journal_has_the_same_owner(path: Path, tmp_path: Path) -> None:
    journal = Journal(path)
    (tmp_path / "link.db").symlink_to(path)
    with pytest.raises(JournalError, match="belongs to another observer"):
        Journal(tmp_path / "link.db")
    journal.close()


def test_many_documents_are_read_page_by_page(path: Path) -> None:
    journal = Journal(path)
    for events in range(1100):
        journal.append(entry(events))
    assert [d["all_events"] for _, d in read_documents(path, "observation")] == list(range(1100))
    assert len(list(read_documents(path))) == 2200
    assert [d["all_events"] for _, d in read_documents(path, "observation", 1050)] == list(range(50, 1100))
    journal.close()


def test_a_damaged_journal(path: Path) -> None:
    Journal(path).close()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta")
    connection.commit()
    connection.close()
    with pytest.raises(JournalError, match="is damaged"):
        Journal(path)


def test_an_entry_is_written_whole_or_not_at_all(path: Path) -> None:
    journal = Journal(path)
    journal.append(entry(1, {0: 10}))
    broken = Entry(
        pipeline="visits",
        document={"kind": "observation"},
        dataset="visits/processed",
        topic_id="t1",
        positions={0: 11, 1: 2**70},  # SQLite has no integer of that size
        read_from={"t1": {0: 10}},
    )
    with pytest.raises(OverflowError):
        journal.append(broken)
    assert journal.positions("visits/processed") == {"t1": {0: 10}}
    assert len(list(read_documents(path, "observation"))) == 1
    journal.append(entry(2, {0: 12}, read_from={"t1": {0: 10}}))
    journal.close()
    assert len(list(read_documents(path, "observation"))) == 2


def test_a_read_from_positions_that_are_no_longer_the_journals_is_refused(path: Path) -> None:
    journal = Journal(path)
    journal.append(entry(1, {0: 10}))
    with pytest.raises(JournalError, match="written by another observer"):
        journal.append(entry(1, {0: 10}))
    assert len(list(read_documents(path, "observation"))) == 1
    journal.close()


@pytest.mark.parametrize("what", ["file", "folder", "replaced"])
def test_a_journal_that_is_deleted_while_it_is_open_says_so(path: Path, what: str) -> None:
    journal = Journal(path)
    journal.append(entry(1, {0: 10}))
    if what == "folder":
        shutil.rmtree(path.parent)
    else:
        path.unlink()
    if what == "replaced":
        path.touch()
    with pytest.raises(JournalError, match="was deleted or replaced while it is open"):
        journal.append(entry(2, {0: 12}, read_from={"t1": {0: 10}}))
    journal.close()


def test_a_folder_in_the_journals_place(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is a folder; name a file"):
        Journal(tmp_path)
    with pytest.raises(JournalError, match="is no file"):
        list(read_documents(tmp_path))
    assert not Path(f"{tmp_path}.lock").exists()


def test_a_journal_that_another_program_keeps_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline_observer.journal.journal.BUSY_SECONDS", 0.1)
    journal = Journal(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="keeps it locked"):
        journal.append(entry(1, {0: 10}))
    other.execute("COMMIT")
    other.close()
    journal.append(entry(1, {0: 10}))
    journal.close()


def test_a_full_disk_loses_nothing_and_says_so(path: Path) -> None:
    journal = Journal(path)
    journal.append(entry(1, {0: 10}))
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    big = Entry(
        pipeline="v", document={"kind": "observation", "text": "x" * 100_000}, dataset="d", positions={0: 1}
    )
    with pytest.raises(JournalError, match="free some space"):
        journal.append(big)
    assert journal.positions("d") == {}
    journal._connection.execute("PRAGMA max_page_count=1000000")
    journal.append(big)
    assert journal.positions("d") == {"": {0: 1}}
    journal.close()


def test_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        list(read_documents(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_not_a_journal(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to have a header " * 10)
    before = text.read_bytes()
    with pytest.raises(JournalError, match="not a database"):
        Journal(text)
    with pytest.raises(JournalError, match="not a database"):
        list(read_documents(text))
    assert text.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = other.read_bytes()
    with pytest.raises(JournalError, match="not a journal"):
        Journal(other)
    assert other.read_bytes() == before
    with pytest.raises(JournalError, match="not a journal"):
        list(read_documents(other))


def test_a_journal_of_another_format_is_refused(path: Path) -> None:
    Journal(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(JournalError, match="format 99"):
        Journal(path)
    with pytest.raises(JournalError, match="format 99"):
        list(read_documents(path))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot open the journal"):
        Journal(tmp_path / "file" / "observations.db")


def test_a_document_of_the_same_id_is_replaced_and_read_again_by_sequence(path: Path) -> None:
    journal = Journal(path)
    own = replace(entry(1), identity="visits-query-7", partitions=[])
    assert journal.append(own) == "visits-query-7"
    other = journal.append(replace(entry(5), partitions=[]))
    assert journal.document("visits-query-7") == {"kind": "observation", "all_events": 1}
    journal.append(replace(own, document={"kind": "observation", "all_events": 2}))
    assert journal.document("visits-query-7") == {"kind": "observation", "all_events": 2}
    assert journal.document("none") is None
    journal.close()
    assert [identity for identity, _ in read_documents(path)] == [other, "visits-query-7"]
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT id, revision FROM observations ORDER BY sequence").fetchall()
    connection.close()
    assert rows == [(other, 0), ("visits-query-7", 1)]


def test_threads_write_into_one_journal_without_disturbing_each_other(path: Path) -> None:
    journal = Journal(path)

    def write(number: int) -> None:
        for batch in range(20):
            one = replace(entry(1), identity=f"{number}-{batch}", dataset=None, partitions=[])
            journal.append(one)
            assert journal.document(f"{number}-{batch}") is not None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    journal.close()
    assert sum(1 for _ in read_documents(path)) == 80


def test_the_newest_observation_of_a_pipeline(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "observations.db")
    assert journal.newest_observation("a") is None
    for number, pipeline in enumerate("aab"):
        part = {"kind": "partition", "topic": "t", "partition": 0}
        document = {"kind": "observation", "number": number}
        journal.append(Entry(pipeline=pipeline, document=document, partitions=[part]))
    assert journal.newest_observation("a") == {"kind": "observation", "number": 1}
    assert journal.newest_observation("b") == {"kind": "observation", "number": 2}
    assert journal.newest_observation("c") is None
    journal.close()


def test_a_journal_that_is_just_being_made_is_waited_for(path: Path) -> None:
    path.parent.mkdir()
    path.touch()  # what an observer does first

    def make() -> None:
        time.sleep(0.3)
        Journal(path).close()

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(make)
        assert list(read_documents(path)) == []
        made.result()
