"""Buckets as what charts draw."""

from offline_observer.dashboard.series import (
    cells,
    largest,
    mean,
    most,
    rate,
    share,
    status_spans,
    with_gaps,
    worst_parts,
)
from offline_observer.journal.trends import Bucket


def bucket(part: str, start: int, total: float, largest: float | None = None, readings: int = 2) -> Bucket:
    return Bucket(part, start, readings, total, total if largest is None else largest)


def test_numbers_of_a_bucket() -> None:
    buckets = [bucket("", 0, 30, 20), bucket("", 60, 10, 9)]
    assert most(buckets, 60) == [(0, 20), (60, 9)]
    assert mean(buckets, 60) == [(0, 15.0), (60, 5.0)]
    assert rate(buckets, 60, 60, 120) == [(0, 30.0), (60, 10.0)]
    assert rate(buckets, 120, 60, 180) == [(0, 15.0), (60, 5.0)]


def test_a_bucket_that_goes_on_is_no_drop() -> None:
    whole, begun = bucket("", 0, 60, readings=6), bucket("", 60, 20, readings=2)
    assert rate([whole, begun], 60, 60, 80) == [(0, 60.0), (60, 60.0)]
    assert rate([whole, begun], 60, 60, 120) == [(0, 60.0), (60, 20.0)], "it is over"
    assert rate([begun], 60, 60, 80) == [(60, 20.0)]
    assert rate([begun, bucket("", 120, 60, readings=6)], 60, 60, 170) == [(60, 20.0), (120, 60.0)]


def test_where_nothing_is_known_there_is_a_gap() -> None:
    assert with_gaps([(0, 1.0), (10, 2.0), (30, 3.0), (60, 4.0)], 10) == [
        (0, 1.0),
        (10, 2.0),
        (30, 3.0),
        (40, None),
        (60, 4.0),
    ]
    assert with_gaps([], 10) == []


def test_a_share_of_nothing_is_none() -> None:
    parts = [bucket("a", 0, 1), bucket("a", 60, 1), bucket("a", 120, 5)]
    assert share(parts, {0: 4.0, 60: 0.0, 120: 10.0}, 60) == [(0, 0.25), (120, 0.5)]


def test_the_worst_parts_are_those_that_are_so_now() -> None:
    parts = {
        "t/0": ([0], [900.0]),
        "t/1": ([0, 60], [1.0, 50.0]),
        "t/2": ([0, 60], [3.0, 2.0]),
        "t/3": ([60], [2.0]),
    }
    assert worst_parts(parts, 3, 30) == ["t/1", "t/2", "t/3"]
    assert worst_parts(parts, 9, 30) == ["t/1", "t/2", "t/3", "t/0"]
    assert worst_parts(parts, 2, 60) == ["t/0", "t/1"], "the newest bucket has just begun"
    assert worst_parts({}, 3, 60) == []


def test_the_largest_numbers_as_a_line() -> None:
    assert largest(([0, 10, 60], [1.0, 2.0, 3.0]), 10) == [(0, 1.0), (10, 2.0), (20, None), (60, 3.0)]


def test_a_heat_map_has_a_row_for_each_partition_in_their_order() -> None:
    parts = {"t/10": ([0, 60], [10.0, 11.0]), "t/2": ([60], [2.0]), "t/0": ([0, 60], [0.0, 0.0])}
    assert cells(parts, 60) == (["t/0", "t/2", "t/10"], [0, 60], [[0, 0], [None, 2], [10, 11]])
    assert cells({}, 60) == ([], [], [])


def test_what_did_not_change_is_in_the_heat_map_for_one_more_time() -> None:
    parts = {"t/0": ([0, 60, 120, 180], [1.0] * 4), "t/1": ([0, 180], [7.0, 9.0])}
    assert cells(parts, 60, some_unchanged=True)[2] == [[1, 1, 1, 1], [7, 7, None, 9]]


def test_of_very_many_partitions_neighbours_share_a_row() -> None:
    rows, times, found = cells({f"t/{number}": ([0], [float(number)]) for number in range(2500)}, 60)
    assert (len(rows), times) == (834, [0])
    assert rows[0] == "t/0 to t/2"
    assert found[0] == [2]
    assert (rows[-1], found[-1]) == ("t/2499", [2499])


def test_a_timeline_shows_the_worst_of_each_time_and_joins_neighbours() -> None:
    buckets = [
        bucket("ok", 0, 1),
        bucket("ok", 10, 1),
        bucket("stalled", 10, 1),
        bucket("stalled", 20, 1),
        bucket("ok", 30, 1),
        bucket("ok", 90, 1),
    ]
    assert status_spans(buckets, 10) == [("ok", 0, 10), ("stalled", 10, 30), ("ok", 30, 40), ("ok", 90, 100)]
    assert status_spans([bucket("data_loss", 0, 1), bucket("what is new", 0, 1)], 10) == [
        ("data_loss", 0, 10)
    ]
