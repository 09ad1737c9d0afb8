"""What the ways to make a report have in common."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks.profiling.rows import Rows

_KIBIBYTE = 1024
# The pages have no closing tags, and the numbers may have commas.
_FACT = r"{}(?:</th>)?\s*<td[^>]*>\s*([\d,]+)"


class Way(Protocol):
    """A way to make a report. It is started and closed once for each number of rows, so that peaks are its own."""

    @property
    def name(self) -> str:
        """Its name in the figures."""

    @property
    def pid(self) -> int | None:
        """Its process; None when it has none."""

    def start(self) -> None:
        """Starts its process, and waits until the libraries are loaded."""

    def make(self, rows: Rows, seconds: float) -> bytes:
        """Makes a report of the rows, from their bytes to the page in UTF-8. This is measured.

        Raises:
            TimeoutError: It took longer than so many seconds. The way has to be closed then.
        """

    def close(self) -> None:
        """Ends its process."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says of the rows.

    Attributes:
        observations: How many there are.
        variables: How many columns.
        missing: How many cells are empty.
    """

    observations: int
    variables: int
    missing: int


def facts_of(page: str) -> Facts:
    """What a page says of the rows.

    Raises:
        RuntimeError: It says nothing of them.
    """

    def fact(name: str) -> int:
        found = re.search(_FACT.format(re.escape(name)), page)
        if found is None:
            raise RuntimeError(f"the report has no {name!r}")
        return int(found[1].replace(",", ""))

    return Facts(
        observations=fact("Number of observations"),
        variables=fact("Number of variables"),
        missing=fact("Missing cells"),
    )


def cpu_seconds(pid: int | None) -> float:
    """The processor's time that a process, those that it has started, and this one have had."""
    total = time.process_time()
    for one in _family(pid):
        times = one.cpu_times()
        total += times.user + times.system
    return total


def peak_bytes(pid: int | None) -> int | None:
    """The greatest resident memory of a process and of each that it has started, together; None without a process.

    By the kernel's own mark (`VmHWM`): `ru_maxrss` of a child begins with what its parent had.
    """
    return sum(_peak(one.pid) for one in _family(pid)) or None


def _family(pid: int | None) -> list[psutil.Process]:
    if pid is None:
        return []
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * _KIBIBYTE if found else 0
