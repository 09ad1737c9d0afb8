import gc
from threading import Barrier, Thread

from offline_observer.kafka.collector import paused_collector


def test_it_is_paused_and_goes_on() -> None:
    assert gc.isenabled()
    with paused_collector():
        assert not gc.isenabled()
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_last_thread_lets_it_go_on() -> None:
    barrier = Barrier(4)
    seen = []

    def work() -> None:
        for _ in range(200):
            with paused_collector():
                seen.append(gc.isenabled())
        barrier.wait(10)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    barrier.wait(10)
    for thread in threads:
        thread.join(10)
    assert not any(seen)
    assert gc.isenabled()


def test_who_has_switched_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
