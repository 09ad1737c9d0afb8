"""What is looked at stands in the address."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from offline_observer.dashboard.view import RANGES, View, read_view

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_nothing_said() -> None:
    for search in (None, "", "?"):
        assert read_view(search) == View()
    assert View().span(NOW) == (NOW - timedelta(hours=1), NOW)
    assert View().link() == "?"


@pytest.mark.parametrize(
    "view",
    [
        View(job="a job", dataset="t&x=1", length="7d", theme="dark"),
        View(until=NOW, start=NOW - timedelta(minutes=5)),
        View(report="t_20260101T000000Z", window="2026-01-01T00:00:00.000Z", against="ünïcode <b>"),
    ],
)
def test_an_address_says_all_of_it(view: View) -> None:
    assert read_view(view.link()) == view


def test_a_link_changes_one_thing() -> None:
    view = View(job="a", length="6h")
    assert read_view(view.link(length="24h")) == View(job="a", length="24h")
    assert read_view(view.link(job=None)) == View(length="6h")


@pytest.mark.parametrize(
    "search",
    [
        "?range=5y",
        "?theme=pink",
        "?until=yesterday",
        "?from=x",
        "?range=%00",
        "?%zz",
        "?range",
        "?unknown=1",
        "?" + "a" * 9999,
    ],
)
def test_what_is_no_view_is_left_out(search: str) -> None:
    assert read_view(search) == View()


def test_times() -> None:
    until = read_view("?until=2026-11-25T12:00:00%2B02:00").until
    assert until == datetime(2026, 11, 25, 10, tzinfo=UTC)
    view = read_view(f"?from={quote('2026-11-25T11:58:00Z')}&until=2026-11-25T12:00:00Z&range=30d")
    assert view.span(NOW + timedelta(days=9)) == (NOW - timedelta(minutes=2), NOW)


def test_a_span_is_neither_empty_nor_endless() -> None:
    assert View(start=NOW, until=NOW).span(NOW) == (NOW - timedelta(hours=1), NOW)
    assert View(start=NOW + timedelta(1)).span(NOW) == (NOW - timedelta(hours=1), NOW)
    start, end = View(start=datetime(1972, 1, 1, tzinfo=UTC), until=NOW).span(NOW)
    assert end - start == timedelta(days=366)


@pytest.mark.parametrize("year", ["0001", "1971", "9002", "9999"])
def test_a_time_that_nothing_can_be_added_to_is_none(year: str) -> None:
    assert read_view(f"?until={year}-01-01T00:00:00Z&from={year}-01-01T00:00:00%2B14:00") == View()
    for length in RANGES:
        start, end = read_view(f"?until=9000-12-31T23:59:59Z&range={length}").span(NOW)
        assert start < end
