"""The series of the journal."""

import sqlite3
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from offline_observer.journal import retention
from offline_observer.journal.journal import Entry, Journal
from offline_observer.journal.points import STEPS
from offline_observer.journal.reading import opened
from offline_observer.journal.retention import Retention
from offline_observer.journal.trends import (
    Bucket,
    _in_order,
    count_parts,
    read_between,
    read_buckets,
    read_largest,
    read_last_change,
    read_newest,
    read_observer,
    read_offending,
    read_pipelines,
    read_times,
    read_windows,
    step_for,
)
from offline_observer.observation import Document
from offline_observer.time_text import format_time

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(START.timestamp())
ALL = (0, 2**40)
NOW = START + timedelta(hours=1)


def observation(seconds: float, **numbers: object) -> Document:
    time = format_time(START + timedelta(seconds=seconds))
    return {"@timestamp": time, "kind": "observation", "pipeline": "visits", **numbers}


def partition(seconds: float, number: int, lag: int | None) -> Document:
    time = format_time(START + timedelta(seconds=seconds))
    return {"@timestamp": time, "kind": "partition", "topic": "visits", "partition": number, "lag": lag}


def journal_of(path: Path, *entries: Entry) -> Path:
    journal = Journal(path)
    for entry in entries:
        journal.append(entry)
    journal.close()
    return path


def tick(seconds: float, *partitions: Document, identity: str | None = None, **numbers: object) -> Entry:
    return Entry(
        pipeline="visits", document=observation(seconds, **numbers), partitions=partitions, identity=identity
    )


def buckets(path: Path, measure: str, step: int, bucket: int | None = None) -> list[Bucket]:
    with opened(path) as (connection, _):
        return read_buckets(connection, "visits", measure, ALL, step, bucket or step)


def test_numbers_are_added_up_by_steps(tmp_path: Path) -> None:
    ticks = [
        tick(10 * n, partition(10 * n, 0, n), partition(10 * n, 1, 2 * n), all_events=3) for n in range(12)
    ]
    path = journal_of(tmp_path / "o.db", *ticks)
    assert [(b.start, b.total) for b in buckets(path, "all_events", 10)] == [
        (AT + 10 * n, 3.0) for n in range(12)
    ]
    assert buckets(path, "all_events", 60) == [
        Bucket("", AT, 6, 18.0, 3.0),
        Bucket("", AT + 60, 6, 18.0, 3.0),
    ]
    assert buckets(path, "lag", 60) == [
        Bucket("visits/0", AT, 6, 15.0, 5.0),
        Bucket("visits/0", AT + 60, 6, 51.0, 11.0),
        Bucket("visits/1", AT, 6, 30.0, 10.0),
        Bucket("visits/1", AT + 60, 6, 102.0, 22.0),
    ]
    with opened(path) as (connection, _):
        assert read_largest(connection, "visits", "lag", ALL, 60, 60) == {
            "visits/0": ([AT, AT + 60], [5.0, 11.0]),
            "visits/1": ([AT, AT + 60], [10.0, 22.0]),
        }
        assert read_largest(connection, "visits", "lag", ALL, 10, 120)["visits/1"] == ([AT], [22.0])
    # Coarser buckets than there are steps.
    assert buckets(path, "lag", 10, 120) == [
        Bucket("visits/0", AT, 12, 66.0, 11.0),
        Bucket("visits/1", AT, 12, 132.0, 22.0),
    ]


def test_buckets_in_another_order_are_put_into_theirs() -> None:
    assert _in_order([60, 0, 120], [1.0, 2.0, 3.0]) == ([0, 60, 120], [2.0, 1.0, 3.0])
    assert _in_order([0, 60], [1.0, 2.0]) == ([0, 60], [1.0, 2.0])
    assert _in_order([], []) == ([], [])


