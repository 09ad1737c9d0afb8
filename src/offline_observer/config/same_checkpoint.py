"""Whether two checkpoints of a configuration are the same one, however they are written."""

import os.path
import re
from collections.abc import Iterator, Mapping

from offline_observer.checkpoint.filesystems import plain_scheme

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/]*)(?P<path>.*)", re.DOTALL)
_ALIASES = {"gcs": "gs", "abfss": "abfs", "az": "abfs"}
_ENDPOINTS = ("account_host", "endpoint_url", "host", "port")


def comparable_checkpoint(checkpoint: str, storage: Mapping[str, object]) -> tuple[str, ...]:
    """What a checkpoint is equal by.

    Args:
        checkpoint: Its path or URL.
        storage: The options for its filesystem. The same bucket of another service is another checkpoint.

    Returns:
        The place, without what makes two ways to write the same one differ.
    """
    match = _URL.fullmatch(checkpoint)
    if not match:
        return (checkpoint.rstrip("/") if "://" in checkpoint else os.path.realpath(checkpoint),)
    scheme = plain_scheme(match["scheme"])
    scheme = _ALIASES.get(scheme, scheme)
    authority = match["authority"]
    if scheme in ("hdfs", "webhdfs"):
        authority = authority.rpartition("@")[2].lower()
    if scheme == "hdfs":
        authority = authority.removesuffix(":8020")
    if scheme == "abfs":
        container, _, account = authority.partition("@")
        account = account.partition(".")[0] or str(storage.get("account_name") or "")
        authority = f"{container}@{account}"
    return (scheme, authority, match["path"].rstrip("/"), *sorted(_endpoints(storage)))


def _endpoints(storage: Mapping[str, object]) -> Iterator[str]:
    for key, value in storage.items():
        if isinstance(value, Mapping):
            yield from _endpoints(value)
        elif key in _ENDPOINTS and value is not None:
            yield f"{key}={value}".rstrip("/")
