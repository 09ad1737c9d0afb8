from hypothesis import given
from hypothesis import strategies as st

from offline_observer.checkpoint.progress import JobProgress, Offsets
from offline_observer.kafka.partitions import TopicWatermarks, Watermarks
from offline_observer.lag.lag import JobLag, job_lag, lag_without_broker, topics_of, unknown_lag
from offline_observer.lag.status import Status


def progress(
    committed: Offsets | None = None,
    *,
    batch_id: int | None = 7,
    planned: Offsets | None = None,
    initial: Offsets | None = None,
) -> JobProgress:
    return JobProgress(
        query_id="q",
        log_version=1,
        batch_id=batch_id,
        committed_at=None,
        committed=committed or {},
        planned_batch_id=batch_id,
        planned=planned or committed or {},
        initial=initial or {},
        in_flight=False,
        warnings=(),
    )


def before_first_commit(**offsets: Offsets) -> JobProgress:
    return progress(batch_id=None, **offsets)


def broker(*marks: tuple[int | None, int | None], error: str | None = None) -> dict[str, TopicWatermarks]:
    partitions = {partition: Watermarks(*pair) for partition, pair in enumerate(marks)}
    return {"visits": TopicWatermarks("id", partitions, error)}


def lags(job: JobLag) -> list[int | None]:
    return [partition.lag for partition in job.partitions]


def test_lag_is_end_minus_committed() -> None:
    job = job_lag(progress({"visits": {0: 609, 1: 391}}), broker((0, 611), (0, 420)))
    assert (job.status, lags(job), job.total_lag, job.max_lag) == (Status.OK, [2, 29], 31, 29)
    assert (job.unknown_partitions, job.expired_records, job.batch_id) == (0, 0, 7)


def test_caught_up() -> None:
    job = job_lag(progress({"visits": {0: 5}}), broker((0, 5)))
    assert (job.status, job.total_lag) == (Status.OK, 0)


def test_expired_records_are_lost_and_are_not_lag() -> None:
    job = job_lag(progress({"visits": {0: 10, 1: 50}}), broker((40, 100), (40, 100)))
    assert (job.status, lags(job), job.expired_records) == (Status.DATA_LOSS, [60, 50], 30)
    assert [p.status for p in job.partitions] == [Status.DATA_LOSS, Status.OK]
    assert "30 records expired" in job.reason


def test_an_idle_topic_whose_records_expired_has_no_lag() -> None:
    job = job_lag(progress({"visits": {0: 100}}), broker((100, 100)))
    assert (job.status, job.total_lag, job.expired_records) == (Status.OK, 0, 0)


def test_committed_beyond_the_end_is_rewound_never_negative() -> None:
    job = job_lag(progress({"visits": {0: 100, 1: 5}}), broker((0, 10), (0, 9)))
    assert (job.status, lags(job), job.total_lag, job.unknown_partitions) == (Status.REWOUND, [None, 4], 4, 1)
    assert "beyond the end 10" in job.reason


def test_a_partition_that_is_new_to_a_running_job_counts_from_its_earliest_offset() -> None:
    job = job_lag(progress({"visits": {0: 10}}, initial={"visits": {0: 0}}), broker((0, 10), (3, 8)))
    new = job.partitions[1]
    assert (job.status, new.lag, new.committed_offset, new.status) == (Status.OK, 5, None, Status.OK)


def test_before_the_first_commit_lag_counts_from_the_initial_offsets() -> None:
    job = job_lag(
        before_first_commit(initial={"visits": {0: 4, 1: -2, 2: -1}}), broker((0, 10), (2, 10), (0, 10))
    )
    assert job.status is Status.STARTING
    assert lags(job) == [6, 8, None]
    assert (job.total_lag, job.unknown_partitions) == (14, 1)


def test_a_partition_added_before_the_first_commit_counts_from_its_earliest_offset() -> None:
    job = job_lag(before_first_commit(initial={"visits": {0: 0}}), broker((0, 10), (2, 10)))
    assert (job.status, lags(job)) == (Status.STARTING, [10, 8])


def test_before_the_first_commit_without_initial_offsets_lag_is_unknown_not_zero() -> None:
    job = job_lag(before_first_commit(planned={"visits": {0: 10}}), broker((0, 10)))
    assert (job.status, lags(job), job.total_lag, job.max_lag) == (Status.STARTING, [None], None, None)


def test_nothing_is_known_before_the_job_named_a_topic() -> None:
    job = job_lag(before_first_commit(), {})
    assert (job.status, job.partitions, job.total_lag, job.expired_records) == (
        Status.STARTING,
        (),
        None,
        None,
    )


def test_a_deleted_topic_is_unknown_and_does_not_hide_the_others() -> None:
    gone = {"gone": TopicWatermarks(None, {}, "the broker has no such topic")}
    job = job_lag(progress({"gone": {0: 3}, "visits": {0: 8}}), {**broker((0, 10)), **gone})
    assert (job.status, lags(job), job.total_lag, job.unknown_partitions) == (Status.UNKNOWN, [None, 2], 2, 1)
    assert job.reason == "topic gone: the broker has no such topic"


