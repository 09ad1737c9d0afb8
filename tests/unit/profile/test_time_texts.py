from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.profile.time_texts import seconds_of
from offline_observer.quality.times import EPOCH, read_iso

digits = st.integers(0, 9999).map(lambda number: f"{number:04}")
two = st.integers(0, 99).map(lambda number: f"{number:02}")
fractions = st.sampled_from(["", ".000", ".250", ".999", ".123456"])
texts = st.builds(
    lambda y, mo, d, h, mi, s, fraction, end: f"{y}-{mo}-{d}T{h}:{mi}:{s}{fraction}{end}",
    *(digits, two, two, two, two, two, fractions, st.sampled_from(["Z", "Z", "+", "z", ""])),
)


def check(found: list[str]) -> None:
    seconds, is_time = seconds_of(found)
    wanted = [read_iso(text) for text in found]
    assert is_time.tolist() == [one is not None for one in wanted]
    for second, one in zip(seconds.tolist(), wanted, strict=True):
        if one is not None:
            assert abs(second - (one - EPOCH).total_seconds()) < 1e-5


@given(st.lists(texts | st.text(max_size=24), min_size=1, max_size=5))
def test_many_at_once_are_what_they_are_one_by_one(found: list[str]) -> None:
    check(found)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=20), st.sampled_from([0, 3, 6]))
def test_times_of_one_form(times: list[datetime], fraction: int) -> None:
    unit = {0: "seconds", 3: "milliseconds", 6: "microseconds"}[fraction]
    check([time.replace(tzinfo=None).isoformat(timespec=unit) + "Z" for time in times])


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2000-02-29T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2024-13-01T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-01-01 00:00:00Z",
        "20240101T00:00:00.0Z",
        "٢٠٢٤-01-01T00:00:00Z",
    ],
)
def test_edges(text: str) -> None:
    check([text])
    check([text, "2024-01-01T00:00:00Z"])
