"""What a condition may say, what is refused of it, and when it holds."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offline_observer.alert.condition import Condition, parse_condition
from offline_observer.alert.measure import MEASURES, Shape
from offline_observer.config.yaml_messages import did_you_mean


def parse(text: str) -> Condition:
    return parse_condition(text, did_you_mean)


@pytest.mark.parametrize(
    ("text", "name", "field", "operator", "value"),
    [
        ("max_lag > 15", "max_lag", None, ">", 15),
        ("lag>15", "lag", None, ">", 15),
        ("  lag  >=  15  ", "lag", None, ">=", 15),
        ("seconds_behind > 300", "seconds_behind", None, ">", 300),
        ("seconds_behind > 5m", "seconds_behind", None, ">", 300),
        ("retention_left < 3600", "retention_left", None, "<", 3600),
        ("retention_left <= 1h30m", "retention_left", None, "<=", 5400),
        ("invalid_ratio > 0.2", "invalid_ratio", None, ">", 0.2),
        ("invalid_ratio(user_id) > 0.2", "invalid_ratio", "user_id", ">", 0.2),
        ("invalid_ratio ( context.user.ip ) > 2e-1", "invalid_ratio", "context.user.ip", ">", 0.2),
        ("unparseable != 0", "unparseable", None, "!=", 0),
        ("unparseable_ratio > 0.01", "unparseable_ratio", None, ">", 0.01),
        ("expired_records == 0", "expired_records", None, "==", 0),
        ("drift > 0.2", "drift", None, ">", 0.2),
        ("drift(user_id) > 1", "drift", "user_id", ">", 1),
        ("export_backlog > 1000", "export_backlog", None, ">", 1000),
    ],
)
def test_numbers(text: str, name: str, field: str | None, operator: str, value: float) -> None:
    assert parse(text) == Condition(MEASURES[name], field, operator, value)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("status in [stalled, data_loss]", ("stalled", "data_loss")),
        ("status in [data_loss,stalled]", ("stalled", "data_loss")),
        ("status == stalled", ("stalled",)),
        ("status != ok", ("starting", "lagging", "unknown", "stalled", "rewound", "data_loss")),
        ("status not  in [ok, starting, lagging, unknown]", ("stalled", "rewound", "data_loss")),
        ("dataset_status in [error]", ("error",)),
        ("dataset_status not in [ok]", ("warn", "error", "unknown")),
    ],
)
def test_statuses(text: str, statuses: tuple[str, ...]) -> None:
    assert parse(text).statuses == statuses
    assert parse(str(parse(text))) == parse(text)


def test_no_data() -> None:
    assert parse(" no_data ") == Condition(MEASURES["no_data"])
    assert str(parse("no_data")) == "no_data"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a condition, such as max_lag > 15 or status in [stalled, data_loss]"),
        ("> 15", "expected a condition"),
        ("lag > 1" + "0" * 1000, "expected a condition"),
        ("lagg > 15", "nothing is measured that is called 'lagg'; did you mean 'lag'?"),
        ("Status == ok", "did you mean 'status'?"),
        ("lag", "expected lag to be compared with a number by > >= < <= == or !=, as in lag > 15"),
        ("lag 15", "expected lag to be compared with a number"),
        ("lag >", "expected lag to be compared with a number"),
        ("lag > > 15", "expected lag to be compared with a number"),
        ("lag => 15", "two numbers are compared with ==, not with =: lag == …"),
        ("lag = 15", "two numbers are compared with ==, not with =: lag == …"),
        ("drift(a) = 1", "two numbers are compared with ==, not with =: drift(a) == …"),
        ("lag in [1, 2]", "lag is a number, which > >= < <= == or != compare with another"),
        ("drift", "as in drift > 0.2"),
        ("seconds_behind", "as in seconds_behind > 300"),
        ("lag > many", "lag is compared with a number, not with 'many'"),
        ("lag > 5m", "lag is compared with a number, not with '5m'"),
        ("lag > 15 or 16", "lag is compared with a number, not with '15 or 16'"),
        ("lag > nan", "lag is compared with a number, not with 'nan'"),
        (
            "seconds_behind > x",
            "seconds_behind is compared with seconds, or with a duration such as 5m, not with 'x'",
        ),
        ("lag > -1", "lag is never negative, and is compared with 0 or more"),
        ("invalid_ratio > 20", "invalid_ratio is a share from 0 to 1: 0.2 is a fifth"),
        ("lag(a) > 15", "lag is not of a field; invalid_ratio and drift can be asked of one"),
        (
            "invalid_ratio() > 0.2",
            "name the field: invalid_ratio(user_id), or write invalid_ratio without ( )",
        ),
        ("no_data > 5", "no_data is compared with nothing; write when: no_data"),
        (
            "status",
            "expected status in [rewound, data_loss], or status == rewound; it is one of ok, starting",
        ),
        ("status > 5", "it is one of ok, starting, lagging, unknown, stalled, rewound, data_loss"),
        ("status = stalled", "expected status in [rewound, data_loss], or status == rewound"),
        ("status in stalled", "expected status in [rewound, data_loss]"),
        ("status in [stalld]", "there is no status 'stalld'; did you mean 'stalled'?"),
        ("status in []", "there is no status ''; known here: ok, starting"),
        ("status == error", "there is no status 'error'; known here: ok"),
        ("dataset_status == stalled", "there is no dataset_status 'stalled'; known here: ok, warn, error"),
        ("dataset_status in [ok, warn, error, unknown]", "this is said of every dataset_status"),
        ("dataset_status not in [ok, warn, error, unknown]", "this is said of no dataset_status"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text(alphabet="lagstuvdr_()[]<>=!,. 0159em\n\u0660", max_size=40) | st.text(max_size=600))
@example("lag" + " " * 490)
@example("status in [" + "," * 480)
def test_any_text_is_a_condition_or_refused_with_a_sentence(text: str) -> None:
    condition = None
    with suppress(ValueError):
        condition = parse(text)
    assert condition is None or parse(str(condition)) == condition


@pytest.mark.parametrize(
    ("text", "holds", "does_not"),
    [
        ("lag > 15", [16], [15, 0]),
        ("lag >= 15", [15], [14]),
        ("lag < 15", [14], [15]),
        ("lag <= 15", [15], [16]),
        ("lag == 15", [15], [16]),
        ("lag != 15", [16], [15]),
        ("status == stalled", ["stalled"], ["ok"]),
        ("no_data", [0], [1, 12]),
    ],
)
def test_when_it_holds(text: str, holds: list[float | str], does_not: list[float | str]) -> None:
    condition = parse(text)
    assert all(map(condition.holds, holds))
    assert not any(map(condition.holds, does_not))


def test_a_word_is_no_number() -> None:
    assert not parse("lag != 15").holds("ok")


def test_each_measure_looks_back_and_says_what_it_is() -> None:
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.over
        assert bool(measure.statuses) is (measure.shape is Shape.STATUS)
