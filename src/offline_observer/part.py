"""A part of a tick that may hang or fail without stopping the others."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from time import monotonic
from typing import Generic, TypeVar

from offline_observer.errors import TookTooLongError
from offline_observer.stop import Stop

T = TypeVar("T")

_SLICE_SECONDS = 0.05


class Part(Generic[T]):
    """Runs one call at a time, in a thread of its own, and waits for it within bounds.

    Args:
        name: What the part does, to go into a sentence: `measuring the lag`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._future: Future[T] | None = None
        self._left_over = False
        self._started = 0.0

    @property
    def busy(self) -> bool:
        """Whether a call is running."""
        return self._future is not None and not self._future.done()

    def start(self, function: Callable[[], T]) -> None:
        """Starts a call, unless the one before still runs: calls do not pile up.

        What a call brings after its time is thrown away here.
        """
        if self.busy:
            self._left_over = True
            return
        self._left_over = False
        future: Future[T] = Future()
        self._future = future
        self._started = monotonic()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the result
                future.set_exception(error)

        # A daemon: a call that hangs does not keep the process alive.
        Thread(target=run, name=self.name, daemon=True).start()

    def result(self, seconds: float, stop: Stop, grace: float = 0.0) -> T:
        """The value of the call that was started.

        Args:
            seconds: How long to wait.
            stop: When it is set, waiting ends.
            grace: Seconds to go on waiting after that.

        Raises:
            TookTooLongError: The call is not done. It goes on in its thread.
            Exception: Whatever the call raised.
        """
        if self._future is None or self._left_over:
            taken = monotonic() - self._started
            raise TookTooLongError(f"{self.name} hangs since {taken:.1f} s")
        end = monotonic() + seconds
        stopped = False
        while not self._future.done() and (left := end - monotonic()) > 0:
            if stop.is_set() and not stopped:
                stopped = True
                end = min(end, monotonic() + grace)
                continue
            wait([self._future], min(_SLICE_SECONDS, left))
        if not self._future.done():
            raise TookTooLongError(f"{self.name} took longer than {monotonic() - self._started:.1f} s")
        return self._future.result()
