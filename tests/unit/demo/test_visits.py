import ipaddress
import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.demo.visits import (
    CONTEXT_LEAVES,
    DUPLICATE_WINDOW,
    NEEDED_FIELDS,
    TOP_LEVEL_FIELDS,
    GenerationReport,
    VisitRecord,
    visit_records,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
ALL_PATHS = (*TOP_LEVEL_FIELDS, *CONTEXT_LEAVES)


def take(count: int, seed: int = 1, **shares: float) -> list[VisitRecord]:
    return list(islice(visit_records(Random(seed), START, **shares), count))


def parse(value: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def empty_paths(visit: dict[str, Any]) -> frozenset[str]:
    empty = set()
    for path in ALL_PATHS:
        value: Any = visit
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is None or (isinstance(value, str) and not value.strip()):
            empty.add(path)
    return frozenset(empty)


def within(count: int, of: int, share: float) -> bool:
    """Whether a binomial count is within 5 standard deviations of its mean."""
    return abs(count - of * share) <= 5 * math.sqrt(of * share * (1 - share))


@pytest.fixture(scope="module")
def records() -> list[VisitRecord]:
    return take(20_000, seed=7, duplicates=5, missing_fields=10, unprocessable_rows=2)


def test_same_seed_same_bytes() -> None:
    shares = {"duplicates": 5.0, "missing_fields": 20.0, "unprocessable_rows": 10.0}
    first, again, other = take(500, 3, **shares), take(500, 3, **shares), take(500, 4, **shares)
    assert first == again
    assert first != other


def test_the_bytes_of_a_seed_stay_the_same_between_versions() -> None:
    assert take(1, seed=1)[0].value == (
        b'{"visit_id":"18072e8c-35bf-492d-89e9-c616612e7696","event_time":"2024-01-01T00:00:00.000Z",'
        b'"user_id":"user-3818","page":"/articles/streaming-explained","context":{"referral":"partner",'
        b'"ad_id":"ad-3","user":{"ip":"122.166.206.204","login":"leslie3818",'
        b'"connected_since":"2023-12-31T20:24:14.657Z"},"technical":{"browser":"Firefox",'
        b'"browser_version":"127.0","network_type":"4G","device_type":"Laptop","device_version":"1.0"}}}'
    )


def test_visits_without_faults_are_whole_and_plausible() -> None:
    before = START - timedelta(milliseconds=1)
    visit_ids = set()
    for record in take(2000):
        assert record == VisitRecord(record.value)
        visit = json.loads(record.value)
        assert list(visit) == list(TOP_LEVEL_FIELDS)
        assert empty_paths(visit) == frozenset()
        context = visit["context"]
        assert list(context) == ["referral", "ad_id", "user", "technical"]
        assert list(context["user"]) == ["ip", "login", "connected_since"]
        assert list(context["technical"]) == [
            "browser",
            "browser_version",
            "network_type",
            "device_type",
            "device_version",
        ]
        assert visit["event_time"].endswith("Z")
        event_time = datetime.fromisoformat(visit["event_time"])
        assert timedelta() < event_time - before <= timedelta(seconds=1)
        assert datetime.fromisoformat(context["user"]["connected_since"]) < event_time
        assert ipaddress.IPv4Address(context["user"]["ip"]).is_global
        assert visit["page"].startswith("/")
        visit_ids.add(visit["visit_id"])
        before = event_time
    assert len(visit_ids) == 2000


def test_the_first_event_time_is_the_start_in_utc() -> None:
    start = datetime.fromisoformat("2024-01-01T01:00:00+01:00")
    record = next(visit_records(Random(1), start))
    assert json.loads(record.value)["event_time"] == "2024-01-01T00:00:00.000Z"


def test_what_a_record_says_of_itself_is_true(records: list[VisitRecord]) -> None:
    for record in records:
        visit = parse(record.value)
        assert record.unparseable == (visit is None)
        assert record.empty == (frozenset() if visit is None else empty_paths(visit))
        assert not record.empty or any(field in record.empty for field in NEEDED_FIELDS)


def test_shares_are_as_configured(records: list[VisitRecord]) -> None:
    total = len(records)
    faulty = [record for record in records if record.empty]
    assert within(sum(record.duplicate for record in records), total, 0.05)
    # Duplicates repeat faults. The bounds of 5 standard deviations leave room for that.
    assert within(sum(record.unparseable for record in records), total, 0.02)
    assert within(len(faulty), total, 0.10)
    # One half, given that at least one of three goes: 4/7.
    for field in NEEDED_FIELDS:
        assert within(sum(field in record.empty for record in faulty), len(faulty), 4 / 7)
    for field in ("visit_id", "context"):
        assert within(sum(field in record.empty for record in faulty), len(faulty), 1 / 2)
    with_context = [record for record in faulty if "context" not in record.empty]
    for path in CONTEXT_LEAVES:
        assert within(sum(path in record.empty for record in with_context), len(with_context), 1 / 2)


def test_fields_go_in_three_ways_and_an_object_in_two(records: list[VisitRecord]) -> None:
    ways: dict[str, Counter[str]] = {"page": Counter(), "context": Counter()}
    for record in records:
        for field, counts in ways.items():
            if field in record.empty:
                visit = json.loads(record.value)
                value = visit.get(field, "absent")
                counts["null" if value is None else "blank" if not value.strip() else value] += 1
    for field, names in {"page": ("absent", "null", "blank"), "context": ("absent", "null")}.items():
        total = ways[field].total()
        assert set(ways[field]) == set(names)
        assert all(within(ways[field][name], total, 1 / len(names)) for name in names)


def test_unprocessable_rows_are_a_mix() -> None:
    kinds: Counter[str] = Counter()
    for record in take(1000, unprocessable_rows=100):
        assert parse(record.value) is None
        try:
            kinds[type(json.loads(record.value)).__name__] += 1
        except ValueError:
            text = record.value.decode()
            kinds["cut" if text.startswith("{") else "text" if text.startswith("ERROR") else "csv"] += 1
    assert set(kinds) == {"list", "int", "cut", "text", "csv"}
    assert all(within(count, 1000, 1 / 5) for count in kinds.values())


def test_a_duplicate_repeats_one_of_the_last_hundred(records: list[VisitRecord]) -> None:
    for index, record in enumerate(records):
        if record.duplicate:
            recent = records[max(0, index - DUPLICATE_WINDOW) : index]
            assert any(
                (r.value, r.unparseable, r.empty) == (record.value, record.unparseable, record.empty)
                for r in recent
            )
    assert any(record.duplicate and record.unparseable for record in records)
    assert any(record.duplicate and record.empty for record in records)


def test_all_duplicates_repeat_the_first() -> None:
    first, *others = take(50, duplicates=100)
    assert not first.duplicate
    assert all(record.duplicate and record.value == first.value for record in others)


def test_all_faulty() -> None:
    assert all(record.empty for record in take(300, missing_fields=100))
    assert all(
        record.unparseable or record.empty for record in take(300, missing_fields=60, unprocessable_rows=40)
    )


def test_the_report_agrees_with_a_recount(records: list[VisitRecord]) -> None:
    report = GenerationReport()
    recount: Counter[str] = Counter(all_events=len(records))
    seen: Counter[bytes] = Counter()
    for record in records:
        report.add(record)
        visit = parse(record.value)
        # All rows differ unless repeated on purpose: even the unprocessable ones carry an id or a wide number.
        recount["duplicates"] += seen[record.value] > 0
        seen[record.value] += 1
        recount["unparseable"] += visit is None
        for field in () if visit is None else ("event_time", "user_id", "page", "context"):
            recount[f"invalid_{field}"] += field in empty_paths(visit or {})
    # A row cut after a few characters can look like another one that was.
    assert report.duplicates <= recount.pop("duplicates") <= report.duplicates + 5
    assert report.to_json() == {**recount, "duplicates": report.duplicates, "failed": 0}


@given(
    st.lists(
        st.one_of(
            st.builds(VisitRecord, st.just(b""), unparseable=st.just(value=True), duplicate=st.booleans()),
            st.builds(
                VisitRecord,
                st.just(b"{}"),
                empty=st.frozensets(st.sampled_from(ALL_PATHS)),
                duplicate=st.booleans(),
            ),
            st.none(),
        )
    )
)
def test_report_arithmetic(outcomes: list[VisitRecord | None]) -> None:
    report = GenerationReport()
    for outcome in outcomes:
        if outcome is None:
            report.add_failed()
        else:
            report.add(outcome)
    written = [outcome for outcome in outcomes if outcome is not None]
    assert report.to_json() == {
        "all_events": len(written),
        "unparseable": sum(record.unparseable for record in written),
        "duplicates": sum(record.duplicate for record in written),
        **{
            f"invalid_{field}": sum(field in record.empty for record in written)
            for field in ("event_time", "user_id", "page", "context")
        },
        "failed": len(outcomes) - len(written),
    }
    # An unparseable record is in no field's count.
    parsed = report.all_events - report.unparseable
    assert all(count <= parsed for name, count in report.to_json().items() if name.startswith("invalid_"))
