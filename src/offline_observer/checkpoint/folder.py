"""Reads a job's progress from its checkpoint folder, on any filesystem that fsspec knows."""

from collections.abc import Mapping
from datetime import timedelta

from offline_observer.checkpoint.progress import JobProgress
from offline_observer.checkpoint.reading import Known, NoCommittedOffsetsError, read_once
from offline_observer.checkpoint.storage import NotThereError, Storage
from offline_observer.errors import CheckpointError

_ATTEMPTS = 5


class CheckpointFolder:
    """A checkpoint folder of a Spark Structured Streaming query.

    Read-only: nothing in the folder is ever written, locked or created. One read costs a listing of each of
    three folders and three small files at most, however many batches they hold. The query's id is read again only
    when its file has changed; so a first read that looks back has one file more. Connections are kept from one read
    to the next.
    """

    def __init__(self, url: str, storage_options: Mapping[str, object] | None = None) -> None:
        """Takes note of the folder; nothing is opened before the first `read`.

        Args:
            url: A local path, taken literally, or an fsspec URL: `s3://bucket/checkpoints/visits`.
            storage_options: What the URL's filesystem takes, credentials for instance.
        """
        self._storage = Storage(url, storage_options or {})
        self._known = Known()

    def read(self, *, with_initial: bool | None = None, look_back: timedelta | None = None) -> JobProgress:
        """Reads the job's progress as of now.

        The job may purge old files between their listing and their reading; then all is read anew.

        Args:
            with_initial: Whether to read the initial offsets. None: only when nothing is committed,
                for then nothing else says where the job begins.
            look_back: Read an earlier batch, too, about so much older than the newest: one file more, once
                per batch.

        Returns:
            The progress.

        Raises:
            CheckpointError: The folder is not there, is not a checkpoint, cannot be read, holds no
                committed offsets that can be read, or changes faster than it can be read.
        """
        self._storage.refresh()
        last: CheckpointError | None = None
        for _ in range(_ATTEMPTS):
            try:
                return read_once(self._storage, with_initial, self._known, look_back)
            except (NotThereError, NoCommittedOffsetsError) as error:
                last = error
        if isinstance(last, NoCommittedOffsetsError):
            raise last
        raise CheckpointError(
            f"{self._storage.shown()} changed {_ATTEMPTS} times while it was read. A name was listed, and then: "
            f"{last} Try again; if it stays, see whether something deletes the checkpoint, or whether it is "
            "a broken link."
        ) from last
