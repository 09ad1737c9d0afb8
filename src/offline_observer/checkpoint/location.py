"""Where a checkpoint is: from a path or URL to a filesystem and a path in it."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from offline_observer.checkpoint.filesystems import NO_CACHES, kind_of, limit, plain_scheme, with_defaults
from offline_observer.checkpoint.refusal import refusal
from offline_observer.errors import CheckpointError

# fsspec knows these as well; they have no extra here.
_PACKAGES = {"sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol"}

_protocol = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://|::.*://)")  # s3://… or a chain, cached::s3://…
_local_prefix = re.compile(r"(?:file|local)://|file:(?=/)")
_password = re.compile(r"(?<=//)([^/:]*):([^/]*)@")
_query = re.compile(r"\?.*", re.DOTALL)
_query_in_text = re.compile(r"""(?<=[A-Za-z])(://[^\s?"'<>]*)\?[^\s"'<>]*""")
_LONGEST_EXPLANATION = 300
_SHORTEST_SECRET = 4  # shorter options, such as "us", would blank out half a message

# Options that say where a service is and who asks, and are no secret: a message without them would be none.
_NOT_SECRET = frozenset(
    {
        "account_host",
        "account_name",
        "endpoint_url",
        "host",
        "mode",
        "port",
        "profile",
        "project",
        "region_name",
        "signature_version",
        "use_ssl",
        "user",
    }
)


class Location:
    """The place of a checkpoint, as it was configured.

    Attributes:
        url: A local path or an fsspec URL, as given.
        options: What the URL's filesystem takes.
        is_local: Whether it is on a local disk.
        scheme: The URL's scheme as fsspec has it, `s3` for `s3a`; `file` for a local path.
        kind: What is known of its kind of filesystem.
        shown: The place as it can stand in a message: no credential, printable.
    """

    def __init__(self, url: str, options: Mapping[str, object]) -> None:
        self.url = url
        self.options = options
        self.is_local = is_local(url)
        self.scheme = "file" if self.is_local else plain_scheme(_scheme_of(url))
        self.kind = kind_of(self.scheme)
        safe = url if self.is_local else _query.sub("?***", _password.sub(r"\1:***@", url))
        self.shown = printable(safe)

    def explain(self, error: BaseException) -> str:
        """What an error says, without its trailing period and without any credential of this place."""
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        for secret in self._secrets():
            text = text.replace(secret, "***")
        # The clients put whole URLs into their messages, signatures and all.
        text = _query_in_text.sub(r"\1?…", _password.sub(r"\1:***@", text))
        return printable(text.strip())[:_LONGEST_EXPLANATION].rstrip(".")

    def _secrets(self) -> list[str]:
        """Longest first, so that one that is part of another does not leave the rest of it."""
        secrets = list(_texts(self.options))
        if not self.is_local:
            secrets += [match[2] for match in _password.finditer(self.url)]
            secrets += [match[0][1:] for match in _query.finditer(self.url)]
        written = {form for secret in secrets for form in (secret, quote(secret, safe=""), unquote(secret))}
        return sorted({form for form in written if len(form) >= _SHORTEST_SECRET}, key=len, reverse=True)


def is_local(url: str) -> bool:
    """Whether a checkpoint's path or URL is on a local disk."""
    return bool(_local_prefix.match(url)) or not _protocol.match(url)


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
        return LocalFileSystem(**NO_CACHES), _local_path(location)
    given = _scheme_of(location.url)
    url = location.scheme + location.url.removeprefix(given) if location.kind else location.url
    try:
        filesystem, path = url_to_fs(url, **with_defaults(location.kind, location.options))
    except ImportError as error:
        raise CheckpointError(_missing_package(location, error)) from None
    except Exception as error:  # noqa: BLE001 - none of it is lost
        # Each filesystem raises what it likes for options that it does not like.
        text = location.explain(error)
        if "Protocol not known" in text:
            # Some protocols are known to their package only.
            known = location.kind or location.scheme in _PACKAGES
            text = _missing_package(location, None) if known else _unknown_protocol(location)
            raise CheckpointError(text) from None
        if location.scheme == "hdfs" and re.search("libhdfs|libjvm", text, re.IGNORECASE):
            raise CheckpointError(_missing_libhdfs(location)) from None
        why = refusal(error, location.kind.rights) if location.kind else None
        raise CheckpointError(
            f"{location.shown} {why}"
            if why
            else f"{location.shown} cannot be opened: {text}. Check the address and its options."
        ) from None
    limit(filesystem, location.kind)
    return filesystem, str(path)


def _scheme_of(url: str) -> str:
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


def _missing_package(location: Location, error: ImportError | None) -> str:
    package = location.kind.package if location.kind else _PACKAGES.get(location.scheme)
    missing = ((error.name if error else None) or "").partition(".")[0]
    if location.kind and missing in ("", package):
        remedy = f"Install it: pip install 'offline-observer[{location.kind.extra}]'"
    elif missing and missing != package:
        # An option asked for more than the filesystem itself: Kerberos, for instance.
        remedy = f"Install it: pip install {missing.replace('_', '-')}"
    else:
        remedy = f"Install it: pip install {package}" if package else "Install the package that brings it"
    return f"{location.shown} needs a package for {location.scheme}:// that is not installed. {remedy}."


def _missing_libhdfs(location: Location) -> str:
    return (
        f"{location.shown} needs Hadoop's native library libhdfs and a Java, and they were not found. Set HADOOP_HOME, "
        "JAVA_HOME and CLASSPATH (to what `hadoop classpath --glob` prints), or use webhdfs://, which needs neither."
    )


def _unknown_protocol(location: Location) -> str:
    return (
        f'{location.shown} begins with "{location.scheme}://", which is not a protocol that is known here. '
        "Give a local path, or a URL such as s3://bucket/folder."
    )


def _texts(options: Mapping[str, object]) -> Iterable[str]:
    """The texts among options, at any depth, but not those that are no secret."""
    for key, value in options.items():
        if key not in _NOT_SECRET:
            yield from _texts_in(value)


def _texts_in(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(value)
    elif isinstance(value, list | tuple):
        for element in value:
            yield from _texts_in(element)


def printable(text: str) -> str:
    """Escapes what would disturb a terminal or a document: control characters, bytes that are not text."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
