import os
import signal
import time

import pytest

from offline_observer.stop import Stop, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_sets_it(number: signal.Signals) -> None:
    # Whatever the tests were started with: nohup has them ignore SIGHUP.
    given = signal.signal(number, signal.default_int_handler)
    try:
        with stop_on_signals() as stop:
            assert not stop.is_set()
            os.kill(os.getpid(), number)
            assert stop.wait(5)
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, given)


def test_under_nohup_a_closed_terminal_stops_nothing() -> None:
    given = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.wait(0.2)
    finally:
        signal.signal(signal.SIGHUP, given)


def test_waiting_lasts_as_long_as_it_says() -> None:
    began = time.monotonic()
    assert not Stop().wait(0.15)
    assert 0.14 < time.monotonic() - began < 2
