from offline_observer.engine.batch_gaps import BatchGaps, batch_gaps
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks


def topic(*earliest: int, topic_id: str = "t", end: int = 100_000) -> TopicWatermarks:
    marks = {number: Watermarks(first, end) for number, first in enumerate(earliest)}
    return TopicWatermarks(topic_id, marks)


def test_a_hole_is_counted_once_however_many_batches_go_through_it() -> None:
    total, position = 0, 0
    for end in range(1000, 13_000, 1000):
        gaps = batch_gaps({"t": {0: position}}, topic(10_000), {0: end})
        total, position = total + gaps.expired, end
    assert total == 10_000


def test_a_batch_beyond_the_hole_says_how_much_is_gone() -> None:
    assert batch_gaps({"t": {0: 5, 1: 7}}, topic(10, 0), {0: 50, 1: 50}) == BatchGaps(
        5, ("5 records expired before they were observed",)
    )


def test_nothing_is_missing() -> None:
    assert batch_gaps({}, topic(10), {0: 50}) == BatchGaps(0)
    assert batch_gaps({"t": {0: 50}}, topic(10, 0), {0: 50, 1: 3}) == BatchGaps(0)
    # The broker did not say which topic it was, when the first batch came.
    assert batch_gaps({"": {0: 10}}, topic(10), {0: 50}) == BatchGaps(0)


def test_a_topic_made_anew_and_offsets_that_go_back_are_said() -> None:
    (note,) = batch_gaps({"old": {0: 10}}, topic(0), {0: 50}).notes
    assert note.startswith("the topic was made anew; Spark goes on at its old offsets")
    assert batch_gaps({"t": {0: 10}}, topic(0), {0: 4}).notes == (
        "partition 0 went back from offset 10 to 4: what comes there again is counted again",
    )
