"""Read-only access to the files of one checkpoint, on any filesystem that fsspec knows.

Everything that a filesystem can raise becomes a `CheckpointError` with a sentence that says what to do.
Nothing here writes, locks or creates anything.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fsspec.asyn import AsyncFileSystem, sync
from fsspec.exceptions import FSTimeoutError
from fsspec.implementations.local import LocalFileSystem

from offline_observer.checkpoint.location import Location, connect, printable
from offline_observer.checkpoint.modified import modification_time
from offline_observer.checkpoint.refusal import refusal
from offline_observer.errors import CheckpointError

# A line for each source and a few bytes for each partition: even 100,000 partitions are 2 MB.
_LARGEST_FILE = 64 * 1024**2


class NotThereError(CheckpointError):
    """A file or folder is not there, or is the other of the two."""


class UnreachableError(CheckpointError):
    """The filesystem itself fails: it does not answer, or refuses. The next look connects anew."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading it.

    Attributes:
        size: In bytes; None when the filesystem does not say.
        modified: Time of the last modification, UTC; None when the filesystem does not say.
    """

    size: int | None
    modified: datetime | None


class Storage:
    """The files below one folder.

    Names are given in parts: `content("offsets", "7")`. No part is ever taken for a glob.
    """

    def __init__(self, url: str, storage_options: Mapping[str, object]) -> None:
        """Takes note of the place; nothing is opened before the first read.

        Args:
            url: A local path or an fsspec URL.
            storage_options: What the URL's filesystem takes. They are never shown in a message.
        """
        self._location = Location(url, storage_options)
        self._filesystem: Any = None
        self._root = ""
        # Connections last from look to look, until something goes wrong with them.
        self._is_stale = True
        self._listings: dict[tuple[str, ...], dict[str, Mapping[str, object]]] = {}

    @property
    def is_remote(self) -> bool:
        """Whether each listing and each file costs a request to a service."""
        return not self._location.is_local

    def refresh(self) -> None:
        """Connects where needed and forgets what earlier reads found.

        Raises:
            CheckpointError: The place cannot be: unknown protocol, missing package, wrong options.
        """
        if self._is_stale:
            self._filesystem = None  # lets go of its connections
            self._filesystem, self._root = connect(self._location)
            self._is_stale = False
        self._listings.clear()
        with self._explained():
            self._filesystem.invalidate_cache()

    def shown(self, *parts: str) -> str:
        """A file's or folder's place as it can stand in a message: no credential, printable."""
        return "/".join((self._location.shown.rstrip("/"), *map(printable, parts))) or "/"

    def names(self, *parts: str) -> list[str]:
        """Names of a folder's files and folders, in any order, without looking at any of them.

        Raises:
            NotThereError: There is no such folder.
            CheckpointError: It is a file, or it cannot be read.
        """
        path = self._path(*parts)
        with self._explained(*parts):
            listed = self._listed(path)
            # A listing of a file is that file. Object stores may list a folder's own marker, too.
            below = [entry for entry in listed if str(entry["name"]).strip("/") != path.strip("/")]
            if listed and not below and self._call("info", path)["type"] != "directory":
                raise CheckpointError(f"{self.shown(*parts)} is a file, and should be a folder.")
        found = {str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]: entry for entry in below}
        self._listings[parts] = found
        return list(found)

    def content(self, *parts: str) -> bytes:
        """All bytes of a file.

        Raises:
            NotThereError: There is no such file, or it is a folder.
            CheckpointError: It cannot be read.
        """
        path = self._path(*parts)
        with self._explained(*parts):
            if type(self._filesystem) is LocalFileSystem:
                self._refuse_odd_file(path, self.shown(*parts))
            elif isinstance(size := self._listings.get(parts[:-1], {}).get(parts[-1], {}).get("size"), int):
                self._refuse_large_file(size, self.shown(*parts))
            return bytes(self._call("cat_file", path))

    @staticmethod
    def _refuse_odd_file(path: str, shown: str) -> None:
        """A pipe would be waited for, and a device read, without end."""
        facts = os.stat(path)  # noqa: PTH116 - the path is the filesystem's
        if not stat.S_ISREG(facts.st_mode) and not stat.S_ISDIR(facts.st_mode):
            raise CheckpointError(f"{shown} is not an ordinary file. See what put it there.")
        Storage._refuse_large_file(facts.st_size, shown)

    @staticmethod
    def _refuse_large_file(size: int, shown: str) -> None:
        if size > _LARGEST_FILE:
            raise CheckpointError(f"{shown} has {size} bytes: too many for a file of a checkpoint.")

    def is_file(self, *parts: str) -> bool:
        """Whether the listing of its folder says that this is a file; a local listing says nothing."""
        return self._listings.get(parts[:-1], {}).get(parts[-1], {}).get("type") == "file"

    def facts(self, *parts: str) -> FileFacts:
        """Size and time of a file; from its folder's listing where that has them.

        Raises:
            NotThereError: There is no such file.
            CheckpointError: It cannot be read.
        """
        path = self._path(*parts)
        with self._explained(*parts):
            info = self._listings.get(parts[:-1], {}).get(parts[-1], {})
            if "size" not in info:
                info = self._call("info", path)
            size = info.get("size")
            return FileFacts(size if isinstance(size, int) else None, modification_time(info))

    def _listed(self, path: str) -> list[Mapping[str, object]]:
        """What is in a folder, as far as one listing tells; of a file, itself."""
        if type(self._filesystem) is LocalFileSystem:
            # Names alone: fsspec stats each file of a local folder, and a checkpoint can hold 100,000.
            try:
                return [{"name": f"{path}/{name}"} for name in os.listdir(path)]  # noqa: PTH208
            except NotADirectoryError:
                return [{"name": path}]
        # A listing of a service has sizes and times, for which a disk has to be asked file by file.
        detail = not isinstance(self._filesystem, LocalFileSystem)
        entries = self._call("ls", path, detail=detail)
        return [entry if isinstance(entry, Mapping) else {"name": entry} for entry in entries]

    def _call(self, method: str, path: str, **keywords: object) -> Any:  # noqa: ANN401 - fsspec has no types
        """Calls the filesystem; within a limit of time where its client knows none."""
        kind = self._location.kind
        if kind and kind.call_seconds and isinstance(self._filesystem, AsyncFileSystem):
            return sync(
                self._filesystem.loop,
                getattr(self._filesystem, f"_{method}"),
                path,
                timeout=kind.call_seconds,
                **keywords,
            )
        return getattr(self._filesystem, method)(path, **keywords)

    def _path(self, *parts: str) -> str:
        return "/".join((self._root.rstrip("/"), *parts)) or "/"

    @contextmanager
    def _explained(self, *parts: str) -> Iterator[None]:
        """Turns whatever a filesystem raises into a `CheckpointError`.

        Of a remote filesystem the error itself is not passed on: it may hold a credential.
        """
        try:
            yield
        except CheckpointError:
            raise
        except Exception as error:  # noqa: BLE001 - none of it is lost
            # Clients of object stores raise errors of their own, which share no base class.
            raise self._explanation(error, self.shown(*parts)) from (None if self.is_remote else error)

    def _explanation(self, error: Exception, shown: str) -> CheckpointError:
        kind = self._location.kind
        if kind and (why := refusal(error, kind.rights)):
            self._is_stale = True
            return UnreachableError(f"{shown} {why}")
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return NotThereError(f"{shown} does not exist.")
        if isinstance(error, IsADirectoryError):
            return NotThereError(f"{shown} is a folder, and should be a file.")
        if isinstance(error, PermissionError):
            return CheckpointError(
                f"{shown} may not be read: permission denied. Give the observer's user the right to read "
                "the checkpoint's files and to list its folders; it never needs to write."
            )
        self._is_stale = True
        text = "no answer in time" if isinstance(error, FSTimeoutError) else self._location.explain(error)
        hint = "See whether its disk or service is up and reachable from here."
        if self.is_remote and isinstance(error, TypeError | ValueError):
            hint = "Check the address and its options."
        return UnreachableError(f"{shown} cannot be read: {text}. {hint}")
