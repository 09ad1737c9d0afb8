"""Pages by the library itself, from records to HTML."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import NamedTuple

import pytest

from offline_observer.reports.kept_window import KeptWindow, from_bytes
from offline_observer.reports.report_task import ReportTask
from support.reports import NOON, Page, records, task_of


class Made(NamedTuple):
    page: Page
    html: str
    kept: KeptWindow


Make = Callable[[ReportTask], Made]


@pytest.fixture(scope="module")
def make() -> Make:
    # The library takes seconds to load.
    from offline_observer.reports.report import make_report

    def made(task: ReportTask) -> Made:
        html, kept = make_report(task)
        return Made(Page(html), html.decode(), from_bytes(kept))

    return made


def raw(text: str, count: int = 10) -> list[bytes]:
    return [text.encode()] * count


ROWS: dict[str, Sequence[bytes]] = {
    "one": records([{"a": 1, "b": "x", "c": True, "d": "2024-05-01T12:00:00Z", "e": None}]),
    "no field is there": raw("{}"),
    "all null": raw('{"a":null,"b":null,"c":null,"d":null,"e":null}'),
    "one column all null": records({"a": number, "b": None} for number in range(10)),
    "lists and objects": records(
        {"a": [number], "b": {"x": number}, "c": [], "d": {}} for number in range(10)
    ),
    "mixed types": records(
        {"a": [1, "x", None, True, [1], {"y": 2}, 1.5][number % 7]} for number in range(50)
    ),
    "lone surrogates": raw('{"a":"\\ud800","b":["\\udfff"],"c":{"\\ud800":1}}'),
    "long texts": records({"a": "x" * 100_000 + str(number), "b": ["é" * 100_000]} for number in range(10)),
    "time zones": records(
        {"a": f"2024-05-01T12:00:00{zone}", "b": f"2024-05-0{number + 1}"}
        for number, zone in enumerate(["Z", "+02:00", "-11:30", ""])
    ),
    "times of all ages": records(
        {"a": year + "-01-01T00:00:00Z", "b": "0001-01-01"}
        for year in ("0001", "9999", "1678", "2261", "2024")
    ),
    "one time": raw('{"a":"2024-05-01T12:00:00Z"}'),
    "blank times": records({"a": text} for text in ("2024-05-01T12:00:00Z", "", " ")),
    "beyond 64 bits": records({"a": 2**70 + number, "b": -(10**400), "c": 2**63} for number in range(10)),
    "not finite": [*raw('{"a":1e999,"b":-1e999,"c":1e999}'), b'{"a":1,"b":1e999,"c":1e999}'],
    "the largest doubles": [*raw('{"a":1.7e308}'), *raw('{"a":-1.7e308}'), *raw('{"a":1e200}')],
    "the smallest doubles": [*raw('{"a":5e-324}'), *raw('{"a":0}'), *raw('{"a":-0.0}')],
    "texts like nothing": records(
        {"a": ["nan", "None", "NA", "inf", "", "null", "<NA>"][number % 7], "b": f"nan{number}"}
        for number in range(300)
    ),
    "control characters": raw('{"a":"\\u0000\\u001b[31m\\u202e","b":"\\u0000"}'),
    "templates": raw('{"a":"{{ 7*7 }}{% raw %}","b":"$x^$"}'),
}


@pytest.mark.parametrize("values", ROWS.values(), ids=ROWS)
def test_odd_records_give_a_page_with_all_of_them(make: Make, values: Sequence[bytes]) -> None:
    made = make(task_of(values, list("abcde")))
    assert made.page.observations == len(values)
    assert made.page.line("Number of variables") == "5"
    assert made.page.line("Records in this report").startswith(f"{len(values)}, a uniform sample")
    assert made.kept.facts.shown == len(values)


def test_no_rows(make: Make) -> None:
    made = make(task_of([], ["a"]))
    assert made.page.line("Records in this report").startswith("0, a uniform sample")
    assert "<title>visits, 2024-05-01T12:00:00Z</title>" in made.html


def test_records_that_are_gone_are_not_counted(make: Make) -> None:
    task = task_of([*records({"a": number} for number in range(7)), b"no json"], ["a"])
    made = make(task)
    assert made.page.observations == 7
    assert "7, a uniform sample of the parsed ones; 1 more" in made.page.line("Records in this report")


# Each is of one kind, since a script in a page may stand anywhere where a name or a value does.
SCRIPT = "\"'><script>attack()</script><img src=x onerror=attack()>"
NAMES = (
    "count",
    "index",
    "df_index",
    "level_0",
    "a b",
    "<b>",
    "&lt;",
    "<",
    SCRIPT,
    "mean",
    "class",
    "0",
    "%s {{ 7*7 }}",
    "$a$",
    "é😀",
    "x" * 300,
)


def test_columns_with_odd_names_are_shown_as_they_are(make: Make) -> None:
    made = make(task_of(records(dict.fromkeys(NAMES, "v") for _ in range(9)), NAMES))
    assert made.page.observations == 9
    shown = [
        row[0].strip() for row in made.page.rows if len(row) == 2 and row[1].startswith("In all 9 parsed")
    ]
    assert shown == list(NAMES)
    for name in NAMES:
        assert any(row[0] == f'{name} has constant value "v"' for row in made.page.rows), name


@pytest.mark.parametrize(
    "values",
    [
        [SCRIPT] * 30,
        [SCRIPT + str(number % 3) for number in range(30)],
        [f"{number}{SCRIPT}" for number in range(300)],
        [[SCRIPT]] * 30,
        [{SCRIPT: number} for number in range(300)],
        [1, SCRIPT, None] * 30,
    ],
    ids=["constant", "categories", "texts", "lists", "objects", "mixed"],
)
def test_no_value_becomes_a_part_of_the_page(make: Make, values: list[object]) -> None:
    made = make(task_of(records({"a": value, SCRIPT: value} for value in values), ["a", SCRIPT]))
    assert made.page.observations == len(values)
    assert any("<script>attack()" in text for text in made.page.texts)
    assert not any("attack" in text for text in made.page.scripts)
    assert "img" not in {tag for tag, _, value in made.page.attributes if value == "x"}
    assert not any(name.startswith("on") for _, name, _ in made.page.attributes)


def test_what_is_masked_is_nowhere(make: Make) -> None:
    values = records({"user": {"ip": f"192.0.2.{number}", "n": 4711}, "a": number} for number in range(30))
    made = make(task_of(values, ["user", "user.ip", "user.n", "a"], ["user.ip", "user.n"]))
    assert made.page.line("Masked fields") == "user.ip, user.n"
    for text in (made.html, json.dumps(dict(made.kept.columns)), repr(made.kept)):
        assert "192.0.2" not in text
        assert "4711" not in text
    assert made.page.line("***") == "30"


def test_of_hundreds_of_columns_the_first_numbers_have_a_histogram(make: Make) -> None:
    numbers, texts = [f"n{number}" for number in range(42)], [f"t{number}" for number in range(458)]
    values = records(
        {**dict.fromkeys(numbers, row), **dict.fromkeys(texts, f"{row % 2}")} for row in range(4)
    )
    made = make(task_of(values, [*numbers, *texts]))
    assert made.page.observations == 4
    assert made.page.line("Number of variables") == "500"
    # Each has a small one and a large one.
    assert made.html.count("<svg") == 80
    assert len(made.html) < 5_000_000


FIELDS = (
    "visit_id",
    "event_time",
    "user_id",
    "page",
    "context.referral",
    "context.ad_id",
    "context.user.ip",
    "context.user.login",
    "context.user.connected_since",
    "context.technical.browser",
    "context.technical.browser_version",
    "context.technical.network_type",
    "context.technical.device_type",
    "amount",
)


def visits(count: int) -> list[dict[str, object]]:
    random = Random(5)

    def visit(number: int) -> dict[str, object]:
        technical = {
            "browser": random.choice(["Firefox", "Chrome", "Safari"]),
            "browser_version": f"{random.randrange(100)}.0",
            "network_type": random.choice(["LAN", "Wi-Fi", "4G", "5G", None]),
            "device_type": random.choice(["PC", "Phone", ""]),
        }
        user = {
            "ip": f"10.0.{random.randrange(256)}.{random.randrange(256)}",
            "login": f"user{random.randrange(10**6)}",
            "connected_since": (NOON - timedelta(seconds=random.randrange(10**6))).isoformat(),
        }
        row: dict[str, object] = {
            "visit_id": f"v{number}",
            "event_time": (NOON + timedelta(milliseconds=number)).isoformat(),
            "user_id": f"user_{random.randrange(5000)}",
            "page": f"/articles/{random.randrange(40)}",
            "amount": random.choice([random.gauss(100, 20), random.randrange(500), None]),
            "context": {
                "referral": random.choice(["a", "b"]),
                "ad_id": "x",
                "user": user,
                "technical": technical,
            },
        }
        for path in list(row):
            if random.random() < 0.05:
                del row[path]
        return row

    return [visit(number) for number in range(count)]


@pytest.fixture(scope="module")
def scenario(make: Make) -> tuple[list[dict[str, object]], Made]:
    rows = visits(10_000)
    return rows, make(task_of(records(rows), FIELDS))


def at(row: object, path: str) -> object:
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


def test_a_page_needs_nothing_from_elsewhere_and_is_small(
    scenario: tuple[list[dict[str, object]], Made],
) -> None:
    _, made = scenario
    assert len(made.html.encode()) < 1_000_000
    outside = [
        (tag, name)
        for tag, name, value in made.page.attributes
        if name in {"src", "href", "srcset", "data", "action", "poster", "xlink:href"}
        and not value.startswith(("#", "data:"))
    ]
    assert set(outside) == {("a", "href")}, "links that one may follow, and nothing that is loaded"
    assert not re.search(r"url\(\s*(?!['\"]?(?:data:|#))", made.html)
    assert "@import" not in made.html
    assert not {tag for tag, _, _ in made.page.attributes} & {"iframe", "link", "object", "embed"}
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|importScripts)\(", "".join(made.page.scripts))


def test_its_counts_are_those_of_the_records(scenario: tuple[list[dict[str, object]], Made]) -> None:
    rows, made = scenario
    assert made.page.observations == len(rows)
    # A blank text is no time.
    cells = {path: [at(row, path) for row in rows] for path in FIELDS}
    missing = {path: sum(1 for cell in found if cell is None) for path, found in cells.items()}
    assert made.page.line("Missing cells") == str(sum(missing.values()))
    variables = made.page.variables()
    assert list(variables) == list(FIELDS)
    for path, found in cells.items():
        lines = variables[path]
        there = [json.dumps(cell) for cell in found if cell is not None]
        assert ["Missing", str(missing[path])] in lines, path
        assert ["Distinct", str(len(set(there)))] in lines, path
    for path in ("page", "context.technical.browser", "context.technical.network_type"):
        counts = Counter(cell for cell in cells[path] if isinstance(cell, str))
        shown = {row[0]: int(row[1]) for row in variables[path] if len(row) == 3 and row[0] in counts}
        assert shown, path
        assert shown == {value: counts[value] for value in shown}, path
        assert len(shown) >= min(10, len(counts)), path
    numbers = [cell for cell in cells["amount"] if isinstance(cell, int | float)]
    shown_mean = next(row[1] for row in variables["amount"] if row[0] == "Mean")
    assert float(shown_mean) == pytest.approx(sum(numbers) / len(numbers), rel=1e-4)


def test_two_reports_of_the_same_records_have_the_same_window(make: Make) -> None:
    task = task_of(records({"a": number, "b": f"x{number}"} for number in range(100)), ["a", "b"])
    assert make(task).kept == make(task).kept
