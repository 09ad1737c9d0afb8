"""What an exporter is, and what it takes (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from offline_observer.errors import ObserverError


class Item(NamedTuple):
    """A document of the journal that is to be sent.

    Attributes:
        sequence: Its place in the journal.
        identity: Its id: the same whenever it is sent.
        kind: `observation`, `partition` or `profile`.
        revision: 0, and more when it was written anew.
        document: The document as JSON.
    """

    sequence: int
    identity: str
    kind: str
    revision: int
    document: str


class Refusal(NamedTuple):
    """A document that the server will not take, whenever it is sent, and why, in the server's words."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of some documents.

    Attributes:
        settled: So many of them, from the first on, have arrived or were refused.
        refused: Those among them that were refused for what is in them.
        problem: Why the next one has not arrived: it may the next time. None when all are settled.
    """

    settled: int
    refused: Sequence[Refusal] = ()
    problem: str | None = None


class ExportError(ObserverError):
    """Documents cannot be sent now. They stay in the journal, and are sent when it can be done."""


class AnswerLateError(ExportError):
    """There was no answer in time; what was asked may have been done. Less may be answered in time."""


class Exporter(Protocol):
    """Sends documents to one place. It keeps nothing that must not be lost."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""

    @property
    def most_documents(self) -> int:
        """How many documents it takes at a time: fewer after an answer that was late."""

    @property
    def most_bytes(self) -> int:
        """How large they may be together."""

    def prepare(self) -> str:
        """Sees that what takes the documents is there.

        Returns:
            What tells the place from any other: one that was made anew is another, and is sent everything.

        Raises:
            ExportError: It is not, or cannot be reached.
        """

    def send(self, items: Sequence[Item]) -> Sent:
        """Sends documents, in their order.

        Raises:
            ExportError: None of them has arrived, as far as is known.
        """

    def drop_older(self, now: datetime, keep: timedelta) -> Sequence[str]:
        """Drops what is older than that, and says what.

        Raises:
            ExportError: It cannot be done now.
        """

    def close(self) -> None:
        """Closes the connections."""
