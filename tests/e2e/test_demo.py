"""The demo as its users run it: everything real, from one command."""

import signal
import time
from pathlib import Path

import pytest

from support.demo import demo_folder, processes_of, start_demo, stop_demo
from support.kafka import eventually
from support.program import journal_documents, run_program

folder = pytest.fixture(demo_folder)


def documents(folder: Path) -> int:
    journal = folder / "observations.db"
    return len(journal_documents(journal)) if journal.exists() else 0


def test_a_signal_while_it_starts(folder: Path) -> None:
    demo = start_demo(folder)
    eventually((folder / "kafka" / "server.properties").exists, 60, "the broker to be prepared")
    demo.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert demo.wait(20) == 0
    assert time.monotonic() - began < 10


def test_killed_started_again_and_stopped_by_ctrl_c(folder: Path) -> None:
    demo = start_demo(folder)
    eventually(lambda: documents(folder) >= 1, 180, "the first observation")
    before = set(processes_of(folder))
    demo.kill()
    demo.wait()
    assert len(processes_of(folder)) >= 3, "a kill -9 gives no chance to stop them"

    seen = documents(folder)
    again = start_demo(folder)
    eventually(lambda: documents(folder) > seen, 180, "an observation of the second demo")
    assert not before & set(processes_of(folder))
    assert "Stopped what an earlier demo had left running" in (folder.parent / "demo.log").read_text()
    stop_demo(again, folder, signal.SIGINT)


def test_what_the_demo_cannot_do_without(folder: Path, tmp_path: Path) -> None:
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        done = run_program("demo", "--data-dir", str(folder), "--port", port)
        assert done.returncode == 3
        assert f"port {port} on 127.0.0.1 is taken" in done.stderr
    (tmp_path / "file").touch()
    done = run_program("demo", "--data-dir", str(tmp_path / "file"))
    assert done.returncode == 3
    assert "name another one with --data-dir" in done.stderr
    done = run_program("demo", "--for", "soon")
    assert done.returncode == 2
    assert "--for: expected" in done.stderr
