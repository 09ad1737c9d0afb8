"""The page as a whole, from a journal to what it shows."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dash import no_update
from dash.development.base_component import Component

from offline_observer.clock import SystemClock
from offline_observer.dashboard.page import ObserverPage
from offline_observer.dashboard.watched import PageOf
from offline_observer.reports.report_folder import ReportFolder
from offline_observer.time_text import format_time
from support.journals import entry, profile_documents, write_journal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class FixedClock(SystemClock):
    def now(self) -> datetime:
        return NOW


class ClockAt(SystemClock):
    def __init__(self, time: datetime) -> None:
        super().__init__()
        self._time = time

    def now(self) -> datetime:
        return self._time


def shown(path: Path, search: str = "", **more: Any) -> dict[str, Any]:
    page = ObserverPage(PageOf(name="test", journal=path, **more), FixedClock())
    return page._refresh(search, 3)


def texts(element: object) -> Iterator[str]:
    """Every text in an element."""
    if isinstance(element, Component):
        yield from texts(getattr(element, "children", None))
    elif isinstance(element, list | tuple):
        for one in element:
            yield from texts(one)
    elif element is not None:
        yield str(element)


def text_of(element: object) -> str:
    return " ".join(" ".join(texts(element)).split())


def journal(path: Path, minutes: int = 20, **last: Any) -> Path:
    ticks = [entry(NOW - timedelta(seconds=10 * n), (n % 7, n % 5)) for n in range(6 * minutes, 0, -1)]
    newest = entry(NOW - timedelta(seconds=1), (40, 3), **last)
    return write_journal(path / "o.db", [*ticks, newest])


def test_all_is_well(tmp_path: Path) -> None:
    page = shown(journal(tmp_path))
    assert text_of(page["parts"]["headline"]) == "Everything is all right."
    cards = text_of(page["parts"]["cards"])
    assert "visits_job" in cards
    assert "visits_out" in cards
    assert "every partition is within" not in cards, "who is well needs no reason"
    assert page["no_map"] is True


def test_the_two_charts(tmp_path: Path) -> None:
    page = shown(journal(tmp_path), "?range=15m", fields={"visits": {"user_id": "user.id"}})
    errors, lag = page["figures"]["errors"]["data"], page["figures"]["lag"]["data"]
    assert [trace["name"] for trace in errors] == ["user.id", "unparseable"]
    # Six ticks a minute with two invalid records each.
    assert errors[0]["y"][0] == 12.0
    assert [trace["name"] for trace in lag] == ["partition 0", "partition 1"]
    assert lag[0]["y"][-1] == 40
    (share,) = page["figures"]["ratio"]["data"]
    assert set(share["y"]) == {2 / 9}
    assert page["words"]["lag"].startswith("partition 0: 40 now")
    json.dumps(page["figures"])


def test_what_is_wrong_stands_first_with_its_reason_and_since_when(tmp_path: Path) -> None:
    ticks = [
        entry(
            NOW - timedelta(seconds=10 * n),
            job_status="stalled",
            job_status_changed=n == 30,
            reason="90 records wait",
        )
        for n in range(60, 0, -1)
    ]
    path = write_journal(tmp_path / "o.db", [entry(NOW - timedelta(seconds=1), pipeline="other"), *ticks])
    page = shown(path)
    assert text_of(page["parts"]["headline"]) == "visits_job is stalled."
    first = text_of(page["parts"]["cards"][0])
    assert "stalled for 5 min 90 records wait" in first
    statuses = [trace["name"] for trace in page["figures"]["timeline"]["data"]]
    assert statuses == ["stalled"], "the one that needs it most is shown"
    assert "other_job" in text_of(page["parts"]["cards"])


def test_job_and_dataset_can_be_chosen(tmp_path: Path) -> None:
    entries = [
        entry(NOW - timedelta(seconds=n), (n,), pipeline=name, all_events=n)
        for n in (20, 10)
        for name in ("a", "b", "c")
    ]
    page = shown(write_journal(tmp_path / "o.db", entries), "?job=b_job&dataset=c_out&range=15m")
    marked = [one for one in page["parts"]["cards"] if "is-shown" in one.className]
    assert [text_of(one.children[0]) for one in marked] == ["b_job", "c_out"]
    assert text_of(shown(tmp_path / "o.db", "?job=nobody")["parts"]["headline"]) == "Everything is all right."


def test_an_observer_that_is_silent(tmp_path: Path) -> None:
    path = write_journal(tmp_path / "o.db", [entry(NOW - timedelta(minutes=n)) for n in (16, 15)])
    page = shown(path, every=timedelta(seconds=10))
    assert "the observer has stopped" in text_of(page["parts"]["headline"])
    assert "written nothing for 15 min; it was ok then" in text_of(page["parts"]["cards"])
    # Without a configuration the time between two observations tells what is late.
    assert "all right" in text_of(
        shown(write_journal(tmp_path / "p.db", [entry(NOW - timedelta(minutes=n)) for n in (25, 15)]))[
            "parts"
        ]["headline"]
    )


def test_an_empty_journal_says_what_to_do(tmp_path: Path) -> None:
    page = shown(write_journal(tmp_path / "o.db", []))
    assert "offline-observer run -c FILE" in text_of(page["parts"]["cards"])
    assert page["figures"]["errors"]["data"] == []
    assert "Nothing is known" in page["words"]["errors"]


def test_no_journal_says_so_and_shows_nothing_old(tmp_path: Path) -> None:
    page = shown(tmp_path / "o.db")
    assert "there is no journal" in text_of(page["parts"]["headline"])
    assert page["parts"]["cards"] is None
    assert page["figures"]["lag"]["data"] == []


def test_a_fault_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("offline_observer.dashboard.page.read_snapshot", fail)
    page = shown(journal(tmp_path, 1))
    assert page["parts"]["headline"] == "fault in this program: KeyError: 'x'"


def test_of_many_partitions_ten_lines_and_a_map(tmp_path: Path) -> None:
    ticks = [entry(NOW - timedelta(seconds=10 * n), tuple(range(300))) for n in range(6, 0, -1)]
    page = shown(write_journal(tmp_path / "o.db", ticks), "?range=15m")
    assert page["no_map"] is False
    lag = page["figures"]["lag"]["data"]
    assert [trace["name"] for trace in lag] == [f"partition {number}" for number in range(290, 300)]
    (heat,) = page["figures"]["lag-map"]["data"]
    assert len(heat["z"]) == 300
    assert heat["z"][299][-1] == 299


def test_bad_records_are_places(tmp_path: Path) -> None:
    offenders = [
        {
            "rule": "user_id.not_empty",
            "topic": "t",
            "partition": 1,
            "offset": 12345,
            "timestamp": format_time(NOW),
            "value": "secret",
        }
    ]
    page = shown(journal(tmp_path, 1, offenders=offenders))
    text = text_of(page["parts"]["bad"])
    assert "user_id.not_empty t 1 12,345 2026-11-25 12:00:00" in text
    assert "secret" not in text


def test_windows_of_the_profile(tmp_path: Path) -> None:
    ends = [NOW - timedelta(minutes=n) for n in (3, 2, 1)]
    entries = [
        replace(entry(end), profiles=profile_documents(end, drift=None if n == 0 else 0.25 * n))
        for n, end in enumerate(ends)
    ]
    path = write_journal(tmp_path / "o.db", entries)
    page = shown(path)
    numbers = text_of(page["parts"]["numbers"])
    assert "Window of 2026-11-25 11:58:00 to 2026-11-25 11:59:00 UTC" in numbers
    assert "user_id 60 95.0% 50 a 50% 0.50" in numbers
    assert [trace["name"] for trace in page["figures"]["drift"]["data"]] == ["page", "user_id"]
    before, other = format_time(ends[0]), format_time(ends[1])
    compared = text_of(shown(path, f"?window={before}&against={other}")["parts"]["numbers"])
    assert "Window of 2026-11-25 11:56:00 to 2026-11-25 11:57:00 UTC, beside 2026-11-25 11:57:00" in compared
    assert "values then" in compared
    assert "No window" in text_of(shown(path, "?window=never")["parts"]["numbers"])


def test_reports(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "reports", "visits_out", 10, 10**9)
    path = journal(tmp_path, 1)
    more: dict[str, Any] = {"reports": {"visits_out": folder}}
    assert "There is no report yet" in text_of(shown(path, **more)["parts"]["reports"])
    folder.write(NOW, b"<html>", b"")
    assert "2026-11-25 12:00" in text_of(shown(path, **more)["parts"]["reports"])
    opened = shown(path, "?report=visits_out_20261125T120000Z", **more)["parts"]["reports"]
    (frame,) = [one for one in opened.children if type(one).__name__ == "Iframe"]
    assert frame.sandbox == "allow-scripts"
    assert frame.src == "reports/visits_out/visits_out_20261125T120000Z.html"
    unknown = shown(path, "?report=../../etc/passwd", **more)["parts"]["reports"]
    assert not [one for one in unknown.children if type(one).__name__ == "Iframe"]
    assert shown(path)["parts"]["reports"] is None


def alerting(path: Path, states: int = 1) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO alerts VALUES ('lag', 0, 'lag > 15', 'warn', '[]'), ('loss', 1, 'status == data_loss', 'critical', '[]')"
    )
    for number in range(states):
        values = (
            "lag",
            "visits",
            f"visits/{number}",
            "visits_job",
            "firing",
            format_time(NOW),
            format_time(NOW),
            40 + number,
            "",
            "[]",
            None,
        )
        connection.execute("INSERT INTO alert_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    connection.execute("INSERT INTO silences VALUES ('lag', ?)", (format_time(NOW + timedelta(hours=1)),))
    connection.execute(
        "INSERT INTO alert_history VALUES (1, ?, 'lag', 'visits', 'visits/0', 'pending', 'firing', 40)",
        (format_time(NOW),),
    )
    connection.execute(
        "INSERT INTO notifications (channel, alert, kind, severity, title, body, made_at, queued_at, tries, error) "
        "VALUES ('team', 'lag', 'firing', 'warn', '[firing] lag', '', ?, ?, 3, 'refused')",
        (format_time(NOW), format_time(NOW)),
    )
    connection.close()


def test_alerts(tmp_path: Path) -> None:
    path = journal(tmp_path, 1)
    assert "No alert is evaluated here" in text_of(shown(path)["parts"]["alerts"])
    alerting(path)
    page = shown(path)
    text = text_of(page["parts"]["alerts"])
    assert "■ firing, silenced lag warn visits visits/0 40 2026-11-25 12:00:00 lag > 15" in text
    assert "✓ normal loss critical all" in text
    assert "2026-11-25 12:00:00 lag visits visits/0 pending firing 40" in text
    assert "team: waits after 3 tries: [firing] lag" in text
    assert text_of(page["parts"]["headline"]) == "Everything is all right. 1 alert fires: lag."


def test_of_many_alerts_the_page_shows_some(tmp_path: Path) -> None:
    path = journal(tmp_path, 1)
    alerting(path, 300)
    text = text_of(shown(path)["parts"]["alerts"])
    assert text.count("firing, silenced") == 50
    assert "and 251 more: offline-observer alerts lists them all" in text


def test_what_was_zoomed_stays_so_until_something_else_is_looked_at(tmp_path: Path) -> None:
    path = journal(tmp_path, 1)

    def looked_at(search: str) -> object:
        return shown(path, search)["figures"]["lag"]["layout"]["uirevision"]

    assert looked_at("?range=1h") == looked_at("?range=1h&theme=dark")
    assert looked_at("?range=1h") != looked_at("?range=6h")


def test_each_refresh_starts_the_clock_anew_that_tells_when_none_comes(tmp_path: Path) -> None:
    page = ObserverPage(PageOf(name="test", journal=journal(tmp_path, 1)), FixedClock())
    assert [page._refresh("", number)["gone"] for number in (None, 1, 2)] == [
        "gone since-0",
        "gone since-1",
        "gone since-0",
    ]


def test_theme_is_in_the_address(tmp_path: Path) -> None:
    path = journal(tmp_path, 1)
    assert shown(path, "?theme=dark")["theme"] == "theme-dark"
    assert shown(path)["theme"] == "theme-auto"


@pytest.mark.parametrize("every", [20, 60, 300])
def test_observations_that_are_far_apart_are_no_gaps(tmp_path: Path, every: int) -> None:
    ticks = [entry(NOW - timedelta(seconds=every * n + 1), (n,)) for n in range(2700 // every, -1, -1)]
    page = shown(write_journal(tmp_path / "o.db", ticks), "?range=15m")
    for name in ("lag", "behind", "ratio", "records", "ticks"):
        (trace,) = page["figures"][name]["data"]
        assert None not in trace["y"], name
        assert len(trace["y"]) >= 3, name
    assert [len(trace["x"]) for trace in page["figures"]["timeline"]["data"]] == [1]
    assert page["figures"]["records"]["data"][0]["y"][-2] == 10 * 60 / every


def test_windows_that_are_far_apart_are_joined(tmp_path: Path) -> None:
    ends = [NOW - timedelta(minutes=10 * n) for n in (4, 3, 2, 1)]
    entries = [replace(entry(end), profiles=profile_documents(end, drift=0.2)) for end in ends]
    page = shown(write_journal(tmp_path / "o.db", entries))
    assert [trace["y"] for trace in page["figures"]["drift"]["data"]] == [[0.2] * 4] * 2


def test_what_stands_alone_between_gaps_can_be_seen(tmp_path: Path) -> None:
    ticks = [entry(NOW - timedelta(seconds=10 * n)) for n in range(80, 0, -1) if n % 20 == 0 or n > 60]
    (trace,) = shown(write_journal(tmp_path / "o.db", ticks), "?range=15m", every=timedelta(seconds=10))[
        "figures"
    ]["lag"]["data"]
    assert None in trace["y"]
    assert trace["mode"] == "lines+markers"


def test_one_pause_does_not_tell_how_often_it_is_observed(tmp_path: Path) -> None:
    before = [entry(NOW - timedelta(days=1, seconds=10 * n)) for n in range(5, 0, -1)]
    path = write_journal(tmp_path / "o.db", [*before, entry(NOW - timedelta(minutes=10))])
    assert "the observer has stopped" in text_of(shown(path)["parts"]["headline"])


def test_a_partition_that_stands_still_is_among_the_worst(tmp_path: Path) -> None:
    """Of more than a hundred those that did not change are written once a minute."""
    ticks = []
    for n in range(36, -1, -1):
        one = entry(NOW - timedelta(seconds=10 * n + 1), (*((n % 3,) * 120), 5000))
        ticks.append(one if n % 6 == 3 or n == 36 else replace(one, partitions=one.partitions[:-1]))
    page = shown(write_journal(tmp_path / "o.db", ticks), "?range=15m", every=timedelta(seconds=10))
    (stuck,) = [one for one in page["figures"]["lag"]["data"] if one["name"] == "partition 120"]
    assert None not in stuck["y"]
    (heat,) = page["figures"]["lag-map"]["data"]
    assert set(heat["z"][120]) == {5000}


def test_what_the_browser_has_is_not_sent_again(tmp_path: Path) -> None:
    path = write_journal(tmp_path / "o.db", [replace(entry(NOW), profiles=profile_documents(NOW, drift=0.5))])
    page = ObserverPage(PageOf(name="test", journal=path), FixedClock())
    first: dict[str, Any] = page._refresh("", 1)
    again: dict[str, Any] = page._refresh("", 2, first["had"])
    assert again["had"]["numbers"] == first["had"]["numbers"]
    assert {name for name, part in again["parts"].items() if part is not no_update} <= {"facts"}
    other: dict[str, Any] = page._refresh("?window=never", 3, first["had"])
    assert "No window" in text_of(other["parts"]["numbers"])
    wrongs: list[Any] = [None, 5, [], "x", {"numbers": ["x"]}]
    for wrong in wrongs:
        assert page._refresh("", 4, wrong)["parts"]["numbers"] is not no_update  # type: ignore[index]


def test_of_very_many_fields_those_are_shown_that_drifted_most(tmp_path: Path) -> None:
    one = profile_documents(NOW, drift=0.1)[0]
    documents = [{**one, "field": f"f{n}", "drift": None if n % 5 else n / 300} for n in range(300)]
    path = write_journal(tmp_path / "o.db", [replace(entry(NOW), profiles=documents)])
    numbers = text_of(shown(path)["parts"]["numbers"])
    assert "and 250 fields more" in numbers
    assert "f295 60" in numbers
    assert "f0 60" not in numbers
    assert numbers.index("f290 ") < numbers.index("f295 ")


def test_of_many_jobs_those_that_are_well_say_less(tmp_path: Path) -> None:
    entries = [entry(NOW, pipeline=f"p{n}", job_status="ok" if n < 20 else "stalled") for n in range(22)]
    cards = [text_of(one) for one in shown(write_journal(tmp_path / "o.db", entries))["parts"]["cards"]]
    assert len(cards) == 44
    assert all("worst lag" in one for one in cards[:2])
    assert "worst lag" not in cards[-30]
    assert "ok" in cards[-30]


def test_a_clock_that_stepped_back(tmp_path: Path) -> None:
    """What was written before has later times, and is not how things are."""
    before = [entry(NOW + timedelta(minutes=50, seconds=10 * n)) for n in range(3)]
    after = entry(NOW - timedelta(seconds=2), (90,), job_status="stalled", reason="90 records wait")
    other = entry(NOW - timedelta(seconds=1), pipeline="other")
    page = shown(write_journal(tmp_path / "o.db", [*before, after, other]), every=timedelta(seconds=10))
    assert text_of(page["parts"]["headline"]) == "visits_job is stalled."
    assert "90 records wait" in text_of(page["parts"]["cards"][0])


def test_a_field_with_html_in_its_name(tmp_path: Path) -> None:
    """Plotly makes bold text and links of names; in words it is as it is."""
    name = 'a<a href="https://evil.example">b</a>&amp;'
    counts: dict[str, Any] = {f"invalid_{name}": 3}
    path = write_journal(tmp_path / "o.db", [entry(NOW, **counts)])
    page = shown(path)
    names = [trace["name"] for chart in ("errors", "ratio") for trace in page["figures"][chart]["data"]]
    assert not [one for one in names if "<" in one]
    assert f"{name}: 3 now" in page["words"]["errors"]


@pytest.mark.parametrize(
    ("search", "last"),
    [
        ("?range=15m", 60.0),
        ("?range=15m&until=2026-11-25T12:10:00Z", 60.0),
        ("?range=15m&until=2026-11-25T11:57:20Z", 30.0),
    ],
)
def test_only_the_time_that_goes_on_is_not_whole(tmp_path: Path, search: str, last: float) -> None:
    """From 11:57 to 11:58 it was observed for half a minute; the minute that begins at 11:59 goes on."""
    seconds = [*range(190, 430, 10), 130, 140, 150, *range(70, 130, 10), 30, 40, 50]
    ticks = [entry(NOW - timedelta(seconds=n)) for n in sorted(seconds, reverse=True)]
    path = write_journal(tmp_path / "o.db", ticks)
    page = ObserverPage(PageOf(name="test", journal=path), ClockAt(NOW - timedelta(seconds=29)))
    drawn: dict[str, Any] = page._refresh(search, 1)
    (records,) = drawn["figures"]["records"]["data"]
    assert records["y"][-1] == last
