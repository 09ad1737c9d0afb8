"""Follows the journal for the metrics: at each scrape it takes up what has come since the one before."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Lock

from offline_observer.journal.exports import last_sequence, read_backlog
from offline_observer.journal.reading import opened
from offline_observer.metrics.state import Family, MetricsState, export_families
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.times import read_time

_PAGE = (
    "SELECT sequence, revision, document FROM observations WHERE sequence > ? ORDER BY sequence LIMIT 1000"
)
# So many documents before the first scrape tell how things stand; they are not counted.
_LOOK_BACK = 2000


class JournalFollower:
    """The metrics of a journal. Threads may share it.

    Args:
        journal: The journal.
        rules: The rules of each pipeline's dataset, by the pipeline's name.
        exporters: The names of the exporters.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """

    def __init__(
        self, journal: Path, rules: Mapping[str, Sequence[Rule]], exporters: Collection[str]
    ) -> None:
        self._journal = journal
        self._exporters = exporters
        self._state = MetricsState(rules)
        self._turn = Lock()
        with opened(journal) as (connection, _):
            self._counted_after = last_sequence(connection)
            self._sequence = max(0, self._counted_after - _LOOK_BACK)

    def families(self) -> list[Family]:
        """All metrics now.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._turn:
            with opened(self._journal) as (connection, _):
                self._take_up(connection)
                of_exporters = self._of_exporters(connection)
            return list(chain(self._state.families(), of_exporters))

    def _take_up(self, connection: sqlite3.Connection) -> None:
        while rows := connection.execute(_PAGE, (self._sequence,)).fetchall():
            for sequence, revision, document in rows:
                counts = sequence > self._counted_after and revision == 0
                # First: what cannot be read is not met again at each scrape.
                self._sequence = sequence
                with suppress(ValueError):
                    self._state.add(json.loads(document), counts=counts)

    def _of_exporters(self, connection: sqlite3.Connection) -> list[Family]:
        if not self._exporters:
            return []
        found = []
        for name in self._exporters:
            progress, backlog = read_backlog(connection, name)
            at = read_time(progress.at)
            seconds = None if at is None else at.timestamp()
            found.append((name, backlog, progress.refused, progress.lost, seconds))
        return list(export_families(found))
