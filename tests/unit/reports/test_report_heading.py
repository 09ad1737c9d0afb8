from datetime import timedelta

import pytest

from offline_observer.profile.field_summary import FieldSummary
from offline_observer.reports.report_heading import field_note, title_of, with_heading
from offline_observer.reports.report_task import ReportFacts
from support.reports import NOON, Page, facts_of, profile_of, records

PAGE = '<html><body><nav></nav><div class="content"><p>library</p></div></body></html>'


def page_of(*windows: ReportFacts) -> Page:
    return Page(with_heading(PAGE, windows))


def test_it_tells_what_the_report_is_of() -> None:
    facts = facts_of(
        12_345,
        ranges={2: (7, 8), 0: (100, 12_000), 1: (5, 5)},
        sampled=1000,
        shown=1000,
        masked=("user.ip", "user"),
        left_out=("noise",),
    )
    assert page_of(facts).rows == [
        ["Dataset", "visits"],
        ["Window", "2024-05-01T12:00:00Z to 2024-05-01T12:01:00Z"],
        ["Records in the window", "12,345"],
        [
            "Records in this report",
            "1,000, a uniform sample of the parsed ones. Texts longer than 200 characters are cut.",
        ],
        ["Offsets", "0: 100 to 11999; 2: 7 to 7"],
        ["Masked fields", "user.ip, user"],
        ["Fields left out", "noise"],
    ]
    assert title_of(facts) == "visits, 2024-05-01T12:00:00Z"


def test_what_could_not_be_had_is_said() -> None:
    text = page_of(facts_of(10, sampled=10, shown=7)).line("Records in this report")
    assert text.startswith(
        "7, a uniform sample of the parsed ones; 3 more of the sample could not be had from"
    )


def test_of_many_partitions_the_first_are_named() -> None:
    offsets = page_of(facts_of(100, ranges=dict.fromkeys(range(25), (0, 1)))).line("Offsets")
    assert offsets.startswith("0: 0 to 0; 1: 0 to 0; ")
    assert offsets.endswith("19: 0 to 0; and 5 partitions more")


def test_two_windows_have_a_table_each() -> None:
    page = page_of(facts_of(1), facts_of(2, start=NOON + timedelta(minutes=1)))
    assert [row[1] for row in page.rows if row[0] == "Records in the window"] == ["1", "2"]


ODD = "<script>alert('x')</script>\"&amp;"


def test_names_are_shown_as_they_are_and_never_run() -> None:
    page = page_of(facts_of(1, dataset=ODD, masked=(ODD,), left_out=(ODD, "b")))
    assert page.line("Dataset") == page.line("Masked fields") == ODD
    assert page.line("Fields left out") == f"{ODD}, b"
    assert not {tag for tag, _, _ in page.attributes} & {"script", "img"}


@pytest.mark.parametrize(
    "page", [PAGE, PAGE.replace('"content"', "content"), "<html><body>x</body></html>", "x"]
)
def test_it_stands_in_front_of_the_content_once(page: str) -> None:
    found = with_heading(page, [facts_of(1)])
    assert found.count("<table") == 1
    assert found.index("<table") < found.index("library" if "library" in page else "x")


def test_the_note_of_a_field() -> None:
    values = records([{"a": "x"}, {"a": "y"}, {"a": None}, {}])
    assert field_note(profile_of(values, ["a"]).fields["a"]) == (
        "In all 4 parsed records of the window: 50.0% complete, about 2 distinct values."
    )
    assert field_note(FieldSummary()) == "No record of the window could be parsed."
