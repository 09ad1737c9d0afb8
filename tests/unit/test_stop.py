import os
import signal
import time

import pytest

from offline_observer.stop import Stop, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_sets_it(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert signal.getsignal(number) is before


def test_waiting_lasts_as_long_as_it_says() -> None:
    began = time.monotonic()
    assert not Stop().wait(0.15)
    assert 0.14 < time.monotonic() - began < 2
