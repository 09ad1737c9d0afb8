"""What the Spark engine is made of, as far as it needs no JVM."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from offline_observer.config.load import load_config
from offline_observer.config.model import Config
from offline_observer.engine.spark import check_config, query_checkpoint
from offline_observer.engine.spark_batch import replayed
from offline_observer.engine.spark_chunk import ArrowChunk, chunks_of
from offline_observer.engine.spark_failure import pause_after, reason_of
from offline_observer.engine.spark_options import java_properties, reader_options
from offline_observer.engine.summary_bytes import OtherVersionError, from_bytes, to_bytes
from offline_observer.errors import ConfigError
from offline_observer.observation import Document, batch_observation_id
from offline_observer.quality.chunk import Place
from offline_observer.quality.kernel import Kernel
from offline_observer.quality.plan import KernelSpec
from offline_observer.quality.rules.rule import Rule

PEM_KEY = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"


def rows(values: list[bytes | None], first_offset: int = 0) -> pa.RecordBatch:
    count = len(values)
    times = [1_700_000_000_000_000 + 1000 * index for index in range(count)]
    times[-1] = -1000
    return pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([3] * count, pa.int32()),
            "offset": pa.array(range(first_offset, first_offset + count), pa.int64()),
            "timestamp": pa.array(times, pa.timestamp("us", tz="UTC")),
            "value": pa.array(values, pa.binary()),
        }
    )


def test_a_chunk_gives_the_values_and_the_places_of_its_rows() -> None:
    chunk = ArrowChunk(rows([b"one", None, b""], first_offset=40), "visits")
    assert list(chunk.values) == [b"one", None, b""]
    assert chunk.place(1) == Place(1_700_000_000_001, "visits", 3, 41)
    assert list(chunk.offsets()) == [40, 41, 42]
    assert list(chunk.partitions()) == [3, 3, 3]
    assert list(chunk.timestamps()) == [1_700_000_000_000, 1_700_000_000_001, -1]
    assert [chunk.timestamp(index) for index in range(3)] == list(chunk.timestamps())


def test_a_slice_and_a_record_without_a_time() -> None:
    whole = rows([b"%d" % number for number in range(10)], first_offset=100)
    times = [None if number == 4 else number * 1000 for number in range(10)]
    whole = whole.set_column(2, "timestamp", pa.array(times, pa.timestamp("us", tz="UTC")))
    chunk = ArrowChunk(whole.slice(3, 3), "visits")
    assert list(chunk.values) == [b"3", b"4", b"5"]
    assert list(chunk.offsets()) == [103, 104, 105]
    assert list(chunk.timestamps()) == [3, -1, 5]
    assert list(ArrowChunk(whole.slice(5, 2), "visits").timestamps()) == [5, 6]


def test_rows_are_cut_into_small_chunks_and_none_is_lost() -> None:
    chunks = list(chunks_of(rows([str(number).encode() for number in range(1234)]), "visits"))
    assert [len(chunk.values) for chunk in chunks] == [500, 500, 234]
    assert [value for chunk in chunks for value in chunk.values] == [
        str(number).encode() for number in range(1234)
    ]
    assert chunks[2].place(1).offset == 1001


def test_a_summary_goes_through_bytes_unchanged() -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("not_empty", "a"), Rule("unique", "a")], fields={"a": "string"}))
    summary = kernel([b'{"a":"x"}', b"{}", b"no", None, b'{"a":"x","b":1}'])
    assert from_bytes(to_bytes(summary)) == summary


def test_the_size_of_a_summary_does_not_grow_with_its_records() -> None:
    kernel = Kernel(KernelSpec(rules=[Rule("not_empty", "a")], keep_content=False))
    assert len(to_bytes(kernel([b"{}"] * 50_000))) < len(to_bytes(kernel([b"{}"] * 50))) + 100


def test_a_summary_of_another_version_is_refused() -> None:
    with pytest.raises(OtherVersionError, match="executors have another version"):
        from_bytes(b"offline-observer 0.0.9 summary\n...")


def test_a_batch_that_is_run_again_has_the_same_id() -> None:
    assert batch_observation_id("visits", "0f-1a", 7) == "visits-0f-1a-7"


def test_librdkafkas_properties_become_those_of_the_java_client() -> None:
    given = {
        "bootstrap.servers": "a:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": "me",
        "sasl.password": 'p"q\\r',
        "ssl.ca.location": "ca.pem",
        "ssl.certificate.location": "me.pem",
        "ssl.key.location": "me.key",
        "ssl.key.password": "k",
        "ssl.endpoint.identification.algorithm": "none",
        "fetch.wait.max.ms": "50",
        "queued.min.messages": "1000",
        "group.id": "g",
    }
    texts = {"ca.pem": "CA", "me.pem": "CERTIFICATE", "me.key": PEM_KEY}
    assert java_properties(given, texts.__getitem__) == {
        "bootstrap.servers": "a:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required "
        'username="me" password="p\\"q\\\\r";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": "CA",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": "CERTIFICATE",
        "ssl.keystore.key": PEM_KEY,
        "ssl.key.password": "k",
        "ssl.endpoint.identification.algorithm": "",
        "fetch.max.wait.ms": "50",
    }


def test_kerberos_and_plain_logins_are_translated() -> None:
    plain = java_properties({"sasl.mechanism": "PLAIN", "sasl.username": "u", "sasl.password": "p"})
    assert plain["sasl.jaas.config"].startswith(
        "org.apache.kafka.common.security.plain.PlainLoginModule required"
    )
    kerberos = java_properties({"sasl.kerberos.principal": "u@R", "sasl.kerberos.keytab": "/k"})
    assert 'keyTab="/k" principal="u@R";' in kerberos["sasl.jaas.config"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl.cipher.suites", "S3cret"),
        ("enable.ssl.certificate.verification", "false"),
        ("sasl.oauthbearer.client.secret", "S3cret"),
    ],
)
def test_a_property_without_an_equivalent_is_refused_by_its_name_alone(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        java_properties({"bootstrap.servers": "a", name: value})
    assert name in str(refused.value)
    assert "set spark.kafka" in str(refused.value)
    assert "S3cret" not in str(refused.value)


def test_a_key_that_java_cannot_read_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match="openssl pkcs8 -topk8"):
        java_properties({"ssl.key.pem": "-----BEGIN RSA PRIVATE KEY-----"})


def test_a_certificate_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match=r"cannot read /nowhere/ca\.pem: No such file"):
        java_properties({"ssl.ca.location": "/nowhere/ca.pem"})


def test_the_start_of_a_query_is_that_of_the_dataset() -> None:
    options = reader_options({"bootstrap.servers": "a"}, "t", "read_committed", "earliest", 500)
    assert options == {
        "kafka.bootstrap.servers": "a",
        "kafka.isolation.level": "read_committed",
        "kafka.max.poll.records": "5000",
        "kafka.max.partition.fetch.bytes": "4194304",
        "subscribe": "t",
        "failOnDataLoss": "false",
        "groupIdPrefix": "offline-observer",
        "startingOffsets": "earliest",
        "maxOffsetsPerTrigger": "500",
    }
    of_the_user = reader_options({"max.partition.fetch.bytes": "9"}, "t", "read_committed", "earliest", None)
    assert of_the_user["kafka.max.partition.fetch.bytes"] == "9"
    at_a_time = reader_options({}, "t", "read_committed", datetime(2026, 1, 1, tzinfo=UTC), None)
    assert at_a_time["startingTimestamp"] == "1767225600000"
    assert at_a_time["startingOffsetsByTimestampStrategy"] == "latest"


def config(tmp_path: Path, spark: str) -> Config:
    path = tmp_path / "observer.yaml"
    path.write_text(
        f"name: a\nkafka: {{bootstrap.servers: b}}\npipelines: [{{name: c, dataset: {{topic: d}}}}]\n{spark}"
    )
    return load_config(path, {})


def test_without_a_checkpoint_of_its_own_the_engine_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set spark\.checkpoint"):
        check_config(config(tmp_path, "spark: {durable_journal: true}"))


def test_without_a_durable_journal_the_engine_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="durable_journal: true"):
        check_config(config(tmp_path, "spark: {checkpoint: ./c}"))


def test_a_dataset_may_have_a_profile(tmp_path: Path) -> None:
    made = config(tmp_path, "spark: {checkpoint: ./c, durable_journal: true}")
    profiled = (
        (tmp_path / "observer.yaml")
        .read_text()
        .replace("topic: d", "topic: d, fields: {a: string}, profile: {every: batch, folder: ./reports}")
    )
    (tmp_path / "observer.yaml").write_text(profiled)
    assert load_config(tmp_path / "observer.yaml", {}) != made
    check_config(load_config(tmp_path / "observer.yaml", {}))


def test_a_checkpoint_is_taken_as_it_is_written_and_not_in_sparks_default_filesystem(tmp_path: Path) -> None:
    spark = config(
        tmp_path, "spark: {checkpoint: ./c, durable_journal: true, max_offsets_per_trigger: 5}"
    ).spark
    assert query_checkpoint(spark.checkpoint or "", "visits") == f"file://{tmp_path}/c/visits"
    assert query_checkpoint("s3a://bucket/c/", "visits") == "s3a://bucket/c/visits"


def test_an_unknown_key_for_spark_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="max_offsets"):
        config(tmp_path, "spark: {max_offsets: 5}")


def test_of_a_failure_in_two_languages_one_sentence_is_told() -> None:
    text = (
        "[STREAM_FAILED] Query terminated with exception: An exception was raised by the Python Proxy.\n"
        "Traceback (most recent call last):\n"
        '  File "spark_batch.py", line 1, in __call__\n'
        "offline_observer.errors.JournalError: cannot write the journal x: database is locked\n"
        "\tat py4j.Protocol.getReturnValue(Protocol.java:476)\n"
    )
    assert reason_of(RuntimeError(text)) == "cannot write the journal x: database is locked"
    missing = RuntimeError("...\nModuleNotFoundError: No module named 'offline_observer'\n SQLSTATE: 38000")
    assert "is not installed where Spark's executors run Python" in reason_of(missing)
    assert reason_of(RuntimeError("just this")) == "just this"


FIRST: Document = {
    "@timestamp": "2026-01-01T00:00:00.000Z",
    "job": "j",
    "max_lag": 7,
    "all_events": 10,
    "invalid_a": 2,
    "dataset_behind": 3,
    "dataset_expired": 1,
    "warnings": ["w"],
    "drift_max": 0.2,
    "drift_field": "a",
    "profile": "made",
    "profile_report": "d_20260101T000000Z.html",
    "profile_error": None,
}
AGAIN: Document = {
    "@timestamp": "2026-02-01T00:00:09.000Z",
    "job": None,
    "all_events": 10,
    "invalid_a": 2,
    "dataset_behind": 0,
    "dataset_expired": 0,
    "warnings": [],
}


def test_a_batch_that_is_run_again_keeps_what_was_true_when_it_was_first_observed() -> None:
    assert replayed(AGAIN, FIRST) == FIRST
    assert replayed({**AGAIN, "invalid_a": 3}, FIRST) == {**FIRST, "invalid_a": 3}


def test_records_that_expired_before_the_batch_was_run_again_had_been_observed() -> None:
    assert replayed({**AGAIN, "all_events": 4, "invalid_a": 0}, FIRST) == FIRST


def test_executors_load_the_kernel_and_nothing_of_the_driver() -> None:
    code = (
        "import sys; from offline_observer.engine import spark_kernel; "
        "print(sorted({'confluent_kafka', 'pydantic', 'sqlite3', 'yaml', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_pause_after_a_failure_grows_to_a_minute_and_stays() -> None:
    assert [pause_after(failures, 10.0) for failures in range(4)] == [10, 20, 40, 60]
    assert {pause_after(failures, 0.001) for failures in range(1000, 3000, 500)} == {1.024}
    assert {pause_after(failures, 1.0) for failures in range(6, 3000)} == {60}


def test_the_reason_of_an_exception_of_java_that_pyspark_does_not_know() -> None:
    text = (
        "An error occurred while calling o52.start.\n"
        ': org.apache.hadoop.fs.UnsupportedFileSystemException: No FileSystem for scheme "xyz"\n'
        "\tat org.apache.hadoop.fs.FileSystem.getFileSystemClass(FileSystem.java:3585)\n"
    )
    assert reason_of(RuntimeError(text)) == 'UnsupportedFileSystemException: No FileSystem for scheme "xyz"'
