"""The process that makes reports, and what becomes of its faults. They are done to a real one."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psutil
import pytest

from offline_observer.errors import ReportError
from offline_observer.formats.format import FormatSettings
from offline_observer.reports.kept_window import from_bytes
from offline_observer.reports.report_task import MadeReport, ReportTask
from offline_observer.reports.report_worker import ReportWorker
from offline_observer.stop import Stop
from support.kafka import eventually
from support.reports import Page, facts_of, profile_of, records, task_of

SECONDS = 60.0


@pytest.fixture(scope="module")
def worker() -> Iterator[ReportWorker]:
    worker = ReportWorker()
    yield worker
    worker.close()


def small_task(count: int = 10) -> ReportTask:
    return task_of(records({"a": f"x{number}"} for number in range(count)), ["a"])


def large_task() -> ReportTask:
    """More than a pipe holds, and work for a while."""
    values = records({"a": number, "b": "x" * 300, "c": number * 0.5} for number in range(20_000))
    profile = profile_of(values[:10], ["a", "b", "c"])
    return ReportTask(facts=facts_of(20_000), profile=profile, values=values, format=FormatSettings())


def make(worker: ReportWorker, count: int = 10) -> MadeReport:
    return worker.make(small_task(count), SECONDS, Stop())


def makes_the_next(worker: ReportWorker) -> None:
    assert Page(make(worker, 17).html).observations == 17


def pid_of(worker: ReportWorker) -> int:
    assert worker.pid is not None
    return worker.pid


class Asked:
    """A report that is asked for in the background, as the observer does."""

    def __init__(self, worker: ReportWorker, task: ReportTask, seconds: float = SECONDS) -> None:
        self.error: Exception | None = None
        self.made: MadeReport | None = None
        self.stop = Stop()

        def run() -> None:
            try:
                self.made = worker.make(task, seconds, self.stop)
            except Exception as error:  # noqa: BLE001 - what it is, the test says
                self.error = error

        self.thread = Thread(target=run, daemon=True)
        self.thread.start()

    def reason(self, seconds: float) -> str:
        self.thread.join(seconds)
        assert not self.thread.is_alive(), f"not done within {seconds} s"
        assert isinstance(self.error, ReportError), self.made or self.error
        return str(self.error)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_reports_one_after_the_other_by_one_process(worker: ReportWorker) -> None:
    first = make(worker, 5)
    pid = pid_of(worker)
    second = make(worker, 9)
    assert (Page(first.html).observations, Page(second.html).observations) == (5, 9)
    assert from_bytes(second.kept).facts.shown == 9
    assert pid_of(worker) == pid
    assert 0 < second.seconds < SECONDS
    assert 50_000_000 < second.resident_bytes < 2_000_000_000


def test_those_who_come_at_once_each_get_their_own(worker: ReportWorker) -> None:
    asked = [Asked(worker, small_task(count)) for count in (3, 4, 5)]
    for one, count in zip(asked, (3, 4, 5), strict=True):
        one.thread.join(SECONDS)
        assert one.made is not None, one.error
        assert Page(one.made.html).observations == count


def test_a_report_that_fails_is_said_and_the_next_one_is_made(worker: ReportWorker) -> None:
    task = small_task()
    odd = ReportTask(
        facts=task.facts, profile=task.profile, values=task.values, format=FormatSettings("morse")
    )
    with pytest.raises(ReportError, match="there is no format of records 'morse'"):
        worker.make(odd, SECONDS, Stop())
    makes_the_next(worker)


def test_killed_while_it_is_idle(worker: ReportWorker) -> None:
    pid = pid_of(worker)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_gone(pid), 10, "the end of the process")
    time.sleep(1)  # of all its threads
    makes_the_next(worker)
    assert pid_of(worker) != pid


def test_killed_while_it_makes_one(worker: ReportWorker) -> None:
    make(worker)
    pid = pid_of(worker)
    os.kill(pid, signal.SIGSTOP)
    asked = Asked(worker, small_task())
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)
    expected = "the process that makes reports was ended by SIGKILL; was there too little memory?"
    assert asked.reason(10) == expected
    makes_the_next(worker)


def test_hung(worker: ReportWorker) -> None:
    make(worker)
    pid = pid_of(worker)
    os.kill(pid, signal.SIGSTOP)
    asked = Asked(worker, large_task(), seconds=1)
    assert asked.reason(6) == "the process that makes reports did not make the report within 1 s"
    assert is_gone(pid)
    makes_the_next(worker)


def test_out_of_memory(worker: ReportWorker) -> None:
    make(worker)
    pid = pid_of(worker)
    size = psutil.Process(pid).memory_info().vms
    resource.prlimit(pid, resource.RLIMIT_AS, (size + 4_000_000, resource.RLIM_INFINITY))
    reason = Asked(worker, large_task()).reason(SECONDS)
    assert "out of memory" in reason or "has ended" in reason or "was ended by" in reason, reason
    makes_the_next(worker)
    assert pid_of(worker) != pid


def test_one_that_has_grown_is_replaced_and_its_report_is_not_lost() -> None:
    # Whoever starts it may be large: that is not what it has grown to.
    ballast = bytearray(b"x") * 900_000_000
    worker = ReportWorker(largest_bytes=1_000_000)
    try:
        pid = pid_of(worker)
        assert make(worker).resident_bytes < len(ballast)
        assert pid_of(worker) != pid
        assert is_gone(pid)
    finally:
        worker.close()


def test_stopped_while_one_is_made(worker: ReportWorker) -> None:
    make(worker)
    asked = Asked(worker, large_task())
    time.sleep(0.3)
    asked.stop.set()
    assert asked.reason(3) == "the observer was stopped"
    makes_the_next(worker)


def test_closed_while_one_is_made() -> None:
    worker = ReportWorker()
    make(worker)
    process = psutil.Process(pid_of(worker))
    before = set(psutil.Process().children())
    asked = [Asked(worker, large_task()), Asked(worker, small_task())]
    time.sleep(0.3)
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < 2
    assert [one.reason(2) for one in asked] == ["the observer was stopped"] * 2
    assert is_gone(process.pid)
    time.sleep(0.5)
    assert not set(psutil.Process().children()) - before, "no other is started in its place"
    with pytest.raises(ReportError, match="the observer was stopped"):
        make(worker)
    worker.close()


PARENT = """
import sys
import time
from offline_observer.reports.report_worker import ReportWorker

if __name__ == "__main__":
    worker = ReportWorker()
    time.sleep(float(sys.argv[1]))
    print(worker.pid, flush=True)
    time.sleep(60)
"""


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen([sys.executable, str(script), "3"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.kill()
    eventually(lambda: is_gone(pid), 10, "the end of the process")


def test_ctrl_c_is_not_for_it_and_nothing_is_printed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script), "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        pid = int(parent.stdout.readline())
        # The terminal sends it to its own group of processes.
        assert os.getpgid(pid) == pid
        parent.kill()
        assert parent.stderr.read() == b""
    eventually(lambda: is_gone(pid), 10, "the end of the process")
