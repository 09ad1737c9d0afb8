"""Ctrl-C while the program loads."""

import signal
from threading import Thread

import pytest

from offline_observer.interrupts import HeldInterrupts


def test_an_interrupt_waits_until_what_is_under_way_is_done() -> None:
    done: list[bool] = []

    def load() -> None:
        with HeldInterrupts():
            signal.raise_signal(signal.SIGINT)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        load()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_went_wrong_is_not_hidden_by_an_interrupt() -> None:
    def load() -> None:
        with HeldInterrupts():
            signal.raise_signal(signal.SIGINT)
            raise ImportError

    with pytest.raises(ImportError):
        load()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_ignores_interrupts_goes_on_ignoring_them() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with HeldInterrupts():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_is_let_be() -> None:
    entered: list[bool] = []

    def enter() -> None:
        with HeldInterrupts():
            entered.append(True)

    thread = Thread(target=enter)
    thread.start()
    thread.join()
    assert entered
