"""What a topic may do to the memory and the time of the kernel: nothing beyond the chunk that is looked at."""

import gc
import json
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.field_tree import LONGEST_NAME, MOST_NAMES
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.kernel import Accumulation, Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import MINUTES, OFFENDERS

NOW = datetime(2024, 1, 1, tzinfo=UTC)
MEGABYTE = 1_000_000
FIELDS: dict[str, FieldType] = {"a": "string", "o.x": "integer"}
RULES = [
    Rule("not_empty", "a"),
    Rule("length", "a", {"max": 3}),
    Rule("unique", "a", {"keep": 100}),
    Rule("no_unknown_fields"),
    Rule("row_count", "", {"min": 1}),
    Rule("freshness", "", {"max_age": "5m", "field": "a"}),
]


def kept(total: Accumulation, chunks: Iterator[ValueChunk]) -> int:
    """The bytes that a sum keeps of some chunks."""
    total.add(ValueChunk([b"{}"]))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        # Nothing holds the last chunk when it is done with.
        deque(map(total.add, chunks), maxlen=0)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("keep_content", [False, True])
def test_a_record_with_a_million_fields(keep_content: bool) -> None:
    record = b"{" + b",".join(b'"k%d":1' % n for n in range(MEGABYTE)) + b"}"
    kernel = Kernel(KernelSpec(rules=RULES, fields=FIELDS, keep_content=keep_content))
    total = kernel.start(NOW)
    assert kept(total, iter([ValueChunk([record])])) < 200_000
    summary = total.summary()
    assert summary.unknown_fields == 1
    assert len(summary.unknown_names.counts) == MOST_NAMES
    assert summary.unknown_names.error == 1
    assert all(one.value is None for one in summary.offenders["no_unknown_fields"] if one.place.offset)


def chunk_of_names(k: int) -> ValueChunk:
    """Records of a hundred names each, none of which comes twice."""
    records = [b"{" + b",".join(b'"k%d-%d-%d":1' % (k, i, n) for n in range(100)) + b"}" for i in range(250)]
    return ValueChunk(records, first_offset=k * 250)


def test_a_million_distinct_names() -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("no_unknown_fields")], fields=FIELDS))
    total = kernel.start(NOW)
    assert kept(total, map(chunk_of_names, range(4))) < 100_000
    for k in range(4, 40):
        total.add(chunk_of_names(k))
    summary = total.summary()
    assert summary.broken == {"no_unknown_fields": 10_000}
    assert len(summary.unknown_names.counts) <= MOST_NAMES


def test_very_long_names_and_values() -> None:
    values: list[bytes | None] = [
        json.dumps(
            {"a": f"{n}" * MEGABYTE, "n" * MEGABYTE + str(n): 1, "o": {"y" * MEGABYTE: "\u00e9"}}
        ).encode()
        for n in range(5)
    ]
    kernel = Kernel(KernelSpec(rules=RULES, fields=FIELDS, keep_content=True))
    total = kernel.start(NOW)
    assert kept(total, iter([ValueChunk(values)])) < 200_000
    summary = total.summary()
    assert set(summary.unknown_names.counts) == {"n" * LONGEST_NAME, ("o." + "y" * MEGABYTE)[:LONGEST_NAME]}
    assert summary.broken["a.length"] == 5


def test_ten_thousand_rules_that_every_record_breaks() -> None:
    rules = [Rule("not_empty", f"f{n}") for n in range(10_000)]
    started = time.process_time()
    kernel = Kernel(KernelSpec(rules=rules, keep_content=True))
    assert time.process_time() - started < 5
    total = kernel.start(NOW)
    values: list[bytes | None] = [b'{"x":1}'] * 20
    memory = kept(total, (ValueChunk(values, first_offset=k * 20, first_timestamp=k) for k in range(4)))
    # Some places for each rule.
    assert memory < 10_000 * OFFENDERS * 400
    summary = total.summary()
    assert len(summary.broken) == len(summary.offenders) == 10_000
    assert all(len(some) == OFFENDERS for some in summary.offenders.values())


