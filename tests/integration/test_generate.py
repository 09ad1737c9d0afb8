"""What the generator says it made is what is observed behind a real Spark job, to the record."""

import json
from collections.abc import Callable
from pathlib import Path

from offline_observer.demo.scenario import GENERATION, scenario_folder
from support.kafka import Cluster, eventually
from support.observing import LONG, write_config
from support.program import journal_documents, run_program
from support.spark import PassthroughJob

FIELDS = ("event_time", "user_id", "page", "context")


def test_the_counts_are_exactly_those_of_the_generator(
    cluster: Cluster, make_job: Callable[[str, str], PassthroughJob], tmp_path: Path
) -> None:
    source, sink = cluster.topic(2), cluster.topic(2)
    settings = (
        (scenario_folder() / GENERATION)
        .read_text()
        .replace("output_topic: visits", f"output_topic: {source}")
    )
    generation = tmp_path / "generation.yaml"
    generation.write_text(settings)
    job = make_job(source, sink)
    job.start()
    arguments = ["-c", str(generation), "--seed", "11", "--records", "3000", "--rate", "1000"]
    generated = run_program("demo", "generate", *arguments, "--bootstrap-servers", cluster.servers, "--json")
    assert generated.returncode == 0, generated.stderr
    report = json.loads(generated.stdout)
    assert (report["all_events"], report["failed"]) == (3000, 0)

    eventually(lambda: sum(cluster.ends(sink).values()) == 3000, 60, "the job to copy all records")
    config = write_config(
        tmp_path, cluster, checkpoint=job.checkpoint, dataset=sink, every=LONG, not_empty=FIELDS
    )
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    (document,) = journal_documents(tmp_path / "observations.db")
    names = ["all_events", "unparseable", *(f"invalid_{field}" for field in FIELDS)]
    assert {name: document[name] for name in names} == {name: report[name] for name in names}
    for field in ("event_time", "user_id", "page"):
        assert 0.03 <= document[f"invalid_{field}"] / 3000 <= 0.09
    assert 0.005 <= document["unparseable"] / 3000 <= 0.02


def test_the_same_seed_gives_the_same_records(cluster: Cluster, tmp_path: Path) -> None:
    reports = []
    for _ in range(2):
        topic = cluster.topic(1)
        settings = (scenario_folder() / GENERATION).read_text()
        generation = tmp_path / "generation.yaml"
        generation.write_text(settings.replace("output_topic: visits", f"output_topic: {topic}"))
        arguments = ["-c", str(generation), "--seed", "5", "--records", "200", "--rate", "2000"]
        done = run_program("demo", "generate", *arguments, "--bootstrap-servers", cluster.servers, "--json")
        assert done.returncode == 0, done.stderr
        reports.append(json.loads(done.stdout))
    assert reports[0] == reports[1]


def test_a_broker_that_is_never_reached() -> None:
    generation = scenario_folder() / GENERATION
    done = run_program("demo", "generate", "-c", str(generation), "--bootstrap-servers", "127.0.0.1:1")
    assert done.returncode == 3
    assert "127.0.0.1:1" in done.stderr
    assert "rdkafka" not in done.stderr
