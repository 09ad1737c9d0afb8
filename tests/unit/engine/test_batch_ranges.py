from offline_observer.engine.batch_ranges import batch_ranges
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks


def topic(*earliest: int | None, topic_id: str = "t") -> TopicWatermarks:
    marks = {number: Watermarks(first, 1000) for number, first in enumerate(earliest)}
    return TopicWatermarks(topic_id, marks)


def test_a_batch_goes_from_what_was_observed_to_its_ends() -> None:
    positions = {"t": {0: 10, 1: 20}}
    assert batch_ranges(positions, {}, topic(0, 0), {0: 30, 1: 25}) == {0: (10, 30), 1: (20, 25)}
    assert batch_ranges(positions, {}, None, {0: 30, 1: 25}) == {0: (10, 30), 1: (20, 25)}
    assert batch_ranges({"": {0: 10}}, {}, topic(0), {0: 30}) == {0: (10, 30)}


def test_of_a_partition_that_brought_nothing_there_is_no_range() -> None:
    assert batch_ranges({"t": {0: 10, 1: 20}}, {}, topic(0, 0), {0: 10, 1: 5}) == {}


def test_what_has_expired_was_not_read() -> None:
    assert batch_ranges({"t": {0: 10}}, {}, topic(17), {0: 30}) == {0: (17, 30)}
    assert batch_ranges({"t": {0: 10}}, {}, topic(40), {0: 30}) == {}


def test_the_first_batch_begins_where_the_query_did() -> None:
    assert batch_ranges({}, {0: 7}, topic(0), {0: 30}) == {0: (7, 30)}
    assert batch_ranges({}, {0: 7}, None, {0: 30, 1: 30}) == {0: (7, 30)}


def test_a_partition_that_was_added_begins_with_its_earliest_record() -> None:
    assert batch_ranges({"t": {0: 10}}, {}, topic(0, 3), {0: 30, 1: 9}) == {0: (10, 30), 1: (3, 9)}
    assert batch_ranges({"t": {0: 10}}, {}, topic(0, None), {0: 30, 1: 9}) == {0: (10, 30)}


def test_of_a_topic_that_was_made_anew_it_cannot_be_told() -> None:
    assert batch_ranges({"old": {0: 10}}, {}, topic(0), {0: 30}) == {}
    assert batch_ranges({"old": {0: 10}, "t": {0: 3}}, {}, None, {0: 30}) == {}
