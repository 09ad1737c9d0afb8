"""The profile of a dataset on real Spark: windows of each batch and of a time, killed in between, with their reports."""

from collections import Counter

from offline_observer.reports.kept_window import KeptWindow, from_bytes
from support.kafka import Cluster, eventually
from support.spark_observer import PROFILED, MakeObserver, SparkObserver, Visits


def windows(observer: SparkObserver) -> list[int]:
    """How many records each window has, in their order; each has a document for each field."""
    documents = observer.profiles()
    found = {document["window_end"]: document["window_records"] for document in documents}
    for document in documents:
        assert 0 <= document["window_records"] - document["records"] <= observer.counts()["unparseable"]
    assert Counter(document["field"] for document in documents) == Counter(
        dict.fromkeys(PROFILED, len(found))
    )
    return list(found.values())


def reports(observer: SparkObserver) -> list[str]:
    """The reports that the documents tell of."""
    documents = [document for _, document in observer.documents()]
    assert [one["profile_error"] for one in documents if one.get("profile_error")] == []
    return [one["profile_report"] for one in documents if one.get("profile_report")]


def kept(observer: SparkObserver, report: str) -> KeptWindow:
    page = observer.folder / "profiles" / report
    assert page.stat().st_size > 10_000
    return from_bytes(page.with_suffix(".profile").read_bytes())


def die_before_sparks_commit(observer: SparkObserver) -> tuple[str, int]:
    """Leaves what a driver leaves that dies when a batch is in the journal; returns the batch's id and its revision."""
    # It may not have come that far.
    eventually(lambda: any((observer.checkpoint / "commits").glob("[0-9]*")), 60, "a commit of Spark's")
    observer.kill()
    number = observer.forget_the_newest_commit()
    (again,) = (identity for identity in observer.batches() if identity.endswith(f"-{number}"))
    return again, observer.revision(again)


def test_a_window_of_a_time_holds_each_record_once_and_ends_though_no_batch_comes(
    cluster: Cluster, make_observer: MakeObserver
) -> None:
    visits = Visits(cluster, cluster.topic(2))
    visits.write(1000)
    observer = make_observer(visits.topic)
    observer.profile("1d")
    observer.start()
    eventually(lambda: observer.counts() == visits.counts(), 120, "the records")
    assert windows(observer) == []

    # The batch is run again; its records are in the window of the day already, which another length ends.
    again, revision = die_before_sparks_commit(observer)
    observer.profile("2s")
    observer.start()
    eventually(lambda: observer.revision(again) == revision + 1, 120, "the batch once more")
    eventually(lambda: len(reports(observer)) == 1, 120, "the report of the day's window")
    assert windows(observer) == [1000]
    facts = kept(observer, reports(observer)[0]).facts
    assert (facts.records, facts.ranges) == (1000, {0: (0, 500), 1: (0, 500)})
    assert (facts.sampled, facts.shown) == (100, 100), "the sample's records were read again"
    visits.write(500)
    eventually(lambda: sum(windows(observer)) >= 1500, 100, "a look that ends the next window")
    assert sum(windows(observer)) == 1500
    assert observer.counts() == visits.counts()
    assert observer.terminate()[0] == 0
    assert "Traceback" not in observer.log()


def test_each_batch_has_its_window_and_its_report_and_none_when_it_is_run_again(
    cluster: Cluster, make_observer: MakeObserver
) -> None:
    visits = Visits(cluster, cluster.topic(2))
    visits.write(600)
    observer = make_observer(visits.topic)
    observer.profile("batch")
    observer.start()
    eventually(lambda: len(reports(observer)) == 1, 150, "a report")
    visits.write(200, partitions=[0])  # of two partitions one might be in a batch of its own
    eventually(lambda: len(reports(observer)) == 2, 100, "a report of the next batch")
    assert [document["all_events"] for document in observer.batches().values()] == [600, 200]
    assert windows(observer) == [600, 200]
    facts = [kept(observer, report).facts for report in reports(observer)]
    assert [one.records for one in facts] == [600, 200]
    assert [one.ranges for one in facts] == [{0: (0, 300), 1: (0, 300)}, {0: (300, 500)}]

    again, revision = die_before_sparks_commit(observer)
    before = observer.batches()[again]
    observer.start()
    eventually(lambda: observer.revision(again) == revision + 1, 120, "the batch once more")
    assert observer.batches()[again] == before
    assert windows(observer) == [600, 200]
    visits.write(100, partitions=[1])
    eventually(lambda: observer.counts() == visits.counts(), 100, "all records")
    assert windows(observer) == [600, 200, 100]
    assert observer.terminate()[0] == 0
    assert "Traceback" not in observer.log()
