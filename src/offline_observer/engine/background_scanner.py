"""The quick way for many records, made ready beside the reading: to load and compile it takes seconds."""

import logging
from collections.abc import Mapping, Sequence
from threading import Event, Lock, Thread, main_thread

from offline_observer.quality.field_tree import NO_FIELDS
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.scanning import MakeScanner, Scanner

LOGGER = logging.getLogger(__name__)


class BackgroundScanner:
    """A `MakeScanner` that has nothing to give until all is ready; nothing ever where Numba is not installed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._make: MakeScanner | None = None
        self._failed = False

    def __call__(self, paths: Sequence[str], declared: Mapping[str, FieldType] = NO_FIELDS) -> Scanner | None:
        """Makes a scanner of some paths, or begins to make it possible."""
        if self._make is not None:
            return self._make(paths, declared)
        with self._lock:
            if not self._failed and (self._thread is None or not self._thread.is_alive()):
                self._stop.clear()
                self._thread = Thread(target=self._prepare, name="offline-observer-scanner")
                self._thread.start()
        return None

    def _prepare(self) -> None:
        try:
            from offline_observer.scan.scanner import JsonScanner
            from offline_observer.scan.warm_up import warm_up

            for _ in warm_up():
                # The interpreter waits for this thread: it is not to do so until all is compiled.
                if self._stop.is_set() or not main_thread().is_alive():
                    return
        except Exception as error:  # noqa: BLE001 - whatever it is, there is the other way
            LOGGER.info("records are read without machine code: %s", error)
            self._failed = True
        else:
            self._make = JsonScanner

    def stop(self) -> None:
        """Ends the preparations as soon as can be; they begin anew when a scanner is asked for again."""
        self._stop.set()


SCANNER = BackgroundScanner()
"""That of this process."""
