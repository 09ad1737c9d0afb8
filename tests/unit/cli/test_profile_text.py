from offline_observer.cli.profile_text import COLUMNS, row
from offline_observer.observation import Document
from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.field_numbers import field_numbers


def cells(*values: object, drift: float | None = None) -> dict[str, str]:
    builder = FieldBuilder()
    builder.add(values)
    document: Document = {
        "window_start": "2024-01-01T12:00:00.000Z",
        "window_end": "2024-01-01T12:05:00.000Z",
        "dataset": "visits",
        "field": "page",
        "drift": drift,
        **field_numbers(builder.result()),
    }
    return dict(zip(COLUMNS, row(document), strict=True))


def test_the_most_frequent_texts() -> None:
    assert cells(*["a"] * 60, *["b"] * 30, *["c"] * 4, "d", "", None, drift=0.123) == {
        "window": "2024-01-01T12:00:00Z to 12:05:00Z",
        "dataset": "visits",
        "field": "page",
        "records": "97",
        "complete": "97.9%",
        "distinct": "5",
        "values": "a 62%, b 31%, c 4%",
        "drift": "0.12",
    }


def test_numbers_and_times_from_the_least_to_the_greatest() -> None:
    assert cells(*range(101))["values"].startswith("0.0 ... 5")
    assert cells(*range(101))["values"].endswith(" ... 100.0")
    assert cells("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")["values"] == (
        "2024-01-01T00:00:00.000Z ... 2024-01-02T00:00:00.000Z"
    )


def test_texts_that_all_differ() -> None:
    assert cells(*[f"user_{n:04}" for n in range(200)])["values"] == "user_0000 ... user_0199"
    assert cells(*[f"user_{n:04}" for n in range(1000)], " ")["values"] == '" " ... user_0999'


def test_what_a_terminal_cannot_show_and_what_is_not_there() -> None:
    assert cells("\x1b[31mred\n")["values"] == "?[31mred? 100%"
    assert cells("x" * 90 + "0123456789")["values"] == "xxxxxxxx…xxxxx0123456789 100%"
    empty = cells(None, None)
    assert (empty["values"], empty["complete"], empty["drift"]) == ("", "0.0%", "?")
    assert cells()["complete"] == "?"
