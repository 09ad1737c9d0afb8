"""The demo as a process, and what is left of it."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from offline_observer.demo.ports import free_ports
from support.program import start_program


def processes_of(folder: Path) -> list[str]:
    """Everything that runs for a demo in this folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(folder) in command and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(f"{process.pid} {command[:200]}")
    return found


def demo_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a demo; at the end nothing may run any more that belongs to it."""
    data = tmp_path / "demo data"
    yield data
    left = processes_of(data)
    # Whatever a failed test left behind must not outlive it.
    for line in left:
        psutil.Process(int(line.split()[0])).kill()
    assert left == []


def start_demo(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Starts the demo; its output goes to `demo.log` beside the folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if "--port" not in arguments:
        # Two demos that begin at the same moment would both take the usual port for free.
        (port,) = free_ports(1)
        arguments = ("--port", str(port), *arguments)
    return start_program("demo", "--data-dir", str(folder), *arguments, log=folder.parent / "demo.log")


def stop_demo(demo: "subprocess.Popen[bytes]", folder: Path, number: signal.Signals) -> None:
    """Tells a demo to stop: within ten seconds all that it started is gone, and it has said what it came to."""
    assert len(processes_of(folder)) >= 4, "broker, generator, job and the demo itself"
    demo.send_signal(number)
    began = time.monotonic()
    assert demo.wait(20) == 0
    assert time.monotonic() - began < 10
    assert processes_of(folder) == []
    assert "worst lag" in (folder.parent / "demo.log").read_text()
