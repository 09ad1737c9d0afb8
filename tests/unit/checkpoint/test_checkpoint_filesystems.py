"""Options, limits and refusals of remote filesystems. What real servers do: tests/integration."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import fsspec
import pytest

from offline_observer.checkpoint.filesystems import kind_of, plain_scheme, with_defaults
from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.checkpoint.location import Location, connect
from offline_observer.checkpoint.refusal import refusal
from offline_observer.errors import CheckpointError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("url", "options", "name", "path"),
    [
        ("s3://b/a b/c", {}, "S3FileSystem", "b/a b/c"),
        ("S3A://b/a", {}, "S3FileSystem", "b/a"),
        ("s3n://b/a/", {}, "S3FileSystem", "b/a"),
        ("gs://b/a", {"token": "anon"}, "GcsFileSystem", "b/a"),
        ("abfss://c@acc.dfs.core.windows.net/a", {"account_key": "eHg="}, "AzureBlobFileSystem", "c/a"),
        ("abfs://c/a", {"account_name": "acc", "account_key": "eHg="}, "AzureBlobFileSystem", "c/a"),
        ("webhdfs://h:9870/a", {"user": "me"}, "WebHDFS", "/a"),
    ],
)
def test_urls_and_their_filesystems(url: str, options: dict[str, Any], name: str, path: str) -> None:
    filesystem, found = connect(Location(url, options))
    assert type(filesystem).__name__.lower().endswith(name.lower())
    assert found == path
    assert filesystem.dircache.use_listings_cache is False
    other, _ = connect(Location(url, options))
    assert other is not filesystem


def test_options_of_ones_own_win_and_keep_the_other_limits() -> None:
    options = with_defaults(
        kind_of("s3a"), {"config_kwargs": {"read_timeout": 60}, "key": "k", "use_listings_cache": True}
    )
    assert options["config_kwargs"] == {
        "connect_timeout": 2,
        "read_timeout": 60,
        "retries": {"total_max_attempts": 2, "mode": "standard"},
    }
    assert (options["key"], options["use_listings_cache"]) == ("k", False)
    assert with_defaults(kind_of("s3"), {"max_concurrency": 4})["max_concurrency"] == 4
    assert with_defaults(None, {"a": 1}) == {"a": 1, "use_listings_cache": False, "skip_instance_cache": True}


def test_options_are_not_changed() -> None:
    given: dict[str, Any] = {"config_kwargs": {}, "client_kwargs": {"a": 1}}
    made = with_defaults(kind_of("s3"), given)
    made["client_kwargs"]["a"] = 2  # type: ignore[index]
    assert given == {"config_kwargs": {}, "client_kwargs": {"a": 1}}


def test_schemes() -> None:
    assert [plain_scheme(scheme) for scheme in ("s3a", "S3", "s3n", "GS", "x")] == [
        "s3",
        "s3",
        "s3",
        "gs",
        "x",
    ]
    assert kind_of("abfss") is kind_of("abfs")
    assert kind_of("sftp") is None


@pytest.mark.parametrize(
    ("package", "url", "extra"),
    [
        ("s3fs", "s3a://b/a", "s3"),
        ("gcsfs", "gs://b/a", "gcs"),
        ("adlfs", "abfss://c@a.dfs.core.windows.net/a", "azure"),
        ("pyarrow", "hdfs://h/a", "hdfs"),
        ("requests", "webhdfs://h/a", "webhdfs"),
    ],
)
def test_a_package_that_is_not_installed(package: str, url: str, extra: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from offline_observer.checkpoint.folder import CheckpointFolder
from offline_observer.errors import CheckpointError
try:
    CheckpointFolder({url!r}).read()
except CheckpointError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith(f"Install it: pip install 'offline-observer[{extra}]'.")


def test_an_option_that_needs_one_more_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests_kerberos", None)
    with pytest.raises(CheckpointError, match=r"Install it: pip install requests-kerberos\."):
        CheckpointFolder("webhdfs://h/a", {"kerberos": True}).read()


def test_hdfs_without_its_native_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HADOOP_HOME", "JAVA_HOME", "ARROW_LIBHDFS_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(CheckpointError) as caught:
        CheckpointFolder("hdfs://127.0.0.1:1/a").read()
    assert "needs Hadoop's native library libhdfs and a Java" in str(caught.value)
    assert "use webhdfs://" in str(caught.value)


class CodedError(Exception):
    def __init__(self, **attributes: object) -> None:
        super().__init__("no")
        for name, value in attributes.items():
            setattr(self, name, value)


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"response": {"Error": {"Code": "NoSuchBucket"}}}, "no such bucket or container"),
        ({"response": {"Error": {"Code": "ExpiredToken"}}}, "have expired"),
        ({"response": {"Error": {"Code": "PermanentRedirect"}}}, "region_name"),
        ({"error_code": "ContainerNotFound"}, "no such bucket or container"),
        ({"error_code": "AuthenticationFailed"}, "are not accepted"),
        ({"error_code": "AuthorizationPermissionMismatch"}, "The observer needs to read."),
        ({"code": 401}, "are not accepted"),
        ({"code": 403}, "The observer needs to read"),
        ({"status": 403}, "The observer needs to read"),
    ],
)
def test_refusals_of_services(attributes: dict[str, object], says: str) -> None:
    error = CodedError(**attributes)
    assert says.rstrip(".") in (refusal(error, "to read") or "")
    # Also when another error was made of it.
    outer = OSError("translated")
    outer.__cause__ = error
    assert says.rstrip(".") in (refusal(outer, "to read") or "")


@pytest.mark.parametrize(
    "error", [OSError("disk"), CodedError(code=500), CodedError(), FileNotFoundError("x")]
)
def test_what_is_no_refusal(error: Exception) -> None:
    assert refusal(error, "to read") is None


def test_an_error_that_goes_in_circles_ends() -> None:
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert refusal(first, "to read") is None


def test_what_is_no_secret_stays_readable() -> None:
    options = {
        "key": "AKIA12345",
        "secret": "a+b/c=dd",
        "client_kwargs": {"endpoint_url": "http://u:hunter22@minio:9000", "region_name": "eu-west-1"},
    }
    location = Location("s3://bucket/visits", options)
    error = ValueError(
        "no answer from http://u:hunter22@minio:9000/bucket?X-Amz-Signature=abcd in eu-west-1 "
        "for AKIA12345 with a+b/c=dd or a%2Bb%2Fc%3Ddd"
    )
    assert location.explain(error) == (
        "no answer from http://u:***@minio:9000/bucket?… in eu-west-1 for *** with *** or ***"
    )


def test_extras_are_those_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    page = (ROOT / "docs" / "checkpoint-storage.md").read_text()
    for scheme in ("s3", "gs", "abfss", "hdfs", "webhdfs"):
        kind = kind_of(scheme)
        assert kind is not None
        assert f'\n{kind.extra} = ["{kind.package}>=' in text
        assert f"`{scheme}://" in page
        assert f"`{kind.extra}`" in page


class DetailFileSystem(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """A remote filesystem that counts what it is asked."""

    protocol = "detail"
    calls: list[str] = []  # noqa: RUF012
    size = 40

    def ls(self, path: str, detail: bool = True, **_: Any) -> Any:
        assert detail
        self.calls.append(f"ls {path}")
        names = {"/c": ("metadata", "offsets", "commits"), "/c/offsets": ("4",), "/c/commits": ("4",)}[path]
        kinds = {"offsets": "directory", "commits": "directory"}
        return [
            {"name": f"{path}/{name}", "type": kinds.get(name, "file"), "size": self.size, "mtime": 5.0}
            for name in names
        ]

    def info(self, path: str, **_: Any) -> Any:
        raise AssertionError(path)

    def cat_file(self, path: str, *_: Any, **__: Any) -> bytes:
        self.calls.append(f"cat {path}")
        return b'{"id":"x"}' if path.endswith("metadata") else b'v1\n{}\n{"t":{"0":7}}'


fsspec.register_implementation("detail", DetailFileSystem, clobber=True)


def test_sizes_and_times_come_with_the_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DetailFileSystem, "calls", [])
    progress = CheckpointFolder("detail:///c").read()
    assert progress.committed_at is not None
    assert progress.committed_at.timestamp() == 5
    assert DetailFileSystem.calls == [
        *("ls /c", "cat /c/metadata", "ls /c/commits", "ls /c/offsets", "cat /c/offsets/4")
    ]


def test_a_file_that_is_far_too_large_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DetailFileSystem, "size", 10**9)
    with pytest.raises(CheckpointError, match="too many for a file of a checkpoint"):
        CheckpointFolder("detail:///c").read()
