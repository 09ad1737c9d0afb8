"""The metrics of a journal, scrape after scrape."""

from contextlib import closing
from pathlib import Path

from offline_observer.journal.journal import Entry, Journal
from offline_observer.metrics.follower import JournalFollower


def test_a_document_that_was_damaged_is_passed_over(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "observations.db")) as journal:
        follower = JournalFollower(journal.path, {}, ["elasticsearch"])
        for number in (1, 2, 3):
            document: dict[str, object] = {
                "@timestamp": f"2026-11-01T00:00:0{number}.000Z",
                "kind": "observation",
                "pipeline": "p",
                "max_lag": number,
                "job": "j",
                "job_status": "ok",
            }
            journal.append(Entry(pipeline="p", document=document))
        with journal.transaction() as execute:
            execute("""UPDATE observations SET document = '{"@timestamp": ' WHERE sequence = 2""")
        for _ in range(2):
            (backlog,) = [one for one in follower.families() if one.name.endswith("export_backlog_documents")]
            assert backlog.samples == {("elasticsearch",): 3.0}
