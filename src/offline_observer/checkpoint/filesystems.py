"""What each remote filesystem brings along: its extra, and limits that bound a look at a service that is down.

To add one: a line in `_KINDS`.
"""

import logging
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

# A dead service must be known as dead within a tick or two, and a slow one still answer.
_CONNECT_SECONDS = 2
_READ_SECONDS = 6
_CALL_SECONDS = 20.0

# A checkpoint changes under the reader's eyes: a kept listing would show a job that stands still.
NO_CACHES: Mapping[str, object] = {"use_listings_cache": False, "skip_instance_cache": True}

# Their warnings would go to the terminal, through the handler of last resort, with whatever is in them.
_LOGGERS = ("adlfs", "aiobotocore", "aiohttp", "asyncio", "azure", "botocore", "fsspec", "gcsfs", "google")
_LOGGERS_TOO = ("s3fs", "urllib3", "webhdfs")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of remote filesystem.

    Attributes:
        extra: The extra of this project that installs it.
        package: What that extra installs.
        rights: What the observer must be allowed to do there, to end a sentence.
        options: Options that hold where the configuration says nothing.
        call_seconds: How long a call may take; None where the options bound it.
    """

    extra: str
    package: str
    rights: str
    options: Mapping[str, Any] = field(default_factory=dict)
    call_seconds: float | None = None


_S3 = Kind(
    "s3",
    "s3fs",
    "s3:ListBucket on the bucket and s3:GetObject on the checkpoint's objects",
    {
        # s3fs asks for a file's size before it reads it, unless it reads in one piece.
        "max_concurrency": 1,
        "config_kwargs": {
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _READ_SECONDS,
            "retries": {"total_max_attempts": 2, "mode": "standard"},
        },
    },
)
_GCS = Kind(
    "gcs",
    "gcsfs",
    "storage.objects.list and storage.objects.get (the role Storage Object Viewer)",
    call_seconds=_CALL_SECONDS,
)
_AZURE = Kind(
    "azure",
    "adlfs",
    "list and read (the role Storage Blob Data Reader)",
    {"connection_timeout": _CONNECT_SECONDS, "read_timeout": _READ_SECONDS},
    call_seconds=_CALL_SECONDS,
)
_HDFS_RIGHTS = "read and execute on the checkpoint's folders and read on its files"
_HDFS = Kind(
    "hdfs",
    "pyarrow",
    _HDFS_RIGHTS,
    {
        "extra_conf": {
            "ipc.client.connect.timeout": f"{_CONNECT_SECONDS}000",
            "ipc.client.connect.max.retries": "1",
            "ipc.client.connect.max.retries.on.timeouts": "1",
        }
    },
)
_WEBHDFS = Kind("webhdfs", "requests", _HDFS_RIGHTS)

# By the scheme as fsspec has it.
_KINDS: Mapping[str, Kind] = {
    "s3": _S3,
    "gs": _GCS,
    "gcs": _GCS,
    "abfs": _AZURE,
    "abfss": _AZURE,
    "az": _AZURE,
    "hdfs": _HDFS,
    "webhdfs": _WEBHDFS,
}
# Hadoop's names for it; the filesystem is the same.
_SAME_AS = {"s3a": "s3", "s3n": "s3"}


def plain_scheme(scheme: str) -> str:
    """A URL's scheme as fsspec has it: `s3` for `s3a`."""
    lower = scheme.lower()
    return _SAME_AS.get(lower, lower)


def kind_of(scheme: str) -> Kind | None:
    """The kind of filesystem that a scheme stands for; None when it is none of those that have an extra."""
    return _KINDS.get(plain_scheme(scheme))


def with_defaults(kind: Kind | None, options: Mapping[str, object]) -> dict[str, object]:
    """Options for a filesystem: those given, and where they say nothing, the kind's own; never a cache.

    Mappings are put together one level deep, so that a `read_timeout` of one's own keeps the other limits.
    """
    result: dict[str, object] = deepcopy(dict(kind.options)) if kind else {}
    for key, value in deepcopy(dict(options)).items():
        default = result.get(key)
        both = isinstance(default, dict) and isinstance(value, dict)
        result[key] = {**default, **value} if both else value  # type: ignore[dict-item]
    return {**result, **NO_CACHES}


def limit(filesystem: Any, kind: Kind | None) -> None:  # noqa: ANN401 - fsspec has no types
    """Bounds in time what a filesystem takes no option for, and keeps its warnings off the terminal."""
    for name in (*_LOGGERS, *_LOGGERS_TOO):
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
    if kind is _S3:
        # On top of those of its client, which are options.
        filesystem.retries = 1
    if kind is _WEBHDFS:
        _limit_session(filesystem.session)


def _limit_session(session: Any) -> None:  # noqa: ANN401 - requests is not always there
    """Gives each request of a session a timeout; requests itself would wait for ever."""
    from requests.adapters import HTTPAdapter

    class Impatient(HTTPAdapter):
        def send(self, request: Any, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            keywords["timeout"] = keywords.get("timeout") or (_CONNECT_SECONDS, _READ_SECONDS)
            return super().send(request, *arguments, **keywords)

    for prefix in ("http://", "https://"):
        session.mount(prefix, Impatient())
