"""What to say about a folder that is not a checkpoint."""

from collections.abc import Collection

from offline_observer.checkpoint.storage import Storage, UnreachableError
from offline_observer.errors import CheckpointError

_MARKS_OF_A_CHECKPOINT = frozenset({"metadata", "offsets", "commits"})
_PARTS_OF_A_CHECKPOINT = frozenset({"offsets", "commits", "sources", "state"})
_ENOUGH_MARKS = 2  # other programs have a folder "metadata", too
_MOST_FOLDERS_TRIED = 50
_MOST_FOLDERS_TRIED_REMOTE = 10  # each is a request
_MOST_FOLDERS_SHOWN = 3


def not_a_checkpoint(storage: Storage, names: Collection[str]) -> CheckpointError:
    """Makes the error about a folder that holds no checkpoint, with a guess at what was meant.

    Args:
        storage: The folder.
        names: The names in it.

    Returns:
        The error, to be raised.
    """
    shown = storage.shown()
    if not names:
        return CheckpointError(
            f"{shown} is empty: no query has started with this checkpoint yet, or the path is wrong. Compare it "
            "with the query's checkpointLocation."
        )
    text = f"{shown} is not a Spark checkpoint: it holds no offsets, no commits and no metadata of a query."
    if (part := shown.rsplit("/", 1)[-1]) in _PARTS_OF_A_CHECKPOINT:
        return CheckpointError(f'{text} It may be the "{part}" of one: give the folder above it.')
    if candidates := _checkpoints_below(storage, names):
        which = ", ".join(candidates[:_MOST_FOLDERS_SHOWN]) + (
            ", …" if len(candidates) > _MOST_FOLDERS_SHOWN else ""
        )
        return CheckpointError(f"{text} A folder in it looks like one: {which}. Give that.")
    return CheckpointError(f"{text} Compare the path with the query's checkpointLocation.")


def _checkpoints_below(storage: Storage, names: Collection[str]) -> list[str]:
    """Folders right below that look like checkpoints; errors are no concern of a hint."""
    found = []
    most = _MOST_FOLDERS_TRIED_REMOTE if storage.is_remote else _MOST_FOLDERS_TRIED
    for name in [name for name in sorted(names) if not storage.is_file(name)][:most]:
        try:
            marks = _MARKS_OF_A_CHECKPOINT.intersection(storage.names(name))
        except UnreachableError:
            break
        except CheckpointError:
            continue
        if len(marks) >= _ENOUGH_MARKS:
            found.append(storage.shown(name))
    return found