@pytest.mark.parametrize("wanted", ["a", "x"])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_a_hundred_thousand_levels(wanted: str, brackets: tuple[bytes, bytes]) -> None:
    opened, closed = brackets
    for value in (
        b'{"a":' + opened * 100_000 + b"1" + closed * 100_000 + b"}",
        b'{"a":' + opened * 100_000,
        opened * 100_000,
        b'{"a":' + opened * 100_000 + b"1" + closed * 99_999 + b"}",
    ):
        for rules in (
            [Rule("not_empty", wanted)],
            [Rule("unique", wanted)],
            [Rule("json_schema", "", {"schema": {}})],
        ):
            summary = Kernel(KernelSpec(rules=rules))([value])
            assert (summary.unparseable, summary.broken) == (1, {})


def test_minutes_and_times_of_every_kind() -> None:
    kernel = Kernel(KernelSpec(rules=RULES))
    total = kernel.start(NOW)

    class Spread(ValueChunk):
        def timestamp(self, index: int) -> int:
            return (self.first_offset + index) * 3_600_000

    values: list[bytes | None] = [b'{"a":"x"}'] * 1000
    memory = kept(total, (Spread(values, first_offset=k * 1000) for k in range(20)))
    assert memory < 1_000_000
    assert len(total.summary().minutes) <= MINUTES


def test_distinct_values_are_bounded_by_what_is_kept() -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("unique", "a", {"keep": 1000})]))
    total = kernel.start(NOW)
    chunks = (ValueChunk([b'{"a":%d}' % (k * 1000 + n) for n in range(1000)]) for k in range(20))
    assert kept(total, chunks) < 300_000
    assert total.summary().distinct["a.unique"].repeated == 0


def seconds(function: Callable[[], object]) -> float:
    """The least of some runs, without Python's collector, which goes through all that this process holds."""
    taken = []
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            function()
            taken.append(time.process_time() - started)
    finally:
        gc.enable()
    return min(taken)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: b"{" + b",".join(b'"k%d":1' % i for i in range(n)) + b"}",
        lambda n: b'{"a":"' + b"x" * (n * 10) + b'"}',
        lambda n: b'{"a":"' + b"\\ud800" * n + b'"}',
        lambda n: b'{"a":"' + "\u00e9".encode() * n * 4 + b'"}',
        lambda n: b'{"a":[' + b"[1]," * n + b"1]}",
        lambda n: b'{"a":' + b"1" * n + b"}",
        lambda n: b"{" * n,
        lambda n: b'{"a":"' + b"\\" * n * 10,
        lambda n: b"\xff" * n * 10,
        lambda n: b'{"a":1' + b',"a":1' * n + b"}",
    ],
)
def test_the_time_is_linear_in_the_size_of_a_record(make: Callable[[int], bytes]) -> None:
    schema = Rule("json_schema", "", {"schema": {}})
    kernels = [Kernel(KernelSpec(rules=RULES, fields=FIELDS)), Kernel(KernelSpec(rules=[*RULES[:3], schema]))]
    for kernel in kernels:
        small, large = make(20_000), make(200_000)
        short = seconds(lambda kernel=kernel, value=small: kernel([value]))  # type: ignore[misc]
        long = seconds(lambda kernel=kernel, value=large: kernel([value]))  # type: ignore[misc]
        # Ten times the size; quadratic would be a hundred times the time.
        assert long < 40 * short + 0.02


def test_the_time_is_linear_in_the_number_of_records() -> None:
    kernel = Kernel(KernelSpec(rules=RULES, fields=FIELDS))
    values: list[bytes | None] = [
        b'{"a":5}',
        b'{"z":1}',
        b"x",
        None,
        b'{"a":"\\ud800"}',
        b'{"a":"abcd"}',
    ] * 100

    def run(number: int) -> None:
        kernel.summarize((ValueChunk(values, first_offset=k * 600) for k in range(number)), NOW)

    assert seconds(lambda: run(20)) < 40 * seconds(lambda: run(2)) + 0.05
    assert seconds(lambda: kernel(values * 20)) < 40 * seconds(lambda: kernel(values * 2)) + 0.05
