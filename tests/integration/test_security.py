"""TLS, client certificates, logins and rights, on a real broker: what works, and what is said when it does not."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import yaml
from confluent_kafka.admin import AclOperation

from offline_observer.cli.app import run_command
from offline_observer.demo.java import Java
from offline_observer.engine.build import KernelSettings
from offline_observer.engine.local import DatasetRead, LocalEngine
from offline_observer.errors import BrokerError
from support.kafka import eventually
from support.program import journal_documents, run_program, start_program
from support.secure_kafka import (
    CLIENT_SECRET,
    KEY_PASSWORD,
    LIMITED,
    PASSWORD,
    USER,
    SecureKafka,
    secure_kafka,
    token_server,
)

CHECKPOINT = Path(__file__).parents[1] / "data" / "checkpoints" / "base"
TOPIC = "visits"
RECORDS = 700
LAG = 2 * RECORDS - 609 - 391
TIMEOUT = 1.0
WRONG = "wrong-pass-4714"
SECRETS = (PASSWORD, CLIENT_SECRET, KEY_PASSWORD, WRONG)

Properties = dict[str, str]


@pytest.fixture(scope="module")
def kafka(
    java: Java, kafka_jars: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureKafka]:
    with secure_kafka(tmp_path_factory.mktemp("secure"), java, kafka_jars) as kafka:
        kafka.cluster.topic(2, name=TOPIC)
        for partition in (0, 1):
            kafka.cluster.produce(TOPIC, [b'{"user_id":"1"}'] * RECORDS, partition=partition)
        kafka.add_scram_user(USER)
        kafka.allow(USER, TOPIC, AclOperation.DESCRIBE)
        kafka.allow(USER, TOPIC, AclOperation.READ)
        yield kafka


@pytest.fixture(scope="module")
def token_url() -> Iterator[str]:
    with token_server() as url:
        yield url


def login(kafka: SecureKafka, mechanism: str = "SCRAM-SHA-512", user: str = USER, **other: str) -> Properties:
    """Properties for the listener that wants TLS and a login."""
    return {
        "bootstrap.servers": kafka.servers("LOGIN"),
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": kafka.certificates.ca,
        "sasl.mechanism": mechanism,
        "sasl.username": user,
        "sasl.password": PASSWORD,
        **{key.replace("_", "."): value for key, value in other.items()},
    }


def bearer(kafka: SecureKafka, **token: str) -> Properties:
    properties = login(kafka, "OAUTHBEARER", **token)
    del properties["sasl.username"], properties["sasl.password"]
    return properties


def unsigned(kafka: SecureKafka, config: str = f"principal={USER} lifeSeconds=3") -> Properties:
    return bearer(kafka, enable_sasl_oauthbearer_unsecure_jwt="true", sasl_oauthbearer_config=config)


def oidc(kafka: SecureKafka, url: str, secret: str = CLIENT_SECRET) -> Properties:
    return bearer(
        kafka,
        sasl_oauthbearer_method="oidc",
        sasl_oauthbearer_client_id=USER,
        sasl_oauthbearer_client_secret=secret,
        sasl_oauthbearer_token_endpoint_url=url,
    )


def tls(kafka: SecureKafka, listener: str = "MUTUAL", **other: str) -> Properties:
    """Properties for the listener that wants a client certificate, without one."""
    return {
        "bootstrap.servers": kafka.servers(listener),
        "security.protocol": "SSL",
        "ssl.ca.location": kafka.certificates.ca,
        **{key.replace("_", "."): value for key, value in other.items()},
    }


def mutual(kafka: SecureKafka) -> Properties:
    client = kafka.certificates.client
    return tls(kafka, ssl_certificate_location=client, ssl_key_location=client)


def lag(properties: Properties, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Runs `offline-observer lag`; returns its exit code, and what was written to the two outputs by anything."""
    rest = [text for key, value in properties.items() for text in ("-X", f"{key}={value}")]
    servers = ["--bootstrap-servers", properties["bootstrap.servers"]]
    capfd.readouterr()
    arguments = ["lag", "--checkpoint", str(CHECKPOINT), *servers, "--timeout", str(TIMEOUT), "--json", *rest]
    code = run_command(arguments)
    out, err = capfd.readouterr()
    assert not [secret for secret in SECRETS if secret in out + err]
    return code, out, err