def test_what_is_not_known_is_no_reading(tmp_path: Path) -> None:
    path = journal_of(
        tmp_path / "o.db", tick(0, partition(0, 0, None), max_lag=None, all_events=None), tick(10, max_lag=4)
    )
    assert buckets(path, "lag", 10) == []
    assert buckets(path, "all_events", 10) == []
    assert buckets(path, "max_lag", 60) == [Bucket("", AT, 1, 4.0, 4.0)]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_cannot_be_added_up_is_no_reading(tmp_path: Path, number: float) -> None:
    path = journal_of(tmp_path / "o.db", tick(0, max_lag=number), tick(10, max_lag=4))
    assert buckets(path, "max_lag", 60) == [Bucket("", AT, 1, 4.0, 4.0)]


def test_a_status_is_counted(tmp_path: Path) -> None:
    path = journal_of(
        tmp_path / "o.db", tick(0, job_status="ok"), tick(10, job_status="stalled"), tick(20, job_status="ok")
    )
    assert [(b.part, b.readings) for b in buckets(path, "job_status", 60)] == [("ok", 2), ("stalled", 1)]


def test_a_document_that_is_written_anew_counts_once(tmp_path: Path) -> None:
    path = journal_of(
        tmp_path / "o.db",
        tick(0, identity="batch 1", all_events=5, invalid_user_id=2, max_lag=7),
        tick(10, identity="batch 2", all_events=1),
        tick(0, identity="batch 1", all_events=6, invalid_user_id=3, max_lag=7),
    )
    assert buckets(path, "all_events", 60) == [Bucket("", AT, 2, 7.0, 6.0)]
    assert buckets(path, "invalid_field", 60) == [Bucket("user_id", AT, 1, 3.0, 3.0)]


def test_an_older_journal_gets_its_series(tmp_path: Path) -> None:
    new = journal_of(
        tmp_path / "new.db",
        *(tick(10 * n, partition(10 * n, 0, n), all_events=3, job_status="ok") for n in range(100)),
        Entry(pipeline="other", document=observation(1, all_events=1)),
    )
    old = tmp_path / "old.db"
    connection = sqlite3.connect(old, isolation_level=None)
    folder = resources.files("offline_observer.journal")
    for number in range(1, 6):
        connection.executescript(folder.joinpath(f"schema_{number}.sql").read_text())
    connection.execute("ATTACH ? AS new", (str(new),))
    connection.execute("INSERT INTO observations SELECT * FROM new.observations")
    connection.execute("INSERT INTO meta VALUES ('uuid', 'u')")
    connection.execute("PRAGMA user_version=5")
    connection.close()
    Journal(old).close()

    def points(path: Path) -> list[tuple[object, ...]]:
        with opened(path) as (found, _):
            query = "SELECT pipeline, measure, part, step, start, readings, total, most FROM series JOIN points USING (series)"
            return sorted(found.execute(query).fetchall())

    assert points(old) == points(new)
    assert len(points(new)) > 300


