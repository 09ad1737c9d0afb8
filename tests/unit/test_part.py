import time
from threading import Event

import pytest

from offline_observer.errors import BrokerError, TookTooLongError
from offline_observer.part import Part
from offline_observer.stop import Stop


def test_a_result() -> None:
    part: Part[int] = Part("adding")
    part.start(lambda: 1 + 1)
    assert part.result(5, Stop()) == 2


def test_an_error_reaches_whoever_waits() -> None:
    part: Part[int] = Part("asking")

    def fail() -> int:
        raise BrokerError("no answer")

    part.start(fail)
    with pytest.raises(BrokerError, match="no answer"):
        part.result(5, Stop())


def test_a_call_that_hangs_is_left_and_is_not_started_twice() -> None:
    part: Part[str] = Part("reading")
    release = Event()
    calls: list[int] = []

    def hang() -> str:
        calls.append(1)
        release.wait(10)
        return "late"

    part.start(hang)
    with pytest.raises(TookTooLongError, match=r"reading took longer than 0\.1 s"):
        part.result(0.1, Stop())
    part.start(hang)
    with pytest.raises(TookTooLongError, match=r"reading hangs since 0\.[1-9] s"):
        part.result(0.1, Stop())
    release.set()
    deadline = time.monotonic() + 5
    while part.busy and time.monotonic() < deadline:
        time.sleep(0.01)
    part.start(lambda: "fresh")
    assert part.result(5, Stop()) == "fresh"
    assert len(calls) == 1


def test_waiting_ends_when_it_is_told_to_stop() -> None:
    part: Part[bool] = Part("reading")
    release = Event()
    part.start(lambda: release.wait(10))
    stop = Stop()
    stop.set()
    began = time.monotonic()
    with pytest.raises(TookTooLongError):
        part.result(30, stop)
    assert time.monotonic() - began < 1
    release.set()
