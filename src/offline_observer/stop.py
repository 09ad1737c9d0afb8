"""Being told to stop: by a signal, or by the program itself."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SLICE_SECONDS = 0.1


class Stop:
    """A flag that is set once.

    `threading.Event` will not do: its `set`, called by a signal handler that interrupts its `wait` at a bad moment,
    waits for a lock that the same thread holds.
    """

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Tells everything that looks at the flag to stop."""
        self._set = True

    def is_set(self) -> bool:
        """Whether it was told to stop."""
        return self._set

    def wait(self, seconds: float) -> bool:
        """Waits until it is set (True) or the seconds are over (False)."""
        end = time.monotonic() + seconds
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))
        return self._set


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A flag that SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) set while this lasts."""
    stop = Stop()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
