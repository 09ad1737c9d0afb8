import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from offline_observer.demo.process import ChildProcess, ProcessMark, stop_session
from offline_observer.demo.workplace import Workplace
from offline_observer.errors import DemoError
from offline_observer.journal.journal import Journal

Usage = namedtuple("Usage", ["total", "used", "free"])


def child(folder: Path, code: str) -> ChildProcess:
    return ChildProcess("child", [sys.executable, "-c", code], folder / "child.log", os.environ, folder)


# A parent that starts a child of its own, says so, and waits; neither heeds SIGTERM when it is told not to.
FAMILY = """
import signal, subprocess, sys, time
if {stubborn}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""


def await_ready(process: ChildProcess) -> None:
    deadline = time.monotonic() + 10
    while "ready" not in process.tail():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def session_members(mark: ProcessMark) -> int:
    count = 0
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == mark.pid and process.status() != psutil.STATUS_ZOMBIE:
                count += 1
        except (psutil.Error, OSError):
            continue
    return count


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_is_stopped_with_all_its_descendants(tmp_path: Path, stubborn: bool) -> None:
    process = child(tmp_path, FAMILY.format(stubborn=stubborn))
    await_ready(process)
    assert session_members(process.mark) == 2
    process.stop(0.5)
    assert not process.running
    assert session_members(process.mark) == 0


def test_descendants_of_a_leader_that_died_are_found(tmp_path: Path) -> None:
    process = child(tmp_path, FAMILY.format(stubborn=False))
    await_ready(process)
    os.kill(process.mark.pid, signal.SIGKILL)
    process._process.wait()
    assert session_members(process.mark) == 1
    assert stop_session(process.mark, 1)
    assert session_members(process.mark) == 0
    assert not stop_session(process.mark, 1)


def test_a_process_that_got_the_number_of_an_earlier_one_is_left_alone(tmp_path: Path) -> None:
    process = child(tmp_path, "import time; time.sleep(60)")
    earlier = ProcessMark(process.mark.pid, process.mark.created - 100)
    assert not stop_session(earlier, 0.1)
    assert process.running
    process.stop(1)


def test_the_next_demo_stops_what_a_killed_one_left(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\n"
        "from offline_observer.demo.workplace import Workplace\n"
        "from offline_observer.demo.process import ChildProcess\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "place = Workplace(folder)\n"
        "for _ in range(2):\n"
        "    sleeping = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "    place.add(ChildProcess('sleeper', sleeping, folder / 'log', os.environ, folder))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    folder = tmp_path / "data"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=False, timeout=30)
    marks = [ProcessMark(**mark) for mark in json.loads((folder / "processes.json").read_text())]
    assert [session_members(mark) for mark in marks] == [1, 1]
    place = Workplace(folder)
    assert place.stop_left_over()
    assert [session_members(mark) for mark in marks] == [0, 0]
    assert not place.stop_left_over()
    place.stop_all()


def test_one_demo_per_folder(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    with pytest.raises(DemoError, match="another demo runs in"):
        Workplace(tmp_path)
    place.stop_all()
    Workplace(tmp_path).stop_all()


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10**8, 10**8))
    with pytest.raises(DemoError, match=r"is full: 95 MiB are free, the demo needs 1024 MiB.*--data-dir"):
        Workplace(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="name another one with --data-dir"):
        Workplace(tmp_path / "file" / "data")


def test_a_folder_that_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "important.txt").touch()
    with pytest.raises(DemoError, match=r"is not empty and not made by the demo; .*--data-dir"):
        Workplace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["jobs"]


def test_fresh_waits_for_no_observer(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    journal = Journal(place.journal)
    with pytest.raises(DemoError, match="an observer still uses the journal"):
        place.clear()
    assert place.journal.exists()
    journal.close()
    place.clear()
    assert not place.journal.exists()
    place.stop_all()


def test_fresh_removes_what_the_demo_wrote_and_nothing_else(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    for name in (
        "kafka/data/x",
        "checkpoints/passthrough/metadata",
        "jobs/log",
        "observations.db",
        "mine.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    place.clear()
    place.stop_all()
    assert {path.name for path in tmp_path.iterdir()} <= {
        "mine.txt",
        ".lock",
        ".offline-observer-demo",
        "observations.db.lock",
    }
    assert (tmp_path / "mine.txt").exists()
