"""The demo's first window: its report in a browser without a network, and its numbers, against another tool's."""

import json
import re
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from offline_observer.kafka.message_chunk import MessageChunk
from offline_observer.kafka.records import OffsetRange, RecordReader
from support.browser import dom_of, screenshot_of
from support.demo import demo_folder, start_demo
from support.kafka import eventually
from support.program import journal_documents
from support.reports import Page

folder = pytest.fixture(demo_folder)


def records(servers: str, ranges: dict[int, OffsetRange]) -> list[dict[str, Any]]:
    """The records of the window that can be parsed, by the standard library."""
    found: list[Any] = []

    def take(chunk: MessageChunk) -> None:
        for value in chunk.values:
            try:
                found.append(json.loads(value or b""))
            except ValueError:
                continue

    reader = RecordReader({"bootstrap.servers": servers}, "processed_visits", "read_committed")
    until = time.monotonic() + 30
    try:
        reader.read(ranges, take, lambda: until - time.monotonic())
    finally:
        reader.close()
    return [one for one in found if isinstance(one, dict)]


def value_at(record: object, path: str) -> object:
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def check_what_was_shown(log: str, seen: list[dict[str, Any]]) -> None:
    assert "Waiting for the Kafka broker" in log
    assert "Waiting for the Spark job's first batch" in log
    assert len(seen) == 10
    assert {document["job_status"] for document in seen} == {"ok"}
    assert {document["profile"] for document in seen} == {None, "made"}
    assert "profiles/processed_visits_latest.html" in log
    records_seen = sum(document["all_events"] for document in seen)
    assert records_seen > 100
    summary = [line for line in log.splitlines() if re.match(r"[a-z]+( [a-z]+)?  ", line)]
    assert [line.split("  ")[0] for line in summary] == [
        "observations",
        "records seen",
        "errors",
        "worst lag",
        "reports",
        "journal",
    ]
    assert re.fullmatch(rf"records seen +{records_seen:,}", summary[1])
    for word in ("WARN", "Traceback", "rdkafka", "Exception"):
        assert word not in log


def test_a_minute_of_the_demo_has_a_report_whose_numbers_are_those_of_polars(folder: Path) -> None:
    demo = start_demo(folder, "--seed", "5", "--for", "95s")
    try:
        reports, journal = folder / "profiles", folder / "observations.db"
        eventually(lambda: any(reports.glob("*_latest.html")), 240, "the first report")
        path = min(reports.glob("processed_visits_2*.html"))
        log = (folder.parent / "demo.log").read_text()
        port = re.search(r"Kafka broker on (127\.0\.0\.1:[0-9]+)", log)
        assert port is not None
        page = Page(path.read_bytes())
        offsets = [re.findall("[0-9]+", one) for one in page.line("Offsets").split(";")]
        ranges = {int(p): OffsetRange(int(first), int(last) + 1) for p, first, last in offsets}
        parsed = records(port[1], ranges)
        documents = journal_documents(journal, "profile")
        assert demo.wait(180) == 0
    finally:
        demo.kill()
    check_what_was_shown((folder.parent / "demo.log").read_text(), journal_documents(journal))
    first = [one for one in documents if one["window_start"] == documents[0]["window_start"]]
    assert len(first) == 14
    all_records = sum(one.end - one.start for one in ranges.values())
    assert {one["window_records"] for one in first} == {all_records}
    assert page.line("Records in the window") == f"{all_records:,}"
    assert page.observations == len(parsed), "the sample has room for them all"
    variables = page.variables()
    for one in first:
        column = pl.Series([value_at(record, one["field"]) for record in parsed], dtype=pl.String)
        filled = column.drop_nulls()
        blank = int((filled.str.strip_chars() == "").sum())
        assert one["records"] == len(parsed)
        assert (one["missing"] + one["null"], one["blank"]) == (column.null_count(), blank)
        assert one["completeness"] == (len(filled) - blank) / len(parsed)
        assert one["distinct"] == pytest.approx(filled.n_unique(), rel=0.03)
        assert one["types"] == {"string": len(filled)}
        lines = {row[0]: row[1] for row in reversed(variables[one["field"]]) if len(row) > 1}
        missing = column.null_count() + (blank if one["earliest"] else 0)  # a blank text is no date
        assert lines["Missing"] == str(missing), one["field"]
    shown = Page(dom_of(folder.parent, path))
    assert (shown.observations, shown.line("Dataset")) == (len(parsed), "processed_visits")
    picture = screenshot_of(folder.parent, path)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000, "there is something on it"
