"""Summaries, samples and sketches: the same however the records are divided, within bounds that are kept."""

import json
import pickle
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.quality.chunk import Place, ValueChunk
from offline_observer.quality.distinct_sample import DistinctSample, DistinctSampleBuilder, _dumps, hash_of
from offline_observer.quality.frequent import Frequent
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import OFFENDERS, Summary, merge_all
from support.odd_records import FIELDS, RULES, odd_records
from support.simple_quality import simple_counts

NOW = datetime(2024, 1, 1, tzinfo=UTC)
MILLISECONDS = int(NOW.timestamp() * 1000)
SPEC = KernelSpec(
    rules=[
        *RULES,
        Rule("no_unknown_fields"),
        Rule("json_schema", "", {"schema": {"required": ["a"]}}),
        Rule("timestamp", "o.a", {"not_in_future": True, "max_age": "1d"}),
        Rule("freshness", "", {"max_age": "5m"}),
        Rule("freshness", "", {"max_age": "5m", "field": "a"}, title="fresh"),
        Rule("row_count", "", {"min": 1}),
        Rule("invalid_ratio", "", {"below": 0.5}),
    ],
    fields=FIELDS,
    keep_content=True,
)
KERNEL = Kernel(SPEC)
QUICK_KERNEL = Kernel(KernelSpec(rules=RULES[:14], keep_content=True))
ODD = list(odd_records(3, 3000))


class TimedChunk(ValueChunk):
    """Records whose times go to and fro, some far in the future, some without one."""

    def timestamp(self, index: int) -> int:
        offset = self.first_offset + index
        times = (-1, 0, MILLISECONDS - offset * 7919, MILLISECONDS + offset, 2**62, MILLISECONDS - 60_000)
        return times[offset % len(times)]


def chunk(values: Sequence[bytes | None], first: int, partition: int = 0) -> TimedChunk:
    return TimedChunk(values, partition=partition, first_offset=first)


def without_names(summary: Summary) -> tuple[object, ...]:
    names = [one for one in Summary.__dataclass_fields__ if one != "unknown_names"]
    return tuple(getattr(summary, name) for name in names)


def divided(values: Sequence[bytes | None], cuts: Sequence[int]) -> list[TimedChunk]:
    edges = sorted({0, len(values), *(min(cut, len(values)) for cut in cuts)})
    return [chunk(values[start:end], start) for start, end in pairwise(edges)]


parts = st.lists(st.sampled_from(ODD), max_size=60)


@given(values=parts, cuts=st.lists(st.integers(0, 60), max_size=6), data=st.data())
def test_however_the_records_are_divided(
    values: list[bytes | None], cuts: list[int], data: st.DataObject
) -> None:
    for kernel in (KERNEL, QUICK_KERNEL):
        whole = kernel.summarize([chunk(values, 0)], NOW)
        chunks = divided(values, cuts)
        in_one = kernel.summarize(chunks, NOW)
        shuffled = [kernel.summarize([one], NOW) for one in data.draw(st.permutations(chunks))]
        for other in (in_one, merge_all(shuffled), merge_all(reversed(shuffled))):
            assert without_names(other) == without_names(whole)
            names = whole.unknown_names.counts.keys() | other.unknown_names.counts.keys()
            for name in names:
                one, two = whole.unknown_names.counts.get(name, 0), other.unknown_names.counts.get(name, 0)
                assert one <= two + other.unknown_names.error
                assert two <= one + whole.unknown_names.error
        assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301
        assert whole.merge(Summary()) == whole == Summary().merge(whole)


@given(one=parts, two=parts, three=parts)
def test_merging_is_associative_and_commutative(
    one: list[bytes | None], two: list[bytes | None], three: list[bytes | None]
) -> None:
    a, b, c = (KERNEL.summarize([chunk(some, 0, n)], NOW) for n, some in enumerate((one, two, three)))
    assert without_names(a.merge(b)) == without_names(b.merge(a))
    assert without_names(a.merge(b).merge(c)) == without_names(a.merge(b.merge(c)))
    assert a.merge(b).unknown_names == b.merge(a).unknown_names
    left, right = a.merge(b).merge(c).unknown_names, a.merge(b.merge(c)).unknown_names
    exact = simple_counts([*one, *two, *three], [], FIELDS).unknown_names
    for found in (left, right):
        assert found.error <= 100 + sum(exact.values()) // (found.limit + 1)
        for name, count in exact.items():
            assert found.counts.get(name, 0) <= count <= found.counts.get(name, 0) + found.error


