from offline_observer.engine.ranges import ReadPlan, beyond_the_end, plan_reads
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks


def topic(*marks: tuple[int | None, int | None], topic_id: str = "new") -> TopicWatermarks:
    return TopicWatermarks(topic_id, {p: Watermarks(*pair) for p, pair in enumerate(marks)})


def test_the_first_run_starts_at_the_latest() -> None:
    # Without an offset of its own a partition starts at its end.
    assert plan_reads({}, topic((0, 10), (5, 20)), {}) == ReadPlan({0: (10, 10), 1: (20, 20)}, 0)


def test_the_first_run_starts_at_the_earliest() -> None:
    assert plan_reads({}, topic((0, 10), (5, 20)), "earliest").ranges == {0: (0, 10), 1: (5, 20)}


def test_the_first_run_starts_at_a_time() -> None:
    # Partition 1 has nothing at or after the time.
    plan = plan_reads({}, topic((0, 10), (5, 20), (8, 9)), {0: 4, 2: 3})
    assert plan == ReadPlan({0: (4, 10), 1: (20, 20), 2: (8, 9)}, 0)


def test_a_later_run_goes_on_where_it_stopped_whatever_start_from_says() -> None:
    assert plan_reads({"new": {0: 7}}, topic((0, 10)), "earliest").ranges == {0: (7, 10)}


def test_a_new_partition_is_read_from_its_beginning() -> None:
    assert plan_reads({"new": {0: 7}}, topic((0, 10), (0, 3)), "earliest").ranges == {0: (7, 10), 1: (0, 3)}


def test_a_topic_made_anew_is_read_from_its_beginning() -> None:
    plan = plan_reads({"old": {0: 7}}, topic((0, 10)), "earliest")
    assert plan.ranges == {0: (0, 10)}
    assert plan.notes == ("the topic was made anew; it is read from its beginning",)


def test_records_that_expired_unobserved_are_counted() -> None:
    plan = plan_reads({"new": {0: 7}}, topic((9, 12)), "earliest")
    assert plan == ReadPlan({0: (9, 12)}, 2, ("2 records expired before they were observed",))


def test_a_truncated_partition_goes_on_at_its_end() -> None:
    plan = plan_reads({"new": {0: 7}}, topic((0, 5)), "earliest")
    assert plan == ReadPlan({0: (5, 5)}, 0, ("partition 0 was truncated from offset 7 to 5",))


def test_a_partition_without_watermarks_is_left_out() -> None:
    assert plan_reads({"new": {0: 7, 1: 1}}, topic((None, None), (0, 5)), "earliest").ranges == {1: (1, 5)}


def test_watermarks_that_crossed_give_an_empty_range() -> None:
    assert plan_reads({"new": {0: 7}}, topic((12, 10)), "earliest").ranges == {0: (12, 12)}


def test_a_position_beyond_the_last_stable_offset_waits_and_is_not_read_again() -> None:
    behind = topic((0, 5))
    assert beyond_the_end({"new": {0: 7}}, behind)
    assert not beyond_the_end({"new": {0: 5}}, behind)
    assert not beyond_the_end({"old": {0: 7}}, behind)
    plan = plan_reads({"new": {0: 7}}, behind, "earliest", {0: 9})
    assert plan == ReadPlan({0: (7, 7)}, 0, ("partition 0 waits at offset 7 for transactions to end",))
    assert plan_reads({"new": {0: 7}}, behind, "earliest", {0: 5}).ranges == {0: (5, 5)}
