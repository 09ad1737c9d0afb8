"""The program as its users run it: a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from offline_observer.journal.reading import read_documents

COMMAND = [sys.executable, "-m", "offline_observer"]


def run_program(
    *arguments: str, env: dict[str, str] | None = None, seconds: float = 90
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        env={**os.environ, **(env or {})},
        check=False,
    )


def start_program(*arguments: str, log: Path, env: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Starts a command; its output goes to a file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )


def json_lines(text: str) -> list[dict[str, Any]]:
    """The objects of a text with one JSON object per line."""
    return [json.loads(line) for line in text.splitlines()]


def journal_documents(journal: Path, kind: str = "observation") -> list[dict[str, Any]]:
    """The documents of a journal, as `offline-observer observations` prints them; without the start of a program."""
    return [document for _, document in read_documents(journal, kind)]
