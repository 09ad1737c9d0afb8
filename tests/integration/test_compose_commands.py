"""The command lines of the compose file's services, as processes on a broker that is configured as its own."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
from confluent_kafka.admin import AdminClient

from offline_observer.demo.jars import KAFKA, fetch_jars
from offline_observer.demo.java import Java
from offline_observer.demo.kafka_broker import KafkaBroker
from offline_observer.demo.ports import free_ports
from support.compose import ROOT, binds, broker_properties, services, words
from support.dockerfile import Stage, read_dockerfile
from support.kafka import Cluster, eventually
from support.program import COMMAND, journal_documents

KAFKA_TOOLS = (KAFKA[0].replace("kafka_2.13", "kafka-tools"), KAFKA[1])
SERVICES = services()
STAGES = read_dockerfile(ROOT / "Dockerfile")


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return dict(zip(("containers", "host", "controller"), free_ports(3), strict=True))


@pytest.fixture(scope="module")
def compose_cluster(
    ports: dict[str, int], java: Java, kafka_jars: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """The broker with the compose file's listeners and settings, asked where this machine's clients ask it."""
    properties = broker_properties(
        {19092: ports["containers"], 9092: ports["host"], 29093: ports["controller"]}
    )
    folder = tmp_path_factory.mktemp("kafka")
    broker = KafkaBroker(folder, ports["host"], java, kafka_jars, properties, heap="512m")
    try:
        broker.start()
        yield Cluster(broker)
    finally:
        broker.stop()


@pytest.fixture(scope="module")
def inside(ports: dict[str, int]) -> str:
    """What containers call `kafka:19092`."""
    return f"127.0.0.1:{ports['containers']}"


@pytest.fixture(scope="module")
def kafka_bin(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image has in /opt/kafka/bin, of its programs those that are called."""
    folder = tmp_path_factory.mktemp("bin")
    class_path = os.pathsep.join(map(str, fetch_jars(KAFKA_TOOLS, print)))
    programs = {"kafka-topics.sh": "TopicCommand", "kafka-broker-api-versions.sh": "BrokerApiVersionsCommand"}
    for name, main in programs.items():
        java_command = f"{java.executable} $KAFKA_HEAP_OPTS -XX:TieredStopAtLevel=1 -cp {class_path}"
        (folder / name).write_text(f'#!/bin/sh\nexec {java_command} org.apache.kafka.tools.{main} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def run_in_kafka(command: list[str], name: str, inside: str, kafka_bin: Path) -> str:
    """Runs a command line that an image of Kafka's has, to its end."""
    line = [word.replace("/opt/kafka/bin", str(kafka_bin)).replace("kafka:19092", inside) for word in command]
    heap = SERVICES[name]["environment"]["KAFKA_HEAP_OPTS"]
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        env={**os.environ, "KAFKA_HEAP_OPTS": heap},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def topics(compose_cluster: Cluster, inside: str, kafka_bin: Path) -> Cluster:
    """The broker, when the service `topics` has run; twice, as it does when everything is started again."""
    service = SERVICES["topics"]
    for _ in range(2):
        run_in_kafka([*service["entrypoint"], *words(service["command"])], "topics", inside, kafka_bin)
    compose_cluster.broker._wait_until_led(["visits", "processed_visits"])
    return compose_cluster


def environment(name: str, inside: str, **more: str) -> dict[str, str]:
    """A service's environment, on top of ours."""
    own = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    assert own["VISITS_BOOTSTRAP_SERVERS"] == "kafka:19092"
    result = {**os.environ, **own, "VISITS_BOOTSTRAP_SERVERS": inside, **more}
    result.pop("SPARK_HOME", None)
    return result


def start(command: list[str], log: Path, env: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env, cwd=folder
        )


def end(process: "subprocess.Popen[bytes]", seconds: float) -> int:
    """Tells a process to end, as an engine does, and waits for it; then kills it, and fails."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(seconds)
    finally:
        process.kill()
        process.wait()


def mounted(name: str, command: list[str], **other: Path) -> list[str]:
    """A command line with what is mounted at its places replaced by where it is here."""
    places = {target: str(path) for target, path in binds(SERVICES[name]).items()}
    places.update({target.replace("_", "/"): str(path) for target, path in other.items()})
    return [places.get(word, word) for word in command]


def test_both_listeners_send_clients_to_where_they_came_from(
    compose_cluster: Cluster, ports: dict[str, int]
) -> None:
    for name in ("containers", "host"):
        servers = f"127.0.0.1:{ports[name]}"
        brokers = AdminClient({"bootstrap.servers": servers}).list_topics(timeout=10).brokers
        assert [f"{one.host}:{one.port}" for one in brokers.values()] == [servers]
    assert compose_cluster.admin.list_topics(timeout=10).topics.keys() <= {"visits", "processed_visits"}


def test_the_broker_is_asked_whether_it_answers(
    compose_cluster: Cluster, inside: str, kafka_bin: Path
) -> None:
    _, *command = SERVICES["kafka"]["healthcheck"]["test"]
    assert compose_cluster.broker.process.running
    assert "id: 1" in run_in_kafka(command, "kafka", inside, kafka_bin)


def test_the_topics_are_made(topics: Cluster) -> None:
    made = topics.admin.list_topics(timeout=10).topics
    partitions = {name: topic.partitions for name, topic in made.items() if not name.startswith("__")}
    assert {name: len(each) for name, each in partitions.items()} == {"visits": 2, "processed_visits": 2}
    assert {len(one.replicas) for each in partitions.values() for one in each.values()} == {1}


def test_the_generator_writes_and_ends_in_order(topics: Cluster, inside: str, tmp_path: Path) -> None:
    command = mounted("generator", words(SERVICES["generator"]["command"]))
    log = tmp_path / "generator.log"
    process = start([*COMMAND, *command], log, environment("generator", inside), tmp_path)
    try:
        eventually(lambda: sum(topics.ends("visits").values()) >= 30, 30, "the first visits")
    finally:
        assert end(process, 5) == 0
    assert f"records to topic visits at {inside}" in log.read_text()


def test_the_job_copies_and_ends_when_it_is_told_to(
    topics: Cluster, inside: str, java: Java, connector_jars: list[Path], tmp_path: Path
) -> None:
    topics.produce("visits", [b'{"user_id":"u"}'] * 5)
    checkpoint = tmp_path / "passthrough"
    command = [
        str(checkpoint) if word == "/data/checkpoints/passthrough" else word
        for word in mounted("job", words(SERVICES["job"]["command"]))
    ]
    # The image has the connector among Spark's own jars.
    shipped = {jar.name for jar in (Path(pyspark.__file__).parent / "jars").glob("*.jar")}
    jars = ",".join(str(jar) for jar in connector_jars if jar.name not in shipped)
    (program,) = STAGES["job"].last("ENTRYPOINT").exec_form()
    submit = str(Path(sys.executable).parent / program)
    env = environment("job", inside, JAVA_HOME=str(java.home))
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    log = tmp_path / "job.log"
    process = start([submit, "--jars", jars, *command], log, env, tmp_path)
    try:
        eventually((checkpoint / "commits" / "0").exists, 120, "the first batch")
        # The scripts have given way to Java: it is what the engine's signal reaches.
        assert Path(f"/proc/{process.pid}/exe").resolve().name == "java"
        assert sum(topics.ends("processed_visits").values()) >= 5
    finally:
        code = end(process, 20)
    assert code == 128 + signal.SIGTERM, log.read_text()


def test_the_observer_is_well_and_ends_in_order(topics: Cluster, inside: str, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    command = STAGES["observer"].last("CMD").exec_form()
    config = tmp_path / "observer.yaml"
    (source,) = binds(SERVICES["observer"]).values()
    config.write_text(source.read_text().replace("port: 8765", f"port: {port}"))
    program, *rest = STAGES["observer"].last("ENTRYPOINT").exec_form()
    env = environment(
        "observer",
        inside,
        VISITS_DATA=str(tmp_path / "data"),
        # Nothing listens there: an Elasticsearch that is away is no reason not to be well.
        ELASTICSEARCH_URL="http://127.0.0.1:1",
        OBSERVER_TOKEN="of-this-test",  # noqa: S106
    )
    command = [str(config) if word == "/etc/offline-observer/observer.yaml" else word for word in command]
    (tmp_path / "data").mkdir()
    topics.produce("processed_visits", [b'{"user_id":"u"}'] * 3)
    health = [word.replace("8765", str(port)) for word in STAGES["observer"].last("HEALTHCHECK").exec_form()]
    health[0] = sys.executable
    # Before it is there it is not well.
    assert subprocess.run(health, capture_output=True, timeout=10, check=False).returncode == 1

    log = tmp_path / "observer.log"
    observer = str(Path(sys.executable).parent / program)
    process = start([observer, *rest, *command], log, env, tmp_path)
    journal = tmp_path / "data" / "observations.db"
    try:
        eventually(lambda: journal.exists() and bool(journal_documents(journal)), 30, "an observation")
        asked = subprocess.run(health, capture_output=True, text=True, timeout=10, check=False)
        assert (asked.returncode, asked.stdout.strip()) == (0, "ok"), asked.stderr
        assert get(port, "/metrics") == (401, "")
        status, page = get(port, "/metrics", Authorization="Bearer of-this-test")
        assert status == 200
        assert "offline_observer" in page
        assert get(port, "/healthz", Host="observer:8765")[0] == 200
    finally:
        began = time.monotonic()
        code = end(process, 10)
        seconds = time.monotonic() - began
    assert code == 0, log.read_text()
    assert seconds < 5
    (document, *_) = journal_documents(journal)
    assert document["all_events"] >= 3
    # The job of this test's folder has never run: that is what it says, with a status.
    assert document["job_status"] != "ok"
    assert "Traceback" not in log.read_text()


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_images_steps_make_what_runs(java: Java, tmp_path: Path) -> None:
    build = Build(tmp_path, java)
    build.stage("tools")
    build.stage("observer-build")
    observer = tmp_path / "opt" / "observer" / "bin"
    done = build.run(f"{observer}/offline-observer --version")
    assert done.stdout.startswith("offline-observer ")
    generate = mounted("generator", words(SERVICES["generator"]["command"]))
    done = build.run(shlex.join([f"{observer}/offline-observer", *generate, "--help"]))
    assert "Write visits to Kafka" in done.stdout
    imported = "elasticsearch, opensearchpy, prometheus_client, waitress, data_profiling, jsonschema_rs, s3fs, gcsfs, adlfs"
    build.run(f"{observer}/python -c 'import {imported}, offline_observer.reports.report'")
    print(build.run(f"du -sm {tmp_path}/opt/observer").stdout)

    build.stage("job-build")
    build.stage("job-jars")
    assert build.run("spark-submit --version").returncode == 0
    jars = list((tmp_path / "opt" / "job").glob("lib/python3.*/site-packages/pyspark/jars/*kafka*.jar"))
    assert len(jars) == 3
    print(build.run(f"du -sm {tmp_path}/opt/job").stdout)


class Build:
    """Runs stages of the Dockerfile here: `/build` and `/opt` are folders below another one.

    Debian's packages and users are left out; Java is the tests'.
    """

    def __init__(self, folder: Path, java: Java) -> None:
        self._folder = folder
        tools = folder / "tools"
        subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
        self._environment = {
            **os.environ,
            "JAVA_HOME": str(java.home),
            "PATH": f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        for name in ("SPARK_HOME", "VIRTUAL_ENV"):
            self._environment.pop(name, None)
        self._at = folder

    def _here(self, text: str) -> str:
        for place in ("/build", "/opt"):
            text = text.replace(f" {place}", f" {self._folder}{place}").replace(
                f"={place}", f"={self._folder}{place}"
            )
        return text

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            capture_output=True,
            text=True,
            env=self._environment,
            cwd=self._at,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def stage(self, name: str) -> None:
        stage: Stage = STAGES[name]
        # What another stage made is still in its place.
        self._at = self._folder / "build"
        self._at.mkdir(exist_ok=True)
        for one in stage.instructions:
            if one.name == "WORKDIR":
                self._at = Path(self._here(f" {one.text}").strip())
                self._at.mkdir(parents=True, exist_ok=True)
            elif one.name == "COPY" and not one.text.startswith("--from"):
                *sources, _ = one.text.split()
                for source in sources:
                    self._copy(source)
            elif one.name == "ENV":
                key, value = self._here(one.text).split("=", 1)
                self._environment[key] = value.replace("$PATH", self._environment["PATH"])
            elif one.name == "RUN":
                self.run(self._here(f" {one.text}"))

    def _copy(self, source: str) -> None:
        target = self._at / source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
