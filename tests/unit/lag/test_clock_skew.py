"""What is said of clocks that disagree. Times are seconds from an arbitrary noon, on the observer's clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.lag.clock_skew import LEAST_SECONDS, clock_skews, clock_warnings
from offline_observer.lag.lag import JobLag
from offline_observer.lag.look import Look
from offline_observer.lag.seconds_behind import FirstRecord, TimeKind
from offline_observer.lag.status import Status
from offline_observer.lag.trace import Trace, trace_of
from support.lags import partition_lag

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CREATE, APPEND = TimeKind.CREATE, TimeKind.LOG_APPEND


def time(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def record(offset: int, at: float, kind: TimeKind = CREATE) -> FirstRecord:
    return FirstRecord(0, int(time(at).timestamp() * 1000), offset=offset, kind=kind)


def look(
    at: float,
    ends: Sequence[int] = (10,),
    records: Mapping[int, FirstRecord] | None = None,
    *,
    commit: float | None = None,
    planned: float | None = None,
    in_flight: bool = True,
    asked: bool = True,
    topic_id: str | None = "t",
    clock: float = 0,
) -> Look:
    """A look that asked the broker a second before; `clock` is by how much this machine's clock is wrong."""
    return Look(
        at=time(at + clock),
        monotonic=at,
        lag=JobLag(
            status=Status.OK,
            reason="",
            partitions=tuple(partition_lag(number, 0, end) for number, end in enumerate(ends)),
            last_commit_at=None if commit is None else time(commit),
            in_flight_since=time(planned) if planned is not None and in_flight else None,
        ),
        topic_ids={"visits": topic_id},
        planned_at=None if planned is None else time(planned),
        asked=at - 1 if asked else None,
        first_records={("visits", number): one for number, one in (records or {}).items()},
    )


def said(present: Look, *before: Look) -> tuple[str, ...]:
    return clock_warnings(present, [trace_of(one) for one in before])


# The record with offset 5 came between a look that saw 5 as the end and one that saw 10.
LOOKS = (look(-100, [5]), look(-50, [5]), look(-40, [10]), look(-10, [10]))


@pytest.mark.parametrize(
    ("first", "before", "warning"),
    [
        pytest.param(record(5, -30), (), None, id="a record of the past"),
        pytest.param(record(5, 1.9), (), None, id="not worth a word"),
        pytest.param(record(5, 3600), (), "3600 s ahead", id="made in an hour"),
        pytest.param(record(5, 12.9, APPEND), (), "broker's clock (LogAppendTime) is at least 12 s ahead", id="append"),
        pytest.param(record(5, -30), LOOKS, "at least 10 s ahead", id="made after a look that has seen it"),
        pytest.param(record(5, -41), LOOKS, None, id="made before any look that has seen it"),
        pytest.param(record(5, -500), LOOKS, None, id="sent long after it was made"),
        pytest.param(record(5, -30, APPEND), LOOKS, "broker's clock (LogAppendTime) is at least 10 s ahead", id="append after it was seen"),
        pytest.param(record(5, -45, APPEND), LOOKS, None, id="between the two looks"),
        pytest.param(record(5, -52, APPEND), LOOKS, None, id="while the look was asking"),
        pytest.param(record(5, -52.5, APPEND), LOOKS, None, id="a little before"),
        pytest.param(record(5, -90, APPEND), LOOKS, "is at least 39 s behind", id="append before a look that did not see it"),
        pytest.param(record(4, -105, APPEND), LOOKS, None, id="and one that had seen it"),
        pytest.param(record(12, 2.5), (), None, id="it came after the look"),
        pytest.param(record(12, -20, APPEND), LOOKS, "is at least 9 s behind", id="it came after every look"),
        pytest.param(FirstRecord(5, None), LOOKS, None, id="no time"),
        pytest.param(FirstRecord(5, None, is_marker_only=True), LOOKS, None, id="no record"),
    ],
)  # fmt: skip
def test_a_record_and_the_looks(first: FirstRecord, before: tuple[Look, ...], warning: str | None) -> None:
    found = said(look(0, [10], {0: first}), *before)
    if warning is None:
        assert found == ()
    else:
        (sentence,) = found
        assert sentence.startswith("visits-0: ")
        assert warning in sentence
        small, large = "seconds behind are too small by that", "seconds behind are too large by that"
        assert sentence.endswith(small if "ahead" in warning else large)


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 1), ({"asked": False}, 0)], ids=["end of the log", "last stable offset"]
)
def test_records_beyond_a_last_stable_offset_may_be_old(changes: dict[str, bool], count: int) -> None:
    present = look(0, [10], {0: record(5, -90, APPEND)})
    assert len(said(present, look(-50, [5], asked=changes.get("asked", True)))) == count