def test_one_unknown_partition_leaves_the_sum_of_the_others() -> None:
    job = job_lag(progress({"visits": {0: 1, 1: 1}}), broker((0, 3), (0, None), error="leader not available"))
    assert (job.total_lag, job.unknown_partitions, job.status) == (2, 1, Status.UNKNOWN)
    assert job.partitions[1].reason == "leader not available"


def test_a_partition_that_the_broker_lacks_is_unknown() -> None:
    job = job_lag(progress({"visits": {0: 1, 5: 1}}), broker((0, 3)))
    assert [(p.partition, p.status) for p in job.partitions] == [(0, Status.OK), (5, Status.UNKNOWN)]


def test_partitions_are_sorted_by_number() -> None:
    job = job_lag(progress({"visits": dict.fromkeys(range(12), 0)}), broker(*[(0, 1)] * 12))
    assert [p.partition for p in job.partitions] == list(range(12))


def test_a_query_without_kafka_topics_is_unknown() -> None:
    assert job_lag(progress(), {}).status is Status.UNKNOWN


def test_unknown_lag_has_no_numbers() -> None:
    job = unknown_lag("no broker")
    assert job.to_json() == {
        "status": "unknown",
        "reason": "no broker",
        "total_lag": None,
        "max_lag": None,
        "unknown_partitions": None,
        "expired_records": None,
        "seconds_behind": None,
        "last_commit_at": None,
        "in_flight_since": None,
        "input_rate": None,
        "processing_rate": None,
        "seconds_to_catch_up": None,
        "retention_left": None,
        "batch_id": None,
        "warnings": [],
        "partitions": [],
    }


def test_partitions_that_were_known_are_unknown_now() -> None:
    before = job_lag(progress({"visits": {0: 1, 1: 2}}), broker((0, 3), (0, 3)))
    now = unknown_lag("the checkpoint is gone", before)
    assert (now.unknown_partitions, lags(now), now.total_lag) == (2, [None, None], None)
    assert {(p.status, p.reason, p.committed_offset) for p in now.partitions} == {
        (Status.UNKNOWN, "the checkpoint is gone", None)
    }


def test_without_a_broker_what_the_checkpoint_says_is_kept() -> None:
    for state in (progress({"visits": {0: 7}}), before_first_commit()):
        job = lag_without_broker(state, "no answer")
        assert (job.status, job.reason, job.batch_id) == (Status.UNKNOWN, "no answer", state.batch_id)
    job = lag_without_broker(progress({"visits": {0: 7}}), "no answer")
    assert [(p.committed_offset, p.end_offset, p.lag) for p in job.partitions] == [(7, None, None)]


def test_json_of_a_partition() -> None:
    job = job_lag(progress({"visits": {0: 609}}, planned={"visits": {0: 610}}), broker((3, 611)))
    assert job.to_json()["partitions"] == [
        {
            "topic": "visits",
            "partition": 0,
            "committed_offset": 609,
            "planned_offset": 610,
            "end_offset": 611,
            "earliest_offset": 3,
            "lag": 2,
            "seconds_behind": None,
            "expired_records": 0,
            "status": "ok",
        }
    ]


offsets = st.dictionaries(
    st.sampled_from(["visits", "clicks"]),
    st.dictionaries(st.integers(0, 3), st.integers(-2, 50), max_size=4),
    max_size=2,
)
watermarks = st.builds(Watermarks, st.none() | st.integers(0, 60), st.none() | st.integers(0, 60))
topics = st.dictionaries(
    st.sampled_from(["visits", "clicks"]),
    st.builds(TopicWatermarks, st.just("id"), st.dictionaries(st.integers(0, 4), watermarks)),
)


@given(committed=offsets, initial=offsets, planned=offsets, batch=st.none() | st.integers(0, 9), found=topics)
def test_whatever_comes_lag_is_known_and_not_negative_or_null(
    committed: Offsets,
    initial: Offsets,
    planned: Offsets,
    batch: int | None,
    found: dict[str, TopicWatermarks],
) -> None:
    clean = (
        {t: {p: o for p, o in ps.items() if o >= 0} for t, ps in committed.items()}
        if batch is not None
        else {}
    )
    state = progress(clean, batch_id=batch, initial=initial, planned=planned)
    job = job_lag(state, found)
    assert {p.topic for p in job.partitions} <= topics_of(state)
    for partition in job.partitions:
        assert partition.lag is None or partition.lag >= 0
        assert (partition.lag is None) == (partition.expired_records is None)
        if partition.status in (Status.OK, Status.DATA_LOSS):
            assert partition.lag is not None
        if partition.status in (Status.UNKNOWN, Status.REWOUND):
            assert partition.lag is None
    known = [p.lag for p in job.partitions if p.lag is not None]
    assert job.total_lag == (sum(known) if known else None)
    assert job.unknown_partitions == len(job.partitions) - len(known)
