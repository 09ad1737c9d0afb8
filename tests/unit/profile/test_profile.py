"""The profile of random records against plain Python, and the laws of merging."""

import json
import pickle
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_observer.engine.build import KernelSettings, build_kernel
from offline_observer.profile.field_summary import FREQUENT, FieldSummary
from offline_observer.profile.profile import Profile
from offline_observer.profile.sample import Sample
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.summary import Summary, merge_all
from offline_observer.quality.times import EPOCH, read_iso
from support.scanning import JsonScanner

FIELDS = ("id", "page", "time", "amount", "mixed", "tags", "a.b")
SETTINGS = KernelSettings(profile=ProfileSpec(fields=FIELDS, sample=50))
KERNEL, SCANNING = build_kernel(SETTINGS), build_kernel(SETTINGS)
# As it is for very many records.
SCANNING.decoder.hurry(JsonScanner)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "\u00a0", "a", "b", "ä", "1", "true", "2024-01-01T00:00:00Z", "\ud800"])
    | st.text(max_size=5)
)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from("bc"), scalars, max_size=2)
records = st.lists(
    st.none()
    | st.just(b"no json")
    | st.dictionaries(st.sampled_from(["id", "page", "mixed", "tags", "a"]), values, max_size=4).map(
        lambda record: json.dumps(record).encode()
    ),
    max_size=40,
)


def summaries(values: Sequence[bytes | None], edges: Sequence[int], kernel: Kernel = KERNEL) -> list[Summary]:
    return [
        kernel.summarize([ValueChunk(values[start:end], first_offset=start)], EPOCH)
        for start, end in pairwise(edges)
    ]


def profile_of(summary: Summary) -> Profile:
    return summary.profile if isinstance(summary.profile, Profile) else Profile()


def exact_part(field: FieldSummary) -> tuple[object, ...]:
    """What merging keeps exactly; few enough values have exact counts, too."""
    texts, numbers, times = field.texts, field.numbers, field.times
    return (
        *(field.missing, field.null, dict(field.types), field.distinct.estimate),
        *(texts.count, texts.blank, texts.least, texts.greatest, texts.shortest, texts.longest),
        *(texts.characters, texts.frequent, field.frequent),
        *(numbers.count, numbers.least, numbers.greatest, numbers.quantiles.at([0.0, 0.5, 1.0])),
        *(times.count, times.least, times.greatest),
    )


@given(
    found=records,
    cuts=st.lists(st.integers(0, 40), max_size=4),
    random=st.randoms(),
    kernel=st.sampled_from([KERNEL, SCANNING]),
)
def test_profiles_of_any_split_merge_to_the_profile_of_all(
    found: list[bytes | None], cuts: list[int], random: random.Random, kernel: Kernel
) -> None:
    edges = [0, *sorted(min(cut, len(found)) for cut in cuts), len(found)]
    parts = summaries(found, edges, kernel)
    (whole,) = summaries(found, [0, len(found)])
    random.shuffle(parts)
    merged = merge_all(parts)
    for one in (merged, merged.merge(Summary()), Summary().merge(merged), pickle.loads(pickle.dumps(merged))):  # noqa: S301
        assert profile_of(one).sample == profile_of(whole).sample
        for path, field in profile_of(whole).fields.items():
            assert exact_part(profile_of(one).fields[path]) == exact_part(field), path


@given(found=records)
def test_every_parsed_record_is_in_each_field_once(found: list[bytes | None]) -> None:
    (summary,) = summaries(found, [0, len(found)])
    parsed = summary.all_events - summary.tombstones - summary.unparseable
    for field in profile_of(summary).fields.values():
        assert field.missing + field.null + sum(field.types.values()) == parsed


def record(number: int) -> dict[str, object]:
    chance = random.Random(number)
    made: dict[str, object] = {
        "id": f"id-{number}",
        "page": chance.choice(["home", "about", "", " ", "contact" * 40]),
        "time": f"2024-01-{1 + number % 28:02}T00:{number % 60:02}:00{'.250' if number % 2 else ''}Z",
        "amount": chance.choice([number / 7, number, -number, None, 2**80]),
        "mixed": chance.choice([1, 1.0, True, "1", "true", [1], {"b": 1}, None]),
        "tags": [number % 3],
        "a": {"b": number % 500},
    }
    if number % 10 == 0:
        del made["page"]
    return made


@pytest.fixture(scope="module")
def some() -> list[dict[str, object]]:
    return [record(number) for number in range(20_000)]


