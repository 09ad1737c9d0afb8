"""Journals with observations in them, without anything that is observed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from offline_observer.journal.journal import Entry, Journal
from offline_observer.observation import Document
from offline_observer.time_text import format_time


def entry(at: datetime, lags: Sequence[int | None] = (0,), pipeline: str = "visits", **more: object) -> Entry:
    """What a tick writes: the lag of each partition, and how it all is."""
    time = format_time(at)
    known = [lag for lag in lags if lag is not None]
    common: Document = {
        "@timestamp": time,
        "observer": "test",
        "pipeline": pipeline,
        "job": f"{pipeline}_job",
    }
    document: Document = {
        **common,
        "kind": "observation",
        "dataset": f"{pipeline}_out",
        "all_events": 10,
        "unparseable": 1,
        "tombstones": 0,
        "invalid": 2,
        "invalid_user_id": 2,
        "dataset_status": "ok",
        "job_status": "ok",
        "job_status_changed": False,
        "reason": "every partition is within what the broker holds",
        "max_lag": max(known, default=None),
        "total_lag": sum(known) if known else None,
        "seconds_behind": 0.0,
        "seconds_to_catch_up": 0.0,
        "expired_records": 0,
        "tick_seconds": 0.02,
        "warnings": [],
        **more,
    }
    partitions = [
        {**common, "kind": "partition", "topic": "visits", "partition": number, "lag": lag, "status": "ok"}
        for number, lag in enumerate(lags)
    ]
    return Entry(pipeline=pipeline, document=document, partitions=partitions)


def profile_documents(end: datetime, pipeline: str = "visits", drift: float | None = None) -> list[Document]:
    """The documents of a window of a minute."""
    return [
        {
            "@timestamp": format_time(end),
            "kind": "profile",
            "observer": "test",
            "pipeline": pipeline,
            "dataset": f"{pipeline}_out",
            "field": field,
            "window_start": format_time(end - timedelta(minutes=1)),
            "window_end": format_time(end),
            "records": 60,
            "completeness": 0.95,
            "distinct": 50,
            "frequent": [{"value": "a", "count": 30}],
            "drift": drift,
            "new_values": [],
            "vanished_values": [],
        }
        for field in ("user_id", "page")
    ]


def write_journal(path: Path, entries: Sequence[Entry]) -> Path:
    """A journal with some entries, which nobody owns."""
    journal = Journal(path)
    for one in entries:
        journal.append(one)
    journal.close()
    return path
