"""What a field's texts come to when they are summed up where they stand, beside the same texts one by one."""

import json
from collections import Counter
from collections.abc import Callable
from random import Random

import datasketches
import numpy as np
import pytest

from offline_observer.profile.distinct import LG_K
from offline_observer.profile.field_builder import FieldBuilder
from offline_observer.profile.field_summary import FREQUENT, FieldSummary
from offline_observer.quality.decoding import ChunkDecoder
from offline_observer.quality.frequent import Frequent
from offline_observer.scan.machine_code import LONGEST_COUNTED
from support.scanning import JsonScanner

RANDOM = Random(3)
CHUNK = 500
CHARACTERS = [chr(code) for code in (*range(33, 127), *range(0xA1, 0x180), *range(0x4E00, 0x4F00), 0x1F600)]


def any_text(_: int) -> str:
    return "".join(RANDOM.choices(CHARACTERS, k=RANDOM.randrange(1, 60)))


def any_time(number: int) -> str:
    return RANDOM.choice(
        [
            f"2024-02-{number % 32:02}T{number % 25:02}:00:{number % 61:02}.{number % 1000:03}Z",
            f"20{number % 100:02}-02-29T00:00:{number % 60:02}Z",
            f"1969-12-31T23:59:59.{number:06}Z",
            f"2024-01-01T00:00:00.{number:06}+01:00",
            f"2024-01-{number % 30 + 1:02}",
            "0001-01-01T00:00:00Z",
            f"2024-13-01T00:00:00.{number % 1000:03}Z",
            f"at {number}",
        ]
    )


def a_mixture(number: int) -> object:
    return RANDOM.choice(
        [
            *(number, None, "", "   ", " \t", "\u00a0\u3000", " x", "\u00a0x", "often", f"id-{number}", True),
            *("x" * LONGEST_COUNTED, "é" * (LONGEST_COUNTED // 2) + str(number % 3), [number], 'a "quote"'),
        ]
    )


WAYS: dict[str, Callable[[int], object]] = {
    "each once": lambda number: f"user-{number:06}",
    "of any characters": any_text,
    "a few": lambda number: f"page {number % 40}",
    "some thousands": lambda _: f"user-{RANDOM.randrange(5000)}",
    "tens of thousands": lambda _: f"user-{RANDOM.randrange(30_000)}",
    "a twentieth is one": lambda number: "unknown" if number % 20 == 0 else f"user-{number}",
    "times": lambda number: f"2024-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
    "times of any form": any_time,
    "a mixture": a_mixture,
    "few, then each once": lambda number: number % 7 if number < 9000 else f"x{number}",
    "each once, then few": lambda number: f"x{number}" if number < 9000 else f"x{number % 7}",
    "long ones": lambda number: "x" * (LONGEST_COUNTED + number % 3),
}


@pytest.fixture(scope="module", params=WAYS)
def values(request: pytest.FixtureRequest) -> list[object]:
    return [WAYS[request.param](number) for number in range(20_000)]


def summary_of(values: list[object], *, scanned: bool) -> FieldSummary:
    decoder = ChunkDecoder(["a"])
    if scanned:
        decoder.hurry(JsonScanner)
    builder = FieldBuilder()
    for start in range(0, len(values), CHUNK):
        records = [json.dumps({"a": value}, ensure_ascii=False) for value in values[start : start + CHUNK]]
        # Some records without the field.
        (column,) = decoder.decode([*(record.encode() for record in records), b"{}"]).columns
        builder.add(column)
    return builder.result()


def test_it_is_the_same_as_one_by_one(values: list[object]) -> None:
    one, other = (summary_of(values, scanned=scanned) for scanned in (False, True))
    assert (one.missing, one.null, one.types) == (other.missing, other.null, other.types)
    a, b = one.texts, other.texts
    assert (a.count, a.blank, a.characters) == (b.count, b.blank, b.characters)
    assert (a.least, a.greatest, a.shortest, a.longest) == (b.least, b.greatest, b.shortest, b.longest)
    # The same registers, to the bit, whichever code has filled them.
    assert one.distinct.estimate == other.distinct.estimate
    for before, after in ((one.times, other.times), (one.numbers, other.numbers)):
        assert (before.count, before.least, before.greatest) == (after.count, after.least, after.greatest)
        if before.count:
            some = before.quantiles.at([0.1, 0.5, 0.9])
            assert after.quantiles.ranks(some) == pytest.approx(before.quantiles.ranks(some), abs=0.04)


def test_no_frequent_value_is_further_off_than_it_says(values: list[object]) -> None:
    summary = summary_of(values, scanned=True)
    exact = Counter(value for value in values if isinstance(value, str) and len(value) < 200)
    check_frequent(summary.texts.frequent, exact, len(values))


def check_frequent(frequent: Frequent[str], exact: Counter[str], number: int) -> None:
    assert frequent.error <= number / FREQUENT
    for text, count in exact.items():
        found = frequent.counts.get(text, 0)
        assert count - frequent.error <= found <= count


def test_a_value_that_comes_often_among_others_is_counted_well() -> None:
    values: list[object] = ["unknown" if number % 20 == 0 else f"user-{number}" for number in range(20_000)]
    assert summary_of(values, scanned=True).texts.frequent.counts["unknown"] >= 1000 * 0.99


def test_a_value_that_comes_often_is_counted_well_in_a_field_that_is_seldom_there() -> None:
    texts = iter("unknown" if number % 10 == 0 else f"user-{number}" for number in range(8000))
    values: list[object] = [None if number % 50 else next(texts) for number in range(400_000)]
    frequent = summary_of(values, scanned=True).texts.frequent
    assert frequent.error <= 8000 / FREQUENT
    assert 800 - frequent.error <= frequent.counts["unknown"] <= 800


def test_the_registers_are_those_of_the_library() -> None:
    texts = [any_text(number) for number in range(5000)]
    sketch = datasketches.hll_sketch(LG_K, datasketches.tgt_hll_type.HLL_8)
    for text in texts:
        sketch.update(text)
    # Enough of them at once that they are summed up without a table.
    builder = FieldBuilder()
    decoder = ChunkDecoder(["a"])
    decoder.hurry(JsonScanner)
    for start in range(0, len(texts), CHUNK):
        records = [
            json.dumps({"a": text}, ensure_ascii=False).encode() for text in texts[start : start + CHUNK]
        ]
        builder.add(decoder.decode(records).columns[0])
    union = datasketches.hll_union(LG_K)
    union.update(datasketches.hll_sketch.deserialize(builder.result().distinct.data))
    ours = union.get_result(datasketches.tgt_hll_type.HLL_8).serialize_updatable()
    registers = 2**LG_K
    assert np.array_equal(
        np.frombuffer(ours[-registers:], np.uint8),
        np.frombuffer(sketch.serialize_updatable()[-registers:], np.uint8),
    )


def test_what_is_no_text_is_counted_also_where_the_table_grows_amid_a_column() -> None:
    records = [b'{"a":null}', b"{}", b'{"a":7}'] * 100
    records += [b'{"a":"t%d"}' % (number // 2) for number in range(20_000)]
    builder = FieldBuilder()
    decoder = ChunkDecoder(["a"])
    decoder.hurry(JsonScanner)
    builder.add(decoder.decode(records).columns[0])
    summary = builder.result()
    assert (summary.null, summary.missing) == (100, 100)
    assert summary.types == {"integer": 100, "string": 20_000}