@pytest.fixture(scope="module", params=["one by one", "scanned"])
def fields(some: list[dict[str, object]], request: pytest.FixtureRequest) -> dict[str, FieldSummary]:
    encoded = [json.dumps(one).encode() for one in some]
    total = (SCANNING if request.param == "scanned" else KERNEL).start(EPOCH)
    for start in range(0, len(encoded), 500):
        total.add(ValueChunk(encoded[start : start + 500], first_offset=start))
    return dict(profile_of(total.summary()).fields)


def test_counts_are_those_of_plain_python(
    some: list[dict[str, object]], fields: dict[str, FieldSummary]
) -> None:
    pages = [str(one["page"]) for one in some if "page" in one]
    page = fields["page"]
    assert (page.missing, page.null, page.types) == (2000, 0, {"string": len(pages)})
    assert page.texts.blank == sum(not one.strip() for one in pages)
    assert (page.texts.shortest, page.texts.longest) == (0, 280)
    assert page.texts.characters == sum(map(len, pages))
    assert sorted(page.texts.frequent.counts.values()) == sorted(Counter(pages).values())
    assert round(page.distinct.estimate) == 5

    amounts = [one["amount"] for one in some]
    assert fields["amount"].null == amounts.count(None)
    known = [float(one) for one in amounts if isinstance(one, int | float)]
    assert fields["amount"].numbers.count == len(known)
    assert (fields["amount"].numbers.least, fields["amount"].numbers.greatest) == (min(known), max(known))

    kinds = Counter(type(one["mixed"]).__name__ for one in some)
    assert fields["mixed"].types == {
        "array": kinds["list"],
        "boolean": kinds["bool"],
        "integer": kinds["int"],
        "number": kinds["float"],
        "object": kinds["dict"],
        "string": kinds["str"],
    }
    # 1 and 1.0 are one value; true, "1", "true", the array and the object are others.
    assert round(fields["mixed"].distinct.estimate) == 6
    assert fields["a.b"].types == {"integer": 20_000}
    assert fields["tags"].types == {"array": 20_000}


def test_sketches_are_within_their_errors(
    some: list[dict[str, object]], fields: dict[str, FieldSummary]
) -> None:
    assert abs(fields["id"].distinct.estimate / 20_000 - 1) < 0.03
    ids = fields["id"].texts.frequent
    assert ids.error <= 20_000 / (FREQUENT + 1)
    assert abs(fields["a.b"].distinct.estimate / 500 - 1) < 0.03
    exact = quantiles([number % 500 for number in range(len(some))], n=100, method="inclusive")
    ranks = [number / 100 for number in range(1, 100)]
    for found, wanted in zip(fields["a.b"].numbers.quantiles.at(ranks), exact, strict=True):
        assert abs(found - wanted) <= 500 * 0.02


def test_times_are_found_with_and_without_fractions(fields: dict[str, FieldSummary]) -> None:
    times = fields["time"].times
    assert times.count == 20_000
    found = [read_iso(str(record(number)["time"])) for number in range(20_000)]
    exact = [(one - EPOCH).total_seconds() for one in found if one]
    assert (times.least, times.greatest) == (min(exact), max(exact))


def test_the_sample_is_uniform_and_of_its_size() -> None:
    kernel = build_kernel(KernelSettings(profile=ProfileSpec(fields=(), sample=1000)))
    chunks = [ValueChunk([b"{}"] * 500, first_offset=start) for start in range(0, 100_000, 500)]
    sample = profile_of(kernel.summarize(chunks, EPOCH)).sample
    assert len(sample.records) == 1000
    tenths = Counter(one.offset // 10_000 for one in sample.records)
    # Each tenth has 100 of them, give or take four standard deviations.
    assert all(abs(tenths[tenth] - 100) < 40 for tenth in range(10))


def test_what_cannot_be_parsed_is_not_sampled() -> None:
    (summary,) = summaries([b"x", None, b"{}", b"y" * 9000, b'{"a":"' + b"z" * 9000 + b'"}'], [0, 5])
    sample = profile_of(summary).sample
    assert {one.offset: one.value for one in sample.records} == {2: b"{}", 4: None}


def test_an_empty_sample_is_the_identity() -> None:
    (summary,) = summaries([b"{}"] * 3, [0, 3])
    sample = profile_of(summary).sample
    assert Sample(50).merge(sample) == sample == sample.merge(Sample(50))
