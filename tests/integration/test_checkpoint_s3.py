"""Checkpoints on S3: a real server, a job that purges meanwhile, refusals, and services that are away."""

import json
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import moto.settings
import pytest

from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.location import Location, connect
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.errors import CheckpointError
from support.kafka import Cluster
from support.program import run_program
from support.purging_job import COMMIT, METADATA, PurgingJob, offsets, watch
from support.s3 import KEY, SECRET, TOKEN, S3Server, upload

SAMPLES = Path(__file__).parents[1] / "data" / "checkpoints"
COMMITTED = {"t3": {0: 118, 1: 382}}
URL = "s3://jobs/checkpoints/visits"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    client = server.client()
    client.create_bucket(Bucket="jobs")
    upload(client, SAMPLES / "processing_time", "jobs", "checkpoints/visits")
    yield server
    server.stop()


@pytest.fixture
def s3(running: S3Server) -> Iterator[S3Server]:
    running.refuse = lambda _: None
    running.forget()
    yield running
    running.refuse = lambda _: None


class Files:
    """A checkpoint's files, written with a client other than the program's."""

    def __init__(self, s3: S3Server, prefix: str) -> None:
        self.client = s3.client()
        self.prefix = prefix

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket="jobs", Key=f"{self.prefix}/{name}", Body=content)

    def delete(self, name: str) -> None:
        self.client.delete_object(Bucket="jobs", Key=f"{self.prefix}/{name}")


def message(url: str, options: dict[str, Any]) -> str:
    """What is said of a checkpoint that cannot be read; no secret is in it, nor in its traceback."""
    with pytest.raises(CheckpointError) as caught:
        CheckpointFolder(url, options).read()
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (KEY, SECRET, TOKEN):
        assert secret not in shown
    return str(caught.value)


@pytest.mark.parametrize("url", [URL, URL.replace("s3:", "s3a:"), URL.replace("s3:", "S3A:") + "/"])
def test_a_look_costs_three_listings_and_two_files_at_most(s3: S3Server, url: str) -> None:
    folder = CheckpointFolder(url, s3.options())
    # The query's id is read again only when its file has changed, which the listing tells.
    for metadata in (["GET /jobs/checkpoints/visits/metadata"], [], []):
        s3.forget()
        progress = folder.read()
        assert (progress.committed, progress.batch_id, progress.warnings) == (COMMITTED, 2, ())
        assert progress.committed_at is not None
        listing = "GET /jobs?list-type=2&prefix=checkpoints%2Fvisits%2F{}&delimiter=%2F&encoding-type=url"
        assert s3.requests == [
            listing.format(""),
            *metadata,
            listing.format("commits%2F"),
            listing.format("offsets%2F"),
            "GET /jobs/checkpoints/visits/offsets/2",
        ]


def test_a_batch_in_flight_costs_one_file_more(s3: S3Server) -> None:
    files = Files(s3, "in_flight")
    for name, content in (
        ("metadata", METADATA),
        ("offsets/0", offsets(5)),
        ("commits/0", COMMIT),
        ("offsets/1", offsets(9)),
    ):
        files.put(name, content)
    folder = CheckpointFolder("s3://jobs/in_flight", s3.options())
    s3.forget()
    progress = folder.read()
    assert (progress.committed, progress.planned) == ({"visits": {0: 5}}, {"visits": {0: 9}})
    assert len(s3.requests) == 6


def test_connections_and_their_client_last_from_look_to_look(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Location] = []

    def connect_and_count(location: Location) -> tuple[Any, str]:
        made.append(location)
        return connect(location)

    monkeypatch.setattr("offline_observer.checkpoint.storage.connect", connect_and_count)
    folder = CheckpointFolder(URL, s3.options())
    for _ in range(3):
        folder.read()
    assert len(made) == 1


def test_nothing_is_remembered_of_an_earlier_listing(s3: S3Server) -> None:
    files = Files(s3, "grows")
    job = PurgingJob(files, keep=2)
    folder = CheckpointFolder("s3://jobs/grows", s3.options())
    for number in range(5):
        job.batch()
        assert folder.read().batch_id == number


