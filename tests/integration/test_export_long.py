"""The exporter where it takes minutes: a server that is away for long, and the newest version of it."""

from pathlib import Path

import pytest

from offline_observer.clock import SystemClock
from offline_observer.demo.search_release import ELASTICSEARCH_8, ELASTICSEARCH_9, SearchRelease
from offline_observer.export.exports import Exports
from offline_observer.journal.exports import read_refused
from offline_observer.journal.journal import Entry, Journal
from offline_observer.stop import Stop
from support.exporting import assert_same, away_and_back, exporter_of, fill, observation
from support.search import MakeSearchServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

BOTH = pytest.mark.parametrize("release", [ELASTICSEARCH_8, ELASTICSEARCH_9], ids=["8", "9"])


@BOTH
def test_a_server_that_is_away_for_three_minutes(
    release: SearchRelease, make_search_server: MakeSearchServer, search_prefix: str, tmp_path: Path
) -> None:
    away_and_back(make_search_server, release, tmp_path, search_prefix + "s", 180)


def test_version_9_takes_the_documents_and_refuses_what_does_not_fit(
    make_search_server: MakeSearchServer, search_prefix: str, tmp_path: Path
) -> None:
    server = make_search_server(ELASTICSEARCH_9)
    journal = Journal(tmp_path / "observations.db")
    fill(journal, 2000)
    bad = journal.append(Entry(pipeline="visits", document=observation(2000, max_lag="many")))
    fill(journal, 100, first=2001)
    exporter = exporter_of("elasticsearch", server.url, search_prefix + "s")
    exports = Exports([exporter], journal, SystemClock(), None)
    try:
        assert exports.finish(120, Stop())
    finally:
        exports.close()
        journal.close()
    assert [one.item.identity for one in read_refused(journal.path, "elasticsearch")] == [bad]
    assert_same(server, search_prefix + "s", journal.path, but={bad})
