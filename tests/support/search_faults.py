"""What a proxy in front of a search server can be told to do to the next requests."""

import threading
from dataclasses import dataclass
from typing import Literal

Where = Literal["before", "middle", "after"]
"""Where a connection is cut: before the server is asked, in the middle of its answer, or after it, unheard."""


@dataclass
class Fault:
    """Happens to so many requests, of those that have this in their path."""

    left: int
    path: str


@dataclass
class Answer(Fault):
    """The client is answered, and the server is not asked."""

    status: int
    body: str
    headers: dict[str, str]


@dataclass
class Cut(Fault):
    """The connection is cut."""

    where: Where


@dataclass
class Delay(Fault):
    """The server is asked later."""

    seconds: float


class Faults:
    """The faults that are still to happen, in their order; asked by many threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, path: str) -> Fault | None:
        """The first fault for a request; it has happened once more."""
        with self._lock:
            for fault in self._faults:
                if fault.path in path:
                    fault.left -= 1
                    if not fault.left:
                        self._faults.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