def test_a_torn_empty_object_falls_back_to_the_batch_before_it(s3: S3Server) -> None:
    files = Files(s3, "torn")
    job = PurgingJob(files, keep=5)
    for _ in range(3):
        job.batch()
    files.put("offsets/2", b"")
    progress = CheckpointFolder("s3://jobs/torn", s3.options()).read()
    assert (progress.batch_id, progress.committed) == (1, {"visits": {0: 10}})
    assert progress.warnings == ("offsets/2 is left out. The file is empty.",)


def test_a_purge_while_it_is_read_neither_fails_nor_turns_an_offset_back(s3: S3Server) -> None:
    with PurgingJob(Files(s3, "purged"), keep=2) as job:
        watch(CheckpointFolder("s3://jobs/purged", s3.options()), job, 4)
    assert job.committed > 20  # purged many times meanwhile


def test_a_missing_bucket_is_said(s3: S3Server) -> None:
    for url in ("s3://nowhere/checkpoints/visits", "s3://nowhere"):
        text = message(url, s3.options())
        assert text.startswith(f"{url} cannot be read: there is no such bucket")
        assert "endpoint" in text


def test_a_missing_folder_is_said(s3: S3Server) -> None:
    assert "s3://jobs/nowhere does not exist." in message("s3://jobs/nowhere", s3.options())
    assert "A folder in it looks like one: s3://jobs/checkpoints/visits." in message(
        "s3://jobs/checkpoints", s3.options()
    )
    assert "is a file, and should be a folder" in message(f"{URL}/metadata", s3.options())


