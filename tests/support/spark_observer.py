"""The Spark observer as a process of its own, on a topic of generated visits."""

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
import yaml

from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.java import Java
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.scenario import GENERATION, OBSERVATION_JOB, scenario_folder
from offline_observer.demo.spark_job import start_spark_job
from offline_observer.demo.visits import GenerationReport, visit_records
from offline_observer.journal.reading import read_documents
from support.kafka import Cluster

CLUSTER = {"spark.master": "local-cluster[2,1,1024]", "spark.executor.memory": "512m"}
"""A cluster of a master and two workers, with executors that are processes of their own."""


class Visits:
    """Generated visits, and what is wrong with those that were written."""

    def __init__(self, cluster: Cluster, topic: str, seed: int = 1) -> None:
        config = load_generation_config(scenario_folder() / GENERATION, {})
        self.topic = topic
        self.report = GenerationReport()
        self._cluster = cluster
        self._records = visit_records(
            Random(seed), config.start_time, missing_fields=10, unprocessable_rows=1
        )

    def write(self, count: int, partitions: Sequence[int] = (0, 1)) -> None:
        records = [next(self._records) for _ in range(count)]
        for number, partition in enumerate(partitions):
            values = [record.value for record in records[number :: len(partitions)]]
            self._cluster.produce(self.topic, values, partition=partition)
        for record in records:
            self.report.add(record)

    def counts(self) -> dict[str, int]:
        found = self.report.to_json()
        return {name: found[name] for name in COUNTS}


PROFILED = {"event_time": "timestamp", "user_id": "string", "page": "string"}
"""The fields that a profile is of, where one is asked for."""

COUNTS = (
    "all_events",
    "unparseable",
    "invalid_event_time",
    "invalid_user_id",
    "invalid_page",
    "invalid_context",
)


class SparkObserver:
    """The example's observation job, with a configuration, a journal and a checkpoint that outlive its runs."""

    def __init__(
        self,
        folder: Path,
        cluster: Cluster,
        java: Java,
        connector: list[Path],
        dataset: str,
        *,
        job_checkpoint: Path | None = None,
        more: dict[str, str] | None = None,
        max_offsets: int | None = None,
    ) -> None:
        self.folder = folder
        self.journal = folder / "observations.db"
        self.checkpoint = folder / "checkpoint" / "visits"
        self._java = java
        self._connector = connector
        self._more = more or {}
        self.process: ChildProcess | None = None
        spark: dict[str, object] = {"checkpoint": "./checkpoint", "durable_journal": True}
        if max_offsets:
            spark["max_offsets_per_trigger"] = max_offsets
        pipeline: dict[str, object] = {
            "name": "visits",
            "dataset": {
                "topic": dataset,
                "start_from": "earliest",
                "rules": [{"not_empty": ["event_time", "user_id", "page", "context"]}],
            },
        }
        if job_checkpoint:
            pipeline["job"] = {"name": "passthrough", "checkpoint": str(job_checkpoint)}
        content = {
            "name": "test",
            "every": "1s",
            "kafka": {"bootstrap.servers": cluster.servers},
            "journal": "./observations.db",
            "spark": spark,
            "pipelines": [pipeline],
        }
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "observer.yaml"
        self.config.write_text(yaml.safe_dump(content))

    def profile(self, every: str) -> None:
        """Has the next start make a profile, and reports in the folder `profiles`, in windows of that length."""
        content = yaml.safe_load(self.config.read_text())
        dataset = content["pipelines"][0]["dataset"]
        dataset["fields"] = {**PROFILED, "context.referral": "string"}
        dataset["profile"] = {"every": every, "folder": "./profiles", "sample": 100}
        dataset["profile"]["leave_out"] = ["context.referral"]
        self.config.write_text(yaml.safe_dump(content))

    def start(self) -> None:
        script = scenario_folder() / OBSERVATION_JOB
        arguments = ["--config", str(self.config)]
        self.process = start_spark_job(
            "observation",
            script,
            arguments,
            self.folder,
            self._java,
            self._connector,
            cores=2,
            settings=self._more,
        )

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.mark.pid).children(recursive=True)

    def in_flight(self) -> bool:
        """Whether a batch is planned and not committed."""
        return max(self._batches_in("offsets")) > max(self._batches_in("commits"))

    def forget_the_newest_commit(self) -> int:
        """Makes the newest committed batch one that is planned; returns its number."""
        newest = max(self._batches_in("commits"))
        gone = [("commits", newest), *(("offsets", n) for n in self._batches_in("offsets") if n > newest)]
        for log, number in gone:
            (self.checkpoint / log / str(number)).unlink()
            (self.checkpoint / log / f".{number}.crc").unlink(missing_ok=True)
        return newest

    def _batches_in(self, log: str) -> list[int]:
        return [int(path.name) for path in (self.checkpoint / log).glob("[0-9]*")]

    def executors(self) -> list[psutil.Process]:
        """The processes of a cluster's executors."""
        found = []
        for process in self.processes():
            try:
                if "CoarseGrainedExecutorBackend" in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue  # it ended meanwhile
        return found

    def kill(self) -> None:
        """Everything at once, as when the machine goes."""
        if self.process is not None:
            for process in [psutil.Process(self.process.mark.pid), *self.processes()]:
                with suppress(psutil.NoSuchProcess):  # a task's process may have ended by itself
                    process.kill()
            self.stop()

    def terminate(self) -> tuple[int | None, float]:
        """SIGTERM to the script; returns its exit code, and how long it took."""
        assert self.process is not None
        began = time.monotonic()
        psutil.Process(self.process.mark.pid).send_signal(signal.SIGTERM)
        code = self.process._process.wait(30)
        return code, time.monotonic() - began

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop(5)
            self.process = None

    def log(self) -> str:
        return (self.folder / "observation.log").read_text()

    def documents(self) -> list[tuple[str, dict[str, Any]]]:
        return list(read_documents(self.journal, "observation")) if self.journal.exists() else []

    def profiles(self) -> list[dict[str, Any]]:
        """The documents of kind `profile`."""
        if not self.journal.exists():
            return []
        return [document for _, document in read_documents(self.journal, "profile")]

    def batches(self) -> dict[str, dict[str, Any]]:
        """The documents of batches, by their ids."""
        return {
            identity: document for identity, document in self.documents() if identity.startswith("visits-")
        }

    def counts(self) -> dict[str, int]:
        total: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
        for _, document in self.documents():
            total.update({name: document.get(name) or 0 for name in COUNTS})
        return dict(total)

    def revision(self, identity: str) -> int:
        with sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True) as connection:
            (found,) = connection.execute(
                "SELECT revision FROM observations WHERE id = ?", (identity,)
            ).fetchone()
        connection.close()
        return int(found)


MakeObserver = Callable[..., SparkObserver]
"""Makes an observer of a topic; it is stopped at the test's end."""
