"""Every error that a user can meet, and the exit codes.

| exit code | meaning |
|---|---|
| 0 | fine; `run` and `demo` when they are stopped |
| 1 | the thing observed is not fine (`lag` with a status other than `ok` or `starting`) |
| 2 | usage or configuration: the command line or a file says something that cannot be |
| 3 | something needed cannot be reached or read: broker, checkpoint, journal, Java, disk |
| 130 | a one-shot command was interrupted |

A message says what is wrong and what to do about it, in plain sentences, and never holds a credential.
"""

from typing import ClassVar

EXIT_OK = 0
EXIT_NOT_FINE = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_INTERRUPTED = 130


class ObserverError(Exception):
    """Base of all errors that this program raises on purpose.

    Attributes:
        exit_code: What the process exits with when the error ends it.
    """

    exit_code: ClassVar[int] = EXIT_UNREACHABLE


class ConfigError(ObserverError):
    """The command line or a configuration says something that cannot be."""

    exit_code = EXIT_USAGE


class CheckpointError(ObserverError):
    """A checkpoint folder, or a file in it, cannot be read as one."""


class BrokerError(ObserverError):
    """The broker cannot be reached, or refuses what was asked."""


class SchemaRegistryError(ObserverError):
    """The Schema Registry cannot be reached, or does not give a schema that is needed."""


class JournalError(ObserverError):
    """The journal cannot be opened, read or written, or has another owner."""


class ReportError(ObserverError):
    """A report of a dataset cannot be made or written."""


class WebError(ObserverError):
    """The observer cannot answer at its own web address."""


class DemoError(ObserverError):
    """Something that the demo needs is missing: Java, a port, disk space, a download."""


class TookTooLongError(ObserverError):
    """A part of a tick did not finish in its time."""