def test_rights_and_keys_that_a_server_checks(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    iam = s3.client(service="iam")

    def user(name: str, *actions: str) -> dict[str, str]:
        iam.create_user(UserName=name)
        allowed = {"Effect": "Allow", "Action": list(actions) or ["s3:PutObject"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    reader = user("reader", "s3:ListBucket", "s3:GetObject")
    lister = user("lister", "s3:ListBucket")
    nobody = user("nobody")
    monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    # To list and to read is enough.
    assert CheckpointFolder(URL, s3.options(**reader)).read().committed == COMMITTED
    for options in (lister, nobody):
        text = message(URL, s3.options(**options))
        assert "may not be read: permission denied. The observer needs s3:ListBucket" in text
    for options in ({**reader, "secret": SECRET}, {"key": KEY, "secret": SECRET}):
        assert "the credentials are not accepted" in message(URL, s3.options(**options))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (("400 Bad Request", "ExpiredToken"), "the credentials have expired. Put new ones into"),
        (("403 Forbidden", "RequestTimeTooSkewed"), "Set the clock"),
        (("403 Forbidden", "AccessDenied"), "permission denied"),
        (("503 Slow Down", "SlowDown"), "See whether its disk or service is up"),
    ],
)
def test_a_refusal_is_explained_and_the_next_look_recovers(
    s3: S3Server, answer: tuple[str, str], says: str
) -> None:
    folder = CheckpointFolder(URL, s3.options(token=TOKEN))
    assert folder.read().batch_id == 2
    s3.refuse = lambda _: answer
    with pytest.raises(CheckpointError) as caught:
        folder.read()
    assert says in str(caught.value)
    s3.refuse = lambda _: None
    assert folder.read().batch_id == 2


def test_no_credentials_at_all(s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    options = {name: value for name, value in s3.options().items() if name not in ("key", "secret")}
    assert "no credentials were found" in message(URL, options)
    client = s3.client()
    for entry in client.list_objects_v2(Bucket="jobs", Prefix="checkpoints/")["Contents"]:
        client.put_object_acl(Bucket="jobs", Key=entry["Key"], ACL="public-read")
    assert CheckpointFolder(URL, {**options, "anon": True}).read().batch_id == 2


def test_a_wrong_endpoint_is_said_within_seconds(s3: S3Server) -> None:
    (port,) = free_ports(1)
    started = time.monotonic()
    text = message(URL, s3.options(client_kwargs={"endpoint_url": f"http://{LOOPBACK}:{port}"}))
    assert time.monotonic() - started < 6
    assert f"http://{LOOPBACK}:{port}/jobs" in text
    assert "See whether its disk or service is up" in text


def test_an_endpoint_that_never_answers_is_given_up_after_two_tries(s3: S3Server) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        endpoint = f"http://{LOOPBACK}:{silent.getsockname()[1]}"
        options = s3.options(client_kwargs={"endpoint_url": endpoint}, config_kwargs={"read_timeout": 1})
        started = time.monotonic()
        assert "cannot be read" in message(URL, options)
        assert 2 <= time.monotonic() - started < 6  # the limits that are not given stay


def test_a_service_that_comes_back_is_read_again(s3: S3Server) -> None:
    folder = CheckpointFolder(URL, s3.options())
    assert folder.read().batch_id == 2
    s3.stop()
    try:
        for _ in range(2):
            with pytest.raises(CheckpointError, match="Could not connect"):
                folder.read()
    finally:
        s3.start()
    assert folder.read().batch_id == 2


def test_the_commands_take_options_and_print_no_credential(s3: S3Server) -> None:
    env = {"S3_SECRET": SECRET, "S3_KEY": KEY}
    options = [
        *("--storage", "key=${S3_KEY}", "--storage", "secret=${S3_SECRET}", "--storage", f"token={TOKEN}"),
        *("--storage", f"client_kwargs.endpoint_url={s3.url}"),
    ]
    done = run_program("checkpoint", URL, "--json", *options, env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["committed"] == {"t3": {"0": 118, "1": 382}}
    outputs = [done.stdout + done.stderr]
    s3.refuse = lambda _: ("403 Forbidden", "InvalidAccessKeyId")
    done = run_program("checkpoint", URL, *options, env=env)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: {URL} cannot be read: the credentials are not accepted.")
    outputs.append(done.stdout + done.stderr)
    for output in outputs:
        assert not any(secret in output for secret in (KEY, SECRET, TOKEN))


def test_a_configured_job_on_s3_is_observed(s3: S3Server, cluster: Cluster, tmp_path: Path) -> None:
    topic = cluster.topic(partitions=1)
    cluster.produce(topic, [b"{}"] * 7)
    files = Files(s3, "observed")
    files.put("metadata", METADATA)
    files.put("offsets/0", offsets(5).replace(b"visits", topic.encode()))
    files.put("commits/0", COMMIT)
    config = tmp_path / "observer.yaml"
    config.write_text(
        f"""
name: visits
kafka: {{bootstrap.servers: "{cluster.servers}"}}
journal: ./observations.db
pipelines:
  - name: visits
    job:
      name: visits
      checkpoint: s3a://jobs/observed
      storage:
        key: ${{S3_KEY}}
        secret: ${{S3_SECRET}}
        client_kwargs: {{endpoint_url: "{s3.url}", region_name: us-east-1}}
"""
    )
    env = {"S3_SECRET": SECRET, "S3_KEY": KEY}
    done = run_program("run", "-c", str(config), "--once", env=env)
    assert done.returncode == 0, done.stderr
    shown = run_program("observations", "--journal", str(tmp_path / "observations.db"), "--json")
    document = json.loads(shown.stdout.splitlines()[-1])
    assert (document["total_lag"], document["job_status"]) == (2, "ok")
    journal = b"".join(path.read_bytes() for path in tmp_path.glob("observations.db*"))
    for secret in (KEY, SECRET):
        assert secret not in done.stdout + done.stderr + shown.stdout
        assert secret.encode() not in journal


def test_no_credential_is_logged(s3: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    CheckpointFolder(URL, s3.options(token=TOKEN)).read()
    message("s3://nowhere/x", s3.options(token=TOKEN))
    s3.refuse = lambda _: ("403 Forbidden", "AccessDenied")
    message(URL, s3.options(token=TOKEN))
    assert not any(secret in caplog.text for secret in (KEY, SECRET, TOKEN))
