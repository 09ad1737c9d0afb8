"""The Spark engine on real Spark and real Kafka: killed, run again, and with nothing to read."""

import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from offline_observer.demo.java import Java
from offline_observer.demo.spark_job import start_spark_job
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import LocalEngine
from offline_observer.engine.summary_bytes import from_bytes
from offline_observer.profile.distinct import Distinct
from offline_observer.profile.field_summary import FieldSummary
from offline_observer.profile.profile import Profile
from offline_observer.profile.quantiles import Quantiles
from offline_observer.profile.spec import ProfileSpec
from offline_observer.quality.frequent import Frequent
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import Summary
from support.kafka import Cluster, eventually
from support.spark_observer import CLUSTER, MakeObserver, SparkObserver, Visits
from support.written_checkpoint import WrittenCheckpoint


def more_batches_than(observer: SparkObserver, number: int) -> Callable[[], bool]:
    return lambda: len(observer.batches()) > number


def test_a_driver_killed_in_the_middle_of_batches_counts_each_record_once(
    cluster: Cluster, make_observer: MakeObserver
) -> None:
    visits = Visits(cluster, cluster.topic(2))
    observer = make_observer(visits.topic, max_offsets=1000)
    done = Event()

    def keep_writing() -> None:
        while not done.wait(0.3):
            visits.write(100)

    writing = Thread(target=keep_writing)
    writing.start()
    try:
        observer.start()
        eventually(more_batches_than(observer, 1), 180, "two batches")
        while not observer.in_flight():
            time.sleep(0.01)
        observer.kill()
    finally:
        done.set()
        writing.join()
    # And what a driver leaves that dies between the journal and Spark's own commit.
    newest = observer.forget_the_newest_commit()
    (again,) = (identity for identity in observer.batches() if identity.endswith(f"-{newest}"))
    before = observer.batches()[again]
    revision = observer.revision(again)

    observer.start()
    eventually(lambda: observer.counts() == visits.counts(), 180, "all records")
    assert observer.revision(again) == revision + 1
    assert observer.batches()[again] == before
    assert list(observer.batches().values())[-1]["dataset_behind"] == 0
    code, seconds = observer.terminate()
    assert (code, seconds < 10) == (0, True)
    assert "Traceback" not in observer.log()


def test_on_a_cluster_an_executor_is_killed_and_the_lag_goes_on_without_batches(
    cluster: Cluster, make_observer: MakeObserver, tmp_path: Path
) -> None:
    source = cluster.topic(1)
    cluster.produce(source, [b"{}"] * 9)
    job = WrittenCheckpoint(tmp_path / "job")
    job.batch(0, {source: {0: 2}})
    visits = Visits(cluster, cluster.topic(2))
    visits.write(2000)
    observer = make_observer(visits.topic, job_checkpoint=job.folder, more=CLUSTER, max_offsets=800)
    observer.start()
    eventually(more_batches_than(observer, 0), 180, "a batch")
    executors = observer.executors()
    assert len(executors) == 2
    executors[0].kill()
    visits.write(1500)
    eventually(lambda: observer.counts() == visits.counts(), 180, "all records")

    seen = len(observer.documents())
    cluster.produce(source, [b"{}"] * 5)
    eventually(lambda: len(observer.documents()) >= seen + 3, 20, "observations without batches")
    newest = observer.documents()[-1][1]
    assert (newest["dataset"], newest["job"]) == (visits.topic, "passthrough")
    assert (newest["all_events"], newest["dataset_behind"]) == (0, 0)
    assert newest["lag_per_partition"] == {"0": 12}
    assert all(document["max_lag"] == 7 for document in observer.batches().values())
    assert observer.counts() == visits.counts()
    assert observer.terminate()[0] == 0


RULES = [
    *(Rule("not_empty", field) for field in ("event_time", "user_id", "page", "context")),
    Rule("unique", "visit_id"),
    Rule("timestamp", "event_time"),
    Rule("no_unknown_fields"),
]


def assert_equal(found: Summary, wanted: Summary, name: str) -> None:
    """All is equal, but for the ranks that a sketch keeps: it draws lots."""
    assert replace(found, profile=None) == replace(wanted, profile=None), name
    assert isinstance(found.profile, Profile)
    assert isinstance(wanted.profile, Profile)
    assert found.profile.sample == wanted.profile.sample, name
    assert {path: without_sketches(field) for path, field in found.profile.fields.items()} == {
        path: without_sketches(field) for path, field in wanted.profile.fields.items()
    }, name


def without_sketches(field: FieldSummary) -> tuple[FieldSummary, float, int]:
    exact = replace(
        field,
        distinct=Distinct(),
        times=replace(field.times, quantiles=Quantiles()),
        texts=replace(field.texts, frequent=Frequent(1)),
    )
    return exact, field.distinct.estimate, field.times.quantiles.count


def test_the_same_records_give_equal_summaries_in_one_process_in_two_and_on_spark_whatever_the_split(
    cluster: Cluster, java: Java, connector_jars: list[Path], tmp_path: Path
) -> None:
    visits = Visits(cluster, cluster.topic(2))
    visits.write(3000)
    cluster.produce(visits.topic, [None, b"", b"{}", b'{"user_id": 7, "other": 1}'], partition=1)
    settings = KernelSettings(
        spec=KernelSpec(
            rules=RULES, fields={"visit_id": "string", "event_time": "timestamp", "user_id": "string"}
        ),
        profile=ProfileSpec(fields=("event_time", "user_id", "page"), sample=200),
    )
    now = datetime.now(UTC)
    properties = {"bootstrap.servers": cluster.servers}
    summaries = {}
    for processes in (1, 2):
        engine = LocalEngine(
            properties, visits.topic, "read_committed", settings, "earliest", processes=processes
        )
        summaries[processes] = engine.read({}, lambda: 60.0, now=now).summary
        engine.close()
    here = summaries[1]
    assert here.all_events == 3004
    assert len(here.profile.sample.records) == 200  # type: ignore[union-attr]
    assert_equal(summaries[2], here, "two processes")

    (tmp_path / "settings").write_bytes(pickle.dumps(settings))
    script = Path(__file__).parents[1] / "support" / "spark_summaries.py"
    arguments = [cluster.servers, visits.topic, str(tmp_path / "settings"), now.isoformat(), str(tmp_path)]
    job = start_spark_job("summaries", script, arguments, tmp_path, java, connector_jars, cores=2)
    try:
        for name in ("one_task_per_partition", "seven_tasks", "one_task", "shuffled", "many_tasks"):
            eventually((tmp_path / name).exists, 150, name)
            assert_equal(from_bytes((tmp_path / name).read_bytes()), here, name)
    finally:
        job.stop(5)