def test_offenders_are_the_first_by_their_time() -> None:
    values: list[bytes | None] = [b"{}"] * 100
    kernel = Kernel(KernelSpec(rules=[Rule("not_empty", "a")]))
    found = kernel.summarize(divided(values, [3, 50, 51]), NOW).offenders["a.not_empty"]
    places = sorted(chunk(values, 0).place(index) for index in range(100))
    assert [one.place for one in found] == places[:OFFENDERS]
    assert all(one.value is None for one in found)


def test_a_record_that_is_seen_twice_is_one_offender() -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("not_empty", "a")], keep_content=True))
    summary = kernel.summarize([ValueChunk([b"{}"], first_offset=7, first_timestamp=5)], NOW)
    both = summary.merge(summary)
    assert both.broken == {"a.not_empty": 2}
    (only,) = both.offenders["a.not_empty"]
    assert (only.place, only.value) == (Place(5, "values", 0, 7), b"{}")


def test_the_rules_of_a_kernel_can_be_sent_to_another_process() -> None:
    spec = pickle.loads(pickle.dumps(SPEC))  # noqa: S301
    assert spec == SPEC
    assert Kernel(spec).summarize([chunk(ODD, 0)], NOW) == KERNEL.summarize([chunk(ODD, 0)], NOW)


numbers = st.lists(st.integers(0, 300), max_size=400)


def sample(values: Sequence[int], limit: int = 100) -> DistinctSample:
    # A few at a time, as they come in chunks.
    builder = DistinctSampleBuilder(limit)
    for start in range(0, len(values), 7):
        builder.add(Counter(hash_of(value) for value in values[start : start + 7]))
    return builder.result()


@given(one=numbers, two=numbers, three=numbers)
def test_a_distinct_sample(one: list[int], two: list[int], three: list[int]) -> None:
    a, b, c = sample(one), sample(two), sample(three)
    everything = sample([*one, *two, *three])
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == c.merge(b).merge(a) == everything
    assert everything.merge(DistinctSample(100)) == everything
    counts = Counter([*one, *two, *three])
    repeated = sum(counts.values()) - len(counts)
    assert everything.is_cut == (len(counts) > 100)
    assert len(everything.counts) == min(100, len(counts))
    if not everything.is_cut:
        assert everything.repeated == repeated
    if not repeated:
        assert everything.repeated == 0
    by_hash = {hash_of(value): count for value, count in counts.items()}
    assert all(by_hash[key] == count for key, count in everything.counts.items())


def test_what_a_distinct_sample_makes_of_many_values() -> None:
    """Of n distinct values that come twice the number is found within some standard errors, 1 / sqrt(k)."""
    for distinct in (1500, 20_000):
        found = sample([*range(distinct)] * 2, limit=1000).repeated
        assert abs(found - distinct) < 4 * distinct / 1000**0.5
    assert sample(range(20_000), limit=1000).repeated == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(value=json_values)
def test_what_is_nested_too_deeply_is_written_as_the_rest_is(value: object) -> None:
    assert _dumps(value) == json.dumps(value, sort_keys=True, default=repr)


@given(value=json_values)
def test_a_hash_is_the_same_for_the_same_value(value: object) -> None:
    assert hash_of(json.loads(json.dumps(value))) == hash_of(value)
    if isinstance(value, dict):
        assert hash_of(dict(reversed(value.items()))) == hash_of(value)


words = st.lists(st.sampled_from([f"w{n}" for n in range(30)]), max_size=200)


@given(some=st.lists(words, min_size=1, max_size=6))
def test_the_most_frequent(some: list[list[str]]) -> None:
    limit = 5
    nothing: Frequent[str] = Frequent(limit)
    sketches = [nothing.add(Counter(one)) for one in some]
    exact = Counter(word for one in some for word in one)
    forward = backward = nothing
    for sketch in sketches:
        assert forward.merge(sketch) == sketch.merge(forward)
        forward = forward.merge(sketch)
    for sketch in reversed(sketches):
        backward = backward.merge(sketch)
    for found in (forward, backward):
        assert len(found.counts) <= limit
        assert found.error <= sum(exact.values()) // (limit + 1)
        for word, count in exact.items():
            assert found.counts.get(word, 0) <= count <= found.counts.get(word, 0) + found.error
        assert found.merge(nothing) == found
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    if len(exact) <= limit:
        assert forward.counts == exact
        assert forward.error == 0
