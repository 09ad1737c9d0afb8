import pytest

from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.field_numbers import field_numbers
from offline_observer.profile.ranks import RANKS


def numbers(*values: object) -> dict[str, object]:
    builder = FieldBuilder()
    builder.add(values)
    return field_numbers(builder.result())


def test_texts() -> None:
    found = numbers("b", "b", "aaa", "", " ", None)
    assert found == {
        "records": 6,
        "missing": 0,
        "null": 1,
        "blank": 2,
        "completeness": 0.5,
        "distinct": 4,
        "types": {"string": 5},
        "min": None,
        "max": None,
        **dict.fromkeys(RANKS),
        "earliest": None,
        "latest": None,
        "first": "",
        "last": "b",
        "length_min": 0,
        "length_max": 3,
        "length_mean": 6 / 5,
        "frequent": [
            {"value": "b", "count": 2},
            {"value": "", "count": 1},
            {"value": " ", "count": 1},
            {"value": "aaa", "count": 1},
        ],
        "frequent_error": 0,
    }


def test_numbers_have_quantiles() -> None:
    found = numbers(*range(1, 101))
    assert (found["min"], found["max"], found["records"], found["completeness"]) == (1, 100, 100, 1.0)
    assert found["p50"] == pytest.approx(50, abs=2)
    quantiles = [found[name] for name in RANKS]
    assert quantiles == sorted(quantiles)  # type: ignore[type-var]


def test_times() -> None:
    found = numbers("2024-01-02T03:04:05.678Z", "2024-01-01T00:00:00Z")
    assert (found["earliest"], found["latest"]) == ("2024-01-01T00:00:00.000Z", "2024-01-02T03:04:05.678Z")


def test_no_records() -> None:
    found = numbers()
    assert (found["records"], found["completeness"], found["distinct"]) == (0, None, 0)
    assert found["frequent"] == []
