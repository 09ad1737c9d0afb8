"""A journal of a million rows, as months of observing would have made it."""

import sqlite3
import uuid
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from offline_observer.journal.journal import Journal

FEW = "visits"
"""The pipeline whose job reads two partitions, observed each ten seconds."""

MANY = "wide"
"""The pipeline whose job reads a thousand."""

PARTITIONS = 1000

# SQLite makes the documents: a tick in a few microseconds.
_COMMON = "'@timestamp', strftime('%Y-%m-%dT%H:%M:%S.000Z', :end - :every * (:ticks - 1 - n), 'unixepoch')"
_NUMBERS = "WITH RECURSIVE ticks (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ticks WHERE n + 1 < :ticks)"
_OBSERVATION = f"""
{_NUMBERS} INSERT INTO observations (id, kind, pipeline, document)
SELECT 'o-' || :pipeline || n, 'observation', :pipeline, json_object(
    {_COMMON}, 'kind', 'observation', 'observer', 'large', 'pipeline', :pipeline, 'job', :pipeline || '_job',
    'dataset', :pipeline || '_out', 'batch_id', n, 'all_events', 60, 'unparseable', n % 3, 'tombstones', 0,
    'invalid', n % 11, 'invalid_event_time', n % 5, 'invalid_user_id', n % 4, 'invalid_page', n % 6,
    'invalid_context', n % 3, 'dataset_behind', 0, 'dataset_expired', 0, 'dataset_error', NULL,
    'dataset_status', CASE n % 11 WHEN 0 THEN 'ok' ELSE 'error' END, 'dataset_reason', NULL, 'max_lag', n % 97,
    'total_lag', n % 131, 'unknown_partitions', 0, 'expired_records', 0, 'seconds_behind', (n % 97) / 3.0,
    'job_status', CASE WHEN n % 1000 < 12 THEN 'stalled' WHEN n % 500 < 20 THEN 'lagging' ELSE 'ok' END,
    'job_status_changed', json(CASE WHEN n % 1000 IN (0, 12) THEN 'true' ELSE 'false' END),
    'reason', 'every partition is within what the broker holds', 'warnings', json('[]'), 'tick_seconds', 0.031,
    'broken_user_id_not_empty', n % 4, 'broken_page_not_empty', n % 6, 'newest_record', NULL,
    'offenders', json('[{{"rule": "user_id.not_empty", "topic": "t", "partition": 0, "offset": ' || n || ', "timestamp": null}}]'))
FROM ticks
"""  # noqa: S608 - constants
_PARTITION = f"""
{_NUMBERS} INSERT INTO observations (id, kind, pipeline, document)
SELECT 'p-' || :pipeline || n || '-' || number, 'partition', :pipeline, json_object(
    {_COMMON}, 'kind', 'partition', 'observer', 'large', 'pipeline', :pipeline, 'job', :pipeline || '_job', 'topic', 'visits',
    'partition', number, 'committed_offset', n * 30, 'planned_offset', n * 30, 'end_offset', n * 30 + n % 97,
    'earliest_offset', 0, 'lag', (n + number) % 97, 'seconds_behind', 0.5, 'expired_records', 0, 'status', 'ok')
FROM ticks, (WITH RECURSIVE p (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM p WHERE number + 1 < :partitions) SELECT number FROM p)
ORDER BY n
"""  # noqa: S608 - constants


def make_large_journal(path: Path, rows: int = 1_000_000, now: datetime | None = None) -> int:
    """Makes a journal, and brings it up to date.

    Args:
        path: The file; it must not be there.
        rows: About so many rows, half of them of the job with a thousand partitions.
        now: The time of the newest row.

    Returns:
        How many rows it has.
    """
    end = int((now or datetime.now(UTC)).timestamp())
    folder = resources.files("offline_observer.journal")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; BEGIN;")
    # As it was before it had series: so bringing it up to date is measured as well.
    for number in range(1, 6):
        connection.executescript(folder.joinpath(f"schema_{number}.sql").read_text())
    connection.execute("BEGIN")
    connection.execute("INSERT INTO meta VALUES ('uuid', ?)", (str(uuid.uuid4()),))
    for pipeline, every, partitions in ((FEW, 10, 2), (MANY, 60, PARTITIONS)):
        ticks = rows // 2 // (partitions + 1)
        settings = {
            "pipeline": pipeline,
            "every": every,
            "ticks": ticks,
            "end": end,
            "partitions": partitions,
        }
        connection.execute(_PARTITION, settings)
        connection.execute(_OBSERVATION, settings)
    (made,) = connection.execute("SELECT count(*) FROM observations").fetchone()
    connection.execute("PRAGMA user_version=5")
    connection.execute("COMMIT")
    connection.close()
    Journal(path).close()
    return int(made)
