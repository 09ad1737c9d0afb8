"""Where a checkpoint is: from a path or URL to a filesystem and a path in it."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from offline_observer.errors import CheckpointError

# fsspec names a missing package only for protocols that it knows without that package.
_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "hdfs": "pyarrow",
    "webhdfs": "requests",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "smb": "smbprotocol",
}

_protocol = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://|::.*://)")  # s3://… or a chain, cached::s3://…
_local_prefix = re.compile(r"(?:file|local)://|file:(?=/)")
_password = re.compile(r"(?<=//)([^/:]*):([^/]*)@")
_query = re.compile(r"\?.*", re.DOTALL)
_LONGEST_EXPLANATION = 300
_SHORTEST_SECRET = 4  # shorter options, such as "us", would blank out half a message

# A checkpoint changes under the reader's eyes: a kept listing would show a job that stands still.
_NO_CACHES = {"use_listings_cache": False, "skip_instance_cache": True}


class Location:
    """The place of a checkpoint, as it was configured.

    Attributes:
        url: A local path or an fsspec URL, as given.
        options: What the URL's filesystem takes.
        shown: The place as it can stand in a message: no credential, printable.
    """

    def __init__(self, url: str, options: Mapping[str, object]) -> None:
        self.url = url
        self.options = options
        self.is_local = bool(_local_prefix.match(url)) or not _protocol.match(url)
        safe = url if self.is_local else _query.sub("?***", _password.sub(r"\1:***@", url))
        self.shown = printable(safe)

    def explain(self, error: BaseException) -> str:
        """What an error says, without its trailing period and without any credential of this place."""
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return printable(text.strip())[:_LONGEST_EXPLANATION].rstrip(".")

    def _secrets(self) -> list[str]:
        """Longest first, so that one that is part of another does not leave the rest of it."""
        secrets = list(_texts(self.options.values()))
        if not self.is_local:
            secrets += [match[2] for match in _password.finditer(self.url)]
            secrets += [match[0][1:] for match in _query.finditer(self.url)]
        return sorted(
            {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True
        )


def connect(location: Location) -> tuple[Any, str]:
    """Makes the filesystem that a location names.

    A local path is taken literally, whatever `%`, `#`, `*`, `[x]` or `::` it holds; only a `~` at its
    beginning stands for the home folder. A relative path counts from the current folder.

    Args:
        location: Where the checkpoint is.

    Returns:
        An fsspec filesystem without caches of its own, and the folder's path in it.

    Raises:
        CheckpointError: The protocol is unknown, its package is not installed, or the filesystem refuses
            the options.
    """
    if location.is_local:
        return LocalFileSystem(**_NO_CACHES), _local_path(location)
    protocol = _protocol_of(location.url)
    try:
        filesystem, path = url_to_fs(location.url, **{**location.options, **_NO_CACHES})
    except ImportError as error:
        raise CheckpointError(_missing_package(location, protocol)) from error
    except Exception as error:
        # Each filesystem raises what it likes for options that it does not like.
        if "Protocol not known" in str(error):
            raise CheckpointError(_unknown_protocol(location, protocol)) from error
        raise CheckpointError(
            f"{location.shown} cannot be opened: {location.explain(error)}. Check the address and its options."
        ) from error
    return filesystem, str(path)


def _protocol_of(url: str) -> str:
    match = _protocol.match(url)
    return match[0] if match else "file"


def _local_path(location: Location) -> str:
    path = _local_prefix.sub("", location.url, count=1)
    if not path:
        raise CheckpointError("No checkpoint folder is given: its path is empty.")
    try:
        # Not abspath(): it would take `link/..` for the folder that holds the link.
        return os.path.join(os.getcwd(), os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118
    except OSError as error:
        raise CheckpointError(
            f"{location.shown} is relative to the current folder, which cannot be found. Give an absolute path."
        ) from error


def _missing_package(location: Location, protocol: str) -> str:
    package = _PACKAGES.get(protocol)
    remedy = f"Install it: pip install {package}" if package else "Install the package that brings it"
    return f"{location.shown} needs a package for {protocol}:// that is not installed. {remedy}."


def _unknown_protocol(location: Location, protocol: str) -> str:
    if protocol in _PACKAGES:
        return _missing_package(location, protocol)
    return (
        f'{location.shown} begins with "{protocol}://", which is not a protocol that is known here. '
        "Give a local path, or a URL such as s3://bucket/folder."
    )


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def printable(text: str) -> str:
    """Escapes what would disturb a terminal or a document: control characters, bytes that are not text."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
