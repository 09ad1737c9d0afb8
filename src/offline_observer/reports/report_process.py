"""What runs in the process that makes reports."""

import gc
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import parent_process
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


class Ready(NamedTuple):
    """The libraries are loaded."""


class Failed(NamedTuple):
    """A report could not be made."""

    reason: str


def serve(connection: Connection) -> None:
    """Makes reports until the other end hangs up, or the process that started this one is gone."""
    # Ctrl-C goes to all processes of a terminal; the one that started this one says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _be_modest()
    _be_silent()
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
        while True:
            connection.send(_answer(connection.recv()))
            gc.collect()


def _answer(task: ReportTask) -> MadeReport | Failed:
    from offline_observer.reports.report import make_report

    began = time.perf_counter()
    try:
        html, kept = make_report(task)
    except MemoryError:
        return Failed("the process that makes reports is out of memory; a smaller `sample` needs less")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other end must hear of it
        return Failed(_words(error))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    return MadeReport(html=html, kept=kept, seconds=time.perf_counter() - began, resident_bytes=resident)


def _words(error: Exception) -> str:
    if isinstance(error, ObserverError):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0]
    return f"the report's library failed: {type(error).__name__}: {first}"[:300]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _be_modest() -> None:
    """Others come first: for the processor, and when memory is short."""
    os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_GOES_FIRST)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_BYTES, resource.RLIM_INFINITY))


def _be_silent() -> None:
    """What libraries print is not for the observer's terminal."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
