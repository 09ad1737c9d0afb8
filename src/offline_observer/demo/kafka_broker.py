"""A real Apache Kafka broker: one KRaft node that listens on the loopback interface only."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from offline_observer.demo.java import Java
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.demo.process import ChildProcess
from offline_observer.errors import BrokerError, DemoError
from offline_observer.kafka.client import LastError, admin_client
from offline_observer.kafka.watermarks import WatermarkReader
from offline_observer.stop import Stop

_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_JVM_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Without it a broker out of heap hangs, alive.
    "-XX:+ExitOnOutOfMemoryError",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)
# One node is all of the cluster: what is replicated elsewhere is not here, and groups start without a delay.
_SINGLE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "auto.create.topics.enable": "false",
    "log.retention.check.interval.ms": "1000",
    "log.initial.task.delay.ms": "1000",
}


class KafkaBroker:
    """The broker. Its data outlives it: started again in the same folder, it goes on.

    Args:
        folder: For its configuration, data and log.
        port: Where it listens for clients.
        java: The Java to run it.
        jars: Kafka's class path.
        properties: Broker properties on top of its own.
        heap: Its largest heap, as Java takes it. 256 MB holds some thousand partitions.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        java: Java,
        jars: Sequence[Path],
        properties: Mapping[str, str] | None = None,
        *,
        heap: str = "256m",
    ) -> None:
        self.bootstrap_servers = f"{LOOPBACK}:{port}"
        self._folder = folder
        self._port = port
        self._java = java
        self._jars = jars
        self._properties = dict(properties or {})
        self._heap = heap
        self._process: ChildProcess | None = None

    @property
    def process(self) -> ChildProcess:
        """The running process."""
        if self._process is None:
            raise DemoError("the Kafka broker is not running")
        return self._process

    def start(
        self, started: Callable[[ChildProcess], None] = lambda _: None, stop: Stop | None = None
    ) -> None:
        """Starts it and waits until it answers.

        Args:
            started: Told of the process as soon as there is one.
            stop: Ends the waiting, when it is set.

        Raises:
            DemoError: It ended, or did not answer in time; the message has the end of its log.
        """
        config = self._write_config()
        if not (self._folder / "data" / "meta.properties").is_file():
            self._format(config)
        command = [*self._command(), "kafka.Kafka", str(config)]
        log = self._folder / "broker.log"
        self._process = ChildProcess("Kafka broker", command, log, os.environ, self._folder)
        started(self._process)
        self._wait_until_ready(stop or Stop())

    def _write_config(self) -> Path:
        (controller,) = free_ports(1)
        settings = {
            **_SINGLE_NODE,
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self._port},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            "log.dirs": str(self._folder / "data"),
            **self._properties,
        }
        config = self._folder / "server.properties"
        self._folder.mkdir(parents=True, exist_ok=True)
        config.write_text("".join(f"{key}={_escaped(value)}\n" for key, value in settings.items()))
        return config

    def _command(self) -> list[str]:
        class_path = os.pathsep.join(str(jar) for jar in self._jars)
        return [str(self._java.executable), f"-Xmx{self._heap}", *_JVM_OPTIONS, "-cp", class_path]

    def _format(self, config: Path) -> None:
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        tool = [*self._command(), "kafka.tools.StorageTool"]
        cluster = self._run_tool([*tool, "random-uuid"]).strip().splitlines()[-1]
        self._run_tool([*tool, "format", "-t", cluster, "-c", str(config)])

    def _run_tool(self, command: list[str]) -> str:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            output = getattr(error, "stderr", None) or str(error)
            raise DemoError(f"cannot prepare the Kafka broker's data folder: {output}") from None
        return done.stdout

    def _wait_until_ready(self, stop: Stop) -> None:
        admin = admin_client({"bootstrap.servers": self.bootstrap_servers}, LastError({}))
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and not stop.is_set():
            if not self.process.running:
                raise self.process.died()
            try:
                admin.list_topics(timeout=1)
            except KafkaException:
                time.sleep(0.1)
            else:
                return
        if stop.is_set():
            return
        raise DemoError(
            f"the Kafka broker did not answer within {_START_SECONDS:g} s; the end of {self.process.log}:\n"
            f"{self.process.tail()}"
        )

    def create_topics(self, partitions: Mapping[str, int]) -> None:
        """Makes topics that are not there yet.

        Args:
            partitions: Number of partitions per topic.

        Raises:
            DemoError: The broker refuses.
        """
        admin: AdminClient = admin_client({"bootstrap.servers": self.bootstrap_servers}, LastError({}))
        topics = [NewTopic(name, count, 1) for name, count in partitions.items()]
        for name, future in admin.create_topics(topics).items():
            try:
                future.result(30)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise DemoError(f"cannot create topic {name}: {error.args[0].str()}") from None
        self._wait_until_led(tuple(partitions))

    def _wait_until_led(self, topics: Sequence[str]) -> None:
        """Waits until the broker leads what it has made: an idempotent producer that comes before fails for good."""
        watermarks = WatermarkReader({"bootstrap.servers": self.bootstrap_servers}, "read_uncommitted")
        deadline = time.monotonic() + _START_SECONDS
        while not self._leads(topics, watermarks):
            if time.monotonic() > deadline:
                raise DemoError(
                    f"the Kafka broker does not lead the topics that it made: {', '.join(topics)}"
                )
            time.sleep(0.1)

    def _leads(self, topics: Sequence[str], watermarks: WatermarkReader) -> bool:
        try:
            # After a request that got no answer the reader asks with a new client, which gets one.
            found = watermarks.read(topics, _ANSWER_SECONDS)
        except BrokerError:
            return False
        return not any(topic.error for topic in found.values())

    def stop(self, seconds: float = 5.0) -> None:
        """Stops it, if it runs."""
        if self._process is not None:
            self._process.stop(seconds)
            self._process = None


def _escaped(value: str) -> str:
    """A value for a Java properties file, which is read as ISO 8859-1 with escapes for all else."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = [int.from_bytes(units[index : index + 2], "big") for index in range(0, len(units), 2)]
    return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in codes)  # noqa: PLR2004 - ASCII
