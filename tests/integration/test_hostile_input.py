"""Input and surroundings that a program meets sooner or later, through the real executable."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.kafka import Cluster
from support.observing import write_config
from support.program import COMMAND, run_program, start_program

SAMPLES = Path(__file__).parents[1] / "data" / "checkpoints"


def copy_of_base(folder: Path) -> Path:
    subprocess.run(["cp", "-r", str(SAMPLES / "base"), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("name", ["metadata", "offsets/0", "sources/0/0"])
def test_a_pipe_in_a_checkpoint_is_not_waited_for(tmp_path: Path, name: str) -> None:
    checkpoint = copy_of_base(tmp_path / "checkpoint")
    (checkpoint / name).unlink()
    os.mkfifo(checkpoint / name)
    done = run_program("checkpoint", str(checkpoint), seconds=20)
    assert done.returncode == 3
    assert "is not an ordinary file" in done.stderr


def test_a_huge_file_in_a_checkpoint_is_not_read(tmp_path: Path) -> None:
    checkpoint = copy_of_base(tmp_path / "checkpoint")
    with (checkpoint / "offsets" / "0").open("wb") as file:
        file.truncate(3 * 1024**3)
    done = run_program("checkpoint", str(checkpoint), seconds=20)
    assert done.returncode == 3
    assert "too many for a file of a checkpoint" in done.stderr


def test_output_that_cannot_show_every_character(tmp_path: Path) -> None:
    done = run_program(
        "checkpoint", str(tmp_path / "caf\u00e9"), env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_path_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ":fire:[bold]"
    done = run_program("checkpoint", str(path))
    assert str(path) in done.stderr


@pytest.mark.parametrize("command", ["checkpoint {samples}/base", "observations --journal none.db", "--help"])
def test_closed_output(command: str) -> None:
    arguments = command.format(samples=SAMPLES).split()
    shell = " ".join([*COMMAND, *arguments, ">&-", "2>&-"])
    assert subprocess.run(["sh", "-c", shell], check=False, timeout=30).returncode in (0, 3)


def test_a_reader_that_goes_away(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1), every="1s")
    process = subprocess.Popen(
        [*COMMAND, "run", "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "page at" in process.stdout.readline()
    assert "visits" in process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")


def test_a_log_on_a_full_disk_does_not_end_the_observing(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1), every="1s")
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen([*COMMAND, "run", "-c", str(config)], stdout=full, stderr=subprocess.PIPE)
        time.sleep(5)
        assert process.poll() is None
        process.terminate()
        _, errors = process.communicate(timeout=15)
    assert b"Traceback" not in errors


def test_no_broker_address_at_all() -> None:
    done = run_program("lag", "--checkpoint", str(SAMPLES / "base"), "--bootstrap-servers", "")
    assert done.returncode == 2
    assert "expected HOST:PORT" in done.stderr


@pytest.mark.parametrize("after", [0, 0.1, 0.3, 2.0])
def test_an_interrupted_one_shot_command_exits_with_130(after: float, tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ["lag", "--checkpoint", str(SAMPLES / "base"), "--bootstrap-servers", "127.0.0.1:1"]
    process = start_program(*arguments, "--timeout", "30", log=log)
    # Before Python has come to the program's first line an interrupt is Python's own. This is among the first that the
    # program loads.
    maps = Path(f"/proc/{process.pid}/maps")
    while "pydantic_core" not in maps.read_text():
        time.sleep(0.005)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert process.wait(10) == 130
    assert time.monotonic() - began < 3
    assert log.read_text() == ""


def test_a_journal_that_may_only_be_read_is_refused_at_the_start(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1))
    assert run_program("run", "-c", str(config), "--once").returncode == 0
    journal = tmp_path / "observations.db"
    # Also root must obey: a mark of the file itself, where the filesystem has one; a folder in its place elsewhere.
    marked = subprocess.run(["chattr", "+i", str(journal)], capture_output=True, check=False).returncode == 0
    if not marked:
        journal.unlink()
        journal.mkdir()
    try:
        done = run_program("run", "-c", str(config), "--once")
        assert done.returncode == 3
        assert "journal" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        if marked:
            subprocess.run(["chattr", "-i", str(journal)], check=True)


def test_a_frozen_broker_does_not_keep_the_observer_from_stopping(cluster: Cluster, tmp_path: Path) -> None:
    config = write_config(tmp_path, cluster, dataset=cluster.topic(1), every="10s")
    pid = cluster.broker.process.mark.pid
    observer = start_program("run", "-c", str(config), log=tmp_path / "log")
    try:
        time.sleep(3)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(8.5)  # into the next tick's read
        observer.terminate()
        began = time.monotonic()
        assert observer.wait(10) == 0
        assert time.monotonic() - began < 4
    finally:
        os.kill(pid, signal.SIGCONT)