def test_the_record_of_a_topic_that_was_made_anew_was_not_seen_in_the_old_one() -> None:
    present = look(0, [10], {0: record(5, -10)})
    assert len(said(present, look(-50, [100]))) == 1
    assert said(present, look(-50, [100], topic_id="old")) == ()
    assert said(present, look(-50, [100], topic_id=None)) == ()


def test_a_partition_that_an_earlier_look_did_not_know() -> None:
    present = look(0, [10, 10], {1: record(5, -90, APPEND)})
    assert said(present, look(-50, [10])) == ()
    assert len(said(present, look(-60, [5, 5]), look(-50, [10]))) == 1


def test_nothing_is_concluded_from_looks_that_nobody_took() -> None:
    trace = trace_of(look(-50, [5]))
    from_checkpoint = Trace(
        **{name: getattr(trace, name) for name in Trace.__dataclass_fields__} | {"is_from_checkpoint": True}
    )
    present = look(0, [10], {0: record(5, -90, APPEND)})
    assert len(clock_warnings(present, [trace])) == 1
    assert clock_warnings(present, [from_checkpoint]) == ()


def test_a_clock_that_was_set_between_two_looks() -> None:
    # At the earlier look it was a minute ahead, and the broker's is right.
    assert said(look(0, [10], {0: record(5, -20, APPEND)}), look(-50, [5], clock=60)) == ()
    assert said(look(0, [10], {0: record(5, -60)}), look(-50, [10], clock=-60)) == ()


@pytest.mark.parametrize(
    ("commit", "before", "warning"),
    [
        (-5, (), None),
        (1, (), None),
        (7.5, (), "at least 7 s ahead"),
        (-5, (look(-10, commit=-5),), "at least 5 s ahead"),
        (-5, (look(-20, commit=-5), look(-10, commit=-5)), "at least 15 s ahead"),
        (-5, (look(-20, commit=-30), look(-5, commit=-5)), None),
    ],
)
def test_the_clock_of_the_storage(commit: float, before: tuple[Look, ...], warning: str | None) -> None:
    found = said(look(0, commit=commit), *before)
    assert len(found) == (warning is not None)
    assert all(warning in one and "checkpoint's storage" in one for one in found if warning)


@pytest.mark.parametrize("in_flight", [True, False])
@pytest.mark.parametrize(
    ("planned", "before", "warning"),
    [(-5, None, None), (30, None, "at least 30 s ahead"), (30, -20, "at least 50 s ahead")],
)
def test_the_clock_of_the_driver(
    planned: float, before: float | None, warning: str | None, in_flight: bool
) -> None:
    earlier = () if before is None else (look(before, planned=planned),)
    found = said(look(0, planned=planned, in_flight=in_flight), *earlier)
    assert len(found) == (warning is not None)
    assert all(warning in one and "job's driver" in one for one in found if warning)


def test_one_sentence_per_clock_and_direction_with_the_worst_partition() -> None:
    ahead = {0: record(5, 10), 1: record(5, 40), 2: record(5, 20), 3: record(5, 7, APPEND)}
    present = look(0, [10] * 5, {**ahead, 4: record(5, -90, APPEND)}, commit=60, planned=70)
    found = said(present, look(-50, [5] * 5))
    assert [sentence.split(":")[0].split(" is ")[0] for sentence in found] == [
        "visits-1",
        "visits-3",
        "visits-4",
        "the clock of the checkpoint's storage",
        "the clock of the job's driver",
    ]


@given(
    skew=st.floats(-1e5, 1e5),
    appended=st.floats(-95, -1),
    looks=st.lists(st.floats(-100, -0.5), max_size=8),
    asking=st.floats(0, 1),
)
def test_at_least_is_never_too_much(skew: float, appended: float, looks: list[float], asking: float) -> None:
    """A record is appended, looks are taken before and after it, and the broker's clock is wrong by any number."""

    def sees(at: float) -> list[int]:
        return [6 if at - asking >= appended else 5]

    taken = [look(at, sees(at)) for at in sorted(looks)]
    present = look(0, sees(0), {0: record(5, appended + skew, APPEND)})
    for one in clock_skews(present, [trace_of(each) for each in taken]):
        true = skew if one.kind.endswith("ahead") else -skew
        assert one.seconds <= true + 0.002


@given(jitter=st.floats(-LEAST_SECONDS, LEAST_SECONDS), at=st.floats(-90, -1))
def test_clocks_that_agree_are_not_mentioned(jitter: float, at: float) -> None:
    shown = at + jitter * 0.99
    before = [look(at - 2, [5]), look(at + 0.5, [6])]
    assert said(look(2, [6], {0: record(5, shown, APPEND)}, commit=at + jitter * 0.99), *before) == ()
