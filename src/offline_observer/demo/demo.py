"""The visits scenario from one command: broker, topics, generator, observed Spark job, observer."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from offline_observer.clock import SystemClock
from offline_observer.config.export import Export, SearchExport
from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.demo.jars import KAFKA, SPARK_KAFKA_CONNECTOR, fetch_jars
from offline_observer.demo.java import Java, find_java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import LOOPBACK, free_ports, is_free
from offline_observer.demo.process import ChildProcess
from offline_observer.demo.scenario import GENERATION, OBSERVER, PASSTHROUGH_JOB, scenario_folder
from offline_observer.demo.search_program import prepare_search_server
from offline_observer.demo.search_release import ELASTICSEARCH_8
from offline_observer.demo.search_server import SearchServer
from offline_observer.demo.spark_job import start_spark_job
from offline_observer.demo.workplace import Workplace
from offline_observer.errors import DemoError, TookTooLongError
from offline_observer.observer import Observer, Tick
from offline_observer.part import Part
from offline_observer.stop import Stop

T = TypeVar("T")

USUAL_PORT = 9092
USUAL_SEARCH_PORT = 9200
TOPICS = {"visits": 2, "processed_visits": 2}
_FIRST_BATCH_SECONDS = 120.0
_FETCH_SECONDS = 1800.0

Say = Callable[[str], None]
"""Told what is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What one can ask of the demo.

    Attributes:
        data_dir: Folder for all that it writes.
        fresh: Forget what earlier demos in that folder wrote.
        port: Where the broker listens; None: the usual port, or a free one when that is taken.
        seed: Makes the generated records the same each time.
        rate: Records per second, without pauses; None: bursts and pauses as configured.
        duration: Stop after so long; None: when told to.
        elasticsearch: Start an Elasticsearch, too, and send the observations there.
    """

    data_dir: Path
    fresh: bool = False
    port: int | None = None
    seed: int | None = None
    rate: float | None = None
    duration: timedelta | None = None
    elasticsearch: bool = False


class StoppedEarlyError(Exception):
    """The demo was told to stop before everything ran."""


class Demo:
    """Everything that the scenario needs, as processes on this machine.

    Args:
        options: What is asked.
        stop: Ends the demo, also while it starts.
        say: Told each step, and what it waits for.

    Raises:
        DemoError: A precondition does not hold.
    """

    def __init__(self, options: DemoOptions, stop: Stop, say: Say) -> None:
        self._options = options
        self._stop = stop
        self._say = say
        self._scenario = scenario_folder()
        self._place = Workplace(options.data_dir.absolute())
        self._watched: list[ChildProcess] = []
        self._job: ChildProcess | None = None

    def start(self) -> Config:
        """Starts broker, topics, generator and job, in this order.

        Returns:
            The observer's configuration, for what was started.

        Raises:
            DemoError: Something cannot be started; what was is stopped by `close`.
            StoppedEarlyError: It was told to stop.
        """
        if self._place.stop_left_over():
            self._say("Stopped what an earlier demo had left running")
        if self._options.fresh:
            self._place.clear()
        port = self._port()
        java = find_java(os.environ)
        for passed_over in java.passed_over:
            self._say(f"{passed_over}; taking Java {java.version} in {java.home}")
        kafka = self._patiently("fetching Kafka", lambda: fetch_jars(KAFKA, self._say))
        connector = self._patiently("fetching", lambda: fetch_jars(SPARK_KAFKA_CONNECTOR, self._say))

        self._say(f"Waiting for the Kafka broker on {LOOPBACK}:{port}")
        broker = KafkaBroker(self._place.kafka, port, java, kafka)
        broker.start(self._place.add, self._stop)
        if self._stop.is_set():
            raise StoppedEarlyError
        self._watched.append(broker.process)
        broker.create_topics(TOPICS)

        environment = self._environment(broker.bootstrap_servers)
        self._start_generator(environment)
        self._start_job(broker.bootstrap_servers, java, connector)
        config = load_config(self._scenario / OBSERVER, environment)
        if self._options.elasticsearch:
            config = self._with_elasticsearch(config, java)
        self._say("Waiting for the Spark job's first batch (about 10 s)")
        self._await_first_batch()
        return config

    def _with_elasticsearch(self, config: Config, java: Java) -> Config:
        """Starts an Elasticsearch; the configuration, with it."""
        program = self._patiently(
            "fetching Elasticsearch", lambda: prepare_search_server(ELASTICSEARCH_8, java, self._say)
        )
        usual = USUAL_SEARCH_PORT if is_free(USUAL_SEARCH_PORT) else 0
        self._say("Waiting for Elasticsearch (about 10 s)")
        server = SearchServer(self._place.elasticsearch, usual, java, program)
        server.start(self._place.add, self._stop)
        if self._stop.is_set():
            raise StoppedEarlyError
        self._watched.append(server.process)
        export = Export(elasticsearch=SearchExport(url=(server.url,), replicas=0))
        return config.model_copy(update={"export": export})

    def observe(self, config: Config, on_tick: Callable[[Tick], None], note: Say) -> None:
        """Observes until told to stop, or until the time is over."""
        observer = Observer(config, SystemClock(), page=True)
        if observer.url:
            note(f"Look at it in a browser: {observer.url}")
        ended: set[str] = set()

        def on_tick_and_children(tick: Tick) -> None:
            on_tick(tick)
            for child in self._watched:
                if not child.running and child.name not in ended:
                    ended.add(child.name)
                    note(
                        f"The {child.name} has ended; its output is in {child.log.relative_to(self._place.folder)}"
                    )

        try:
            observer.run(self._stop, on_tick_and_children, duration=self._options.duration)
        finally:
            observer.close()

    @property
    def checkpoint(self) -> Path:
        """The observed job's checkpoint."""
        return self._place.checkpoint

    @property
    def job_pid(self) -> int | None:
        """Process id of the observed job; None before it was started."""
        return self._job.mark.pid if self._job else None

    @property
    def anything_started(self) -> bool:
        """Whether there is something to stop."""
        return self._place.has_children

    def close(self) -> None:
        """Stops everything, in the opposite order of starting."""
        self._place.stop_all()

    def _port(self) -> int:
        wanted = self._options.port
        if wanted is not None:
            if not is_free(wanted):
                raise DemoError(
                    f"port {wanted} on {LOOPBACK} is taken; stop what listens there, name another with --port, "
                    "or leave --port out for a free one"
                )
            return wanted
        if is_free(USUAL_PORT):
            return USUAL_PORT
        (port,) = free_ports(1)
        self._say(f"Port {USUAL_PORT} is taken; the broker listens on {port}")
        return port

    def _environment(self, servers: str) -> Mapping[str, str]:
        return {
            **os.environ,
            "VISITS_BOOTSTRAP_SERVERS": servers,
            "VISITS_DATA": str(self._place.folder),
        }

    def _start_generator(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "offline_observer", "demo", "generate"]
        command += ["-c", str(self._scenario / GENERATION)]
        if self._options.seed is not None:
            command += ["--seed", str(self._options.seed)]
        if self._options.rate is not None:
            command += ["--rate", str(self._options.rate)]
        log = self._place.jobs / "generator.log"
        self._add(ChildProcess("data generator", command, log, environment, self._place.folder))

    def _start_job(self, servers: str, java: Java, connector: list[Path]) -> None:
        self._job = start_spark_job(
            "passthrough job",
            self._scenario / PASSTHROUGH_JOB,
            ["--bootstrap-servers", servers, "--checkpoint", str(self._place.checkpoint)],
            self._place.jobs,
            java,
            connector,
        )
        self._add(self._job)

    def _add(self, child: ChildProcess) -> None:
        self._place.add(child)
        self._watched.append(child)

    def _await_first_batch(self) -> None:
        commits = self._place.checkpoint / "commits"
        left = _FIRST_BATCH_SECONDS
        while not any(commits.glob("[0-9]*")):
            for child in self._watched:
                if not child.running:
                    raise child.died()
            if left <= 0:
                raise DemoError(f"the Spark job has finished no batch in {_FIRST_BATCH_SECONDS:g} s")
            if self._stop.wait(0.2):
                raise StoppedEarlyError
            left -= 0.2

    def _patiently(self, name: str, function: Callable[[], T]) -> T:
        """Runs what may take long and does not look at the stop flag; leaves it when told to stop.

        Only for what starts no process: it would be out of reach.
        """
        part: Part[T] = Part(name)
        part.start(function)
        try:
            return part.result(_FETCH_SECONDS, self._stop)
        except TookTooLongError:
            if self._stop.is_set():
                raise StoppedEarlyError from None
            raise
