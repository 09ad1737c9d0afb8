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

from fsspec.implementations.local import LocalFileSystem

from offline_observer.checkpoint.location import Location, connect, printable
from offline_observer.checkpoint.modified import modification_time
from offline_observer.errors import CheckpointError

# A line for each source and a few bytes for each partition: even 100,000 partitions are 2 MB.
_LARGEST_FILE = 64 * 1024**2


class NotThereError(CheckpointError):
    """A file or folder is not there, or is the other of the two."""


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

    def refresh(self) -> None:
        """Connects where needed and forgets what earlier reads found.

        Raises:
            CheckpointError: The place cannot be: unknown protocol, missing package, wrong options.
        """
        if self._filesystem is None:
            self._filesystem, self._root = connect(self._location)
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
            below = [name for name in listed if name.strip("/") != path.strip("/")]
            if listed and not below and self._filesystem.info(path)["type"] != "directory":
                raise CheckpointError(f"{self.shown(*parts)} is a file, and should be a folder.")
        return [name.rstrip("/").rsplit("/", 1)[-1] for name in below]

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
            return bytes(self._filesystem.cat_file(path))

    @staticmethod
    def _refuse_odd_file(path: str, shown: str) -> None:
        """A pipe would be waited for, and a device read, without end."""
        facts = os.stat(path)  # noqa: PTH116 - the path is the filesystem's
        if not stat.S_ISREG(facts.st_mode) and not stat.S_ISDIR(facts.st_mode):
            raise CheckpointError(f"{shown} is not an ordinary file. See what put it there.")
        if facts.st_size > _LARGEST_FILE:
            raise CheckpointError(f"{shown} has {facts.st_size} bytes: too many for a file of a checkpoint.")

    def facts(self, *parts: str) -> FileFacts:
        """Size and time of a file.

        Raises:
            NotThereError: There is no such file.
            CheckpointError: It cannot be read.
        """
        path = self._path(*parts)
        with self._explained(*parts):
            info = self._filesystem.info(path)
            size = info.get("size")
            return FileFacts(size if isinstance(size, int) else None, modification_time(info))

    def _listed(self, path: str) -> list[str]:
        """Paths of what is in a folder; of a file, its own path."""
        if type(self._filesystem) is LocalFileSystem:
            # Some versions of fsspec stat each file of a local folder, and a checkpoint can hold 100,000.
            try:
                return [f"{path}/{name}" for name in os.listdir(path)]  # noqa: PTH208
            except NotADirectoryError:
                return [path]
        return [
            str(entry["name"] if isinstance(entry, dict) else entry)
            for entry in self._filesystem.ls(path, detail=False)
        ]

    def _path(self, *parts: str) -> str:
        return "/".join((self._root.rstrip("/"), *parts)) or "/"

    @contextmanager
    def _explained(self, *parts: str) -> Iterator[None]:
        """Turns whatever a filesystem raises into a `CheckpointError`."""
        shown = self.shown(*parts)
        try:
            yield
        except CheckpointError:
            raise
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotThereError(f"{shown} does not exist.") from error
        except IsADirectoryError as error:
            raise NotThereError(f"{shown} is a folder, and should be a file.") from error
        except PermissionError as error:
            raise CheckpointError(
                f"{shown} may not be read: permission denied. Give the observer's user the right to read "
                "the checkpoint's files and to list its folders; it never needs to write."
            ) from error
        except Exception as error:
            # Clients of object stores raise errors of their own, which share no base class.
            raise CheckpointError(
                f"{shown} cannot be read: {self._location.explain(error)}. "
                "See whether its disk or service is up and reachable from here."
            ) from error
