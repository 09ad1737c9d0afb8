"""Ctrl-C while the program loads. Little is imported here: before this is loaded an interrupt is Python's own."""

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType


class HeldInterrupts:
    """While it lasts an interrupt (Ctrl-C) waits for its end.

    For imports, which take a second at most: in the middle of one it would now and then be swallowed, for where it comes
    in a callback from C, Python prints it and goes on.

    Raises:
        KeyboardInterrupt: At the end, when there was one.
    """

    def __init__(self) -> None:
        self._came = False
        self._is_held = False

    def _note(self, _number: int, _frame: "FrameType | None") -> None:
        self._came = True

    def __enter__(self) -> None:
        # Who has a handler of its own, or ignores interrupts, goes on as before.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            try:
                signal.signal(signal.SIGINT, self._note)
            except ValueError:
                return  # in another thread than the main one there are no interrupts
            self._is_held = True

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        _error: "BaseException | None",
        _traceback: "TracebackType | None",
    ) -> None:
        if self._is_held:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._came and kind is None:
            raise KeyboardInterrupt
