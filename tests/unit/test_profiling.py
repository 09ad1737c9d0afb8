import json
import zlib
from datetime import UTC, datetime, timedelta

from offline_observer.profile.profiler import Profiler
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profile.window import Window
from offline_observer.profiling import DatasetProfiles, pinned
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.summary import Summary

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
FIELDS = ("user_id", "page")
KERNEL = Kernel(KernelSpec(), sink=lambda: Profiler(ProfileSpec(fields=FIELDS, sample=10)), sink_paths=FIELDS)


def profiles(content: bytes | None = None) -> DatasetProfiles:
    return DatasetProfiles(observer="o", pipeline="p", dataset="visits", every=FIVE, content=content)


def test_a_pinned_window_is_the_reference_of_all_that_follow() -> None:
    some = profiles()
    for number, page in enumerate(("a", "b")):
        some.take(some.step(NOON + number * FIVE, summary(page), "t", {0: (0, 100)}))
    step = some.step(NOON + 2 * FIVE, summary("b"), "t", {})
    assert step.over is not None
    baseline = pinned(step.over)
    for number in (2, 3):
        at = NOON + number * FIVE
        some.take(some.step(at, summary("b"), "t", {0: (0, 100)}, lambda: baseline))
    over = some.step(NOON + 4 * FIVE, None, "", {}, lambda: baseline)
    document = over.documents[1]
    assert (document["reference_start"], document["reference_pinned"]) == ("2024-01-01T12:05:00.000Z", True)
    assert over.drift_max == 0
    other = some.step(NOON + 4 * FIVE, None, "", {}, lambda: pinned(profiles_of("a")))
    assert other.drift_field == "page"
    before = some.step(NOON + 4 * FIVE, None, "", {})
    assert (before.documents[1]["reference_pinned"], before.drift_max) == (False, 0)


def profiles_of(page: str) -> Window:
    some = profiles()
    some.take(some.step(NOON, summary(page), "t", {0: (0, 100)}))
    over = some.step(NOON + FIVE, None, "", {}).over
    assert over is not None
    return over


def summary(page: str, count: int = 100) -> Summary:
    values = [b'{"user_id":"u%d","page":"%s"}' % (n, page.encode()) for n in range(count)]
    return KERNEL.summarize([ValueChunk(values)], NOON)


def test_a_window_that_is_over_has_a_document_for_each_field() -> None:
    some = profiles()
    first = some.step(NOON, summary("a"), "t", {0: (0, 100)})
    assert (first.documents, first.drift_max, first.content is None) == ((), None, False)
    some.take(first)
    second = some.step(NOON + FIVE, Summary(), "t", {})
    assert [one["field"] for one in second.documents] == list(FIELDS)
    document = second.documents[1]
    assert {key: document[key] for key in list(document)[:9]} == {
        "@timestamp": "2024-01-01T12:05:00.000Z",
        "kind": "profile",
        "observer": "o",
        "pipeline": "p",
        "dataset": "visits",
        "field": "page",
        "window_start": "2024-01-01T12:00:00.000Z",
        "window_end": "2024-01-01T12:05:00.000Z",
        "window_records": 100,
    }
    assert (document["distinct"], document["completeness"], document["drift"]) == (1, 1.0, None)


def test_the_largest_drift_stays_until_the_next_window_is_over() -> None:
    some = profiles()
    steps = []
    for number, page in enumerate(("a", "b", "b", "b")):
        step = some.step(NOON + number * FIVE, summary(page), "t", {0: (0, 100)})
        some.take(step)
        steps.append(step)
    assert steps[1].drift_max is None
    assert steps[2].drift_field == "page"
    assert steps[2].drift_max is not None
    assert steps[2].drift_max > 0.8
    assert steps[3].drift_max == 0
    within = some.step(NOON + 3 * FIVE + timedelta(seconds=10), Summary(), "t", {})
    assert (within.drift_max, within.content) == (0, None)


def test_a_step_that_was_not_written_is_not_counted() -> None:
    some = profiles()
    some.step(NOON, summary("a"), "t", {0: (0, 100)})
    some.take(some.step(NOON, summary("a"), "t", {0: (0, 100)}))
    closed = some.step(NOON + FIVE, None, "", {})
    assert closed.documents[0]["window_records"] == 100


def test_it_goes_on_from_what_the_journal_has() -> None:
    some = profiles()
    first = some.step(NOON, summary("a"), "t", {0: (0, 100)})
    again = profiles(first.content)
    again.take(again.step(NOON + timedelta(seconds=10), summary("a", 50), "t", {0: (100, 150)}))
    closed = again.step(NOON + FIVE, Summary(), "t", {})
    assert closed.documents[0]["window_records"] == 150
    assert closed.documents[0]["distinct"] == 100


def test_values_that_no_document_can_hold_do_no_harm() -> None:
    values: list[bytes | None] = [
        b'{"user_id":"\\ud800x","page":"9999-12-31T23:59:59.999999Z"}',
        b'{"user_id":"\\udfff","page":"0001-01-01T00:00:00Z"}',
        b'{"user_id":"","page":" "}',
        b'{"user_id":"' + b"\\ud800" * 300 + b'","page":1e999}',
    ]
    some = profiles()
    some.take(some.step(NOON, KERNEL.summarize([ValueChunk(values)], NOON), "t", {0: (0, 4)}))
    some.take(some.step(NOON + FIVE, KERNEL.summarize([ValueChunk(values[2:3] * 9)], NOON), "t", {0: (4, 5)}))
    closed = some.step(NOON + 2 * FIVE, summary("a"), "t", {0: (5, 6)})
    again = profiles(closed.content)
    assert json.dumps(closed.documents).isascii()
    assert again.step(NOON + 3 * FIVE, None, "", {}).documents[0]["window_records"] == 100


def test_of_a_masked_field_no_value_is_kept() -> None:
    spec = ProfileSpec(fields=FIELDS, sample=0, masked={"user_id"})
    kernel = Kernel(KernelSpec(), sink=lambda: Profiler(spec), sink_paths=FIELDS)
    values: list[bytes | None] = [b'{"user_id":"secret%d","page":"a"}' % (n % 7) for n in range(100)]
    some = profiles()
    first = some.step(NOON, kernel.summarize([ValueChunk(values)], NOON), "t", {0: (0, 100)})
    some.take(first)
    assert first.content is not None
    assert b"secret" not in zlib.decompress(first.content[1:])
    second = some.step(NOON + FIVE, kernel.summarize([ValueChunk(values)], NOON), "t", {0: (0, 100)})
    some.take(second)
    third = some.step(NOON + 2 * FIVE, None, "", {})
    for document in (second.documents[0], third.documents[0]):
        assert "secret" not in json.dumps(document)
        assert (document["distinct"], document["completeness"], document["length_max"]) == (7, 1.0, 7)
    assert third.documents[0]["drift"] == 0