def with_config(folder: Path, properties: Properties) -> Path:
    path = folder / "observer.yaml"
    job = {"name": "passthrough", "checkpoint": str(CHECKPOINT)}
    dataset = {"topic": TOPIC, "start_from": "earliest", "rules": [{"not_empty": ["user_id"]}]}
    content = {
        "name": "test",
        "every": "1s",
        "kafka": properties,
        "pipelines": [{"name": "visits", "job": job, "dataset": dataset}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    "way",
    [
        "PLAIN",
        "SCRAM-SHA-256",
        "SCRAM-SHA-512",
        "unsigned token",
        "oidc",
        "TLS alone",
        "certificate",
        "encrypted key",
    ],
)
def test_lag_by_each_mechanism(
    way: str, kafka: SecureKafka, token_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    encrypted = {"ssl.key.location": kafka.certificates.client_key, "ssl.key.password": KEY_PASSWORD}
    ways = {
        "unsigned token": unsigned(kafka),
        "oidc": oidc(kafka, token_url),
        "TLS alone": tls(kafka, "MISNAMED", ssl_endpoint_identification_algorithm="none"),
        "certificate": mutual(kafka),
        "encrypted key": {**mutual(kafka), **encrypted},
    }
    code, out, err = lag(ways.get(way) or login(kafka, way), capfd)
    assert (code, err) == (0, "")
    assert json.loads(out)["total_lag"] == LAG


REFUSED = (
    "authentication failed, the broker refuses the user or the password; "
    "check sasl.username, sasl.password and sasl.mechanism"
)
NO_TOKEN = "authentication failed, no OAUTHBEARER token was to be had"  # noqa: S105
UNTRUSTED = "certificate is not trusted (unable to get local issuer certificate); check that ssl.ca.location"
MISNAMED = "the broker's certificate is not for the host name 127.0.0.1; use a name that the certificate has"
WANTS_CERTIFICATE = "the broker wants a client certificate; set ssl.certificate.location and ssl.key.location"
NO_TLS = "the listener does not answer the TLS handshake; check the port; a listener without TLS wants "


def other_client(kafka: SecureKafka) -> Properties:
    other = kafka.certificates.other_client
    return tls(kafka, ssl_certificate_location=other, ssl_key_location=other)


def untrusted(kafka: SecureKafka, _: str) -> Properties:
    return login(kafka, ssl_ca_location=kafka.certificates.other_ca)


def misnamed_leader(kafka: SecureKafka, _: str) -> Properties:
    """The broker that is asked first has the right name; the one that it leads to has not."""
    return {**tls(kafka, "MISNAMED"), "bootstrap.servers": f"localhost:{kafka.ports['MISNAMED']}"}


def no_login(kafka: SecureKafka, _: str) -> Properties:
    servers = kafka.servers("PLAINTEXT")
    return login(kafka, "PLAIN", bootstrap_servers=servers, security_protocol="SASL_PLAINTEXT")


WAYS_THAT_FAIL: list[tuple[str, Callable[[SecureKafka, str], Properties], str]] = [
    ("wrong password, PLAIN", lambda k, _: login(k, "PLAIN", sasl_password=WRONG), REFUSED),
    ("wrong password, SCRAM", lambda k, _: login(k, sasl_password=WRONG), REFUSED),
    ("unknown user", lambda k, _: login(k, "SCRAM-SHA-256", "nobody"), REFUSED),
    ("no token", lambda k, _: unsigned(k, f"prin={PASSWORD}"), f"{NO_TOKEN}; check sasl.oauthbearer.config"),
    (
        "wrong client secret",
        lambda k, url: oidc(k, url, WRONG),
        f"{NO_TOKEN} (invalid_client: the secret is wrong)",
    ),
    (
        "no token server",
        lambda k, _: oidc(k, f"http://u:{WRONG}@127.0.0.1:1/"),
        "Could not connect to server); check the sasl.oauthbearer properties",
    ),
    (
        "token of a stranger",
        lambda k, url: oidc(k, f"{url}/of-a-stranger"),
        "the broker refuses the token; check the sasl.oauthbearer properties",
    ),
    ("untrusted broker", untrusted, UNTRUSTED),
    ("misnamed broker", lambda k, _: tls(k, "MISNAMED"), MISNAMED),
    ("misnamed leader", misnamed_leader, MISNAMED),
    ("no client certificate", lambda k, _: tls(k), WANTS_CERTIFICATE),
    (
        "other client certificate",
        lambda k, _: other_client(k),
        "does not trust the client certificate; check ssl.certificate.location and ssl.key.location",
    ),
    (
        "no TLS to TLS",
        lambda k, _: {"bootstrap.servers": k.servers("MUTUAL")},
        "speaks TLS and security.protocol is PLAINTEXT; set it to SSL",
    ),
    (
        "login without TLS to TLS",
        lambda k, _: login(k, security_protocol="SASL_PLAINTEXT"),
        "speaks TLS and security.protocol is SASL_PLAINTEXT; set it to SASL_SSL",
    ),
    (
        "no login to a login",
        lambda k, _: {"bootstrap.servers": k.servers("OPEN_LOGIN")},
        "may want a login while security.protocol is PLAINTEXT; set it to SASL_PLAINTEXT and",
    ),
    (
        "TLS without login to a login",
        lambda k, _: tls(k, "LOGIN"),
        "may want a login while security.protocol is SSL; set it to SASL_SSL and",
    ),
    ("TLS to no TLS", lambda k, _: tls(k, "PLAINTEXT"), f"{NO_TLS}security.protocol PLAINTEXT"),
    (
        "TLS and login to no TLS",
        lambda k, _: login(k, bootstrap_servers=k.servers("OPEN_LOGIN")),
        f"{NO_TLS}security.protocol SASL_PLAINTEXT",
    ),
    ("login to no login", no_login, "takes no login (SASL); set security.protocol to PLAINTEXT"),
]


@pytest.mark.parametrize(
    ("way", "expected"), [pytest.param(way, expected, id=name) for name, way, expected in WAYS_THAT_FAIL]
)
def test_what_is_wrong_is_said(
    way: Callable[[SecureKafka, str], Properties],
    expected: str,
    kafka: SecureKafka,
    token_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    properties = way(kafka, token_url)
    began = time.monotonic()
    code, out, err = lag(properties, capfd)
    assert time.monotonic() - began < 2 * TIMEOUT + 1.5
    assert (code, out) == (3, "")
    assert err.startswith(f"error: Kafka broker at {properties['bootstrap.servers']}: ")
    assert expected in err
    assert err.count("\n") == 1
    assert "rdkafka" not in err


def test_the_environment_gives_what_a_command_line_must_not_show(kafka: SecureKafka) -> None:
    arguments = [
        "lag",
        "--checkpoint",
        str(CHECKPOINT),
        "--bootstrap-servers",
        kafka.servers("LOGIN"),
        "--json",
    ]
    for key, value in {**login(kafka), "sasl.password": "${OBSERVER_PASSWORD}"}.items():
        arguments += ["-X", f"{key}={value}"]
    done = run_program(*arguments, env={"OBSERVER_PASSWORD": PASSWORD})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["total_lag"] == LAG
    done = run_program(*arguments)
    assert done.returncode == 2
    assert "the environment variable OBSERVER_PASSWORD is not set" in done.stderr


def test_a_user_who_is_made_later(kafka: SecureKafka, tmp_path: Path) -> None:
    properties = {**login(kafka, user="latecomer"), "sasl.password": "${LATE_PASSWORD}"}
    kafka.allow("latecomer", TOPIC, AclOperation.DESCRIBE)
    kafka.allow("latecomer", TOPIC, AclOperation.READ)
    config = with_config(tmp_path, properties)
    journal, log = tmp_path / "observations.db", tmp_path / "observer.log"
    observer = start_program("run", "-c", str(config), log=log, env={"LATE_PASSWORD": PASSWORD})
    try:
        eventually(lambda: journal.exists() and len(journal_documents(journal)) > 0, 20, "an observation")
        document = journal_documents(journal)[-1]
        assert (document["job_status"], document["max_lag"], document["all_events"]) == (
            "unknown",
            None,
            None,
        )
        assert "authentication failed" in document["reason"]
        assert "authentication failed" in document["dataset_error"]
        kafka.add_scram_user("latecomer")
        eventually(lambda: journal_documents(journal)[-1]["job_status"] == "ok", 20, "the lag to be known")
        eventually(
            lambda: sum(d["all_events"] or 0 for d in journal_documents(journal)) == 2 * RECORDS,
            20,
            "records",
        )
    finally:
        observer.terminate()
        observer.wait(10)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path
        assert b"rdkafka" not in content, path


def test_tokens_are_renewed_while_it_runs(kafka: SecureKafka, token_url: str, tmp_path: Path) -> None:
    config = with_config(tmp_path, {**oidc(kafka, token_url), "sasl.oauthbearer.client.secret": "${SECRET}"})
    done = run_program("run", "-c", str(config), "--for", "7s", env={"SECRET": CLIENT_SECRET})
    assert (done.returncode, done.stderr) == (0, "")
    documents = journal_documents(tmp_path / "observations.db")
    assert [(d["job_status"], d["dataset_error"]) for d in documents] == [("ok", None)] * len(documents)
    assert len(documents) >= 5
    assert sum(document["all_events"] for document in documents) == 2 * RECORDS


def read(engine: LocalEngine, seconds: float = 3.0) -> DatasetRead:
    deadline = time.monotonic() + seconds
    return engine.read({}, lambda: deadline - time.monotonic())


def test_a_certificate_that_is_replaced_needs_no_restart(kafka: SecureKafka, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    copyfile(kafka.certificates.other_ca, authority)
    properties = login(kafka, ssl_ca_location=str(authority))
    engine = LocalEngine(properties, TOPIC, "read_committed", KernelSettings(), "earliest")
    try:
        with pytest.raises(BrokerError, match="certificate is not trusted"):
            read(engine, 1)
        authority.unlink()
        with pytest.raises(BrokerError, match=r"ssl\.ca\.location: there is no file"):
            read(engine, 1)
        copyfile(kafka.certificates.ca, authority)

        def reads_all() -> bool:
            try:
                return read(engine, 1).summary.all_events == 2 * RECORDS
            except BrokerError:
                return False

        # One failure of each of its clients, and all is well.
        assert [reads_all() for _ in range(3)][-1]
    finally:
        engine.close()


def test_the_rights_that_are_needed(kafka: SecureKafka, capfd: pytest.CaptureFixture[str]) -> None:
    properties = login(kafka, "PLAIN", LIMITED)
    engine = LocalEngine(properties, TOPIC, "read_committed", KernelSettings(), "earliest")
    try:
        code, out, _ = lag(properties, capfd)
        assert code == 1
        assert (
            json.loads(out)["reason"]
            == "topic visits: the broker does not allow it: grant DESCRIBE on the topic"
        )
        with pytest.raises(BrokerError, match="grant DESCRIBE and READ on the topic"):
            read(engine)

        kafka.allow(LIMITED, TOPIC, AclOperation.DESCRIBE)
        eventually(lambda: lag(properties, capfd)[0] == 0, 10, "lag by DESCRIBE alone")
        # The age of the first waiting record needs the record.
        result = json.loads(lag(properties, capfd)[1])
        assert result["total_lag"] > 0
        assert result["seconds_behind"] is None
        assert "grant READ on the topic" in " ".join(result["warnings"])
        found = read(engine)
        assert found.error == "partitions 0, 1: the broker does not allow it: grant READ on the topic"
        assert (found.summary.all_events, found.behind) == (0, 2 * RECORDS)

        kafka.allow(LIMITED, TOPIC, AclOperation.READ)
        eventually(lambda: read(engine).summary.all_events == 2 * RECORDS, 10, "records by READ")
        assert read(engine).error is None

        kafka.take_away_all(LIMITED)
        eventually(lambda: lag(properties, capfd)[0] == 1, 10, "the rights to be gone")
    finally:
        engine.close()


def test_no_group_is_made(kafka: SecureKafka, capfd: pytest.CaptureFixture[str]) -> None:
    assert lag(login(kafka), capfd)[0] == 0
    engine = LocalEngine(login(kafka), TOPIC, "read_committed", KernelSettings(), "earliest")
    assert read(engine).summary.all_events == 2 * RECORDS
    engine.close()
    assert kafka.groups() == []
