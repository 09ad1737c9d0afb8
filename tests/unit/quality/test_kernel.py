import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.quality.chunk import Place, ValueChunk
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules import RULES
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Offender, Summary, merge_all
from offline_observer.quality.times import EPOCH

NOT_EMPTY = [Rule("not_empty", "user_id"), Rule("not_empty", "context.ip")]

records = st.lists(
    st.none()
    | st.binary(max_size=8)
    | st.dictionaries(st.sampled_from(["user_id", "context"]), st.none() | st.text(max_size=2)).map(
        lambda value: json.dumps(value).encode()
    ),
    max_size=30,
)


def kernel_of(rules: list[Rule]) -> Kernel:
    return Kernel(KernelSpec(rules=rules))


def offenders(*offsets: int) -> tuple[Offender, ...]:
    return tuple(Offender(Place(-1, "values", 0, offset)) for offset in offsets)


def test_every_rule_is_documented() -> None:
    assert "not_empty" in RULES
    assert all(rule.documentation for rule in RULES.values())


def test_counts() -> None:
    summary = kernel_of(NOT_EMPTY)(
        [
            b'{"user_id":"u","context":{"ip":"1.2.3.4"}}',
            b'{"user_id":" ","context":null}',
            b'{"context":"text"}',
            b"not json",
            b"",
            b"[]",
            None,
        ]
    )
    assert summary == Summary(
        all_events=7,
        unparseable=3,
        tombstones=1,
        invalid_records=2,
        invalid={"user_id": 2, "context.ip": 2},
        broken={"user_id.not_empty": 2, "context.ip.not_empty": 2},
        offenders={
            "unparseable": offenders(3, 4, 5),
            "user_id.not_empty": offenders(1, 2),
            "context.ip.not_empty": offenders(1, 2),
        },
    )


def test_a_field_that_is_empty_in_every_record() -> None:
    assert kernel_of(NOT_EMPTY)([b"{}"] * 5).invalid == {"user_id": 5, "context.ip": 5}


def test_two_rules_on_a_field_count_a_record_once() -> None:
    twice = [Rule("not_empty", "a"), Rule("present", "a")]
    assert kernel_of(twice)([b"{}"]).invalid == {"a": 1}


def test_no_rules() -> None:
    assert kernel_of([])([b"{}", b"x", None]) == Summary(
        all_events=3, unparseable=1, tombstones=1, offenders={"unparseable": offenders(1)}
    )


@given(values=records, cuts=st.lists(st.integers(0, 30)))
def test_summaries_of_any_split_merge_to_the_summary_of_all(
    values: list[bytes | None], cuts: list[int]
) -> None:
    kernel = kernel_of(NOT_EMPTY)
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    parts = [
        kernel.summarize([ValueChunk(values[start:end], first_offset=start)], EPOCH)
        for start, end in pairwise(edges)
    ]
    assert merge_all(parts) == kernel(values)
    assert merge_all(reversed(parts)) == kernel(values)


@given(values=records)
def test_the_empty_summary_is_the_identity(values: list[bytes | None]) -> None:
    summary = kernel_of(NOT_EMPTY)(values)
    assert summary.merge(Summary()) == summary == Summary().merge(summary)
    assert summary.all_events == len(values)
    assert summary.unparseable + summary.tombstones <= summary.all_events
