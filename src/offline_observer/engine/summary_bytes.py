"""A summary on its way from one process of this program to another."""

import pickle

from offline_observer import __version__
from offline_observer.errors import ObserverError
from offline_observer.quality.summary import Summary

# What is pickled are this version's own classes.
_HEADER = f"offline-observer {__version__} summary\n".encode()


class OtherVersionError(ObserverError):
    """Two processes run different versions of this program."""


def to_bytes(summary: Summary) -> bytes:
    """A summary as bytes. Their size is bounded as that of a summary is, whatever the number of its records."""
    return _HEADER + pickle.dumps(summary, pickle.HIGHEST_PROTOCOL)


def from_bytes(content: bytes) -> Summary:
    """A summary from bytes that come from a process of the same user.

    Raises:
        OtherVersionError: They come from another version of this program.
    """
    if not content.startswith(_HEADER):
        theirs = content.partition(b"\n")[0][: len(_HEADER)].decode(errors="replace")
        raise OtherVersionError(
            f"the executors have another version of this program ({theirs}) than the driver "
            f"({_HEADER.decode().strip()}); give both the same"
        )
    summary: Summary = pickle.loads(content[len(_HEADER) :])  # noqa: S301 - as safe as Spark, which pickles all code
    return summary
