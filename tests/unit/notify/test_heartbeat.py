"""The heartbeat on a real receiver: a call for each tick, at most one that waits, and nothing told but the host."""

import time

from offline_observer.notify.heartbeat import Heartbeat
from support.kafka import eventually
from support.webhook import webhook


def test_it_is_called_for_each_tick_and_says_what_is_wrong() -> None:
    with webhook() as receiver:
        heart = Heartbeat(f"http://127.0.0.1:{receiver.port}/hunter2")
        heart.start()
        for number in range(1, 4):
            heart.beat()
            eventually(lambda number=number: receiver.asked == number, 5)  # type: ignore[misc]
        assert heart.problem is None
        receiver.status = 404
        heart.beat()
        eventually(lambda: heart.problem == "the heartbeat at 127.0.0.1 fails: HTTP 404 Not Found", 5)
        receiver.stop()
        heart.beat()
        eventually(lambda: heart.problem == "the heartbeat at 127.0.0.1 fails: Connection refused", 5)
        receiver.status = 200
        receiver.start()
        heart.beat()
        eventually(lambda: heart.problem is None, 5)
        heart.close(1)
        assert not heart._thread.is_alive()


def test_a_call_that_hangs_delays_nothing_and_one_at_most_waits() -> None:
    with webhook() as receiver:
        receiver.hang = 1.5
        heart = Heartbeat(f"http://127.0.0.1:{receiver.port}/")
        heart.start()
        began = time.monotonic()
        for _ in range(50):
            heart.beat()
            time.sleep(0.01)
        assert time.monotonic() - began < 1
        assert receiver.asked == 1
        eventually(lambda: receiver.asked == 2, 5)
        began = time.monotonic()
        heart.close(0.2)
        assert time.monotonic() - began < 1


def test_a_user_and_a_password_are_sent_as_such_and_not_looked_up_as_a_host() -> None:
    with webhook() as receiver:
        heart = Heartbeat(f"http://user:hunter%40@127.0.0.1:{receiver.port}/x")
        heart.start()
        heart.beat()
        eventually(lambda: receiver.asked == 1, 5)
        heart.close(1)
        assert heart.problem is None
        assert (receiver.paths, receiver.logins) == (["/x"], ["Basic dXNlcjpodW50ZXJA"])
