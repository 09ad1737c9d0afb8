from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.config.duration import format_duration, parse_duration

milliseconds = st.integers(min_value=1, max_value=timedelta.max // timedelta(milliseconds=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("10s", timedelta(seconds=10)),
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("1m30s", timedelta(seconds=90)),
        ("1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        ("90s", timedelta(seconds=90)),
        ("0m1s", timedelta(seconds=1)),
        (" 10s\n", timedelta(seconds=10)),
    ],
)
def test_reads_durations(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "10",
            "1.5",
            "s",
            "ms",
            "10 s",
            "10S",
            "1w",
            "10sec",
            "-1s",
            "+1s",
            "1.5h",
            "1_0s",
            "1e3s",
        ),
        *("30s1m", "1s1s", "1h 30m", "1ms1s", "PT10S", "٣s", "9" * 13 + "s", "9" * 5000 + "s", "10s\0"),
    ],
)
def test_refuses_what_is_no_duration_and_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a duration with its unit, such as 500ms, 10s.*1m30s"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "0ms", "0d0h0m0s0ms", "000s"])
def test_refuses_zero(text: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1000000000d", "999999999999d", "999999999d24h"])
def test_refuses_more_than_a_timedelta_holds(text: str) -> None:
    with pytest.raises(ValueError, match="at most 999999999d"):
        parse_duration(text)


@given(milliseconds)
def test_reads_what_it_writes(number: int) -> None:
    duration = timedelta(milliseconds=number)
    assert parse_duration(format_duration(duration)) == duration


@given(st.text())
def test_reads_any_text_or_raises_a_value_error(text: str) -> None:
    try:
        assert parse_duration(text) > timedelta()
    except ValueError as error:
        assert str(error).startswith("expected a duration")  # noqa: PT017


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(), "0s"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(milliseconds=1, microseconds=999), "1ms"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(hours=1), "1h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_writes_durations(duration: timedelta, expected: str) -> None:
    assert format_duration(duration) == expected


def test_writes_no_negative_duration() -> None:
    with pytest.raises(ValueError, match="not negative"):
        format_duration(timedelta(microseconds=-1))
