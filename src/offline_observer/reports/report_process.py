"""What runs in the process that makes reports: `python -m offline_observer.reports.report_process DESCRIPTOR PARENT`."""

import gc
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from errno import ENOMEM
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from offline_observer.errors import ObserverError
from offline_observer.reports.report_task import MadeReport, ReportTask

# So much address space it may have. Beyond that it fails, and not the machine.
_ADDRESS_BYTES = 8_000_000_000
# On Linux's scale from -1000 to 1000: when memory runs out, this process is ended before the observer.
_GOES_FIRST = "1000"
_NICE = 5
_KIBIBYTE = 1024
OUT_OF_MEMORY_CODE = 77
"""What the process ends with when it has no memory for what it is to take."""

OUT_OF_MEMORY = "the process that makes reports is out of memory; a smaller `sample` needs less"
_LOOK_SECONDS = 1.0


class Ready(NamedTuple):
    """The libraries are loaded."""


class Failed(NamedTuple):
    """A report could not be made."""

    reason: str


def serve(connection: Connection, parent: int) -> None:
    """Makes reports until the other end hangs up, or the process that started this one, by its id, is gone."""
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    _be_modest()
    with suppress(EOFError, OSError):
        try:
            from offline_observer.reports.report import warm_up

            warm_up()
        except ImportError as error:
            connection.send(
                Failed(f"a report needs libraries ({error}): pip install 'offline-observer[profile]'")
            )
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the other end must hear of it
            connection.send(Failed(_words(error)))
            return
        connection.send(Ready())
        # What is made of a sample are millions of objects that all stay until the page is there: to look for garbage
        # among them again and again takes a tenth of the time. What there is of it is found after each report.
        gc.disable()
        while True:
            connection.send(_answer(_next_task(connection)))
            gc.collect()


def _next_task(connection: Connection) -> ReportTask:
    """What is asked for next. When there is no memory for it the process ends: the rest of it is still on its way.

    Raises:
        EOFError: The other end has hung up.
    """
    try:
        task: ReportTask = connection.recv()
    except MemoryError:
        os._exit(OUT_OF_MEMORY_CODE)
    except OSError as error:
        if error.errno == ENOMEM:
            os._exit(OUT_OF_MEMORY_CODE)
        raise
    return task


def _answer(task: ReportTask) -> MadeReport | Failed:
    from offline_observer.reports.report import make_report

    began = time.perf_counter()
    try:
        html, kept = make_report(task)
    except MemoryError:
        return Failed(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other end must hear of it
        return Failed(_words(error))
    return MadeReport(
        html=html, kept=kept, seconds=time.perf_counter() - began, resident_bytes=_resident_bytes()
    )


def _resident_bytes() -> int:
    """The greatest resident memory of this process."""
    try:
        # What getrusage says began with that of the process that started this one.
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * _KIBIBYTE
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE


def _words(error: Exception) -> str:
    if isinstance(error, ObserverError):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0]
    return f"the report's library failed: {type(error).__name__}: {first}"[:300]


def _end_with_parent(parent: int) -> None:
    """A report that is being made is of no use to anybody when the observer is gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _be_modest() -> None:
    """Others come first: for the processor, and when memory is short."""
    os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_GOES_FIRST)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_BYTES, resource.RLIM_INFINITY))


if __name__ == "__main__":
    # Under its own name: what is sent is of the module, not of the script.
    from offline_observer.reports.report_process import serve as serve_

    serve_(Connection(int(sys.argv[1])), int(sys.argv[2]))
