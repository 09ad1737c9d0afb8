"""The compose file and the Dockerfile: what can be held to be true of them without an engine."""

import base64
import fnmatch
import json
import re
from collections.abc import Iterable
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from offline_observer import __version__
from offline_observer.config.load import load_config
from offline_observer.demo.demo import TOPICS
from offline_observer.demo.generator_config import load_generation_config
from offline_observer.demo.jars import SPARK_KAFKA_CONNECTOR
from offline_observer.errors import ConfigError
from support.compose import COMPOSE, ROOT, VISITS, binds, services, words
from support.dockerfile import read_dockerfile

SCHEMA = Path(__file__).parents[2] / "data" / "compose-spec" / "compose-spec.json"
SERVICES = services()
STAGES = read_dockerfile(ROOT / "Dockerfile")
OWN = {name: service for name, service in SERVICES.items() if "build" in service}
SERVERS = {"kafka", "elasticsearch", "grafana"}
IN_ADDITION = {"export", "dashboard"}
LEFT_OUT = {"spark"}
CONTAINER_CONFIG = VISITS / "observer-compose.yaml"


def each(names: Iterable[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", sorted(names))


def variables(text: str) -> set[str]:
    """What a file takes from the environment, its comments aside."""
    plain = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    return set(re.findall(r"\$\{?([A-Z][A-Z0-9_]+)\b", plain))


def test_it_is_a_compose_file() -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    compose = yaml.safe_load(COMPOSE.read_text())
    assert not [str(error) for error in validator.iter_errors(compose)]
    compose["services"]["kafka"]["portz"] = []
    assert not validator.is_valid(compose), "the schema would find a key that is none"


def test_all_parts_of_the_scenario_are_there() -> None:
    assert {*SERVERS, "topics", "generator", "job", "observer"} == SERVICES.keys()
    assert {"generator", "job", "observer"} == OWN.keys()


@each(SERVICES)
def test_images_are_pinned_and_named_without_a_registry(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[a-z-]+(/[a-z-]+)?:[0-9]+\.[0-9]+\.[0-9]+", image), image
    if name in OWN:
        assert image == f"visits-{name}:{__version__}"


def test_the_same_kafka_makes_the_topics() -> None:
    assert SERVICES["topics"]["image"] == SERVICES["kafka"]["image"]


def test_stages_begin_from_one_pinned_image_or_another_stage() -> None:
    bases = {stage.base for stage in STAGES.values()} - STAGES.keys()
    (base,) = bases
    assert re.fullmatch(r"python:3\.12\.[0-9]+-slim-bookworm", base)


@each(OWN)
def test_what_is_built_is_a_stage_of_our_dockerfile(name: str) -> None:
    build = OWN[name]["build"]
    assert (VISITS / build["context"]).resolve() == ROOT
    assert build["target"] in STAGES


@each(SERVICES)
def test_ports_are_published_on_the_loopback_interface_only(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert all(re.fullmatch(r"127\.0\.0\.1:([0-9]+):\1", port) for port in ports)
    assert bool(ports) == (name in SERVERS | {"observer"})
    assert "network_mode" not in SERVICES[name]


@each(SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    volumes = set(yaml.safe_load(COMPOSE.read_text())["volumes"])
    for volume in SERVICES[name].get("volumes", []):
        source, target, *mode = volume.split(":")
        assert target.startswith("/")
        if source.startswith("."):
            assert mode == ["ro"], "the repository is not written to"
            assert (VISITS / source).exists(), source
        else:
            assert source in volumes


def test_the_job_writes_the_checkpoint_that_the_observer_reads() -> None:
    environment = SERVICES["observer"]["environment"]
    (pipeline,) = load_config(CONTAINER_CONFIG, {**environment, "OBSERVER_TOKEN": "t"}).pipelines
    assert pipeline.job is not None
    assert pipeline.job.checkpoint == SERVICES["job"]["command"][-1]
    assert "checkpoints:/data/checkpoints" in SERVICES["job"]["volumes"]
    assert "checkpoints:/data/checkpoints:ro" in SERVICES["observer"]["volumes"]


@each(SERVICES)
def test_every_variable_of_what_is_mounted_is_set(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for path in binds(SERVICES[name]).values():
        files = path.rglob("*.y*ml") if path.is_dir() else [path] if path.suffix == ".yaml" else []
        for file in files:
            assert variables(file.read_text()) <= environment.keys(), file


def test_the_containers_configuration_is_the_scenarios_but_for_parts() -> None:
    scenario = yaml.safe_load((VISITS / "observer.yaml").read_text())
    container = yaml.safe_load(CONTAINER_CONFIG.read_text())
    assert container.keys() - scenario.keys() == IN_ADDITION
    assert scenario.keys() - container.keys() == LEFT_OUT
    same = scenario.keys() & container.keys()
    assert {key: container[key] for key in same} == {key: scenario[key] for key in same}


def test_what_the_containers_configuration_says() -> None:
    environment = {**SERVICES["observer"]["environment"], "OBSERVER_TOKEN": "from-the-file"}
    config = load_config(CONTAINER_CONFIG, environment)
    assert config.kafka["bootstrap.servers"] == "kafka:19092"
    assert config.journal == Path("/data/observations.db")
    assert config.export.elasticsearch is not None
    assert config.export.elasticsearch.url == ("http://elasticsearch:9200",)
    assert config.index_of(config.export.elasticsearch) == "visits_observation_stats"
    assert config.dashboard is not None
    assert (config.dashboard.host, config.dashboard.port) == ("0.0.0.0", 8765)  # noqa: S104
    with pytest.raises(ConfigError, match=r"dashboard\.token: an empty token"):
        load_config(CONTAINER_CONFIG, {**environment, "OBSERVER_TOKEN": ""})


def test_the_token_is_in_no_file() -> None:
    assert SERVICES["observer"]["environment"]["OBSERVER_TOKEN"].startswith("${OBSERVER_TOKEN:?")
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    assert "**/.env" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_generator_writes_to_the_containers_broker() -> None:
    service = SERVICES["generator"]
    path = binds(service)[service["command"][-1]]
    assert load_generation_config(path, service["environment"]).kafka.broker == "kafka:19092"


def test_the_topics_are_those_of_the_demo() -> None:
    (script,) = words(SERVICES["topics"]["command"])
    assert f"in {' '.join(TOPICS)};" in script
    assert set(TOPICS.values()) == {2}
    assert '--topic "$topic" --partitions 2 --replication-factor 1' in script


@each({"observer", "job"})
def test_our_images_run_as_nobody_and_without_a_shell(name: str) -> None:
    stage = STAGES[name]
    uid, gid = stage.last("USER").text.split(":")
    assert (uid, gid) == ("10001", "10001")
    after = stage.instructions[stage.instructions.index(stage.last("USER")) :]
    assert "RUN" not in [one.name for one in after]
    for one in (*stage.all("ENTRYPOINT"), *stage.all("CMD"), *stage.all("HEALTHCHECK")):
        assert one.exec_form()[0] not in ("sh", "bash", "/bin/sh", "/bin/bash")
    assert any("PYTHONUNBUFFERED=1" in one.text for one in stage.all("ENV"))


@each(OWN)
def test_our_containers_can_do_little(name: str) -> None:
    service = OWN[name]
    assert "user" not in service, "the image's own"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@each(SERVICES)
def test_nobody_is_root_or_privileged(name: str) -> None:
    assert not SERVICES[name].keys() & {"privileged", "user", "cap_add", "devices", "pid", "ipc"}


@each(SERVICES)
def test_each_has_limits_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    if name == "topics":
        assert service["restart"] == "on-failure:5"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["stop_grace_period"]


@each(SERVICES)
def test_what_is_waited_for_can_come(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"][0] == "CMD"
        else:
            assert (other, wait["condition"]) == ("topics", "service_completed_successfully")


def test_the_observer_waits_for_nothing_that_it_outlives() -> None:
    assert SERVICES["observer"]["depends_on"].keys() == {"kafka", "topics"}


def test_the_image_asks_at_the_port_of_the_configuration() -> None:
    config = yaml.safe_load(CONTAINER_CONFIG.read_text())
    port = config["dashboard"]["port"]
    assert SERVICES["observer"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert STAGES["observer"].last("EXPOSE").text == str(port)
    health = STAGES["observer"].last("HEALTHCHECK").exec_form()[-1]
    assert f"'127.0.0.1', {port}," in health
    assert "'/healthz'" in health
    assert STAGES["observer"].last("CMD").exec_form()[-1] in binds(SERVICES["observer"])


def test_two_listeners_of_the_broker() -> None:
    environment = SERVICES["kafka"]["environment"]
    listeners = dict(one.split("://") for one in environment["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert listeners == {"CONTAINERS": "kafka:19092", "HOST": "127.0.0.1:9092"}
    assert environment["KAFKA_LOG_DIRS"] in SERVICES["kafka"]["volumes"][0]
    assert len(base64.urlsafe_b64decode(environment["CLUSTER_ID"] + "==")) == 16
    assert not any("__" in name for name in environment)


def test_grafana_wants_its_password() -> None:
    environment = SERVICES["grafana"]["environment"]
    login = (environment["GF_SECURITY_ADMIN_USER"], environment["GF_SECURITY_ADMIN_PASSWORD"])
    assert login == ("admin", "admin")
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    (place,) = binds(SERVICES["grafana"])
    assert environment["GF_PATHS_PROVISIONING"] == f"{place}/provisioning"
    assert environment["DASHBOARDS_PATH"] == f"{place}/dashboards"


def copied(name: str) -> list[str]:
    lines = [one.text.split() for one in STAGES[name].all("COPY")]
    return [source for line in lines if not line[0].startswith("--from") for source in line[:-1]]


@each(STAGES)
def test_what_is_copied_into_an_image_is_there_and_let_through(name: str) -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignore
    for source in copied(name):
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(f"!{source}", pattern) for pattern in ignore), source


def pins(lock: str) -> dict[str, set[str]]:
    """The versions of each library in a lock; several where Python's version decides."""
    versions: dict[str, set[str]] = {}
    for name, version, rest in re.findall(
        r"^([a-z0-9.-]+)==([^ ;]+)(.*(?:\n .*)*)", (ROOT / lock).read_text(), re.MULTILINE
    ):
        assert "--hash=sha256:" in rest, name
        versions.setdefault(name, set()).add(version)
    return versions


@each({"requirements-observer.lock", "requirements-job.lock"})
def test_the_images_have_the_versions_that_the_tests_run_with(name: str) -> None:
    tested = pins("requirements.lock")
    assert pins(name).items() <= tested.items()


def test_the_images_have_what_they_are_for() -> None:
    observer = pins("requirements-observer.lock").keys()
    assert {"elasticsearch", "opensearch-py", "waitress", "fg-data-profiling", "s3fs"} <= observer
    assert "pyspark" not in observer
    assert pins("requirements-job.lock").keys() == {"pyspark", "py4j"}
    assert {"uv", "setuptools", "hatchling"} <= pins("requirements-bootstrap.lock").keys()


def test_the_connector_is_that_of_spark_and_of_the_demo() -> None:
    (coordinates,) = SPARK_KAFKA_CONNECTOR
    assert any(f"--packages {coordinates} " in one.text for one in STAGES["job-jars"].all("RUN"))
    _, artifact, version = coordinates.split(":")
    assert {version} == pins("requirements-job.lock")["pyspark"]
    jars = re.findall(r"^[0-9a-f]{64}  (\S+\.jar)$", (ROOT / "job-jars.sha256").read_text(), re.MULTILINE)
    assert f"org.apache.spark_{artifact}-{version}.jar" in jars
