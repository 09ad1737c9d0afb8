from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest

from offline_observer.profile.drift import Drift, field_drift
from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.field_summary import FieldSummary


def field(values: Sequence[object]) -> FieldSummary:
    builder = FieldBuilder()
    builder.add(values)
    return builder.result()


def drift(before: Sequence[object], after: Sequence[object]) -> Drift:
    return field_drift(field(before), field(after))


def test_the_same_values_do_not_drift() -> None:
    values = [*"aabbbc", None, "", 1, 2.5, True, {"x": 1}] * 100
    assert drift(values, values) == Drift(completeness=0.0, distance=0.0, drift=0.0)


def test_no_values_in_common_is_nearly_the_greatest_distance() -> None:
    found = drift(["a"] * 10_000, ["b"] * 10_000)
    assert found.distance is not None
    assert 0.99 < found.distance <= 1
    assert (found.new, found.vanished) == (("b",), ("a",))
    assert found.drift == found.distance


def test_the_distance_of_two_known_distributions() -> None:
    # 0.5 * KL((.5,.5) | (.75,.25)) + 0.5 * KL((1,0) | (.75,.25)) = 0.31128 bit; chance is nothing of so many.
    found = drift(["a", "b"] * 500_000, ["a"] * 1_000_000)
    assert found.distance == pytest.approx(0.31128**0.5, abs=0.001)


def test_a_field_that_is_often_missing_drifts_by_its_completeness() -> None:
    before, after = ["x"] * 1000, ["x"] * 700 + [None] * 200 + [" "] * 100
    found = drift(before, after)
    assert found.completeness == pytest.approx(-0.3)
    assert found.drift == pytest.approx(0.3, abs=0.09)
    assert found.vanished == ()


def test_numbers_that_move_on_drift() -> None:
    random = Random(1)
    before = [random.gauss(0, 1) for _ in range(5000)]
    same = [random.gauss(0, 1) for _ in range(5000)]
    moved = [random.gauss(1, 1) for _ in range(5000)]
    steady = drift(before, same).drift
    assert steady is not None
    assert steady < 0.05
    found = drift(before, moved).drift
    assert found is not None
    assert found > 0.2


def test_another_type_is_drift() -> None:
    found = drift(list(range(1000)), [str(number) for number in range(1000)])
    assert found.drift is not None
    assert found.drift > 0.9


def test_times_move_on_by_their_nature() -> None:
    times = [
        [f"2024-01-01T{hour:02}:{m:02}:{s:02}Z" for m in range(60) for s in range(60)] for hour in (1, 2)
    ]
    assert drift(times[0], times[1]).drift == 0


def test_values_that_are_different_in_every_record_do_not_drift() -> None:
    assert drift([f"a{n}" for n in range(3000)], [f"b{n}" for n in range(3000)]).drift == 0


@pytest.mark.parametrize(("before", "after"), [([], ["a"]), (["a"], []), ([], [])])
def test_without_records_on_a_side_nothing_is_known(before: list[object], after: list[object]) -> None:
    assert drift(before, after) == Drift(completeness=None, distance=None, drift=None)


def test_a_field_that_is_empty_on_a_side() -> None:
    found = drift([None] * 500, ["a"] * 500)
    assert (found.completeness, found.distance) == (1.0, None)
    assert found.drift == pytest.approx(1.0, abs=0.13)
    assert found.new == ("a",)


@pytest.mark.parametrize("size", [30, 300, 3000])
@pytest.mark.parametrize("kinds", [2, 10, 200, 5000])
def test_a_steady_stream_does_not_drift(size: int, kinds: int) -> None:
    random = Random(size * kinds)

    def window() -> FieldSummary:
        # Some values are much more frequent than others, and one in ten records has none.
        values = [
            None if random.random() < 0.1 else f"v{int(kinds * random.random() ** 3)}" for _ in range(size)
        ]
        return field(values)

    before = window()
    worst = 0.0
    for _ in range(100):
        after = window()
        found = field_drift(before, after).drift
        assert found is not None
        worst = max(worst, found)
        before = after
    assert worst < 0.1


def test_one_value_in_ten_that_becomes_another_is_seen_in_a_thousand_records() -> None:
    random = Random(5)
    kinds = ["PC", "Laptop", "Tablet", "Phone", "TV"]
    before = [random.choice(kinds) for _ in range(1000)]
    after = ["Watch" if random.random() < 0.1 else random.choice(kinds) for _ in range(1000)]
    found = drift(before, after)
    assert found.drift is not None
    assert found.drift > 0.1
    assert found.new == ("Watch",)


def test_a_field_that_becomes_blank_drifts_by_its_completeness_alone() -> None:
    found = drift(["x"] * 20, [""] * 20)
    assert (found.completeness, found.distance, found.new, found.vanished) == (-1.0, 0.0, (), ("x",))
    assert drift([""] * 20, ["x"] * 20).new == ("x",)
    assert drift([""] * 20, [" "] * 20) == Drift(completeness=0.0, distance=0.0, drift=0.0)


def test_more_blanks_are_no_other_values() -> None:
    before = [""] * 4500 + [f"a{n}" for n in range(5500)]
    after = [""] * 5500 + [f"b{n}" for n in range(4500)]
    found = drift(before, after)
    assert found.distance == 0
    assert found.drift is not None
    assert found.drift < 0.1


def test_what_the_frequent_values_do_not_know_is_no_drift() -> None:
    def values(others: int) -> list[str]:
        return [f"a{n}" for n in range(128)] * 80 + [f"b{n}" for n in range(others)] * 40

    found = drift(values(128), values(129)).drift
    assert found is not None
    assert found < 0.05


@pytest.mark.parametrize("count", [10_000, 300_000])
def test_the_error_of_the_sketch_is_no_drift(count: int) -> None:
    random = Random(count)

    def normal() -> FieldSummary:
        parts = [field([random.gauss(0, 1) for _ in range(count // 20)]) for _ in range(20)]
        total = FieldSummary()
        for part in parts:
            total = total.merge(part)
        return total

    windows = [normal() for _ in range(4)]
    assert [field_drift(one, other).drift for one, other in pairwise(windows)] == [0.0] * 3


def test_a_few_values_of_many_records_are_not_named() -> None:
    before: list[object] = [None] * 9990 + [f"a{n}" for n in range(10)]
    after: list[object] = [None] * 9990 + [f"b{n}" for n in range(10)]
    assert (drift(before, after).new, drift(before, after).vanished) == ((), ())