def test_an_upgrade_that_fails_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "o.db"
    connection = sqlite3.connect(path, isolation_level=None)
    folder = resources.files("offline_observer.journal")
    for number in range(1, 6):
        connection.executescript(folder.joinpath(f"schema_{number}.sql").read_text())
    connection.execute("INSERT INTO meta VALUES ('uuid', 'u')")
    connection.execute("PRAGMA user_version=5")

    def fail(_: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("offline_observer.journal.format.fill_points", fail)
        with pytest.raises(KeyboardInterrupt):
            Journal(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (5,)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'points'").fetchone() == (0,)
    connection.close()
    Journal(path).close()


def test_steps_go_when_their_time_is_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "o.db")
    journal.append(tick(0, all_events=1))
    keeper = Retention(journal, None, 10**9, [])
    left = {}
    for step in STEPS:
        if step.keep is not None:
            keeper.step(START + step.keep + timedelta(seconds=step.seconds + 1))
        left[step.seconds] = [s.seconds for s in STEPS if buckets(journal.path, "all_events", s.seconds)]
    assert left == {
        10: [60, 600, 3600, 21600],
        60: [600, 3600, 21600],
        600: [3600, 21600],
        3600: [21600],
        21600: [21600],
    }
    Retention(journal, timedelta(days=1), 10**9, []).step(START + timedelta(days=2))
    assert not buckets(journal.path, "all_events", 21600)
    journal.close()


def test_in_a_full_journal_series_are_not_older_than_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_CHUNK", 10)
    monkeypatch.setattr(retention, "_ALWAYS_KEPT", 2)
    journal = Journal(tmp_path / "o.db")
    for hour in range(60):
        journal.append(tick(3600 * hour, all_events=1, reason="x" * 3000))
    Retention(journal, None, 100_000, []).step(START)
    with opened(journal.path) as (connection, _):
        (oldest,) = connection.execute(
            "SELECT json_extract(min(document), '$.\"@timestamp\"') FROM observations"
        ).fetchone()
    first = buckets(journal.path, "all_events", 3600)[0].start
    assert oldest > format_time(START + timedelta(hours=10))
    assert datetime.fromisoformat(oldest).timestamp() - 3600 <= first
    journal.close()


@pytest.mark.parametrize(
    ("age", "bucket", "step"),
    [
        (60, 10, 10),
        (60, 60, 60),
        (60, 120, 60),
        (60, 3600, 3600),
        (60, 30, 10),
        (3600 * 3, 10, 60),
        (3600 * 3, 120, 60),
        (86400 * 3, 30, 600),
        (86400 * 3, 1800, 600),
        (86400 * 30, 600, 3600),
        (86400 * 30, 21600, 21600),
        (86400 * 30, 7200, 3600),
        (86400 * 300, 60, 21600),
        (86400 * 300, 86400, 21600),
    ],
)
def test_the_longest_steps_that_are_kept_and_fit(age: int, bucket: int, step: int) -> None:
    assert step_for(AT - age, bucket, AT) == step


def test_what_is_newest(tmp_path: Path) -> None:
    offenders = [{"rule": "a.not_empty", "offset": n} for n in range(3)]
    path = journal_of(
        tmp_path / "o.db",
        tick(0, job_status_changed=True, job_status="ok"),
        tick(10, job_status="ok", offenders=offenders),
        tick(20, job_status_changed=True, job_status="stalled"),
        tick(30, job_status="stalled", offenders=offenders[:1]),
        Entry(
            pipeline="visits",
            document=observation(40, job_status="stalled"),
            profiles=[{**observation(35), "kind": "profile", "field": name} for name in ("a", "b")],
        ),
    )
    with opened(path) as (connection, _):
        newest, changed = read_newest(connection, "visits", NOW), read_last_change(connection, "visits")
        assert newest == observation(40, job_status="stalled")
        assert changed == observation(20, job_status_changed=True, job_status="stalled")
        assert read_newest(connection, "other", NOW) is None
        assert read_observer(connection) is None
        assert read_last_change(connection, "other") is None
        assert read_pipelines(connection) == ["visits"]
        assert count_parts(connection, "visits", "job_status") == 2
        assert read_windows(connection, "visits", 5) == [format_time(START + timedelta(seconds=35))]
        times = (format_time(START), format_time(START + timedelta(seconds=40)))
        found = read_offending(connection, "visits", times, 3)
        assert [(one["offset"], document["@timestamp"]) for one, document in found] == [
            (0, format_time(START + timedelta(seconds=30))),
            (2, format_time(START + timedelta(seconds=10))),
            (1, format_time(START + timedelta(seconds=10))),
        ]
        between = [
            document["@timestamp"]
            for _, document in read_between(connection, "visits", "observation", times, 2)
        ]
        assert between == [format_time(START + timedelta(seconds=n)) for n in (30, 20)]


def test_the_index_over_time_is_used(tmp_path: Path) -> None:
    path = journal_of(tmp_path / "o.db", tick(0))
    with opened(path) as (connection, _):
        seen: list[str] = []
        connection.set_trace_callback(seen.append)
        list(read_between(connection, "visits", "observation", ("2026", "2027"), 5))
        read_last_change(connection, "visits")
        read_newest(connection, "visits", NOW)
        read_times(connection, "visits", "observation", 6)
        connection.set_trace_callback(None)
        for statement in seen:
            plan = " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert "observations_by_time" in plan or "observations_by_change" in plan, plan
            assert "SCAN" not in plan
            assert "TEMP B-TREE" not in plan
