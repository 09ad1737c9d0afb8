from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offline_observer.profile.profiler import Profiler
from offline_observer.profile.sample import Sample
from offline_observer.profile.spec import ProfileSpec
from offline_observer.profile.window import Seen, Windows
from offline_observer.profile.window_bytes import from_bytes, to_bytes
from offline_observer.quality.chunk import ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FIELDS = ("a", "b")
KERNEL = Kernel(KernelSpec(), sink=lambda: Profiler(ProfileSpec(fields=FIELDS, sample=50)), sink_paths=FIELDS)
VALUES: list[bytes | None] = [
    b'{"a":"2024-01-01T00:00:00Z","b":%d.5}' % number if number % 3 else b'{"b":null}'
    for number in range(1000)
]


def windows(*minutes: int) -> Windows:
    found = Windows()
    for number, minute in enumerate(minutes):
        summary = KERNEL.summarize([ValueChunk(VALUES, first_offset=1000 * number)], NOON)
        at = NOON + timedelta(minutes=minute)
        seen = Seen(
            at=at,
            records=1000,
            topic_id="t",
            ranges={0: (0, 1000)},
            profile=summary.profile,  # type: ignore[arg-type]
        )
        found, _ = found.after(seen, at, timedelta(minutes=5))
    return found


def test_they_come_back_as_they_were_but_for_the_contents_of_samples() -> None:
    before = windows(0, 1, 7)
    after = from_bytes(to_bytes(before))
    assert before.current is not None
    assert before.reference is not None
    assert after.current is not None
    assert after.reference is not None
    assert after.current.profile.fields == before.current.profile.fields
    assert after.reference.profile.fields == before.reference.profile.fields
    assert replace(after.current, profile=before.current.profile) == before.current
    places = [one[:4] for one in before.current.profile.sample.records]
    assert [one[:4] for one in after.current.profile.sample.records] == places
    assert {one.value for one in after.current.profile.sample.records} == {None}
    assert after.reference.profile.sample == Sample(0)


def test_they_go_on_where_they_were() -> None:
    once = windows(0)
    again = from_bytes(to_bytes(once))
    assert again.current is not None
    assert once.current is not None
    merged = again.current.profile.merge(once.current.profile)
    assert merged.fields["b"].records == 2000
    assert merged.fields["a"].distinct.estimate == once.current.profile.fields["a"].distinct.estimate


@pytest.mark.parametrize("content", [None, b"", b"0abc", b"1", b"1abc", to_bytes(windows(0))[:-9]])
def test_what_is_no_window_is_none(content: bytes | None) -> None:
    assert from_bytes(content) == Windows()


def test_their_size_does_not_grow_with_the_records() -> None:
    assert len(to_bytes(windows(*range(5)))) < 2 * len(to_bytes(windows(0)))
