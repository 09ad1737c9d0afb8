import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from offline_observer.quality.kernel import make_kernel
from offline_observer.quality.rules import RULES, Rule, not_empty
from offline_observer.quality.summary import Summary, merge_all

NOT_EMPTY = [Rule("not_empty", "user_id"), Rule("not_empty", "context.ip")]

records = st.lists(
    st.none()
    | st.binary(max_size=8)
    | st.dictionaries(st.sampled_from(["user_id", "context"]), st.none() | st.text(max_size=2)).map(
        lambda value: json.dumps(value).encode()
    ),
    max_size=30,
)


def test_every_rule_is_documented() -> None:
    assert "not_empty" in RULES
    assert all(rule.__doc__ for rule in RULES.values())


def test_what_is_empty() -> None:
    empty = [None, "", " ", "\t\n", "\u00a0"]
    assert not any(not_empty(value) for value in empty)
    assert all(not_empty(value) for value in [0, False, 0.0, {}, [], "a", " a "])


def test_counts() -> None:
    summary = make_kernel(NOT_EMPTY)(
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
        all_events=7, unparseable=3, tombstones=1, invalid={"user_id": 2, "context.ip": 2}
    )


def test_a_field_that_is_empty_in_every_record() -> None:
    assert make_kernel(NOT_EMPTY)([b"{}"] * 5).invalid == {"user_id": 5, "context.ip": 5}


def test_two_rules_on_a_field_count_a_record_once() -> None:
    twice = [Rule("not_empty", "a"), Rule("not_empty", "a")]
    assert make_kernel(twice)([b"{}"]).invalid == {"a": 1}


def test_no_rules() -> None:
    assert make_kernel([])([b"{}", b"x", None]) == Summary(all_events=3, unparseable=1, tombstones=1)


@given(values=records, cuts=st.lists(st.integers(0, 30)))
def test_summaries_of_any_split_merge_to_the_summary_of_all(
    values: list[bytes | None], cuts: list[int]
) -> None:
    kernel = make_kernel(NOT_EMPTY)
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    parts = [kernel(values[start:end]) for start, end in pairwise(edges)]
    assert merge_all(parts) == kernel(values)
    assert merge_all(reversed(parts)) == kernel(values)


@given(values=records)
def test_the_empty_summary_is_the_identity(values: list[bytes | None]) -> None:
    summary = make_kernel(NOT_EMPTY)(values)
    assert summary.merge(Summary()) == summary == Summary().merge(summary)
    assert summary.all_events == len(values)
    assert summary.unparseable + summary.tombstones <= summary.all_events
